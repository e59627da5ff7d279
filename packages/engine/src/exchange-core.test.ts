import { CalendarBook } from '@capstan/calendar';
import { cashMicros, InstrumentBook, type OrderTerms, timeUs, usEquity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type ExchangeBehaviour, PLAIN_EXCHANGE } from './exchange-behaviour.ts';
import { ExchangeCore, type ExchangeInput } from './exchange-core.ts';
import { TEN_US, testBar, testOrder } from './matching/test-world.ts';

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
