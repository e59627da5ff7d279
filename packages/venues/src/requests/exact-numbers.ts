import { AppError, NANOS_PER_UNIT, type PriceNanos, parsePrice, priceNanos } from '@capstan/domain';

/**
 * Below this a parsed decimal of up to nine places, times 1e9, is off by less than half a nano: the parse and the product are each off
 * by 2^-53 of the result at most, and the result is below 2^51.
 */
const EXACT_UNITS_MAX = 2 ** 51 / NANOS_PER_UNIT;

/**
 * Returns a price that a vendor wrote as a JSON number, in nanos: exact, as its text is a decimal of up to nine places; one of more
 * places is rounded to the nearest nano.
 * @throws NUMBER.FORMAT where it is no price.
 */
export function nanosOfNumber(price: number): PriceNanos {
  if (Math.abs(price) < EXACT_UNITS_MAX) {
    const nanos = Math.round(price * NANOS_PER_UNIT);
    return (nanos === 0 ? 0 : nanos) as PriceNanos;
  }
  if (!Number.isFinite(price)) {
    throw new AppError({ code: 'NUMBER.FORMAT', why: `'${price}' is not a price.` });
  }
  return parsePrice(String(price));
}

/** Returns a price as a vendor's client gives it, a number or a text. @throws NUMBER.FORMAT */
export function nanosOf(price: number | string): PriceNanos {
  if (typeof price === 'number') return nanosOfNumber(price);
  const digits = price.trim().replace(/(\.\d{9})\d+$/, '$1');
  return priceNanos(parsePrice(digits));
}

/** Two whole numbers in the ratio of two decimals, in lowest terms: 1.05 for 1 is 21 for 20. @throws NUMBER.FORMAT */
export function wholeRatio(
  first: number | string,
  second: number | string,
): { readonly first: number; readonly second: number } {
  const left = parsePrice(String(first));
  const right = parsePrice(String(second));
  const common = greatestCommon(left, right);
  return { first: left / common, second: right / common };
}

function greatestCommon(left: number, right: number): number {
  let [a, b] = [Math.abs(left), Math.abs(right)];
  while (b > 0) [a, b] = [b, a % b];
  return a === 0 ? 1 : a;
}
