import { US_PER_MS } from '@capstan/domain';

/** Writes microseconds since 1970 as UTC, to the second or, where it has a part of one, to the millisecond. */
export function timeText(us: number): string {
  const text = new Date(us / US_PER_MS).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, 19)}Z` : text;
}

/** Writes the UTC date of a time. */
export function dateText(us: number): string {
  return new Date(us / US_PER_MS).toISOString().slice(0, 10);
}
