import {
  type CashMicros,
  cashMicros,
  type Instrument,
  type Intent,
  mulDivRound,
  notionalMicros,
  type PriceNanos,
  type Quantity,
  quantity,
} from '@capstan/domain';
import { BPS_PARTS } from './limits.ts';

/** What one bot holds in one symbol and has out for it. Quantities are at the instrument's scale. */
export interface Exposure {
  readonly botId: string;
  readonly symbol: string;
  /** Applied fills; signed. */
  readonly positionQuantity: Quantity;
  /** Reserved by buys that may still fill, from 0. */
  readonly openBuyQuantity: Quantity;
  /** Reserved by sells that may still fill, from 0. */
  readonly openSellQuantity: Quantity;
  /** The greatest of the last mark and the prices of the adding orders that are out. */
  readonly priceNanos: PriceNanos;
}

/** Returns the largest position, in either direction, that any outcome of the orders out can lead to. */
export function worstQuantity(exposure: Exposure): Quantity {
  const { positionQuantity, openBuyQuantity, openSellQuantity } = exposure;
  const highest = Math.abs(positionQuantity + openBuyQuantity);
  const lowest = Math.abs(positionQuantity - openSellQuantity);
  return quantity(Math.max(highest, lowest));
}

/** Returns the notional of {@link worstQuantity}, in micros, from 0. */
export function exposureMicros(exposure: Exposure, instrument: Instrument): CashMicros {
  return notionalMicros(instrument, exposure.priceNanos, worstQuantity(exposure));
}

/** Returns the exposure as it will be with the intent's order out. */
export function exposureWith(exposure: Exposure, intent: Intent): Exposure {
  const { openBuyQuantity: buys, openSellQuantity: sells, priceNanos } = exposure;
  const price = intent.reducing ? priceNanos : Math.max(priceNanos, intentPriceNanos(intent));
  return {
    ...exposure,
    openBuyQuantity: intent.side === 'buy' ? quantity(buys + intent.quantity) : buys,
    openSellQuantity: intent.side === 'sell' ? quantity(sells + intent.quantity) : sells,
    priceNanos: price as PriceNanos,
  };
}

/** Returns the price at which an intent's exposure counts: the greatest of those that it names. */
export function intentPriceNanos(intent: Intent): PriceNanos {
  const { referencePriceNanos, limitPriceNanos, stopPriceNanos } = intent;
  return Math.max(referencePriceNanos, limitPriceNanos ?? 0, stopPriceNanos ?? 0) as PriceNanos;
}

/** Returns what is kept free for fees and moves of so much open notional, in micros. */
export function bufferMicros(openNotionalMicros: CashMicros, bufferBps: number): CashMicros {
  return cashMicros(mulDivRound(openNotionalMicros, bufferBps, BPS_PARTS));
}
