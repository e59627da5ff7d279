import { CalendarBook } from '@capstan/calendar';
import {
  type Bar,
  cashMicros,
  type Fill,
  InstrumentBook,
  type Order,
  orderId,
  parsePrice,
  priceNanos,
  usEquity,
} from '@capstan/domain';
import { sma } from '@capstan/indicators';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { defineStrategy, ofField, type Target } from '@capstan/strategy';
import { describe, expect, it } from 'vitest';
import { DecisionCore, type RunOptions } from './decision-core.ts';
import { PLAIN_EXCHANGE } from './exchange-behaviour.ts';
import { bar, slice } from './test-slices.ts';

const calendars = new CalendarBook();
const CENT = 10_000_000;
const cents = (amount: number) => priceNanos(amount * CENT);

/** Wants by the close in cents: long at 100 with exits 4 below and 6 above, short at 102 with a stop, flat at 104. */
const byPrice = defineStrategy({
  name: 'by-price',
  title: 'By price',
  description: 'Wants what the close says.',
  params: {},
  indicators: () => ({ close: ofField(sma, { period: 1 }, 'close') }),
  initialState: null,
  decide: ({ close }): Target | undefined => {
    const at = Math.round(close / CENT);
    const reason = `close ${at}`;
    if (at === 100) {
      const exits = { stopPriceNanos: cents(96), takeProfitPriceNanos: cents(106) };
      return { direction: 'long', strength: 1, ...exits, reason };
    }
    if (at === 102) {
      return { direction: 'short', strength: 1, stopPriceNanos: cents(110), reason };
    }
    return at === 104 ? { direction: 'flat', strength: 0, reason } : undefined;
  },
});

function play(bars: readonly Partial<Bar>[], options: Partial<RunOptions> = {}) {
  const core = new DecisionCore({
    runId: 'test',
    instruments: new InstrumentBook([usEquity('SPY')]),
    calendarOf: (name) => calendars.get(name),
    behaviour: PLAIN_EXCHANGE,
    accounts: [
      {
        accountId: 'paper',
        currency: 'USD',
        cashMicros: cashMicros(1_000_000_000),
        limits: DEFAULT_LIMITS,
      },
    ],
    bots: [
      {
        botId: 'bot',
        accountId: 'paper',
        configRevision: 1,
        feed: 'sim',
        strategy: byPrice,
        params: {},
        symbols: ['SPY'],
        timeframe: '1m',
        sizing: { kind: 'fixedQuantity', quantity: 10 },
      },
    ],
    ...options,
  });
  const steps = bars.map((more, index) =>
    core.step(slice(index + 1, bar(index + 1, 'SPY', 1, more))),
  );
  return { core, steps };
}

/** A bar by its four prices in cents. */
const ohlc = (open: number, high: number, low: number, close: number): Partial<Bar> => ({
  openNanos: cents(open),
  highNanos: cents(high),
  lowNanos: cents(low),
  closeNanos: cents(close),
});
const flatAt = (price: number) => ohlc(price, price, price, price);
const fillWords = ({ side, quantity, priceNanos: price }: Fill) =>
  `${side} ${quantity} at ${price / CENT}`;
const orderWords = ({ leg, state, type }: Order) => `${leg} ${type} ${state}`;
const legOrder = ({ leg }: Order) => leg;
const byLeg = (orders: readonly Order[]) =>
  orders.toSorted((a, b) => legOrder(a) - legOrder(b)).map(orderWords);

describe('a strategy with exits', () => {
  it('has them as orders of its entry’s intent, without a reservation', () => {
    const { core, steps } = play([flatAt(100), ohlc(101, 102, 100, 101)]);
    expect(steps[1]?.fills.map(fillWords)).toEqual(['buy 10 at 101']);
    const orders = steps[1]?.orders ?? [];
    expect(byLeg(orders)).toEqual(['0 market filled', '1 stop accepted', '2 limit accepted']);
    const intentId = steps[0]?.intents[0]?.intentId ?? '';
    expect(orders.map((order) => order.orderId).toSorted()).toEqual(
      [0, 1, 2].map((leg) => orderId({ intentId, leg, attempt: 1 })).toSorted(),
    );
    expect(core.account('paper').state().reservations).toEqual({ partly: [], filled: [] });
    expect(core.account('paper').takeChanges().reservations).toEqual([]);
  });

  it('stays out after a stop until its opinion changes', () => {
    const { core, steps } = play([
      flatAt(100),
      flatAt(101),
      ohlc(100, 100, 95, 100),
      flatAt(100),
      flatAt(104),
      flatAt(100),
      flatAt(101),
    ]);
    expect(steps.map((step) => step.fills.map(fillWords))).toEqual([
      [],
      ['buy 10 at 101'],
      ['sell 10 at 96'],
      [],
      [],
      [],
      ['buy 10 at 101'],
    ]);
    expect(core.account('paper').ledger.position('bot', 'SPY').quantity).toBe(10);
    expect(byLeg(steps[2]?.orders ?? [])).toEqual(['1 stop filled', '2 limit cancelled']);
  });

  it('cancels them at the instant at which it closes by a signal', () => {
    const { steps } = play([flatAt(100), flatAt(101), flatAt(104), flatAt(90)]);
    expect(steps[2]?.fills).toEqual([]);
    expect(byLeg(steps[2]?.orders ?? [])).toEqual([
      '0 market accepted',
      '1 stop cancelled',
      '2 limit cancelled',
    ]);
    expect(steps[3]?.fills.map(fillWords)).toEqual(['sell 10 at 90']);
  });

  it('reverses by one order whose exits protect what it opens', () => {
    const { core, steps } = play([flatAt(102), flatAt(101), flatAt(100), flatAt(101)]);
    expect(steps[2]?.intents).toMatchObject([{ side: 'buy', quantity: 20, reducing: false }]);
    expect(byLeg(steps[2]?.orders ?? [])).toEqual(['0 market accepted', '1 stop cancelled']);
    expect(byLeg(steps[3]?.orders ?? [])).toEqual([
      '0 market filled',
      '1 stop accepted',
      '2 limit accepted',
    ]);
    const protectedQuantities = steps[3]?.orders
      .filter((order) => order.leg > 0)
      .map((order) => order.quantity);
    expect(protectedQuantities).toEqual([10, 10]);
    expect(core.account('paper').ledger.position('bot', 'SPY').quantity).toBe(10);
  });

  it('fills at the close that decided where the run says so, with exits from the next bar', () => {
    const { steps } = play([ohlc(98, 107, 90, 100), ohlc(99, 107, 97, 103)], {
      fillAt: 'sameClose',
    });
    expect(steps[0]?.fills.map(fillWords)).toEqual(['buy 10 at 100']);
    expect(byLeg(steps[0]?.orders ?? [])).toEqual([
      '0 market filled',
      '1 stop accepted',
      '2 limit accepted',
    ]);
    expect(steps[1]?.fills.map(fillWords)).toEqual(['sell 10 at 106']);
    expect(steps[1]?.fills[0]?.priceNanos).toBe(parsePrice('1.06'));
  });
});
