import { expect, it } from 'vitest';
import { faultTable, verdictTable } from './report.ts';

it('tells faults of one name as one row, the worst of them first', () => {
  const table = faultTable([
    { name: 'kill-risk', outcome: 'survived', seen: 'keys handed over', resumedMs: 1_200 },
    { name: 'cut-venue', outcome: 'skipped', seen: 'no line' },
    { name: 'kill-risk', outcome: 'failed', seen: 'nothing is traded any more' },
    { name: 'kill-risk', outcome: 'survived', seen: 'leases left to lapse', resumedMs: 5_340 },
  ]);
  expect(table.split('\n')).toEqual([
    'fault      times  outcome  works again after  seen',
    'cut-venue  1      skipped                     no line',
    'kill-risk  3      failed   1.2 s to 5.3 s     nothing is traded any more',
  ]);
});

it('tells what was promised, and below what speaks against it', () => {
  const table = verdictTable([
    { promise: 'no order was lost', problems: [] },
    { promise: 'no drift is open', problems: ['2 are open'] },
  ]);
  expect(table.split('\n')).toEqual([
    'promise',
    'kept     no order was lost',
    'BROKEN   no drift is open',
    '  2 are open',
  ]);
});
