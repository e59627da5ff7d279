import { orderId, quantity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type ApprovedOrder, divideOrder, isApproved } from './approved-order.ts';
import { approveReduction, evaluate } from './evaluate.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { intentOf, NOON, viewOf } from './risk-view.fixture.ts';

function approvedOf(changes: Parameters<typeof intentOf>[0] = {}): ApprovedOrder {
  const verdict = evaluate(intentOf(changes), viewOf(), DEFAULT_LIMITS, NOON, { attempt: 2 });
  if (verdict.kind !== 'approved') throw new Error('expected an approved order');
  return verdict.order;
}

describe('divideOrder', () => {
  it('makes two approved orders that are together the one, the other by the next attempt', () => {
    const order = approvedOf();
    const [first, rest] = divideOrder(order, quantity(4));
    expect({ ...first }).toEqual({ ...order, quantity: 4 });
    const nextId = orderId({ intentId: order.intentId, leg: 0, attempt: 3 });
    expect({ ...rest }).toEqual({ ...order, quantity: 6, attempt: 3, orderId: nextId });
    for (const part of [first, rest]) {
      expect([isApproved(part), Object.isFrozen(part)]).toEqual([true, true]);
    }
  });

  it('keeps what a reducing order was shown to be', () => {
    const view = viewOf({ exposures: [['a', 'AAA', 10, 0, 0]] });
    const intent = intentOf({ side: 'sell', reducing: true });
    const verdict = approveReduction(intent, view, DEFAULT_LIMITS);
    if (verdict.kind !== 'approved') throw new Error('expected an approved order');
    const marks = (order: object) => Object.getOwnPropertySymbols(order);
    for (const part of divideOrder(verdict.order, quantity(1))) {
      expect(marks(part)).toEqual(marks(verdict.order));
      expect(part.reducing).toBe(true);
    }
    expect(marks(verdict.order)).toHaveLength(2);
    for (const part of divideOrder(approvedOf(), quantity(1))) expect(marks(part)).toHaveLength(1);
  });

  it.each([0, 10, 11])('refuses to leave nothing for one of the two: %d of 10', (amount) => {
    expect(() => divideOrder(approvedOf(), quantity(amount))).toThrow(`of 10: ${amount}`);
  });

  it('refuses what has exits', () => {
    const exits = { trailBps: 10 };
    expect(() => divideOrder(approvedOf({ exits }), quantity(4))).toThrow('cannot be divided');
  });
});
