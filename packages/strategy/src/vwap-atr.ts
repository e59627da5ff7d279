import { atr, sessionVwap } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofBars } from './graph.ts';
import { priceText } from './price-text.ts';
import { FLAT_SIDE, nextSide, SIDES, targetOfSide } from './side.ts';

/**
 * Bands of ranges around the session's volume-weighted average price.
 * @source VWAP: S. Berkowitz, D. Logue, E. Noser (1988); the range: J. Welles Wilder (1978). Trading at the bands is ours.
 */
export const vwapAtr = defineStrategy({
  name: 'vwap-atr',
  title: 'VWAP-ATR bands',
  description:
    'Bands of `band_mult` average true ranges around the session VWAP. `reversion` buys a close below the lower band and ' +
    'leaves at VWAP; `breakout` buys a close above the upper band and leaves below VWAP. Shorts are the mirror image.',
  params: {
    band_mult: {
      type: 'number',
      min: 0.1,
      max: 20,
      default: 2,
      description: 'Distance of the bands from VWAP, in average true ranges.',
    },
    atr_len: {
      type: 'integer',
      min: 1,
      max: 1_000,
      default: 14,
      description: 'Bars of the average true range.',
    },
    mode: {
      type: 'choice',
      choices: ['reversion', 'breakout'],
      default: 'reversion',
      description: 'Whether it trades back to VWAP or away from it.',
    },
    sides: SIDES,
  },
  indicators: ({ atr_len }) => ({
    vwap: ofBars(sessionVwap, {}),
    range: ofBars(atr, { period: atr_len }),
  }),
  initialState: FLAT_SIDE,
  update: ({ vwap, range }, state, { bar, params }) => {
    const close = bar.closeNanos;
    const isAbove = close > vwap + params.band_mult * range;
    const isBelow = close < vwap - params.band_mult * range;
    const reverts = params.mode === 'reversion';
    const signals = {
      entersLong: reverts ? isBelow : isAbove,
      exitsLong: reverts ? close >= vwap : close < vwap,
      entersShort: reverts ? isAbove : isBelow,
      exitsShort: reverts ? close <= vwap : close > vwap,
    };
    return nextSide(state, signals, params.sides);
  },
  decide: ({ vwap, range }, { side }, { bar, params }) =>
    targetOfSide(
      side,
      () =>
        `close ${priceText(bar.closeNanos)}, VWAP ${priceText(vwap)} ± ${params.band_mult} ranges of ${priceText(range)}`,
    ),
});
