import { assert, hasCode, parseDecimal, powerOfTen } from '@capstan/domain';

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const MINUS = 45;
const PLUS = 43;
/** Digits that a double holds exactly whatever they are. */
const EXACT_DIGITS = 15;
/** Decimal places that a price holds, and the most that a power of ten here is asked for. */
const DECIMALS_MAX = 9;
const PLACES_MAX = EXACT_DIGITS - 1;

/** The text is no decimal number. */
export const NO_NUMBER = Number.NaN;
/** The text is a decimal number, but has more places than asked for or is too large. */
export const TOO_EXACT = Number.POSITIVE_INFINITY;

const TENS = Array.from({ length: PLACES_MAX + 1 }, (_, exponent) => 10 ** exponent);

/**
 * Reads a plain decimal number from the bytes `[from, to)` into an integer at `decimals` places.
 * @param decimals 0 to 9.
 * @returns the exact integer, else {@link NO_NUMBER} or {@link TOO_EXACT}.
 */
export function parseDecimalBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  decimals: number,
): number {
  let at = from;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at += 1;
  let value = 0;
  let digits = 0;
  let places = -1;
  for (; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      digits += 1;
      if (places >= 0) places += 1;
    } else if (byte === DOT && places < 0 && digits > 0) places = 0;
    else return slowDecimal(bytes, from, to, decimals);
  }
  if (places < 0) places = 0;
  if (digits === 0 || digits > EXACT_DIGITS || digits - places + decimals > EXACT_DIGITS) {
    return slowDecimal(bytes, from, to, decimals);
  }
  const scaled = atPlaces(value, places, decimals);
  return sign === MINUS && scaled !== 0 ? -scaled : scaled;
}

function atPlaces(value: number, places: number, decimals: number): number {
  assert(places <= EXACT_DIGITS && decimals <= DECIMALS_MAX, 'a decimal has places');
  if (places <= decimals) return value * powerOfTen(decimals - places);
  const excess = TENS[places - decimals] ?? TOO_EXACT;
  return value % excess === 0 ? value / excess : TOO_EXACT;
}

function slowDecimal(bytes: Uint8Array, from: number, to: number, decimals: number): number {
  const text = new TextDecoder().decode(bytes.subarray(from, to));
  try {
    return parseDecimal(text, decimals);
  } catch (error) {
    if (!hasCode(error, 'NUMBER.FORMAT')) throw error;
    return /^\s*[+-]?\d+(\.\d*)?\s*$/.test(text) ? TOO_EXACT : NO_NUMBER;
  }
}

/** Reads a whole number of at most 15 digits from bytes. @returns {@link NO_NUMBER} for anything else. */
export function parseWholeBytes(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const negative = bytes[at] === MINUS;
  if (negative) at += 1;
  if (at === to || to - at > EXACT_DIGITS + 1) return NO_NUMBER;
  let value = 0;
  for (; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return NO_NUMBER;
    value = value * 10 + (byte - ZERO);
  }
  return Number.isSafeInteger(value) ? (negative && value !== 0 ? -value : value) : NO_NUMBER;
}
