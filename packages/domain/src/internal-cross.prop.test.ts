import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instrument, InstrumentBook, usEquity } from './instrument.ts';
import {
  crossOrder,
  crossPriceNanos,
  type InternalCross,
  isInternalFill,
  isInternalOrder,
} from './internal-cross.ts';
import { AccountLedger, HOUSE } from './ledger.ts';
import { cashMicros, priceNanos, quantity, timeUs } from './numbers.ts';
import type { OrderSide, OrderTerms } from './order.ts';
import { newOrder } from './order-machine.ts';

const AT = timeUs(1_000_000);
const FRACTIONAL: Instrument = { ...usEquity('AAA'), quantityScale: 4, tickNanos: priceNanos(7) };
const prices = fc.integer({ min: 1, max: 5_000_000_000_000 }).map(priceNanos);

function terms(botId: string, side: OrderSide, amount: number): OrderTerms {
  return {
    ...{ orderId: `${botId}-${side}`, intentId: botId, runId: 'run', accountId: 'paper', botId },
    ...{ symbol: 'AAA', side, quantity: quantity(amount), type: 'market', timeInForce: 'day' },
    ...{ reducing: false, leg: 0, attempt: 1, decidedAtUs: AT, expiresAtUs: AT },
  };
}

const crossAt = (price: number): InternalCross => ({
  ...{ buyOrderId: 'a-buy', sellOrderId: 'b-sell', priceNanos: priceNanos(price) },
});

describe('a cross', () => {
  it('moves shares and cash from one ledger to the other, and none in or out of the account', () => {
    const held = fc.integer({ min: -500_000, max: 500_000 });
    const amounts = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(prices, amounts, held, held, (price, amount, ofBuyer, ofSeller) => {
        const ledger = new AccountLedger('paper', new InstrumentBook([FRACTIONAL]));
        ledger.fund(HOUSE, cashMicros(1_000_000_000));
        let accountSequence = 0;
        for (const [botId, net] of [
          ['a', ofBuyer],
          ['b', ofSeller],
        ] as const) {
          if (net === 0) continue;
          accountSequence += 1;
          const order = newOrder(terms(botId, net > 0 ? 'buy' : 'sell', Math.abs(net)), AT);
          const ids = { buyOrderId: `${botId}-buy`, sellOrderId: `${botId}-sell` };
          const place = { instrument: FRACTIONAL, atUs: AT, accountSequence };
          ledger.apply(crossOrder(order, { ...crossAt(price), ...ids }, place).fill);
        }
        const [cash, net] = [ledger.totalCashMicros(), ledger.netQuantity('AAA')];
        for (const order of [terms('a', 'buy', amount), terms('b', 'sell', amount)]) {
          accountSequence += 1;
          const place = { instrument: FRACTIONAL, atUs: AT, accountSequence };
          const crossed = crossOrder(newOrder(order, AT), crossAt(price), place);
          expect(crossed.order).toMatchObject({ state: 'filled', filledQuantity: amount });
          expect([isInternalOrder(crossed.order), isInternalFill(crossed.fill)]).toEqual([
            true,
            true,
          ]);
          ledger.apply(crossed.fill);
        }
        expect(ledger.position('a', 'AAA').quantity).toBe(ofBuyer + amount);
        expect(ledger.position('b', 'AAA').quantity).toBe(ofSeller - amount);
        expect(ledger.totalCashMicros()).toBe(cash);
        expect(ledger.netQuantity('AAA')).toBe(net);
      }),
    );
  });

  it('is priced at the nearest tick, and at the even one of two', () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 20_000_000 }), (close, tick) => {
        const instrument = { ...usEquity('AAA'), tickNanos: priceNanos(tick) };
        const price = crossPriceNanos(instrument, close);
        expect(price % tick).toBe(0);
        expect(Math.abs(price - close) * 2).toBeLessThanOrEqual(tick);
        if (Math.abs(price - close) * 2 === tick) expect((price / tick) % 2).toBe(0);
      }),
    );
    const cents = usEquity('AAA');
    expect(crossPriceNanos(cents, priceNanos(100_005_000_000))).toBe(100_000_000_000);
    expect(crossPriceNanos(cents, priceNanos(100_015_000_000))).toBe(100_020_000_000);
  });

  it('is refused to an order that is not one of its two, or not new', () => {
    const place = { instrument: FRACTIONAL, atUs: AT, accountSequence: 1 };
    const order = newOrder(terms('c', 'buy', 1), AT);
    expect(() => crossOrder(order, crossAt(1), place)).toThrow('is no buy of this cross');
    const crossed = crossOrder(newOrder(terms('a', 'buy', 1), AT), crossAt(1), place);
    expect(() => crossOrder(crossed.order, crossAt(1), place)).toThrow();
  });

  it('is told apart from what a venue filled', () => {
    expect(isInternalOrder({})).toBe(false);
    expect(isInternalOrder({ venueOrderId: 'internal' })).toBe(false);
    expect(isInternalFill({ fillId: 'execution-1' })).toBe(false);
  });
});
