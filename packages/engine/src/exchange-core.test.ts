import { CalendarBook } from '@capstan/calendar';
import {
  cashMicros,
  InstrumentBook,
  type OrderTerms,
  parsePrice,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type ExchangeBehaviour, PLAIN_EXCHANGE } from './exchange-behaviour.ts';
import { ExchangeCore, type ExchangeInput } from './exchange-core.ts';
import { END_REASONS } from './matching/matcher-event.ts';
import { exitId, TEN_US, testBar, testOrder } from './matching/test-world.ts';

const calendars = new CalendarBook();
const ACCOUNT = { accountId: 'account', currency: 'USD', cashMicros: cashMicros(10_000_000_000) };
const at = (minute: number) => timeUs(TEN_US + minute * 60_000_000);

function exchange(behaviour: Partial<ExchangeBehaviour> = {}): ExchangeCore {
  return new ExchangeCore(
    { behaviour: { ...PLAIN_EXCHANGE, ...behaviour }, accounts: [ACCOUNT] },
    new InstrumentBook([usEquity('SPY'), usEquity('QQQ')]),
    (name) => calendars.get(name),
  );
}
const submit = (order: OrderTerms): ExchangeInput => ({ kind: 'submit', order, atUs: at(0) });
const sliceOf = (minute: number, price: string, volume = 1_000_000): ExchangeInput => ({
  kind: 'slice',
  feed: 'demo',
  endUs: at(minute + 1),
  bars: [testBar(`${price} ${price} ${price} ${price}`, { minute, volume })],
});
const kinds = (core: ExchangeCore) => core.events('account', 0).map((event) => event.kind);

describe('ExchangeCore', () => {
  it('takes an order, fills it, and settles its cash and position', () => {
    const core = exchange();
    expect(core.apply(submit(testOrder({ quantity: 10 })))).toMatchObject({ kind: 'accepted' });
    expect(core.openOrders('account')).toMatchObject([{ state: 'working' }]);
    core.apply(sliceOf(0, '50'));
    expect(kinds(core)).toEqual(['accepted', 'filled']);
    expect(core.account('account')).toMatchObject({
      cashMicros: 9_500_000_000,
      sequence: 2,
      positions: [{ symbol: 'SPY', position: { quantity: 10 } }],
    });
    core.apply(submit(testOrder({ id: 'b', side: 'sell', quantity: 10, minute: 1 })));
    core.apply(sliceOf(1, '51'));
    expect(core.account('account')).toMatchObject({ cashMicros: 10_010_000_000, positions: [] });
    expect(core.openOrders('account')).toEqual([]);
  });

  it('refuses what a venue would, says why, and keeps no order of an unknown account', () => {
    const core = exchange();
    const refused = (changes: Partial<OrderTerms>) =>
      core.apply(submit({ ...testOrder({ id: JSON.stringify(changes) }), ...changes }));
    expect(refused({ symbol: 'NOPE' })).toEqual({
      kind: 'rejected',
      reason: "no instrument 'NOPE'",
    });
    expect(refused({ type: 'limit' })).toMatchObject({ reason: 'limit price is missing' });
    expect(refused({ accountId: 'x' })).toEqual({ kind: 'rejected', reason: "no account 'x'" });
    expect(kinds(core)).toEqual(['rejected', 'rejected']);
    expect(core.account('x')).toBeUndefined();
    expect(core.events('x', 0)).toEqual([]);
  });

  describe('replaces a working order', () => {
    const to = (lots: number, price: string, count = 1): ExchangeInput => ({
      ...{ kind: 'replace', accountId: 'account', orderId: 'a', atUs: at(1), count },
      revision: { quantity: quantity(lots), limitPriceNanos: parsePrice(price) },
    });

    it('which then works by its new terms, keeping what was filled by the old', () => {
      const core = exchange({ matcher: { ...PLAIN_EXCHANGE.matcher, maxVolumeFraction: 0.1 } });
      core.apply(submit(testOrder({ quantity: 10, limit: '50' })));
      core.apply(sliceOf(0, '49', 40));
      expect(core.apply(to(12, '48'))).toEqual({ kind: 'requested' });
      core.apply(sliceOf(1, '48.5'));
      expect(core.order('a')).toMatchObject({ state: 'working', filledQuantity: 4 });
      core.apply(sliceOf(2, '47'));
      expect(core.order('a')).toMatchObject({ state: 'filled', filledQuantity: 12 });
      expect(kinds(core)).toEqual(['accepted', 'filled', 'replaced', 'filled']);
      expect(core.account('account')).toMatchObject({ cashMicros: 10_000e6 - 4 * 49e6 - 8 * 47e6 });
    });

    it('once a request, and answers a repeated one alike', () => {
      const core = exchange();
      core.apply(submit(testOrder({ quantity: 10, limit: '40' })));
      core.apply(to(8, '41'));
      expect(core.apply(to(8, '41'))).toEqual({ kind: 'requested' });
      expect(core.apply(to(2, '45', 0))).toEqual({ kind: 'requested' });
      expect(core.order('a')?.terms.quantity).toBe(8);
      expect(kinds(core)).toEqual(['accepted', 'replaced']);
      const off = core.apply(to(8, '41.001', 2));
      expect(off).toMatchObject({ kind: 'rejected' });
      expect(core.apply(to(8, '41', 2))).toEqual(off);
      expect(kinds(core)).toEqual(['accepted', 'replaced', 'replaceRejected']);
    });

    it('not where nothing would be left, nothing works, or exits hang on it', () => {
      const core = exchange();
      core.apply(submit(testOrder({ quantity: 10, limit: '40' })));
      expect(core.apply({ ...to(5, '40'), orderId: 'z' } as ExchangeInput)).toMatchObject({
        reason: "no order 'z'",
      });
      core.apply({ kind: 'cancel', accountId: 'account', orderId: 'a', atUs: at(1) });
      expect(core.apply(to(5, '40'))).toMatchObject({ reason: 'the order is cancelled' });
      core.apply(submit(testOrder({ id: 'b', limit: '40', exits: { stop: '30' } })));
      expect(core.apply({ ...to(5, '40'), orderId: 'b' } as ExchangeInput)).toMatchObject({
        reason: 'an order with protective exits, or such an exit, is not replaced',
      });
    });
  });

  it('cancels what works and says why it cannot cancel what does not', () => {
    const core = exchange();
    const cancel = (accountId: string): ExchangeInput => ({
      kind: 'cancel',
      accountId,
      orderId: 'a',
      atUs: at(1),
    });
    core.apply(submit(testOrder({ limit: '40' })));
    expect(core.apply(cancel('other'))).toMatchObject({ kind: 'rejected' });
    expect(core.apply(cancel('account'))).toEqual({ kind: 'requested' });
    expect(core.apply(cancel('account'))).toMatchObject({ reason: 'the order is cancelled' });
    expect(kinds(core)).toEqual(['accepted', 'cancelled', 'cancelRejected']);
  });

  it('names the part of a slice that matters, and none where nothing can come of it', () => {
    const core = exchange();
    const slice = (symbol: string, endUs = at(1)) => {
      const bars = [testBar('50 50 50 50', { symbol })];
      return { feed: 'demo', endUs, bars };
    };
    expect(core.relevant(slice('SPY'))).toBeUndefined();
    core.apply(submit(testOrder({ limit: '40' })));
    expect(core.relevant(slice('QQQ'))).toBeUndefined();
    expect(core.relevant(slice('SPY'))?.bars).toHaveLength(1);
    const close = core.relevant(slice('QQQ', at(360)));
    expect(close).toMatchObject({ bars: [] });
    if (close !== undefined) core.apply(close);
    expect(kinds(core)).toEqual(['accepted', 'expired']);
    expect(core.order('a')).toMatchObject({ state: 'expired' });
  });

  it('tells exits as orders of their own, fills them, and settles what they close', () => {
    const core = exchange();
    core.apply(submit(testOrder({ quantity: 10, exits: { stop: '45', target: '60' } })));
    core.apply(sliceOf(0, '50'));
    expect(kinds(core)).toEqual(['accepted', 'filled', 'accepted', 'accepted']);
    const [stop, target] = core.events('account', 2);
    expect(stop).toMatchObject({
      orderId: exitId('a.stop'),
      exit: { parentOrderId: 'a', terms: { type: 'stop', side: 'sell', quantity: 10, leg: 1 } },
    });
    expect(target).toMatchObject({ exit: { terms: { type: 'limit', leg: 2 } } });
    expect(
      core
        .openOrders('account')
        .map((order) => order.terms.leg)
        .toSorted(),
    ).toEqual([1, 2]);
    core.apply(sliceOf(1, '44'));
    expect(kinds(core).slice(4)).toEqual(['filled', 'cancelled']);
    expect(core.account('account')).toMatchObject({ cashMicros: 9_940_000_000, positions: [] });
    expect(core.order(exitId('a.target'))).toMatchObject({
      state: 'cancelled',
      reason: END_REASONS.otherExit,
    });
  });

  it('cancels the exits of a position before it takes the market order that closes it', () => {
    const core = exchange();
    core.apply(submit(testOrder({ quantity: 10, exits: { stop: '45' } })));
    core.apply(sliceOf(0, '50'));
    const closing = testOrder({ id: 'b', side: 'sell', quantity: 10, minute: 1 });
    core.apply({ kind: 'submit', order: closing, atUs: at(1) });
    expect(core.events('account', 3)).toMatchObject([
      { kind: 'cancelled', orderId: exitId('a.stop'), eventAtUs: at(1) },
      { kind: 'accepted', orderId: 'b', eventAtUs: at(1) },
    ]);
    core.apply(sliceOf(1, '40'));
    expect(core.account('account')).toMatchObject({ cashMicros: 9_900_000_000, positions: [] });
  });

  it('keeps exits where it refuses the order that would close what they protect', () => {
    const core = exchange();
    core.apply(submit(testOrder({ quantity: 10, exits: { stop: '45' } })));
    core.apply(sliceOf(0, '50'));
    core.apply(submit(testOrder({ id: 'b', side: 'sell', quantity: 0, minute: 1 })));
    expect(core.openOrders('account')).toHaveLength(1);
  });

  it('fills at the close that decided, by an input of its own', () => {
    const core = exchange();
    const bar = testBar('50 52 49 51', { minute: 0 });
    core.apply(submit(testOrder({ quantity: 10, minute: 1 })));
    core.apply({ kind: 'fillAtClose', orderId: 'a', bar });
    expect(core.account('account')).toMatchObject({ cashMicros: 9_490_000_000 });
    core.apply({ kind: 'fillAtClose', orderId: 'a', bar });
    core.apply({ kind: 'fillAtClose', orderId: 'never', bar });
    expect(kinds(core)).toEqual(['accepted', 'filled']);
  });

  it('restates orders and positions for a split, with their costs as they were', () => {
    const core = exchange();
    core.apply(submit(testOrder({ quantity: 10, exits: { stop: '45' } })));
    core.apply(submit(testOrder({ id: 'b', botId: 'other', quantity: 5 })));
    core.apply(submit(testOrder({ id: 'c', quantity: 5, limit: '40', timeInForce: 'gtc' })));
    core.apply(sliceOf(0, '50'));
    const cost = core.account('account')?.positions[0]?.position.costMicros;
    const ratio = { numerator: 3, denominator: 2 };
    core.apply({ kind: 'split', symbol: 'SPY', ratio, atUs: at(1) });
    const position = core.account('account')?.positions[0]?.position;
    expect([position?.quantity, position?.costMicros]).toEqual([22, cost]);
    expect(core.order('c')?.terms).toMatchObject({ quantity: 7, limitPriceNanos: 26_660_000_000 });
    core.apply(sliceOf(1, '30'));
    expect(core.account('account')?.positions[0]?.position.quantity).toBe(7);
    const tiny = { numerator: 1, denominator: 100 };
    core.apply(submit(testOrder({ id: 'd', quantity: 5, limit: '20', minute: 2 })));
    expect(core.adjustForSplit('SPY', tiny, at(2))).toEqual([]);
    expect(core.order('d')).toMatchObject({ state: 'cancelled', reason: END_REASONS.split });
    expect(core.account('account')?.positions).toEqual([]);
  });

  it('goes on by other settings: what was stays, what works keeps working', () => {
    const core = exchange();
    core.apply(submit(testOrder({ quantity: 10 })));
    core.apply(sliceOf(0, '50'));
    const before = core.account('account');
    core.apply(submit(testOrder({ id: 'b', quantity: 10, minute: 1 })));
    const commission = { kind: 'perOrder' as const, feeMicros: 1_000_000 };
    const behaviour = { ...PLAIN_EXCHANGE, matcher: { ...PLAIN_EXCHANGE.matcher, commission } };
    const richer = { ...ACCOUNT, cashMicros: cashMicros(7) };
    core.reconfigure({ behaviour, accounts: [richer, { ...ACCOUNT, accountId: 'second' }] });
    expect(core.account('account')?.cashMicros).toBe(before?.cashMicros);
    expect(core.accountIds()).toEqual(['account', 'second']);
    core.apply(sliceOf(1, '50'));
    expect(core.account('account')?.cashMicros).toBe(9_500_000_000 - 501_000_000);
  });

  it('refuses shares that are none, and thin bars without a cap', () => {
    expect(() => exchange({ rejectFraction: 2 })).toThrow(/rejectFraction is 2/);
    expect(() => exchange({ thinBarFraction: Number.NaN })).toThrow(/thinBarFraction/);
    expect(() => exchange({ thinBarFraction: 0.5 })).toThrow(/no volume cap/);
  });
});
