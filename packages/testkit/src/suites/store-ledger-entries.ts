import { describe, expect, it } from 'vitest';
import { expectCode, expectSame } from './expectations.ts';
import { at, sampleCashEvent, sampleFill, sampleSplit } from './samples.ts';
import type { StoreWorld } from './store-suite.ts';

/** Cash events and splits, in one numbering with fills. */
export function storeLedgerEntries(world: StoreWorld): void {
  const store = () => world.store();

  describe('what ledgers are made of', () => {
    it('comes in the order of the account, whatever it is', async () => {
      const fence = await world.own('execution/paper');
      const accountId = world.unique('account');
      const first = sampleFill({ accountId });
      const cash = sampleCashEvent({ accountId, accountSequence: 2 });
      const bare = sampleCashEvent({ accountId, accountSequence: 4, eventAtUs: at(90) });
      const { symbol: _symbol, activityId: _activityId, ...rest } = bare;
      const interest = { ...rest, cashEventId: 'bare' };
      const split = sampleSplit({ accountId, accountSequence: 3 });
      const last = sampleFill({ accountId, fillId: 'f5', accountSequence: 5, symbol: 'QQQ' });
      const cashEvents = [interest, cash];
      await store().commit({ fence, fills: [last, first], cashEvents, splits: [split] });
      const all = [first, cash, split, interest, last];
      expectSame(await store().entriesAfter(accountId, 0, 10), all);
      expectSame(await store().entriesAfter(accountId, 2, 2), [split, interest]);
      expectSame(await store().fillsAfter(accountId, 0, 10), [first, last]);
      expectSame(await store().symbolEntries(accountId, 'SPY', 10), [first, split]);
      expectSame(await store().symbolEntries(accountId, 'SPY', 1), [first]);
      expectSame(await store().symbolEntries(accountId, 'SPY', 10, 1), [split]);
      expectSame(await store().symbolEntries(accountId, 'SPY', 10, 3), []);
      expectSame(await store().cashEvents({ accountId, limit: 1 }), [interest]);
    });

    it('is booked once: an activity of an account is known by its id, as cash or as a split', async () => {
      const fence = await world.own('execution/paper');
      const [accountId, other] = [world.unique('account'), world.unique('account')];
      const cash = sampleCashEvent({ accountId, activityId: 'dividend-1' });
      const split = sampleSplit({ accountId, activityId: 'split-1', accountSequence: 2 });
      await store().commit({ fence, cashEvents: [cash], splits: [split] });
      expect(await store().isBooked(accountId, 'dividend-1')).toBe(true);
      expect(await store().isBooked(accountId, 'split-1')).toBe(true);
      expect(await store().isBooked(accountId, 'split-2')).toBe(false);
      expect(await store().isBooked(other, 'split-1')).toBe(false);
      const again = { ...cash, accountSequence: 3 };
      await expectCode(store().commit({ fence, cashEvents: [again] }), 'STORE.CONFLICT');
      const sameSequence = { ...split, activityId: 'split-3' };
      await expectCode(store().commit({ fence, splits: [sameSequence] }), 'STORE.CONFLICT');
    });
  });
}
