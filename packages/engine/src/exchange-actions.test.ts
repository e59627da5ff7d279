import { CalendarBook } from '@capstan/calendar';
import {
  cashMicros,
  InstrumentBook,
  type PostedAction,
  parsePrice,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { PLAIN_EXCHANGE } from './exchange-behaviour.ts';
import { ExchangeCore, type ExchangeInput } from './exchange-core.ts';
import { TEN_US, testBar, testOrder } from './matching/test-world.ts';

const calendars = new CalendarBook();
const at = (minute: number) => timeUs(TEN_US + minute * 60_000_000);
const post = (actionId: string, action: PostedAction): ExchangeInput => ({
  ...{ kind: 'post', actionId, action, atUs: at(1) },
});
const dividend = (perUnit: string): PostedAction => ({
  ...{ kind: 'dividend', symbol: 'SPY', perUnitNanos: parsePrice(perUnit) },
});
const split = (newShares: number, oldShares: number): PostedAction => ({
  ...{ kind: 'split', symbol: 'SPY', newShares, oldShares, closeNanos: parsePrice('50') },
});

/** An exchange whose account has 10,000 and 9 SPY bought at 50. */
function holding(side: 'buy' | 'sell' = 'buy'): ExchangeCore {
  const core = new ExchangeCore(
    {
      behaviour: PLAIN_EXCHANGE,
      accounts: ['account', 'other'].map((accountId) => ({
        ...{ accountId, currency: 'USD', cashMicros: cashMicros(10_000_000_000) },
      })),
    },
    new InstrumentBook([usEquity('SPY')]),
    (name) => calendars.get(name),
  );
  core.apply({ kind: 'submit', order: testOrder({ quantity: 9, side }), atUs: at(0) });
  const bars = [testBar('50 50 50 50', { minute: 0, volume: 1_000_000 })];
  core.apply({ kind: 'slice', feed: 'demo', endUs: at(1), bars });
  return core;
}

describe('actions at a simulated exchange', () => {
  it('split what an account holds in one, pay for what is less than a lot, and tell orders by their new terms', () => {
    const core = holding();
    const stop = { type: 'stop', stopPriceNanos: parsePrice('40'), timeInForce: 'gtc' } as const;
    const terms = { ...testOrder({ id: 'b', side: 'sell', quantity: 8, minute: 1 }), ...stop };
    core.apply({ kind: 'submit', order: terms, atUs: at(1) });
    expect(core.apply(post('s', split(1, 2)))).toEqual({ kind: 'requested' });
    expect(core.account('account')).toMatchObject({
      cashMicros: 9_550_000_000 + 50_000_000,
      positions: [{ symbol: 'SPY', position: { quantity: 4, costMicros: 400_000_000 } }],
    });
    expect(core.events('account', 3)).toMatchObject([
      { kind: 'replaced', count: 0, quantity: 4, stopPriceNanos: parsePrice('80') },
    ]);
    expect(core.activities('account')).toEqual([
      {
        ...{ activityId: 's', accountId: 'account', eventAtUs: at(1), afterSequence: 3 },
        ...split(1, 2),
        fractionMicros: 50_000_000,
      },
    ]);
    expect(core.activities('other')).toEqual([]);
  });

  it('pay a dividend on a long and charge it on a short', () => {
    for (const [side, amount] of [
      ['buy', 4_500_000],
      ['sell', -4_500_000],
    ] as const) {
      const core = holding(side);
      const before = core.account('account')?.cashMicros ?? 0;
      core.apply(post('d', dividend('0.5')));
      expect(core.account('account')?.cashMicros).toBe(before + amount);
      expect(core.activities('account')).toMatchObject([
        { kind: 'dividend', amountMicros: amount },
      ]);
    }
  });

  it('happen once, however often they are posted', () => {
    const core = holding();
    const deposit: PostedAction = {
      ...{ kind: 'deposit', accountId: 'other', amountMicros: cashMicros(7) },
    };
    for (const _ of [1, 2]) expect(core.apply(post('in', deposit))).toEqual({ kind: 'requested' });
    expect(core.account('other')?.cashMicros).toBe(10_000_000_007);
    expect(core.activities('other')).toHaveLength(1);
  });

  it('halt a symbol: orders are refused, those that work wait, and all goes on when it is free', () => {
    const core = holding();
    const restrict = (id: string, halted: boolean, shortRestricted = false) =>
      core.apply(post(id, { kind: 'restriction', symbol: 'SPY', halted, shortRestricted }));
    core.apply({ kind: 'submit', order: testOrder({ id: 'b', minute: 1 }), atUs: at(1) });
    expect(restrict('h', true, true)).toEqual({ kind: 'requested' });
    expect(core.restrictions()).toEqual([{ symbol: 'SPY', halted: true, shortRestricted: true }]);
    const late = testOrder({ id: 'c', minute: 1 });
    expect(core.apply({ kind: 'submit', order: late, atUs: at(1) })).toEqual({
      ...{ kind: 'rejected', reason: 'trading in SPY is halted' },
    });
    const slice = (minute: number): void => {
      const bars = [testBar('50 50 50 50', { minute, volume: 1_000_000 })];
      core.apply({ kind: 'slice', feed: 'demo', endUs: at(minute + 1), bars });
    };
    slice(1);
    expect(core.order('b')?.state).toBe('working');
    restrict('s', false, true);
    slice(2);
    expect(core.order('b')?.state).toBe('filled');
    expect(core.restrictions()).toEqual([{ symbol: 'SPY', halted: false, shortRestricted: true }]);
    restrict('f', false);
    expect(core.restrictions()).toEqual([]);
  });

  it('are refused where they are none, with the reason', () => {
    const core = holding();
    const refused = (action: PostedAction) => core.apply(post(JSON.stringify(action), action));
    const cash = { accountId: 'other', amountMicros: cashMicros(-1) };
    expect(refused({ ...split(2, 1), symbol: 'NOPE' } as PostedAction)).toMatchObject({
      reason: "no instrument 'NOPE'",
    });
    expect(refused({ kind: 'deposit', ...cash })).toMatchObject({ kind: 'rejected' });
    expect(refused({ kind: 'interest', ...cash, accountId: 'nobody' })).toMatchObject({
      reason: "no account 'nobody'",
    });
    expect(core.activities('other')).toEqual([]);
    expect(core.account('account')?.positions[0]?.position.quantity).toBe(quantity(9));
  });
});
