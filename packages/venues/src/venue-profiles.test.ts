import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { doubleSendTable } from './venue-profiles.fixture.ts';
import { VENUE_PROFILES } from './venue-profiles.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/drills.md'), 'utf8');

it('docs/drills.md says what a late send does at each venue, as the profiles have it', () => {
  expect(page).toContain(doubleSendTable());
});

it('an order is sent again only where the venue refuses a second one of its id', () => {
  const again = Object.entries(VENUE_PROFILES)
    .filter(([, { enforcesClientOrderId }]) => enforcesClientOrderId)
    .map(([name]) => name);
  expect(again).toEqual(['paper', 'alpaca', 'ibkr']);
  const rows = doubleSendTable().split('\n').slice(2);
  expect(rows.map((row) => /sent again while/.test(row))).toEqual([true, true, true, false, false]);
});
