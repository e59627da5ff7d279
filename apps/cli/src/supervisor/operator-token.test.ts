import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timeUs } from '@capstan/domain';
import type { TokenRecord } from '@capstan/ports';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ensureOperatorToken,
  hashOfToken,
  readOperatorToken,
  tokenNotice,
  tokenPath,
} from './operator-token.ts';

let folder: string;
let stored: TokenRecord[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-token-'));
  stored = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const store = {
  token: async (hash: string) => stored.find((one) => one.tokenHash === hash),
  addToken: async (token: TokenRecord) => void stored.push(token),
};
const clock = { nowUs: () => timeUs(5) };

test('makes a token once, stores only its hash, and lets only its user read it', async () => {
  const first = await ensureOperatorToken(folder, store, clock);
  expect(first.isNew).toBe(true);
  expect(Buffer.from(first.text, 'base64url')).toHaveLength(32);
  expect(stored).toEqual([
    { tokenHash: hashOfToken(first.text), name: 'operator', role: 'operator', createdAtUs: 5 },
  ]);
  expect(statSync(tokenPath(folder)).mode & 0o077).toBe(0);
  expect(await ensureOperatorToken(folder, store, clock)).toEqual({ ...first, isNew: false });
  expect(stored).toHaveLength(1);
  expect(readOperatorToken(folder)).toBe(first.text);
});

test('tells a new database about the token that is there', async () => {
  const { text } = await ensureOperatorToken(folder, store, clock);
  stored = [];
  expect(await ensureOperatorToken(folder, store, clock)).toEqual({ text, isNew: false });
  expect(stored[0]?.tokenHash).toBe(hashOfToken(text));
});

test('says where it looked for a token that is not there', () => {
  expect(() => readOperatorToken(folder)).toThrow(tokenPath(folder));
});

test('shows a new token on a terminal, and in a log only where it is', () => {
  const place = tokenPath(folder);
  expect(tokenNotice('s3cret', folder, true)).toContain(`${place}): s3cret`);
  expect(tokenNotice('s3cret', folder, false)).toContain(place);
  expect(tokenNotice('s3cret', folder, false)).not.toContain('s3cret');
});
