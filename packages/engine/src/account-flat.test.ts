import {
  orderId as deriveOrderId,
  InstrumentBook,
  nextAttempt,
  type Order,
  parsePrice,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { configOf, HUNDRED, NOON, orderOf, requestOf, sliceOf } from './account-core.fixture.ts';
import { AccountCore } from './account-core.ts';
import type { SliceDecision } from './account-slice.ts';
import { only, SliceAccount } from './account-slices.fixture.ts';

const MINUTE = 60_000_000;
/** The close of the session that NOON is in. */
const CLOSE = NOON + 240 * MINUTE;

/** Long ten, of which an order closes all. */
function closing(terms: object = {}) {
  const account = new SliceAccount();
  account.fill(only(account.decide({ direction: 'long' })), 10);
  return { account, close: only(account.decide({ direction: 'flat', ...terms })) };
}

const sold = ({ orders }: SliceDecision) => orders.map((one) => [one.quantity, one.attempt]);

describe('a wish to be flat', () => {
  it('is carried out by another order where the market did not take the first one', () => {
    for (const state of ['denied', 'rejected', 'expired'] as const) {
      const { account, close } = closing();
      expect(account.decide().orders).toEqual([]);
      account.word(close, { state });
      const again = account.decide();
      const { intentId } = close;
      expect(only(again)).toMatchObject({
        ...{ side: 'sell', quantity: 10, reducing: true, attempt: 2 },
        orderId: deriveOrderId({ intentId, leg: 0, attempt: 2 }),
      });
      expect(again.intents).toEqual([]);
      account.fill(only(again), 10);
      expect(account.decide().orders).toEqual([]);
      expect(account.core.state()).not.toHaveProperty('followUps');
    }
  });

  it('closes what an order that expired had left', () => {
    const { account, close } = closing();
    account.fill(close, 7);
    account.word(close, { state: 'expired', filledQuantity: quantity(7) });
    expect(sold(account.decide())).toEqual([[3, 2]]);
  });

  it('is done with an order that ended as it was told', () => {
    const ends: readonly (readonly [object, Order['state']])[] = [
      [{}, 'cancelled'],
      [{ limitPriceNanos: HUNDRED }, 'expired'],
      [{ timeInForce: 'onClose' }, 'expired'],
    ];
    for (const [terms, state] of ends) {
      const { account, close } = closing(terms);
      account.word(close, { state });
      expect(account.decide().orders).toEqual([]);
      expect(account.core.followUps).toEqual([]);
    }
  });

  it('gives way to a newer opinion', () => {
    const { account, close } = closing();
    account.word(close, { state: 'rejected' });
    expect(account.decide({ direction: 'long' }).orders).toEqual([]);
    expect(account.core.followUps).toEqual([]);
  });

  it('is decided whoever speaks, and asks ever more seldom where it is refused ever again', () => {
    const { account, close } = closing();
    let last = close;
    const slices: number[] = [];
    for (let slice = 1; slice <= 200; slice += 1) {
      const { orders } = account.decide(undefined, slice > 1 ? 'stopped' : 'running');
      const [order] = orders;
      if (order !== undefined) slices.push(slice);
      last = order ?? last;
      account.word(last, { state: 'rejected' });
    }
    expect(slices).toEqual([1, 3, 7, 15, 31, 63, 123, 183].map((slice) => slice + 1));
  });

  it('that is said while an order closes already is kept until that has', () => {
    const { account, close } = closing({ reason: 'before' });
    const said = account.decide({ direction: 'flat' });
    expect([said.orders, said.intents, said.cancelOrderIds]).toEqual([[], [], []]);
    account.word(close, { state: 'denied' });
    const next = account.decide();
    expect(sold(next)).toEqual([[10, 1]]);
    expect(next.intents).toHaveLength(1);
    expect(only(next).intentId).not.toBe(close.intentId);
  });

  it('whose order works beside a refused one asks again only after its end', () => {
    const account = new SliceAccount();
    const entry = only(account.decide({ direction: 'long' }));
    account.fill(entry, 4);
    const [first] = account.decide({ direction: 'short' }).orders;
    account.fill(entry, 6, 4);
    const second = only(account.decide({ direction: 'flat' }));
    expect([first?.quantity, second.quantity]).toEqual([4, 6]);
    if (first !== undefined) account.word(first, { state: 'rejected' });
    expect(account.decide().orders).toEqual([]);
    account.fill(second, 6);
    expect(sold(account.decide())).toEqual([[4, 2]]);
  });

  it('at the market takes the place of an order that closes at a price, or at an open', () => {
    for (const terms of [{ limitPriceNanos: HUNDRED }, { timeInForce: 'onOpen' }]) {
      const { account, close } = closing(terms);
      const said = account.decide({ direction: 'flat' });
      expect([said.orders, said.cancelOrderIds]).toEqual([[], [close.orderId]]);
      account.fill(close, 3);
      account.word(close, { state: 'cancelled', filledQuantity: quantity(3) });
      const next = only(account.decide());
      expect(next).toMatchObject({ side: 'sell', quantity: 7, type: 'market', timeInForce: 'day' });
    }
  });

  it('at a price, or at a close, leaves what closes already as it is', () => {
    const later = { limitPriceNanos: parsePrice('101') };
    for (const terms of [later, { timeInForce: 'onClose' } as const]) {
      const { account } = closing({ limitPriceNanos: HUNDRED });
      const said = account.decide({ direction: 'flat', ...terms });
      expect([said.orders, said.cancelOrderIds]).toEqual([[], []]);
    }
  });

  it('waits for the session where limits let nothing be decided outside of it, and is told that once', () => {
    const hours = { policies: ['market-hours'], entryTiming: 'deny' } as const;
    const account = new SliceAccount(hours, timeUs(CLOSE - 2 * MINUTE));
    account.fill(only(account.decide({ direction: 'long' })), 10);
    const atClose = account.decide({ direction: 'flat' });
    expect(atClose.denials.map(({ policy }) => policy)).toEqual(['market-hours']);
    expect(atClose.intents).toHaveLength(1);
    let next = account.decide();
    for (let slice = 0; slice < 1_080 && next.orders.length === 0; slice += 1) {
      expect(next).toMatchObject({ intents: [], denials: [] });
      next = account.decide();
    }
    expect(only(next)).toMatchObject({
      ...{ side: 'sell', quantity: 10, reducing: true, decidedAtUs: CLOSE + 1_050 * MINUTE },
    });
    expect(next.intents).toEqual([]);
  });

  it('that waits for its entry at the close of a session closes what that has filled in the next one', () => {
    const hours = { policies: ['market-hours'], entryTiming: 'deny' } as const;
    const account = new SliceAccount(hours, timeUs(CLOSE - 3 * MINUTE));
    const entry = only(account.decide({ direction: 'long' }));
    expect(account.decide({ direction: 'flat' }).cancelOrderIds).toEqual([entry.orderId]);
    account.fill(entry, 4);
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(4) });
    expect(account.decide()).toMatchObject({ orders: [], denials: [] });
    let orders = 0;
    for (let slice = 0; slice < 1_080; slice += 1) orders += account.decide().orders.length;
    expect(orders).toBe(1);
  });

  it('is kept while execution makes another order of its own', () => {
    const { account, close } = closing({ limitPriceNanos: HUNDRED });
    const ended = orderOf(close, { state: 'cancelled' });
    const { decidedAtUs, expiresAtUs } = close;
    const market = nextAttempt(ended, { type: 'market', decidedAtUs, expiresAtUs });
    account.word(close, { state: 'cancelled' });
    account.word(market, { state: 'submitting' });
    expect(account.decide().orders).toEqual([]);
    account.word(market, { state: 'rejected' });
    expect(sold(account.decide())).toEqual([[10, 3]]);
  });

  it('is forgotten where its symbol is listed no more', () => {
    const hours = { policies: ['market-hours'], entryTiming: 'deny' } as const;
    const account = new SliceAccount(hours, timeUs(CLOSE - 2 * MINUTE));
    account.fill(only(account.decide({ direction: 'long' })), 10);
    account.decide({ direction: 'flat' });
    const { core } = account;
    const config = configOf(hours);
    const instruments = new InstrumentBook([usEquity('BBB')]);
    const rows = { positions: [], cash: [], reservations: [] };
    const later = AccountCore.restore({ ...config, instruments }, rows, core.state());
    expect(core.followUps).toHaveLength(1);
    const next = later.decideSlice(requestOf([sliceOf('a', [])]));
    expect(next).toMatchObject({ orders: [] });
    expect(later.followUps).toEqual([]);
  });

  it('goes on after the attempts that execution has made of its order', () => {
    const account = new SliceAccount();
    const entry = only(account.decide({ direction: 'long', limitPriceNanos: HUNDRED }));
    account.fill(entry, 4);
    const close = only(account.decide({ direction: 'flat', limitPriceNanos: HUNDRED }));
    const ended = orderOf(close, { state: 'cancelled' });
    const { decidedAtUs, expiresAtUs } = close;
    const market = nextAttempt(ended, { type: 'market', decidedAtUs, expiresAtUs });
    account.word(close, { state: 'cancelled' });
    account.word(market, { state: 'submitting' });
    account.fill(entry, 3, 4);
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(7) });
    expect(account.decide().orders).toEqual([]);
    account.fill(market, 4);
    expect(sold(account.decide())).toEqual([[3, 3]]);
  });
});
