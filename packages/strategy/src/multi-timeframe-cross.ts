import { sma } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofField } from './graph.ts';
import { OPINION } from './opinion-columns.ts';
import { priceText } from './price-text.ts';

/** Three simple averages over short, middle and long spans of one-minute bars. */
export const multiTimeframeCross = defineStrategy({
  name: 'multi-timeframe-cross',
  title: 'Multi-timeframe cross',
  description:
    'Long while the fast average of closes is above the medium one and that above the slow one, flat while the fast ' +
    'is below the medium. Anything else changes nothing.',
  params: {
    fast: {
      type: 'integer',
      min: 1,
      max: 2_500,
      default: 10,
      description: 'Bars in the fast average.',
    },
    medium: {
      type: 'integer',
      min: 2,
      max: 5_000,
      default: 30,
      description: 'Bars in the medium average.',
    },
    slow: {
      type: 'integer',
      min: 3,
      max: 10_000,
      default: 90,
      description: 'Bars in the slow average.',
    },
  },
  check: ({ fast, medium, slow }) =>
    fast < medium && medium < slow
      ? undefined
      : `'fast' (${fast}), 'medium' (${medium}) and 'slow' (${slow}) must rise in this order`,
  indicators: ({ fast, medium, slow }) => ({
    fast: ofField(sma, { period: fast }, 'close'),
    medium: ofField(sma, { period: medium }, 'close'),
    slow: ofField(sma, { period: slow }, 'close'),
  }),
  initialState: null,
  decide: (values, _state, { params }) => {
    const { fast, medium, slow } = values;
    if (fast > medium && medium > slow) {
      return { direction: 'long', strength: 1, reason: () => reasonOf(values, params) };
    }
    if (fast < medium) {
      return { direction: 'flat', strength: 0, reason: () => reasonOf(values, params) };
    }
    return undefined;
  },
  decideColumns: ({ fast, medium, slow }, { fromRow, params }) => {
    const cell = (column: Float64Array, row: number) => column[row] ?? Number.NaN;
    const direction = new Int8Array(fast.length).fill(OPINION.none, 0, fromRow);
    for (let row = fromRow; row < direction.length; row += 1) {
      const middle = cell(medium, row);
      const last = cell(slow, row);
      const complete = !Number.isNaN(last);
      const long = cell(fast, row) > middle && middle > last;
      const flat = complete && cell(fast, row) < middle;
      direction[row] = long ? OPINION.long : flat ? OPINION.flat : OPINION.none;
    }
    const reasonAt = (row: number) => {
      const values = { fast: cell(fast, row), medium: cell(medium, row), slow: cell(slow, row) };
      return reasonOf(values, params);
    };
    return { direction, reasonAt };
  },
});

interface Averages {
  readonly fast: number;
  readonly medium: number;
  readonly slow: number;
}

function reasonOf(values: Averages, periods: Averages): string {
  const { fast, medium, slow } = values;
  const how = fast < medium ? 'fast below medium' : 'fast above medium above slow';
  return (
    `${how}; averages of ${periods.fast}, ${periods.medium} and ${periods.slow} bars: ` +
    `${priceText(fast)}, ${priceText(medium)}, ${priceText(slow)}`
  );
}
