import { inBlocks, type RowRange, sma } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofField } from './graph.ts';
import { OPINION } from './opinion-columns.ts';
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
    const direction = new Int8Array(fast.length);
    const first = params.entry === 'level' ? fromRow : firstBelow(fast, slow, fromRow);
    direction.fill(OPINION.none, 0, first);
    inBlocks(first, fast.length, (from, to) => decideBlock(fast, slow, direction, { from, to }));
    const reasonAt = (row: number) =>
      reasonOf({ fast: fast[row] ?? Number.NaN, slow: slow[row] ?? Number.NaN }, params);
    return { direction, reasonAt };
  },
  crossing: ({ entry }) => ({
    ...{ fast: 'fast', slow: 'slow' },
    entry: entry === 'cross' ? 'cross' : 'level',
  }),
});

/** Returns the first row from `from` on at which the fast average is below the slow one; the number of rows where none is. */
function firstBelow(fast: Float64Array, slow: Float64Array, from: number): number {
  let row = from;
  while (row < fast.length && !((fast[row] as number) < (slow[row] as number))) row += 1;
  return row;
}

function decideBlock(
  fast: Float64Array,
  slow: Float64Array,
  direction: Int8Array,
  { from, to }: RowRange,
): void {
  const { long, flat, none } = OPINION;
  for (let row = from; row < to; row += 1) {
    const quick = fast[row] as number;
    const slack = slow[row] as number;
    direction[row] = quick > slack ? long : quick < slack ? flat : none;
  }
}

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
