import { assert } from './errors.ts';
import type { Fill } from './fill.ts';
import { type Instrument, movesNotionalCash, notionalMicros } from './instrument.ts';
import {
  type CashMicros,
  cashMicros,
  mulDivRound,
  NANOS_PER_MICRO,
  type PriceNanos,
  powerOfTen,
  priceNanos,
  type Quantity,
  quantity,
  ZERO_CASH,
  ZERO_QUANTITY,
} from './numbers.ts';

/** What one bot holds of one symbol, and what came of it. Exact; the average price is derived. */
export interface Position {
  /** Signed, at the instrument's scale: negative is short. */
  readonly quantity: Quantity;
  /** Total cost of the open quantity, without fees, signed like it (at positive prices). */
  readonly costMicros: CashMicros;
  /** Profit of what was closed, before fees. */
  readonly realisedMicros: CashMicros;
  /** Fees paid, positive; outside cost and profit. */
  readonly feesMicros: CashMicros;
}

/** Nothing held, nothing happened. */
export const FLAT_POSITION: Position = {
  quantity: ZERO_QUANTITY,
  costMicros: ZERO_CASH,
  realisedMicros: ZERO_CASH,
  feesMicros: ZERO_CASH,
};

/** What a position needs to know of a fill. */
export type Trade = Pick<Fill, 'side' | 'quantity' | 'priceNanos' | 'feeMicros'>;

/**
 * Returns the position after a fill. A reducing fill releases cost in proportion, and the last one all of it; a fill
 * through zero is split by quantity, so that no micro of its notional is lost: always cost = Σ signed notional + realised.
 * @throws InvariantError when the quantity is not positive or a sum leaves the safe range.
 */
export function applyFill(position: Position, fill: Trade, instrument: Instrument): Position {
  const { side, quantity: amount, priceNanos: price, feeMicros } = fill;
  const notional = notionalMicros(instrument, price, amount);
  return applyWorth(position, { side, quantity: amount, notionalMicros: notional, feeMicros });
}

/** A trade by what it moved: its notional is that of its price and quantity, unsigned. */
export type WorthOfTrade = Pick<Trade, 'side' | 'quantity' | 'feeMicros'> & {
  readonly notionalMicros: CashMicros;
};

/** Returns the position after a fill whose notional is known: what {@link applyFill} does. */
export function applyWorth(position: Position, fill: WorthOfTrade): Position {
  if (!(fill.quantity > 0)) assert(false, `fill quantity must be positive: ${fill.quantity}`);
  const notional = fill.notionalMicros;
  const buys = fill.side === 'buy';
  const signedNotional = buys ? notional : -notional;
  const held = position.quantity;
  const nextQuantity = quantity(held + (buys ? fill.quantity : -fill.quantity));
  const feesMicros = cashMicros(position.feesMicros + fill.feeMicros);
  if (held === 0 || held > 0 === buys) {
    const costMicros = cashMicros(position.costMicros + signedNotional);
    return {
      quantity: nextQuantity,
      costMicros,
      realisedMicros: position.realisedMicros,
      feesMicros,
    };
  }
  const heldSize = Math.abs(held);
  if (fill.quantity <= heldSize) {
    const cost = position.costMicros;
    const released = fill.quantity === heldSize ? cost : mulDivRound(cost, fill.quantity, heldSize);
    return {
      quantity: nextQuantity,
      costMicros: cashMicros(cost - released),
      realisedMicros: cashMicros(position.realisedMicros - signedNotional - released),
      feesMicros,
    };
  }
  const closing = mulDivRound(signedNotional, heldSize, fill.quantity);
  return {
    quantity: nextQuantity,
    costMicros: cashMicros(signedNotional - closing),
    realisedMicros: cashMicros(position.realisedMicros - closing - position.costMicros),
    feesMicros,
  };
}

/**
 * Returns all cash that the position's fills have moved: notional and fees; for futures, which settle by variation,
 * realised profit and fees.
 */
export function positionCashMicros(position: Position, instrument: Instrument): CashMicros {
  const settled = position.realisedMicros - position.feesMicros;
  return cashMicros(movesNotionalCash(instrument) ? settled - position.costMicros : settled);
}

/** Returns the profit of the open quantity at a mark, before fees. */
export function unrealisedMicros(
  position: Position,
  markNanos: PriceNanos,
  instrument: Instrument,
): CashMicros {
  if (position.quantity === 0) return ZERO_CASH;
  return cashMicros(notionalMicros(instrument, markNanos, position.quantity) - position.costMicros);
}

/** Returns what the position adds to equity beside cash: its worth at the mark; for futures the unrealised profit. */
export function marketValueMicros(
  position: Position,
  markNanos: PriceNanos,
  instrument: Instrument,
): CashMicros {
  if (position.quantity === 0) return ZERO_CASH;
  return movesNotionalCash(instrument)
    ? notionalMicros(instrument, markNanos, position.quantity)
    : unrealisedMicros(position, markNanos, instrument);
}

/** A position together with what values it. */
export interface MarkedPosition {
  readonly position: Position;
  readonly instrument: Instrument;
  readonly markNanos: PriceNanos;
}

/** Returns cash and the market value of positions. */
export function equityMicros(cash: CashMicros, holdings: Iterable<MarkedPosition>): CashMicros {
  let equity: number = cash;
  for (const { position, markNanos, instrument } of holdings) {
    equity += marketValueMicros(position, markNanos, instrument);
  }
  return cashMicros(equity);
}

/** Returns the average price of the open quantity, rounded to the nano; `undefined` when flat. */
export function averagePriceNanos(
  position: Position,
  instrument: Instrument,
): PriceNanos | undefined {
  if (position.quantity === 0) return undefined;
  const size = Math.abs(position.quantity) * instrument.multiplier;
  const cost = position.quantity > 0 ? position.costMicros : -position.costMicros;
  return priceNanos(
    mulDivRound(cost, powerOfTen(instrument.quantityScale) * NANOS_PER_MICRO, size),
  );
}
