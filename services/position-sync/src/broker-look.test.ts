import { cashMicros, quantity, timeUs } from '@capstan/domain';
import type { VenueAccount, VenueCapabilities } from '@capstan/ports';
import { MemoryStore } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { lookAtBroker } from './broker-look.ts';

const ACCOUNT: VenueAccount = {
  accountId: 'paper',
  currency: 'USD',
  cashMicros: cashMicros(100),
  sequence: 0,
  positions: [{ symbol: 'SPY', quantity: quantity(3), costMicros: cashMicros(9) }],
};

async function look(numbersEvents: boolean, before: VenueAccount, after: VenueAccount) {
  const readings = [before, after];
  const store = new MemoryStore();
  const fence = { key: 'execution/paper', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(fence);
  const stray = { accountId: 'paper', orderId: 'x', kind: 'filled', why: '', isForeign: true };
  await store.commit({ fence, strays: [{ ...stray, sequence: 7, eventAtUs: timeUs(1) }] });
  const venue = {
    capabilities: { numbersEvents } as VenueCapabilities,
    account: () => Promise.resolve(readings.shift() ?? after),
    openOrders: () => Promise.resolve([]),
  };
  return lookAtBroker({ venue, store }, 'paper');
}

it('says by the venue’s numbers whether the account moved', async () => {
  const still = await look(true, { ...ACCOUNT, sequence: 4 }, { ...ACCOUNT, sequence: 4 });
  expect(still).toMatchObject({ isStill: true, mark: '4', account: { sequence: 4 } });
  const moved = await look(true, { ...ACCOUNT, sequence: 4 }, { ...ACCOUNT, sequence: 5 });
  expect(moved).toMatchObject({ isStill: false, mark: '5' });
});

it('says by cash and positions where the venue numbers nothing, up to the last event of others', async () => {
  const still = await look(false, ACCOUNT, ACCOUNT);
  expect(still).toMatchObject({ isStill: true, account: { sequence: 7 } });
  const paid = await look(false, ACCOUNT, { ...ACCOUNT, cashMicros: cashMicros(99) });
  const flat = await look(false, ACCOUNT, { ...ACCOUNT, positions: [] });
  expect([paid.isStill, flat.isStill]).toEqual([false, false]);
  expect(new Set([still.mark, paid.mark, flat.mark]).size).toBe(3);
});
