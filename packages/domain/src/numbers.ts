import type { DomainErrorCode } from './error-codes.ts';
import { AppError, assert, InvariantError } from './errors.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** A price in integer nanos (1e-9 of the instrument's currency). */
export type PriceNanos = Branded<'PriceNanos'>;
/** Cash or profit and loss in integer micros (1e-6 of the account's currency). */
export type CashMicros = Branded<'CashMicros'>;
/** A quantity as an integer at the instrument's quantity scale (0 to 9 decimals). */
export type Quantity = Branded<'Quantity'>;
/** A UTC time in integer microseconds since the Unix epoch. */
export type TimeUs = Branded<'TimeUs'>;

export const NANOS_PER_UNIT = 1_000_000_000;
export const MICROS_PER_UNIT = 1_000_000;
export const NANOS_PER_MICRO = 1_000;
export const US_PER_MS = 1_000;
export const US_PER_SECOND = 1_000_000;
export const US_PER_MINUTE = 60 * US_PER_SECOND;
export const US_PER_DAY = 86_400 * US_PER_SECOND;

function safe(value: number, what: string): number {
  if (!Number.isSafeInteger(value)) {
    throw new InvariantError(`${what} is not a safe integer: ${value}`);
  }
  return value === 0 ? 0 : value;
}

/** Brands an integer number of nanos. @throws InvariantError unless a safe integer. */
export const priceNanos = (value: number): PriceNanos =>
  safe(value, 'price in nanos') as PriceNanos;
/** Brands an integer number of micros. @throws InvariantError unless a safe integer. */
export const cashMicros = (value: number): CashMicros =>
  safe(value, 'cash in micros') as CashMicros;
/** Brands an integer quantity at scale. @throws InvariantError unless a safe integer. */
export const quantity = (value: number): Quantity => safe(value, 'quantity') as Quantity;
/** Brands microseconds since the epoch. @throws InvariantError unless a safe integer. */
export const timeUs = (value: number): TimeUs => safe(value, 'time in microseconds') as TimeUs;

export const ZERO_CASH = 0 as CashMicros;
export const ZERO_QUANTITY = 0 as Quantity;

/**
 * Computes `a × b ÷ divisor`, rounded half away from zero, exactly even where `a × b` exceeds 2^53.
 * @param a integer. @param b integer. @param divisor positive integer.
 * @throws InvariantError when an argument or the result is not a safe integer.
 */
export function mulDivRound(a: number, b: number, divisor: number): number {
  if (!(Number.isSafeInteger(divisor) && divisor > 0)) {
    throw new InvariantError(`divisor must be a positive safe integer: ${divisor}`);
  }
  const product = a * b;
  if (Number.isSafeInteger(product) && Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    const magnitude = product < 0 ? -product : product + 0;
    let quotient = Math.floor(magnitude / divisor);
    let remainder = magnitude - quotient * divisor;
    // The rounded quotient is one too large at most; its multiple is exact as far as safe integers go.
    if (magnitude + divisor > Number.MAX_SAFE_INTEGER) {
      remainder = magnitude % divisor;
      quotient = (magnitude - remainder) / divisor;
    } else if (remainder < 0) {
      quotient -= 1;
      remainder += divisor;
    }
    const rounded = remainder >= divisor - remainder ? quotient + 1 : quotient;
    return product < 0 && rounded !== 0 ? -rounded : rounded;
  }
  return mulDivRoundWide(a, b, divisor);
}

/**
 * Below these, quotient and remainder of a wide product are found exactly without big integers: the quotient is at least 8, so
 * that product and multiple lie close together, and what is off is less than two divisors.
 */
const WIDE_QUOTIENT_MAX = 2 ** 50;
const WIDE_DIVISOR_MAX = 2 ** 50;

function mulDivRoundWide(a: number, b: number, divisor: number): number {
  safe(a, 'factor');
  safe(b, 'factor');
  const x = Math.abs(a);
  const y = Math.abs(b);
  const product = x * y;
  let quotient = Math.floor(product / divisor);
  if (quotient > WIDE_QUOTIENT_MAX || divisor > WIDE_DIVISOR_MAX) return bigQuotient(a, b, divisor);
  const taken = quotient * divisor;
  const errors = lostBits(x, y, product) - lostBits(quotient, divisor, taken);
  let remainder = product - taken + errors;
  while (remainder < 0) {
    quotient -= 1;
    remainder += divisor;
  }
  while (remainder >= divisor) {
    quotient += 1;
    remainder -= divisor;
  }
  const rounded = remainder >= divisor - remainder ? quotient + 1 : quotient;
  return a < 0 !== b < 0 && rounded !== 0 ? -rounded : rounded;
}

/**
 * Tells whether one product of two safe integers is at most another, exactly also beyond 2^53. Rounded products that differ
 * settle it, unless they are neighbours; then their difference is exact, and so are what both lack.
 */
export function isProductAtMost(
  [a, b]: readonly [number, number],
  [c, d]: readonly [number, number],
): boolean {
  const left = a * b;
  const right = c * d;
  return left - right + (lostBits(a, b, left) - lostBits(c, d, right)) <= 0;
}

const HALF_BITS = 2 ** 27 + 1;

/**
 * Returns what the rounded product of two numbers lacks of the true one, exactly.
 * @source T. J. Dekker, A floating-point technique for extending the available precision, 1971, mul12.
 */
function lostBits(a: number, b: number, product: number): number {
  const scaledA = a * HALF_BITS;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = b * HALF_BITS;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

function bigQuotient(a: number, b: number, divisor: number): number {
  const product = BigInt(a) * BigInt(b);
  const wide = BigInt(divisor);
  const magnitude = product < 0n ? -product : product;
  const rounded = (magnitude * 2n + wide) / (wide * 2n);
  return safe(Number(product < 0n ? -rounded : rounded), `${a} × ${b} ÷ ${divisor}`);
}

const POWERS_OF_TEN = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const;

/** Returns 10^exponent. @param exponent integer from 0 to 9. */
export function powerOfTen(exponent: number): number {
  const power = POWERS_OF_TEN[exponent];
  assert(power !== undefined, `exponent must be 0 to 9: ${exponent}`);
  return power;
}

/**
 * Parses a plain decimal (`-12.5`, no exponent, no separators) into an integer at `decimals` places.
 * @returns the integer, exact. @throws NUMBER.FORMAT when the text is no decimal, has more significant
 * places than `decimals`, or does not fit.
 */
export function parseDecimal(text: string, decimals: number): number {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  if (match === null) {
    throw new AppError({
      code: 'NUMBER.FORMAT' satisfies DomainErrorCode,
      why: `'${text}' is not a decimal number.`,
      fix: 'Write it like 123.45.',
    });
  }
  const [, sign = '', whole = '', rawFraction = ''] = match;
  const fraction = rawFraction.replace(/0+$/, '');
  if (fraction.length > decimals) {
    throw new AppError({
      code: 'NUMBER.FORMAT' satisfies DomainErrorCode,
      why: `'${text}' has more than ${decimals} decimal places.`,
    });
  }
  const value = Number(whole + fraction.padEnd(decimals, '0'));
  if (!Number.isSafeInteger(value))
    throw new AppError({
      code: 'NUMBER.FORMAT' satisfies DomainErrorCode,
      why: `'${text}' is too large.`,
    });
  return sign === '-' && value !== 0 ? -value : value;
}

/** Formats an integer at `decimals` places as a plain decimal without trailing zeros beyond `minDecimals`. */
export function formatDecimal(value: number, decimals: number, minDecimals = 0): string {
  const digits = Math.abs(value)
    .toString()
    .padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction =
    decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '').padEnd(minDecimals, '0');
  return `${value < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Parses a decimal price into nanos. @throws NUMBER.FORMAT */
export const parsePrice = (text: string): PriceNanos => priceNanos(parseDecimal(text, 9));
/** Parses a decimal amount of cash into micros. @throws NUMBER.FORMAT */
export const parseCash = (text: string): CashMicros => cashMicros(parseDecimal(text, 6));
/** Formats nanos as a decimal price with at least two places. */
export const formatPrice = (value: PriceNanos): string => formatDecimal(value, 9, 2);
/** Formats micros as a decimal amount with at least two places. */
export const formatCash = (value: CashMicros): string => formatDecimal(value, 6, 2);
/** Rounds a float in currency units to the nearest nano; for values that enter from floating-point sources. */
export const priceFromFloat = (value: number): PriceNanos =>
  priceNanos(Math.round(value * NANOS_PER_UNIT));
/** Returns nanos as a float in currency units, for statistics and screens only. */
export const priceToFloat = (value: PriceNanos): number => value / NANOS_PER_UNIT;
/** Returns micros as a float in currency units, for statistics and screens only. */
export const cashToFloat = (value: CashMicros): number => value / MICROS_PER_UNIT;
