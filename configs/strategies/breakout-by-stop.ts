/*
 * A strategy that enters by a stop order and protects what it enters.
 *
 *   capstan backtest --config configs/sizing-atr-risk.yaml
 *
 * Once a close lies above the middle of the channel it waits for the high of that bar to be passed: `entryStopPriceNanos` makes the entry a
 * stop order there, and with `limitPriceNanos` beside it a stop-limit order. The low of the bar is its protective stop, so that sizing by
 * `atrRisk` knows what a share may lose. Below the middle it leaves, or takes back the order that waits.
 */
import { priceNanos } from '@capstan/domain';
import { donchianMiddle } from '@capstan/indicators';
import { defineStrategy, ofBars } from '@capstan/strategy';

const IDLE = { highNanos: 0, lowNanos: 0 };

export default defineStrategy({
  name: 'breakout-by-stop',
  title: 'Breakout by stop',
  description: 'Buys as the high of a bar above the middle is passed, and leaves below the middle.',
  params: {
    bars: { type: 'integer', min: 2, max: 200, default: 20, description: 'Bars of the channel.' },
  },
  indicators: ({ bars }) => ({ middle: ofBars(donchianMiddle, { period: bars }) }),
  initialState: IDLE,
  update: ({ middle }, state, { bar: { closeNanos, highNanos, lowNanos } }) => {
    if (closeNanos < middle) return IDLE;
    return state.highNanos > 0 ? state : { highNanos, lowNanos };
  },
  decide: (_values, { highNanos, lowNanos }) => {
    if (highNanos === 0) return { direction: 'flat', strength: 0, reason: 'below the middle' };
    return {
      direction: 'long',
      strength: 1,
      entryStopPriceNanos: priceNanos(highNanos),
      stopPriceNanos: priceNanos(lowNanos),
      timeInForce: 'gtc',
      reason: 'above the middle: in as the high of that bar is passed, out at its low',
    };
  },
});
