import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timeUs } from '@capstan/domain';
import type { TokenRecord } from '@capstan/ports';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTokenKnown } from './known-token.ts';
import { hashOfToken } from './supervisor/operator-token.ts';

let folder: string;
let stored: TokenRecord[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-known-'));
  stored = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const store = {
  token: async (hash: string) => stored.find((one) => one.tokenHash === hash),
  addToken: async (token: TokenRecord) => void stored.push(token),
};
const clock = { nowUs: () => timeUs(5) };
const operator = { name: 'operator', role: 'operator' } as const;

test('shows a token that it makes, and stores only its hash', async () => {
  const text = await makeTokenKnown(operator, store, clock);
  expect(Buffer.from(text, 'base64url')).toHaveLength(32);
  expect(stored).toEqual([{ ...operator, tokenHash: hashOfToken(text), createdAtUs: 5 }]);
});

test('makes the token of a file known once, and never shows it', async () => {
  const file = join(folder, 'token');
  const text = 'x'.repeat(32);
  writeFileSync(file, `${text}\n`);
  const first = await makeTokenKnown({ ...operator, file }, store, clock);
  const again = await makeTokenKnown({ ...operator, name: 'other', file }, store, clock);
  expect(first).toBe(`The token of ${file} is now known: operator, operator.`);
  expect(again).toBe(`The token of ${file} is known: operator, operator.`);
  expect(stored).toEqual([{ ...operator, tokenHash: hashOfToken(text), createdAtUs: 5 }]);
});

test('refuses a token that could be guessed, and a file that holds none', async () => {
  const file = join(folder, 'token');
  const make = () => makeTokenKnown({ ...operator, file }, store, clock);
  await expect(make()).rejects.toThrow(`The token file ${file} cannot be read.`);
  writeFileSync(file, '\n');
  await expect(make()).rejects.toThrow(`${file} is empty.`);
  writeFileSync(file, 'x'.repeat(31));
  await expect(make()).rejects.toThrow('has 31 characters');
  expect(stored).toEqual([]);
});
