import { sma } from '@capstan/indicators';
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
  },
  check: ({ fast, slow }) =>
    fast < slow ? undefined : `'fast' (${fast}) must be less than 'slow' (${slow})`,
  indicators: ({ fast, slow }) => ({
    fast: ofField(sma, { period: fast }, 'close'),
    slow: ofField(sma, { period: slow }, 'close'),
  }),
  initialState: null,
  decide: ({ fast, slow }, _state, { params }) => {
    if (fast === slow) return undefined;
    const above = fast > slow;
    return {
      direction: above ? 'long' : 'flat',
      strength: above ? 1 : 0,
      reason:
        `average of ${params.fast} bars ${priceText(fast)} is ${above ? 'above' : 'below'} ` +
        `that of ${params.slow}, ${priceText(slow)}`,
    };
  },
});
