import { cashMicros, priceNanos, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { expectCode, expectSame } from './expectations.ts';
import {
  at,
  sampleDenial,
  sampleFill,
  sampleIntent,
  sampleOrder,
  sampleSignal,
} from './samples.ts';
import { storeLedgerEntries } from './store-ledger-entries.ts';
import type { StoreWorld } from './store-suite.ts';

/** Signals, intents, denials, orders and fills. */
export function storeOrders(world: StoreWorld): void {
  const store = () => world.store();
  decisions(world);
  orderVersions(world);
  storeLedgerEntries(world);

  describe('orders', () => {
    it('are found by what they are, the latest decided first', async () => {
      const fence = await world.own('risk/paper');
      const runId = world.unique('run');
      const order = (name: string, of: Parameters<typeof sampleOrder>[0]) =>
        sampleOrder({ orderId: world.unique(name), runId, ...of });
      const a = order('a', { decidedAtUs: at(1), state: 'filled' });
      const b = order('b', { decidedAtUs: at(3), botId: 'other' });
      const c = order('c', { decidedAtUs: at(2), accountId: 'second', state: 'unknown' });
      await store().commit({ fence, orders: [a, b, c] });
      const found = async (query: object) => {
        const orders = await store().orders({ runId, limit: 10, ...query });
        return orders.map((one) => one.orderId);
      };
      expect(await found({})).toEqual([b.orderId, c.orderId, a.orderId]);
      expect(await found({ limit: 2 })).toEqual([b.orderId, c.orderId]);
      expect(await found({ botId: 'other' })).toEqual([b.orderId]);
      expect(await found({ accountId: 'second' })).toEqual([c.orderId]);
      expect(await found({ states: ['filled', 'unknown'] })).toEqual([c.orderId, a.orderId]);
      expect(await found({ states: [] })).toEqual([]);
      expect(await found({ accountId: 'second', botId: 'other' })).toEqual([]);
    });
  });

  describe('fills', () => {
    it('come back as they were, each once within its account', async () => {
      const fence = await world.own('execution/paper');
      const [one, two] = [world.unique('account'), world.unique('account')];
      const fill = sampleFill({ accountId: one });
      const bust = sampleFill({
        accountId: one,
        fillId: 'bust-1',
        kind: 'bust',
        refersTo: 'fill-1',
        accountSequence: 2,
      });
      await store().commit({ fence, fills: [fill, bust, sampleFill({ accountId: two })] });
      expectSame(await store().fillsAfter(one, 0, 10), [fill, bust]);
      const again = { fence, fills: [{ ...fill, accountSequence: 3 }] };
      await expectCode(store().commit(again), 'STORE.CONFLICT');
      const sameSequence = { fence, fills: [{ ...fill, fillId: 'fill-9' }] };
      await expectCode(store().commit(sameSequence), 'STORE.CONFLICT');
      expectSame(await store().fillsAfter(one, 0, 10), [fill, bust]);
    });

    it('are read in the order of the account', async () => {
      const fence = await world.own('execution/paper');
      const accountId = world.unique('account');
      const fill = (accountSequence: number) =>
        sampleFill({
          accountId,
          accountSequence,
          fillId: `f${accountSequence}`,
          eventAtUs: at(100 - accountSequence),
        });
      await store().commit({ fence, fills: [fill(3), fill(1), fill(2)] });
      expectSame(await store().fillsAfter(accountId, 1, 10), [fill(2), fill(3)]);
      expectSame(await store().fillsAfter(accountId, 0, 2), [fill(1), fill(2)]);
      expectSame(await store().fills({ accountId, limit: 2 }), [fill(1), fill(2)]);
      expectSame(await store().fills({ accountId, afterUs: at(98), limit: 9 }), [fill(1)]);
      const other = { ...fill(4), orderId: `${accountId}-other` };
      await store().commit({ fence, fills: [other] });
      const { orderId } = other;
      expectSame(await store().fills({ accountId, orderId, limit: 9 }), [other]);
    });
  });
}

function decisions(world: StoreWorld): void {
  const store = () => world.store();

  describe('signals, intents and denials', () => {
    it('come back as they were, with and without what is optional', async () => {
      const fence = await world.own();
      const runId = world.unique('run');
      const priced = {
        limitPriceNanos: priceNanos(1),
        stopPriceNanos: priceNanos(Number.MAX_SAFE_INTEGER),
      };
      const signals = [
        sampleSignal({ signalId: world.unique('s'), runId, barEndUs: at(2), strength: 0.1 + 0.2 }),
        sampleSignal({
          signalId: world.unique('s'),
          runId,
          barEndUs: at(1),
          ...priced,
          takeProfitPriceNanos: priceNanos(2),
          timeInForce: 'gtc',
          direction: 'flat',
          reason: 'ünïcode ≤ "quoted"\n',
        }),
      ];
      const intents = [
        sampleIntent({ intentId: world.unique('i'), runId, decidedAtUs: at(2) }),
        sampleIntent({ intentId: world.unique('i'), runId, decidedAtUs: at(1), ...priced }),
      ];
      const denials = [
        sampleDenial({ denialId: world.unique('d'), runId, decidedAtUs: at(2) }),
        sampleDenial({ denialId: world.unique('d'), runId, decidedAtUs: at(1), intentId: 'i' }),
      ];
      await store().commit({ fence, signals, intents, denials });
      expectSame(await store().signals({ runId, limit: 9 }), signals);
      expectSame(await store().intents({ runId, limit: 9 }), intents);
      expectSame(await store().denials({ runId, limit: 9 }), denials);
    });

    it('are written once', async () => {
      const fence = await world.own();
      const runId = world.unique('run');
      const signal = sampleSignal({ signalId: world.unique('s'), runId });
      const intent = sampleIntent({ intentId: world.unique('i'), runId });
      const denial = sampleDenial({ denialId: world.unique('d'), runId });
      await store().commit({ fence, signals: [signal], intents: [intent], denials: [denial] });
      for (const again of [{ signals: [signal] }, { intents: [intent] }, { denials: [denial] }]) {
        await expectCode(store().commit({ fence, ...again }), 'STORE.CONFLICT');
      }
      const twice = sampleSignal({ signalId: world.unique('s'), runId });
      await expectCode(store().commit({ fence, signals: [twice, twice] }), 'STORE.CONFLICT');
      expectSame(await store().signals({ runId, limit: 9 }), [signal]);
    });

    it('are found by run, account, bot and time, the latest first', async () => {
      const fence = await world.own();
      const runId = world.unique('run');
      const times = [2, 4, 3, 1];
      const of = (seconds: number) => ({
        runId,
        botId: seconds > 2 ? 'late' : 'early',
        accountId: seconds % 2 === 0 ? 'even' : 'odd',
      });
      const id = (seconds: number) => `${runId}-${seconds}`;
      await store().commit({
        fence,
        signals: times.map((t) => sampleSignal({ ...of(t), signalId: id(t), barEndUs: at(t) })),
        intents: times.map((t) => sampleIntent({ ...of(t), intentId: id(t), decidedAtUs: at(t) })),
        denials: times.map((t) => sampleDenial({ ...of(t), denialId: id(t), decidedAtUs: at(t) })),
      });
      const found = async (query: object) => {
        const full = { runId, limit: 10, ...query };
        const signals = (await store().signals(full)).map((one) => one.signalId);
        expect((await store().intents(full)).map((one) => one.intentId)).toEqual(signals);
        expect((await store().denials(full)).map((one) => one.denialId)).toEqual(signals);
        return signals;
      };
      expect(await found({})).toEqual([4, 3, 2, 1].map(id));
      expect(await found({ limit: 1 })).toEqual([id(4)]);
      expect(await found({ afterUs: at(2) })).toEqual([4, 3].map(id));
      expect(await found({ afterUs: at(1), throughUs: at(3) })).toEqual([3, 2].map(id));
      expect(await found({ botId: 'early' })).toEqual([2, 1].map(id));
      expect(await found({ accountId: 'odd', botId: 'late' })).toEqual([id(3)]);
      expect(await found({ runId: 'another' })).toEqual([]);
    });
  });
}

function orderVersions(world: StoreWorld): void {
  const store = () => world.store();
  const placed = async (...versions: readonly number[]) => {
    const fence = await world.own('execution/paper');
    const orderId = world.unique('order');
    const order = (version: number) => sampleOrder({ orderId, version, updatedAtUs: at(version) });
    if (versions.length > 0) await store().commit({ fence, orders: versions.map(order) });
    return { fence, orderId, order };
  };

  describe('an order', () => {
    it('is inserted at version 1 and comes back as it was', async () => {
      const { orderId, order } = await placed(1);
      expectSame(await store().order(orderId), order(1));
      expect(await store().order(world.unique('order'))).toBeUndefined();
    });

    it('comes back with all that is optional', async () => {
      const fence = await world.own('execution/paper');
      const order = sampleOrder({
        orderId: world.unique('order'),
        type: 'stopLimit',
        limitPriceNanos: priceNanos(Number.MAX_SAFE_INTEGER),
        stopPriceNanos: priceNanos(-1),
        venueOrderId: 'v-1',
        reason: 'no answer in 2 s',
        state: 'unknown',
        filledQuantity: quantity(3),
        filledNotionalMicros: cashMicros(Number.MIN_SAFE_INTEGER),
      });
      await store().commit({ fence, orders: [order] });
      expectSame(await store().order(order.orderId), order);
    });

    it.each([2, 5])('of version 1 is replaced by version %d', async (version) => {
      const { fence, orderId, order } = await placed(1);
      await store().commit({ fence, orders: [{ ...order(version), reason: 'was replaced' }] });
      const expected = { ...order(version), reason: 'was replaced' };
      expectSame(await store().order(orderId), expected);
      await store().commit({ fence, orders: [order(version + 1)] });
      expectSame(await store().order(orderId), order(version + 1));
    });

    it.each([3, 2, 1])('of version 3 is not replaced by version %d', async (version) => {
      const { fence, orderId, order } = await placed(1, 3);
      const step = { fence, orders: [{ ...order(version), reason: 'late' }] };
      await expectCode(store().commit(step), 'STORE.CONFLICT');
      expectSame(await store().order(orderId), order(3));
    });

    it('is not inserted at a later version', async () => {
      const { fence, orderId, order } = await placed();
      await expectCode(store().commit({ fence, orders: [order(2)] }), 'STORE.CONFLICT');
      expect(await store().order(orderId)).toBeUndefined();
    });

    it('may go through several versions in one step, in their order', async () => {
      const { fence, orderId, order } = await placed(1, 2, 4);
      expectSame(await store().order(orderId), order(4));
      const backwards = { fence, orders: [order(6), order(5)] };
      await expectCode(store().commit(backwards), 'STORE.CONFLICT');
      expectSame(await store().order(orderId), order(4));
    });
  });
}
