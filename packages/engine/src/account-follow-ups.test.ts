import { orderId as deriveOrderId, parseCash, parsePrice, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { HUNDRED } from './account-core.fixture.ts';
import type { SliceDecision } from './account-slice.ts';
import { only, SliceAccount } from './account-slices.fixture.ts';

const SPLIT = { newShares: 2, oldShares: 1, closeNanos: HUNDRED };

/** An account whose entry of ten has filled four. */
function partly(): { account: SliceAccount; entry: SliceDecision['orders'][number] } {
  const account = new SliceAccount();
  const entry = only(account.decide({ direction: 'long', limitPriceNanos: HUNDRED }));
  account.fill(entry, 4);
  return { account, entry };
}

describe('an exit while its entry works', () => {
  it('cancels the entry, and sells what is confirmed', () => {
    const { account, entry } = partly();
    const decision = account.decide({ direction: 'flat' });
    expect(decision.cancelOrderIds).toEqual([entry.orderId]);
    expect(decision.denials).toEqual([]);
    expect(only(decision)).toMatchObject({ side: 'sell', quantity: 4, reducing: true, attempt: 1 });
  });

  it('cancels alone where nothing is confirmed', () => {
    const account = new SliceAccount();
    const entry = only(account.decide({ direction: 'long' }));
    const decision = account.decide({ direction: 'flat' });
    expect(decision).toEqual({
      ...{ intents: [], denials: [], orders: [], crosses: [] },
      cancelOrderIds: [entry.orderId],
    });
    account.word(entry, { state: 'cancelled' });
    expect(account.decide()).toMatchObject({ orders: [], cancelOrderIds: [] });
    expect(account.core.followUps).toEqual([]);
  });

  it('sells what the entry still filled by the next attempt of the same intent', () => {
    const { account, entry } = partly();
    const first = account.decide({ direction: 'flat' });
    account.fill(entry, 3, 4);
    account.fill(only(first), 4);
    expect(account.decide().orders).toEqual([]); // the entry may fill even more
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(7) });
    const second = account.decide();
    const { intentId } = only(first);
    expect(only(second)).toMatchObject({
      ...{ intentId, side: 'sell', quantity: 3, reducing: true, leg: 0, attempt: 2 },
      orderId: deriveOrderId({ intentId, leg: 0, attempt: 2 }),
    });
    expect(second.intents).toEqual([]);
    account.fill(only(second), 3);
    expect(account.decide().orders).toEqual([]);
    expect(account.core.state()).not.toHaveProperty('followUps');
    expect(account.core.state()).not.toHaveProperty('cancelled');
  });

  it('does not try again before its own order has ended', () => {
    const { account, entry } = partly();
    const first = account.decide({ direction: 'flat' });
    account.fill(entry, 6, 4);
    expect(account.decide().orders).toEqual([]);
    account.word(only(first), { state: 'expired' });
    expect(only(account.decide())).toMatchObject({ quantity: 10, attempt: 2 });
  });

  it('asks again for a cancel of which nothing was heard, where the bot says something new', () => {
    const { account, entry } = partly();
    account.decide({ direction: 'flat' });
    const again = account.decide({ direction: 'long', strength: 0.2 });
    expect(again.cancelOrderIds).toEqual([entry.orderId]);
    expect(again.orders).toEqual([]); // of four, four are being sold: two are missing, once nothing works
  });

  it('that only reduces cancels what adds, and then has what was asked for', () => {
    const { account, entry } = partly();
    const decision = account.decide({ direction: 'long', strength: 0.5 });
    expect(decision).toMatchObject({ cancelOrderIds: [entry.orderId], orders: [] });
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(4) });
    const order = only(account.decide());
    expect(order).toMatchObject({ side: 'buy', quantity: 1, reducing: false, attempt: 1 });
  });
});

describe('an exit while an order that was to reduce would open the other side by now', () => {
  /** Short ten, of which a limit buys back ten; a later entry that filled first bought so many of them. */
  function turned(bought: number) {
    const account = new SliceAccount();
    const entry = only(account.decide({ direction: 'short' }));
    account.fill(entry, 10);
    const close = only(account.decide({ direction: 'flat', limitPriceNanos: HUNDRED }));
    const added = only(account.decide({ direction: 'long', strength: bought / 10 }));
    expect([close.reducing, added.reducing]).toEqual([true, false]);
    account.fill(added, bought);
    return { account, close };
  }

  it('cancels it where nothing is left that it could close, and closes what it still fills', () => {
    const { account, close } = turned(10);
    const decision = account.decide({ direction: 'flat' });
    expect(decision).toMatchObject({ cancelOrderIds: [close.orderId], orders: [], denials: [] });
    account.fill(close, 3);
    expect(account.decide().orders).toEqual([]); // it may fill even more
    account.word(close, { state: 'cancelled', filledQuantity: quantity(3) });
    expect(only(account.decide())).toMatchObject({ side: 'sell', quantity: 3, reducing: true });
  });

  it('cancels it where it is for more than is left, and closes the rest after its end', () => {
    for (const [filled, side, amount] of [
      [0, 'buy', 6],
      [8, 'sell', 2],
    ] as const) {
      const { account, close } = turned(4);
      const decision = account.decide({ direction: 'flat' });
      expect(decision).toMatchObject({ cancelOrderIds: [close.orderId], orders: [], denials: [] });
      if (filled > 0) account.fill(close, filled);
      account.word(close, { state: 'cancelled', filledQuantity: quantity(filled) });
      expect(only(account.decide())).toMatchObject({ side, quantity: amount, reducing: true });
    }
  });

  it('leaves it where it is for no more than is held', () => {
    const account = new SliceAccount();
    account.fill(only(account.decide({ direction: 'short', strength: 0.5 })), 5);
    account.decide({ direction: 'flat' });
    const decision = account.decide({ direction: 'short', strength: 0.4 });
    expect(decision.cancelOrderIds).toEqual([]);
    expect(only(decision)).toMatchObject({ side: 'sell', quantity: 4 });
  });
});

describe('a reversal while the entry works', () => {
  it('closes first, and enters once nothing of the old side works', () => {
    const { account, entry } = partly();
    const close = account.decide({ direction: 'short', stopPriceNanos: parsePrice('110') });
    expect(close.cancelOrderIds).toEqual([entry.orderId]);
    expect(only(close)).toMatchObject({ side: 'sell', quantity: 4, reducing: true });
    expect(only(close)).not.toHaveProperty('exits');
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(4) });
    expect(account.decide().orders).toEqual([]);
    account.fill(only(close), 4);
    const entered = only(account.decide());
    expect(entered).toMatchObject({ side: 'sell', quantity: 10, reducing: false, attempt: 2 });
    expect(entered.exits).toEqual({ stopPriceNanos: parsePrice('110') });
  });

  it('is one order where nothing works', () => {
    const { account, entry } = partly();
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(4) });
    const decision = account.decide({ direction: 'short', strength: 0.5 });
    expect(decision.cancelOrderIds).toEqual([]);
    expect(only(decision)).toMatchObject({ side: 'sell', quantity: 9, reducing: false });
  });

  it('gives way to a newer opinion, also to one that is refused', () => {
    for (const newer of [{ direction: 'flat' }, { direction: 'long', strength: 2 }] as const) {
      const { account, entry } = partly();
      const close = account.decide({ direction: 'short' });
      account.fill(only(close), 4);
      account.word(entry, { state: 'cancelled', filledQuantity: quantity(4) });
      account.decide(newer);
      expect(account.decide().orders).toEqual([]);
    }
  });

  it('opens nothing for a bot that does not run', () => {
    const { account, entry } = partly();
    const close = account.decide({ direction: 'short' });
    account.fill(only(close), 4);
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(4) });
    expect(account.decide(undefined, 'paused').orders).toEqual([]);
    expect(only(account.decide())).toMatchObject({ side: 'sell', quantity: 10 });
  });

  it('is forgotten when its bot stops, unless it only closes', () => {
    for (const [direction, quantityOfNext] of [
      ['short', undefined],
      ['flat', 3],
    ] as const) {
      const { account, entry } = partly();
      const close = account.decide({ direction });
      expect(account.decide(undefined, 'stopped').orders).toEqual([]);
      account.fill(only(close), 4);
      account.fill(entry, 3, 4);
      account.word(entry, { state: 'cancelled', filledQuantity: quantity(7) });
      expect(account.decide().orders[0]?.quantity).toBe(quantityOfNext);
    }
  });

  it('is decided at the price of its time, on the share count of its time', () => {
    const { account, entry } = partly();
    const stopPriceNanos = parsePrice('110');
    const close = account.decide({ direction: 'short', stopPriceNanos });
    account.fill(only(close), 4);
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(4) });
    account.core.applySplit('AAA', SPLIT, []);
    const entered = account.decide(undefined, 'running', parsePrice('50'));
    expect(entered.denials).toEqual([]);
    expect(only(entered).exits).toEqual({ stopPriceNanos: parsePrice('55') });
  });

  it('enters by its stop, and is sized by its range, on the share count of its time', () => {
    const sizing = {
      kind: 'atrRisk',
      riskMicros: parseCash('20'),
      atrBars: 14,
      atrMultiple: 2,
      maxFraction: 1,
    } as const;
    const { account, entry } = partly();
    const wants = { entryStopPriceNanos: parsePrice('95'), atrNanos: parsePrice('5') };
    const close = account.decide({ direction: 'short', ...wants }, 'running', HUNDRED, sizing);
    account.fill(only(close), 4);
    account.word(entry, { state: 'cancelled', filledQuantity: quantity(4) });
    account.core.applySplit('AAA', SPLIT, []);
    const entered = account.decide(undefined, 'running', parsePrice('50'), sizing);
    // 20 ÷ (2 × 2.50) on the new count.
    expect(only(entered)).toMatchObject({
      type: 'stop',
      stopPriceNanos: parsePrice('47.5'),
      quantity: 4,
    });
  });
});
