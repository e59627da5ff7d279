import { badRequest, unprocessable } from '../refusal.ts';
import { parseUtc } from '../wire-text.ts';

/** The parameters of a request's address. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export function textOf(query: Query, name: string): string | undefined {
  const value = query[name];
  const text = typeof value === 'string' ? value : value?.join(',');
  return text === undefined || text === '' ? undefined : text;
}

/** Reads a comma-separated list. */
export function listOf(query: Query, name: string): readonly string[] {
  const parts = (textOf(query, name) ?? '').split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

/** Reads a time. @throws Refusal 400 */
export function timeOf(query: Query, name: string): number | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  const us = parseUtc(text);
  if (us === undefined) throw badRequest(`invalid ${name}: ${text}`);
  return us;
}

/** Reads a whole number of a range. @throws Refusal 400 */
export function countOf(query: Query, name: string, standard: number, max: number): number {
  const text = textOf(query, name);
  if (text === undefined) return standard;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw badRequest(`invalid ${name}: ${text}: it is 1 to ${max}`);
}

/** Reads one of some words. @throws Refusal 422 */
export function wordOf<Word extends string>(
  query: Query,
  name: string,
  words: readonly Word[],
  standard: Word,
): Word {
  const text = textOf(query, name);
  if (text === undefined) return standard;
  const found = words.find((word) => word === text);
  if (found === undefined) throw unprocessable(`invalid ${name}: ${text}`);
  return found;
}
