import { sma } from '@capstan/indicators';
import type { Crossing } from './crossing.ts';
import { crossingDirections } from './crossing-directions.ts';
import { defineStrategy } from './define-strategy.ts';
import { ofField } from './graph.ts';
import { priceText } from './price-text.ts';

/** Two simple averages: long while the fast one is above the slow one. */
export const maCross = defineStrategy({
  name: 'ma-cross',
  title: 'Moving-average cross',
  description:
    'Long while the fast simple average of closes is above the slow one, flat while it is below. A tie changes nothing.',
  params: {
    fast: {
      type: 'integer',
      min: 1,
      max: 5_000,
      default: 10,
      description: 'Bars in the fast average.',
    },
    slow: {
      type: 'integer',
      min: 2,
      max: 10_000,
      default: 30,
      description: 'Bars in the slow average.',
    },
    entry: {
      type: 'choice',
      choices: ['level', 'cross'],
      default: 'level',
      description:
        'What it enters on: the fast average above the slow one, or only its rise from below, so that a start above waits.',
    },
  },
  check: ({ fast, slow }) =>
    fast < slow ? undefined : `'fast' (${fast}) must be less than 'slow' (${slow})`,
  indicators: ({ fast, slow }) => ({
    fast: ofField(sma, { period: fast }, 'close'),
    slow: ofField(sma, { period: slow }, 'close'),
  }),
  initialState: { wasBelow: false } as State,
  update: ({ fast, slow }, state, { params }) =>
    params.entry === 'level' || state.wasBelow || !(fast < slow) ? state : { wasBelow: true },
  decide: ({ fast, slow }, { wasBelow }, { params }) => {
    if (fast === slow) return undefined;
    const above = fast > slow;
    if (above && params.entry === 'cross' && !wasBelow) return undefined;
    return {
      direction: above ? 'long' : 'flat',
      strength: above ? 1 : 0,
      reason: () => reasonOf({ fast, slow }, params),
    };
  },
  decideColumns: ({ fast, slow }, { fromRow, params }) => {
    const direction = crossingDirections({ fast, slow }, { entry: entryOf(params), fromRow });
    const reasonAt = (row: number) =>
      reasonOf({ fast: fast[row] ?? Number.NaN, slow: slow[row] ?? Number.NaN }, params);
    return { direction, reasonAt };
  },
  crossing: ({ entry }) => ({
    ...{ fast: 'fast', slow: 'slow' },
    entry: entryOf({ entry }),
  }),
});

const entryOf = ({ entry }: { readonly entry: string }): Crossing['entry'] =>
  entry === 'cross' ? 'cross' : 'level';

/** Whether the fast average has been below the slow one; kept only where entries wait for that. */
interface State {
  readonly [key: string]: boolean;
  readonly wasBelow: boolean;
}

interface Averages {
  readonly fast: number;
  readonly slow: number;
}

function reasonOf(values: Averages, periods: Averages): string {
  return (
    `average of ${periods.fast} bars ${priceText(values.fast)} is ` +
    `${values.fast > values.slow ? 'above' : 'below'} that of ${periods.slow}, ${priceText(values.slow)}`
  );
}
