import { AppError } from '@capstan/domain';
import { expect } from 'vitest';

/** Returns the value with every byte array spelled out, so that arrays of any class compare by content. */
export function spelled(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(spelled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spelled(one)]));
}

/** Expects the very value: also no field more, be it `undefined` or `null`. */
export function expectSame(actual: unknown, expected: unknown): void {
  expect(spelled(actual)).toStrictEqual(spelled(expected));
}

/** Expects the rows in any order. */
export function expectSameRows(actual: readonly unknown[], expected: readonly unknown[]): void {
  const sorted = (rows: readonly unknown[]) =>
    rows
      .map(spelled)
      .sort((a, b) => (JSON.stringify(sortKeys(a)) < JSON.stringify(sortKeys(b)) ? -1 : 1));
  expect(sorted(actual)).toStrictEqual(sorted(expected));
}

function sortKeys(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  const entries = Object.entries(value).map(([key, one]) => [key, sortKeys(one)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Expects an operating failure of one of the codes. */
export async function expectCode(
  promise: Promise<unknown>,
  ...codes: readonly string[]
): Promise<void> {
  const outcome = await promise.then(
    (value) => ({ resolved: value }),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(AppError);
  expect(codes).toContain(outcome instanceof AppError ? outcome.code : undefined);
}
