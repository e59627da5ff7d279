import { priceNanos } from '@capstan/domain';
import type { MatchedOrder } from '../../exchange/venue-matching.ts';
import { type AlpacaOrder, type AlpacaTimeInForce, remainingOf } from './order.ts';

const FORCES = {
  day: 'day',
  gtc: 'gtc',
  opg: 'onOpen',
  cls: 'onClose',
  ioc: 'ioc',
  // All of it in one trade, else nothing: what is too small is taken out before it is met.
  fok: 'ioc',
} as const satisfies Record<AlpacaTimeInForce, string>;

const TYPES = {
  market: 'market',
  limit: 'limit',
  stop: 'stop',
  stop_limit: 'stopLimit',
  trailing_stop: 'trailingStop',
} as const;

const BPS_PER_PERCENT = 100;

/** Returns what of an order the matching works on: what is left of it, from a time on. */
export function matchedOrder(order: AlpacaOrder, atUs: number): MatchedOrder {
  const { id, symbol, side, limitNanos, stopNanos, trailNanos, trailPercent, hwmNanos } = order;
  const percent =
    trailPercent === undefined ? {} : { trailBps: Number(trailPercent) * BPS_PER_PERCENT };
  return {
    orderId: id,
    ...{ symbol, side, atUs, extendedHours: order.extendedHours },
    type: TYPES[order.type],
    timeInForce: FORCES[order.timeInForce],
    quantity: remainingOf(order),
    ...(limitNanos === undefined ? {} : { limitPriceNanos: limitNanos }),
    ...(stopNanos === undefined ? {} : { stopPriceNanos: stopNanos }),
    ...(trailNanos === undefined ? {} : { trailNanos }),
    ...percent,
    ...(order.type === 'trailing_stop' && hwmNanos !== undefined && hwmNanos > 0
      ? { activationPriceNanos: priceNanos(hwmNanos) }
      : {}),
  };
}
