import { type PriceNanos, priceNanos } from '@capstan/domain';

/** Prices of the market's columns are integers of a ten thousandth: what a price below one unit may be quoted in. */
export const E4_PER_UNIT = 10_000;
const NANOS_PER_E4 = 100_000;
const CENT_E4 = 100;

/** Rounds a price, in units of currency, to where it may trade: cents, or ten thousandths below one unit. */
export function onTickE4(price: number): number {
  const e4 = price * E4_PER_UNIT;
  if (e4 >= E4_PER_UNIT) return Math.round(e4 / CENT_E4) * CENT_E4;
  return Math.max(1, Math.round(e4));
}

/** Returns the step between the prices around a price. */
export function tickE4(priceE4: number): number {
  return priceE4 >= E4_PER_UNIT ? CENT_E4 : 1;
}

export function nanosOfE4(priceE4: number): PriceNanos {
  return priceNanos(priceE4 * NANOS_PER_E4);
}

const FRACTIONS: readonly string[] = Array.from({ length: E4_PER_UNIT }, (_, part) =>
  part === 0 ? '' : `.${String(part).padStart(4, '0').replace(/0+$/, '')}`,
);

/** Writes a price as a JSON number, fast: pages of bars are little else. */
export function e4Text(priceE4: number): string {
  const whole = (priceE4 / E4_PER_UNIT) | 0;
  return `${whole}${FRACTIONS[priceE4 - whole * E4_PER_UNIT] as string}`;
}
