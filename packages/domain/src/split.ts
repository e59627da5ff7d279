import { assert } from './errors.ts';
import type { Instrument } from './instrument.ts';
import {
  type CashMicros,
  cashMicros,
  NANOS_PER_MICRO,
  type PriceNanos,
  powerOfTen,
  quantity,
} from './numbers.ts';
import type { Position } from './position.ts';

/** New shares for old ones: 4 for 1 is `{ newShares: 4, oldShares: 1 }`. Whole numbers from 1. */
export interface Split {
  readonly newShares: number;
  readonly oldShares: number;
  /** The last close before it, on the old share count: what less than a lot is paid out at, restated. */
  readonly closeNanos: PriceNanos;
}

/**
 * Returns a position on the new share count. The cost stays; what is less than a lot is sold, or bought back, at the restated
 * close, without a fee.
 * @returns the position, and the cash of the fraction: positive for a long, negative for a short.
 * @throws InvariantError for a ratio that is none, and where the new quantity is no safe integer.
 */
export function splitPosition(
  position: Position,
  { newShares, oldShares, closeNanos }: Split,
  instrument: Instrument,
): { readonly position: Position; readonly fractionMicros: CashMicros } {
  for (const part of [newShares, oldShares]) {
    assert(Number.isSafeInteger(part) && part > 0, `a split has no part ${part}`);
  }
  const sign = position.quantity < 0 ? -1n : 1n;
  const scaled = BigInt(position.quantity) * sign * BigInt(newShares);
  const lotOfOld = BigInt(instrument.lot) * BigInt(oldShares);
  const left = scaled % lotOfOld;
  const size = ((scaled - left) / lotOfOld) * BigInt(instrument.lot);
  const units = BigInt(powerOfTen(instrument.quantityScale)) * BigInt(NANOS_PER_MICRO);
  const worth = left * BigInt(closeNanos) * BigInt(instrument.multiplier);
  const fraction = cashMicros(Number(sign * rounded(worth, BigInt(newShares) * units)));
  const released = Number(rounded(BigInt(position.costMicros) * left, scaled || 1n));
  return {
    position: {
      quantity: quantity(Number(size * sign)),
      costMicros: cashMicros(position.costMicros - released),
      realisedMicros: cashMicros(position.realisedMicros + fraction - released),
      feesMicros: position.feesMicros,
    },
    fractionMicros: fraction,
  };
}

/** Divides, half away from zero. @param divisor above zero. */
function rounded(amount: bigint, divisor: bigint): bigint {
  const magnitude = amount < 0n ? -amount : amount;
  const quotient = (magnitude * 2n + divisor) / (divisor * 2n);
  return amount < 0n ? -quotient : quotient;
}
