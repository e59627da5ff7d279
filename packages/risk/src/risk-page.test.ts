import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { limitTable, policyTable } from './risk-page.fixture.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/risk.md'), 'utf8');

it('docs/risk.md has the table of all policies as they are', () => {
  expect(page).toContain(policyTable());
});

it('docs/risk.md has the table of all limits as they are', () => {
  expect(page).toContain(limitTable());
});
