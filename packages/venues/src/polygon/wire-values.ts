import { type Bar, type PriceNanos, type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import { wholeUnits } from '../market/whole-units.ts';
import { nanosOfNumber } from '../requests/exact-numbers.ts';
import { marketFailure } from '../requests/market-failure.ts';

/** Nanoseconds as `PolygonRest` leaves them: a text of all digits; a number where they were few. */
export type WireNanos = string | number;

/** Reads nanoseconds to the microsecond; what is beyond is cut off. @throws MARKET.ANSWER */
export function usOfNanos(nanos: WireNanos | undefined): TimeUs {
  const text = String(nanos);
  if (/^\d{4,19}$/.test(text)) return timeUs(Number(text.slice(0, -3)));
  throw marketFailure('MARKET.ANSWER', { why: `'${text}' is no time in nanoseconds.` });
}

/** Reads Unix milliseconds. @throws MARKET.ANSWER */
export function usOfMs(ms: number | undefined): TimeUs {
  if (ms !== undefined && Number.isSafeInteger(ms)) return timeUs(ms * US_PER_MS);
  throw marketFailure('MARKET.ANSWER', { why: `'${ms}' is no time in milliseconds.` });
}

/** Reads a price. @throws MARKET.ANSWER */
export function priceOf(value: number | undefined): PriceNanos {
  if (typeof value === 'number' && Number.isFinite(value)) return nanosOfNumber(value);
  throw marketFailure('MARKET.ANSWER', { why: `'${value}' is no price.` });
}

/** Prices and volume of a bar, as a row of history and a message of a stream have them. */
export interface WirePrices {
  readonly o?: number;
  readonly h?: number;
  readonly l?: number;
  readonly c?: number;
  readonly v?: number;
}

/** Reads prices and volume, of which a part of a unit is left out. @throws MARKET.ANSWER */
export const pricesOf = (
  row: WirePrices,
): Pick<Bar, 'openNanos' | 'highNanos' | 'lowNanos' | 'closeNanos' | 'volume'> => ({
  openNanos: priceOf(row.o),
  highNanos: priceOf(row.h),
  lowNanos: priceOf(row.l),
  closeNanos: priceOf(row.c),
  volume: wholeUnits(row.v ?? 0),
});

/** Reads a code that the vendor leaves out where there is none. */
export const codesOf = (codes: readonly number[] | undefined): readonly string[] =>
  (codes ?? []).map(String);
