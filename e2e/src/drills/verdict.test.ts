import { cashMicros, type Order, quantity, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { ACCOUNT_ID, CASH_MICROS, type Outcome, playPure, RUN_ID } from '../world.ts';
import type { Evidence } from './evidence.ts';
import { verdictOf } from './verdict.ts';

const PURE = playPure({ seed: 31, slices: 150, symbols: ['QQQ', 'SPY'] });

/** What is known after a drill in which nothing went wrong. */
function sound(): Evidence {
  const held = new Map<string, number>();
  let cash = CASH_MICROS;
  for (const { symbol, side, quantity: amount, priceNanos, feeMicros } of PURE.fills) {
    const signed = side === 'buy' ? amount : -amount;
    held.set(symbol, (held.get(symbol) ?? 0) + signed);
    cash -= (signed * priceNanos) / 1_000 + feeMicros;
  }
  const sent = PURE.orders.filter(({ leg, state }) => leg === 0 && state !== 'denied');
  const open = PURE.orders.filter(({ state }) => state === 'accepted');
  const zero = cashMicros(0);
  return {
    live: PURE,
    pure: PURE,
    tellings: new Map([
      [1, 1],
      [2, 1],
    ]),
    arrivals: new Map(sent.map(({ orderId }, index) => [orderId, 1 + (index % 2)])),
    account: {
      cashMicros: cashMicros(cash),
      positions: [...held].map(([symbol, amount]) => ({
        ...{ symbol, quantity: quantity(amount), costMicros: zero },
      })),
    },
    openOrders: open.map(({ orderId }) => ({ orderId })),
    equity: {
      ...{ runId: RUN_ID, accountId: ACCOUNT_ID, botId: '*', atUs: timeUs(2) },
      ...{ cashMicros: cashMicros(cash), marketValueMicros: cashMicros(CASH_MICROS - cash) },
      ...{ realisedMicros: zero, unrealisedMicros: zero, feesMicros: zero },
    },
    openingCashMicros: CASH_MICROS,
    openDrifts: 0,
    notReady: [],
    bus: { messages: 1, repeats: 0, problems: [] },
  };
}

/** The promises that something speaks against. */
const brokenBy = (change: Partial<Evidence>): readonly string[] =>
  verdictOf({ ...sound(), ...change })
    .filter(({ problems }) => problems.length > 0)
    .map(({ promise }) => promise);

const orders = (change: (order: Order, index: number) => readonly Order[]): Outcome => ({
  ...PURE,
  orders: PURE.orders.flatMap(change),
});
const [firstSent] = sound().arrivals.keys();

describe('the verdict on a drill', () => {
  it('finds nothing where nothing is wrong, and has traded', () => {
    expect(brokenBy({})).toEqual([]);
    expect(PURE.fills.length).toBeGreaterThan(20);
    expect(sound().openOrders.length).toBeGreaterThan(0);
  });

  it('is against a drill in which nothing was traded', () => {
    const nothing = { signals: [], intents: [], denials: [], orders: [], fills: [] };
    const UNDISTURBED =
      'everything decided and filled is what an undisturbed run decides and fills';
    expect(brokenBy({ live: nothing, pure: nothing })).toContain(UNDISTURBED);
    expect(brokenBy({ tellings: new Map() })).toEqual(['each slice was told once']);
  });

  it('sees a slice that was told twice', () => {
    expect(brokenBy({ tellings: new Map([[1, 2]]) })).toEqual(['each slice was told once']);
  });

  it('sees a second order of one intent', () => {
    const live = orders((order, index) =>
      index === 0 ? [order, { ...order, orderId: 'another' }] : [order],
    );
    expect(brokenBy({ live })).toContain('no order was placed twice');
  });

  it('sees an order that the venue has and the journal does not', () => {
    const arrivals = new Map([...sound().arrivals, ['ghost', 1]]);
    expect(brokenBy({ arrivals })).toEqual(['no order was placed twice']);
  });

  it('sees a fill that counts twice', () => {
    const live = {
      ...PURE,
      fills: PURE.fills.flatMap((fill, at) => (at === 0 ? [fill, fill] : [fill])),
    };
    expect(brokenBy({ live })).toEqual(
      expect.arrayContaining(['no order was placed twice', "the ledger is the venue's truth"]),
    );
  });

  it('sees an order that was never sent, and one that was never made', () => {
    const arrivals = new Map(sound().arrivals);
    arrivals.delete(firstSent ?? '');
    expect(brokenBy({ arrivals })).toEqual(['no order was lost']);
    const live = orders((order, index) => (index === 0 ? [] : [order]));
    expect(brokenBy({ live })).toContain('no order was lost');
  });

  it('sees a decision that is another than without faults', () => {
    const live = {
      ...PURE,
      denials: PURE.denials.map((one) => ({ ...one, policy: 'another' as typeof one.policy })),
    };
    expect(PURE.denials.length).toBeGreaterThan(0);
    expect(brokenBy({ live })).toHaveLength(1);
    const [signal] = PURE.signals;
    const missing = { ...PURE, signals: PURE.signals.slice(1) };
    expect(brokenBy({ live: missing })).toHaveLength(1);
    const more = { ...PURE, signals: [...PURE.signals, { ...signal, signalId: 'z' } as never] };
    expect(brokenBy({ live: more })).toHaveLength(1);
  });

  it("sees a ledger that is not the venue's", () => {
    const { account } = sound();
    const cash = { ...account, cashMicros: cashMicros(account.cashMicros + 1) };
    expect(brokenBy({ account: cash })).toEqual(["the ledger is the venue's truth"]);
    const more = { symbol: 'IWM', quantity: quantity(1), costMicros: cashMicros(0) };
    const position = { ...account, positions: [...account.positions, more] };
    expect(brokenBy({ account: position })).toEqual(["the ledger is the venue's truth"]);
  });

  it('sees an order that is unknown, and one that only one side has open', () => {
    const live = orders((order) =>
      order.orderId === sound().openOrders[0]?.orderId ? [{ ...order, state: 'unknown' }] : [order],
    );
    expect(brokenBy({ live })).toContain('nothing is left unknown or under way');
    expect(brokenBy({ openOrders: [] })).toEqual(['nothing is left unknown or under way']);
    const openOrders = [...sound().openOrders, { orderId: 'ghost' }];
    expect(brokenBy({ openOrders })).toEqual(['nothing is left unknown or under way']);
  });

  it('sees money that came from nowhere, a drift, a sick service and a foreign word on the bus', () => {
    const { equity } = sound();
    if (equity === undefined) throw new Error('there is equity');
    const richer = { ...equity, marketValueMicros: cashMicros(equity.marketValueMicros + 1) };
    expect(brokenBy({ equity: richer })).toEqual(['equity is conserved']);
    expect(brokenBy({ openDrifts: 1 })).toEqual(['no drift is open']);
    expect(brokenBy({ notReady: ['risk: {}'] })).toEqual(['every service was ready again']);
    const bus = { messages: 1, repeats: 0, problems: ['x'] };
    expect(brokenBy({ bus })).toEqual(['the bus holds what was committed, and nothing else']);
  });
});
