import { donchianLower, donchianUpper, lag } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofBars, ofNode } from './graph.ts';
import { priceText } from './price-text.ts';
import { FLAT_SIDE, nextSide, SIDES, targetOfSide } from './side.ts';

/**
 * Channel breakout with a shorter channel to leave by. Both are as they were before the bar.
 * @source C. Faith, Way of the Turtle (2007): 20 bars in, 10 out; on closes here, without its units and stops.
 */
export const donchianBreakout = defineStrategy({
  name: 'donchian-breakout',
  title: 'Donchian breakout',
  description:
    'Buys a close above the highest high of the `entry` bars before it and leaves on one below the lowest low of the ' +
    '`exit` bars before it; the other way round for shorts.',
  params: {
    entry: {
      type: 'integer',
      min: 2,
      max: 5_000,
      default: 20,
      description: 'Bars of the channel that it enters by.',
    },
    exit: {
      type: 'integer',
      min: 1,
      max: 5_000,
      default: 10,
      description: 'Bars of the channel that it leaves by.',
    },
    sides: SIDES,
  },
  check: ({ entry, exit }) =>
    exit <= entry ? undefined : `'exit' (${exit}) must not be more than 'entry' (${entry})`,
  indicators: ({ entry, exit }) => ({
    entryHigh: ofNode(lag, { period: 1 }, ofBars(donchianUpper, { period: entry })),
    entryLow: ofNode(lag, { period: 1 }, ofBars(donchianLower, { period: entry })),
    exitHigh: ofNode(lag, { period: 1 }, ofBars(donchianUpper, { period: exit })),
    exitLow: ofNode(lag, { period: 1 }, ofBars(donchianLower, { period: exit })),
  }),
  initialState: FLAT_SIDE,
  update: ({ entryHigh, entryLow, exitHigh, exitLow }, state, { bar, params }) => {
    const close = bar.closeNanos;
    const signals = {
      entersLong: close > entryHigh,
      exitsLong: close < exitLow,
      entersShort: close < entryLow,
      exitsShort: close > exitHigh,
    };
    return nextSide(state, signals, params.sides);
  },
  decide: ({ entryHigh, entryLow, exitHigh, exitLow }, { side }, { bar }) =>
    targetOfSide(
      side,
      () =>
        `close ${priceText(bar.closeNanos)}, entry channel ${priceText(entryLow)} to ${priceText(entryHigh)}, ` +
        `exit channel ${priceText(exitLow)} to ${priceText(exitHigh)}`,
    ),
});
