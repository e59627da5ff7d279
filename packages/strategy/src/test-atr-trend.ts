import { priceNanos } from '@capstan/domain';
import { atr, ema } from '@capstan/indicators';
import { defineStrategy, ofBars, ofField, priceText } from './index.ts';

/** The example of the README: two averages, a stop at some ranges below the close, and a limit on entries. */
export const atrTrend = defineStrategy({
  name: 'atr-trend',
  title: 'Trend with a stop by range',
  description: 'Long while the fast average is above the slow one, with a stop set when it enters.',
  params: {
    fast: { type: 'integer', min: 2, max: 500, default: 20, description: 'Bars, fast average.' },
    slow: { type: 'integer', min: 3, max: 1_000, default: 50, description: 'Bars, slow average.' },
    stopRanges: { type: 'number', min: 0.5, max: 10, default: 3, description: 'Stop distance.' },
  },
  check: ({ fast, slow }) => (fast < slow ? undefined : `'fast' must be less than 'slow'`),
  indicators: ({ fast, slow }) => ({
    fast: ofField(ema, { period: fast }, 'close'),
    slow: ofField(ema, { period: slow }, 'close'),
    range: ofBars(atr, { period: 14 }),
  }),
  initialState: { stopNanos: 0, entries: 0 },
  update: ({ fast, slow, range }, state, { bar, params }) => {
    if (fast <= slow) return { ...state, stopNanos: 0 };
    if (state.stopNanos > 0) return state;
    const stopNanos = Math.max(1, Math.round(bar.closeNanos - params.stopRanges * range));
    return { stopNanos, entries: state.entries + 1 };
  },
  decide: ({ fast, slow }, state) => {
    const figures = `fast ${priceText(fast)}, slow ${priceText(slow)}`;
    if (state.stopNanos === 0) return { direction: 'flat', strength: 0, reason: figures };
    return {
      direction: 'long',
      strength: 1,
      stopPriceNanos: priceNanos(state.stopNanos),
      reason: `entry ${state.entries}: ${figures}`,
    };
  },
});
