import { LIMB_BITS } from './limits.ts';

const LIMB = 2 ** LIMB_BITS;
const EXTRA_BITS = 64n;

/** An integer of any size: `high × 2^LIMB_BITS + low`. */
export interface Limbs {
  readonly high: number;
  readonly low: number;
}

/** Returns the upper limb of a safe integer, rounded down. */
export function highLimb(value: number): number {
  return Math.floor(value / LIMB);
}

/** Returns the lower limb of a safe integer: 0 to 2^LIMB_BITS − 1. */
export function lowLimb(value: number): number {
  return value - Math.floor(value / LIMB) * LIMB;
}

/** Divides an integer of any size by a positive integer. @returns the double nearest to the true quotient. */
export function exactQuotient({ high, low }: Limbs, divisor: number): number {
  const total = high * LIMB + low;
  if (Number.isSafeInteger(total)) return total / divisor;
  return wideQuotient(BigInt(high) * BigInt(LIMB) + BigInt(low), BigInt(divisor));
}

/** Divides exactly and rounds once, to the nearest double: the last bit says that something was cut off. */
function wideQuotient(total: bigint, divisor: bigint): number {
  const magnitude = (total < 0n ? -total : total) << EXTRA_BITS;
  const quotient = magnitude / divisor;
  const sticky = quotient * divisor === magnitude ? quotient : quotient | 1n;
  const value = Number(sticky) / 2 ** Number(EXTRA_BITS);
  return total < 0n ? -value : value;
}
