import { createHash } from 'node:crypto';
import {
  type CashMicros,
  formatDecimal,
  type PriceNanos,
  type Quantity,
  US_PER_MS,
  US_PER_SECOND,
} from '@capstan/domain';

/** Quantities are kept to nine decimals: what Alpaca takes of a share. */
export const QUANTITY_DECIMALS = 9;
export const ONE_SHARE = 10 ** QUANTITY_DECIMALS;

export const quantityText = (value: Quantity | number): string =>
  formatDecimal(value, QUANTITY_DECIMALS);
export const priceText = (value: PriceNanos | number): string => formatDecimal(value, 9);
export const cashText = (value: CashMicros | number): string => formatDecimal(value, 6);

/** Writes a time as RFC 3339 in UTC, with as many digits of the second as it has. */
export function utcText(us: number): string {
  const seconds = new Date(Math.floor(us / US_PER_SECOND) * 1_000).toISOString().slice(0, 19);
  const part = us % US_PER_SECOND;
  if (part === 0) return `${seconds}Z`;
  return `${seconds}.${String(part).padStart(6, '0').replace(/0+$/, '')}Z`;
}

/** Reads an RFC 3339 time, or a date alone as its midnight in UTC; `undefined` where it is none. */
export function parseUtc(text: string): number | undefined {
  const fraction = /\.(\d+)(?=Z|[+-]\d\d:\d\d$)/.exec(text)?.[1] ?? '';
  const ms = Date.parse(text.replace(/\.\d+(?=Z|[+-]\d\d:\d\d$)/, ''));
  if (Number.isNaN(ms) || !/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  return ms * US_PER_MS + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** Returns an id in the form of a UUID that follows from its parts. */
export function derivedUuid(...parts: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  const [a, b, c] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16)];
  return `${a}-${b}-4${c}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
