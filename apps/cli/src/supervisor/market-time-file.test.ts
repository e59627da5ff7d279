import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timeUs } from '@capstan/domain';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MarketTimeFile } from './market-time-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'market-time-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('begins at the first session, and goes on behind what a run before may have seen', () => {
  const path = join(folder, 'deep', 'market-time.json');
  expect(new MarketTimeFile(path).startUs(timeUs(1_000), 30)).toBe(1_000);
  new MarketTimeFile(path).keep({ nowUs: () => timeUs(5_000_000_000) });
  // Ten seconds by the wall's clock are 300 of the market's.
  expect(new MarketTimeFile(path).startUs(timeUs(1_000), 30)).toBe(5_300_000_000);
  expect(readdirSync(join(folder, 'deep'))).toEqual(['market-time.json']);
});

it('begins anew where the file says nothing', () => {
  const path = join(folder, 'market-time.json');
  for (const text of ['', '{"reachedUs":"soon"}', 'null', '{"reachedUs":1.5}']) {
    writeFileSync(path, text);
    expect(new MarketTimeFile(path).startUs(timeUs(7), 1)).toBe(7);
  }
});
