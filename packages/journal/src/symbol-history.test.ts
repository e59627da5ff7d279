import {
  type CashEvent,
  cashMicros,
  type Fill,
  priceNanos,
  quantity,
  type SplitEvent,
  timeUs,
} from '@capstan/domain';
import { MemoryStore } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { looksBack, readSymbolHistory } from './symbol-history.ts';

const ACCOUNT = { runId: 'run', accountId: 'paper', botId: 'bot' };
const fill = (accountSequence: number, symbol: string, kind: Fill['kind'] = 'fill'): Fill => ({
  ...{ ...ACCOUNT, fillId: `f${accountSequence}`, orderId: 'order', kind, symbol, side: 'buy' },
  ...{ quantity: quantity(1), priceNanos: priceNanos(1), feeMicros: cashMicros(0) },
  ...{ eventAtUs: timeUs(accountSequence), accountSequence },
});
const split = (accountSequence: number, followsSequence: number): SplitEvent => ({
  ...{ kind: 'split', accountId: 'paper', symbol: 'AAA', newShares: 2, oldShares: 1 },
  ...{ activityId: `s${accountSequence}`, eventAtUs: timeUs(accountSequence) },
  ...{ closeNanos: priceNanos(1), fractionMicros: cashMicros(0) },
  ...{ accountSequence, followsSequence },
});

describe('the history of a symbol', () => {
  it('is all of its fills and splits before an entry, however many pages that is, and nothing else', async () => {
    const store = new MemoryStore();
    const fence = { key: 'execution/paper', epochUs: timeUs(1), token: 1 };
    await store.takeOwnership(fence);
    const last = 4 * LIMITS.historyPage;
    const sequences = Array.from({ length: last }, (_, index) => index + 1);
    const isSplit = (sequence: number) => sequence % 999 === 0;
    await store.commit({
      fence,
      fills: sequences
        .filter((one) => !isSplit(one))
        .map((one) => fill(one, one % 2 ? 'AAA' : 'B')),
      splits: sequences.filter(isSplit).map((one) => split(one, one - 1)),
    });
    const of = async (beforeSequence: number) =>
      (await readSymbolHistory(store, 'paper', 'AAA', beforeSequence)).map(
        ({ accountSequence }) => accountSequence,
      );
    const expected = sequences.filter((one) => isSplit(one) || one % 2 === 1);
    for (const before of [1, 2, 1_000, 2 * LIMITS.historyPage + 1, last, last + 1])
      expect(await of(before)).toEqual(expected.filter((one) => one < before));
    expect(await readSymbolHistory(store, 'paper', 'ZZZ', last)).toEqual([]);
  });

  it('is needed by what speaks of before: busts, corrections, splits that are told late', () => {
    const cash: CashEvent = {
      ...{ cashEventId: 'c', kind: 'deposit', accountId: 'paper', botId: 'house' },
      ...{ amountMicros: cashMicros(1), eventAtUs: timeUs(1), accountSequence: 5 },
    };
    expect(
      [fill(5, 'AAA', 'bust'), fill(5, 'AAA', 'correction'), split(5, 3)].map(looksBack),
    ).toEqual([true, true, true]);
    expect([fill(5, 'AAA'), split(5, 4), cash].map(looksBack)).toEqual([false, false, false]);
  });
});
