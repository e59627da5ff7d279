import {
  type Instrument,
  type Intent,
  type OrderSide,
  type PriceNanos,
  roundToTick,
  type Signal,
} from '@capstan/domain';

/** Type and prices of an order, on the tick. */
export type PriceTerms = Pick<Intent, 'type' | 'limitPriceNanos' | 'stopPriceNanos'>;

/** The side on which an opinion is entered. */
export const ENTRY_SIDES = { long: 'buy', short: 'sell', flat: undefined } as const;

const MARKET: PriceTerms = { type: 'market' };

/**
 * Returns type and prices of the order of a signal. A limit is rounded so that it never becomes more aggressive, a stop so that it
 * never triggers sooner. Where the signal enters by a stop, its prices are those of the entry: what only reduces goes to the market.
 * A stop that the deciding close has reached already has done its work: the order is a market order, or one at the limit.
 */
export function priceTerms(signal: Signal, instrument: Instrument, side: OrderSide): PriceTerms {
  const { limitPriceNanos: limit, entryStopPriceNanos: stop, direction } = signal;
  if (stop !== undefined && ENTRY_SIDES[direction] !== side) return MARKET;
  const [away, back] = side === 'buy' ? (['down', 'up'] as const) : (['up', 'down'] as const);
  const limitTerms =
    limit === undefined ? {} : { limitPriceNanos: roundToTick(instrument, limit, away) };
  const atOnce = limit === undefined ? MARKET : { type: 'limit' as const, ...limitTerms };
  if (stop === undefined) return atOnce;
  const stopPriceNanos = roundToTick(instrument, stop, back);
  const sign = side === 'buy' ? 1 : -1;
  if (sign * (signal.referencePriceNanos - stopPriceNanos) >= 0) return atOnce;
  const type = limit === undefined ? 'stop' : 'stopLimit';
  return { type, stopPriceNanos, ...limitTerms };
}

/** Returns the prices at which an order may fill, as far as it names them; the reference price where it names none. */
export function namedPrices(
  { stopPriceNanos, limitPriceNanos }: PriceTerms,
  referencePriceNanos: PriceNanos,
): readonly [PriceNanos, ...PriceNanos[]] {
  if (stopPriceNanos === undefined) return [limitPriceNanos ?? referencePriceNanos];
  return limitPriceNanos === undefined ? [stopPriceNanos] : [stopPriceNanos, limitPriceNanos];
}

/**
 * Returns the price at which an entry is counted in money: the reference price, or where it waits for a stop the highest price that it
 * names, which is what risk reserves.
 */
export function countedPriceNanos(terms: PriceTerms, referencePriceNanos: PriceNanos): PriceNanos {
  if (terms.stopPriceNanos === undefined) return referencePriceNanos;
  return Math.max(referencePriceNanos, ...namedPrices(terms, referencePriceNanos)) as PriceNanos;
}
