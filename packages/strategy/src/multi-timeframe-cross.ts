import { sma } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofField } from './graph.ts';
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
  decide: ({ fast, medium, slow }, _state, { params }) => {
    const figures =
      `averages of ${params.fast}, ${params.medium} and ${params.slow} bars: ` +
      `${priceText(fast)}, ${priceText(medium)}, ${priceText(slow)}`;
    if (fast > medium && medium > slow) {
      return { direction: 'long', strength: 1, reason: `fast above medium above slow; ${figures}` };
    }
    if (fast < medium) {
      return { direction: 'flat', strength: 0, reason: `fast below medium; ${figures}` };
    }
    return undefined;
  },
});
