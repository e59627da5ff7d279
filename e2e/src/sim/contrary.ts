import { sma } from '@capstan/indicators';
import { defineStrategy, ofField } from '@capstan/strategy';

/** Wants the opposite of a moving-average cross at the very bars at which that turns, and turns itself instead of leaving. */
export const contrary = defineStrategy({
  name: 'contrary',
  title: 'Contrary',
  description: 'Sells what a moving-average cross buys.',
  params: {
    fast: { type: 'integer', min: 1, max: 5_000, default: 2, description: 'Bars in the fast one.' },
    slow: {
      type: 'integer',
      min: 2,
      max: 10_000,
      default: 5,
      description: 'Bars in the slow one.',
    },
  },
  indicators: ({ fast, slow }) => ({
    fast: ofField(sma, { period: fast }, 'close'),
    slow: ofField(sma, { period: slow }, 'close'),
  }),
  initialState: {},
  decide: ({ fast, slow }) => {
    if (fast === slow) return undefined;
    const direction = fast > slow ? 'short' : 'long';
    return { direction, strength: 1, reason: `${fast} beside ${slow}` };
  },
});
