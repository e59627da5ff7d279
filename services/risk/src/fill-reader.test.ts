import {
  cashMicros,
  type Fill,
  type LedgerEntry,
  priceNanos,
  quantity,
  timeUs,
} from '@capstan/domain';
import type { AccountCore } from '@capstan/engine';
import { MemoryStore } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { FillReader } from './fill-reader.ts';

const fill = (accountSequence: number, symbol: string, changes: Partial<Fill> = {}): Fill => ({
  ...{ fillId: `f${accountSequence}`, kind: 'fill', orderId: 'o', runId: 'run', botId: 'bot' },
  ...{ accountId: 'paper', symbol, side: 'buy', quantity: quantity(1), priceNanos: priceNanos(1) },
  ...{ feeMicros: cashMicros(0), eventAtUs: timeUs(1), accountSequence, ...changes },
});

it('has the history of a symbol while an entry that speaks of it is applied, and not a moment longer', async () => {
  const store = new MemoryStore();
  const fence = { key: 'execution/paper', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(fence);
  const bust = fill(4, 'AAA', { kind: 'bust', refersTo: 'f1' });
  await store.commit({ fence, fills: [fill(1, 'AAA'), fill(2, 'BBB'), fill(3, 'AAA'), bust] });
  const reader = new FillReader(store, 'paper');
  const sequences = (symbol: string) =>
    reader.historyOf('bot', symbol).map(({ accountSequence }) => accountSequence);
  const seen: unknown[] = [];
  let lastSequence = 2;
  const core = {
    get lastSequence() {
      return lastSequence;
    },
    applyEntry: (entry: LedgerEntry) => {
      lastSequence = entry.accountSequence;
      seen.push([lastSequence, sequences('AAA'), sequences('BBB')]);
    },
  } as AccountCore;
  await reader.apply(core, bust);
  expect(seen).toEqual([
    [3, [], []],
    [4, [1, 3], []],
  ]);
  expect(sequences('AAA')).toEqual([]);
});
