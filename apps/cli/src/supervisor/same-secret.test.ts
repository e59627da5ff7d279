import { expect, test } from 'vitest';
import { sameSecret } from './same-secret.ts';

test('accepts the same text only', () => {
  expect(sameSecret('a1b2', 'a1b2')).toBe(true);
  expect(sameSecret('a1b3', 'a1b2')).toBe(false);
});

test('refuses another length, and nothing, without an error', () => {
  expect(sameSecret('', 'a1b2')).toBe(false);
  expect(sameSecret('a1b2a1b2', 'a1b2')).toBe(false);
  expect(sameSecret('ä', 'a')).toBe(false);
});
