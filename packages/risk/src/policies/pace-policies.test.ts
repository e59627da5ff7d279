import { parseCash, quantity, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { NOON } from '../risk-view.fixture.ts';
import type { RecentOrder } from '../tally.ts';
import { reasonOf } from './reason-of.fixture.ts';

const SECOND = 1_000_000;
const order = (secondsAgo: number, changes: Partial<RecentOrder> = {}): RecentOrder => ({
  atUs: NOON - secondsAgo * SECOND,
  botId: 'a',
  symbol: 'AAA',
  side: 'buy',
  quantity: 10,
  ...changes,
});
const after = (orders: readonly RecentOrder[]) => ({
  tally: { ordersAfter: (us: number) => orders.filter((one) => one.atUs > us) },
});

describe('duplicate-intent', () => {
  const limits = { duplicateWindowUs: 30 * SECOND };
  it('denies the same order within the window', () => {
    expect(reasonOf('duplicate-intent', {}, after([order(29)]), limits)).toBe(
      'the same order, a buy of 10 AAA, was given 29 s ago',
    );
    expect(reasonOf('duplicate-intent', {}, after([order(30)]), limits)).toBeUndefined();
  });

  it('has nothing against another order', () => {
    const one = after([order(1)]);
    expect(reasonOf('duplicate-intent', { quantity: quantity(11) }, one, limits)).toBeUndefined();
    expect(reasonOf('duplicate-intent', { side: 'sell' }, one, limits)).toBeUndefined();
    expect(reasonOf('duplicate-intent', { botId: 'b' }, one, limits)).toBeUndefined();
    expect(reasonOf('duplicate-intent', {}, one)).toBeUndefined();
    expect(reasonOf('duplicate-intent', {}, {}, limits)).toContain('not known');
  });
});

describe('cooldown', () => {
  const limits = { cooldownUs: 60 * SECOND };
  const traded = (secondsAgo: number) => ({
    tally: { lastFillUs: () => NOON - secondsAgo * SECOND },
  });
  it('denies adding until the pause after a trade is over', () => {
    expect(reasonOf('cooldown', {}, traded(60), limits)).toBeUndefined();
    expect(reasonOf('cooldown', {}, traded(59), limits)).toBe(
      'a traded AAA 59 s ago and pauses for 60 s',
    );
    const never = { tally: { lastFillUs: () => undefined } };
    expect(reasonOf('cooldown', {}, never, limits)).toBeUndefined();
    expect(reasonOf('cooldown', {}, {}, limits)).toContain('not known');
  });
});

describe('order-rate', () => {
  const limits = { maxOrdersPerMinute: 2 };
  it('denies adding once so many were given within a minute', () => {
    expect(reasonOf('order-rate', {}, after([order(60), order(5)]), limits)).toBeUndefined();
    expect(reasonOf('order-rate', {}, after([order(59), order(5)]), limits)).toBe(
      '2 orders were given in the last minute, at most 2 are allowed',
    );
    const others = after([order(5, { botId: 'b' }), order(5)]);
    const scope = { botId: 'a' };
    expect(reasonOf('order-rate', {}, others, limits, NOON, scope)).toBeUndefined();
    expect(reasonOf('order-rate', {}, {}, limits)).toContain('not known');
  });
});

describe('trades-per-day', () => {
  it('denies adding once so many were opened', () => {
    const day = { tally: { trades: () => 3 } };
    expect(reasonOf('trades-per-day', {}, day, { maxTradesPerDay: 4 })).toBeUndefined();
    expect(reasonOf('trades-per-day', {}, day, { maxTradesPerDay: 3 })).toBe(
      '3 trades were opened today, at most 3 are allowed',
    );
    expect(reasonOf('trades-per-day', {}, {}, { maxTradesPerDay: 3 })).toContain('not known');
  });
});

describe('drawdown', () => {
  const limits = { maxDrawdownFraction: 0.2 };
  const peak = (text: string) => ({ tally: { peakEquityMicros: parseCash(text) } });
  it('denies adding at the limit below the peak', () => {
    expect(reasonOf('drawdown', {}, peak('12499.99'), limits)).toBeUndefined();
    expect(reasonOf('drawdown', {}, peak('12500'), limits)).toBe(
      'equity is 10000.00, 2500.00 below its peak of 12500.00; at most 2500.00 may be',
    );
    expect(reasonOf('drawdown', {}, {}, limits)).toContain('not known');
  });

  it('of a bot or symbol is that of its profit, against the peak of the account', () => {
    const fallen = (micros: number | undefined) => ({
      tally: { peakEquityMicros: parseCash('12000'), fallMicros: () => micros },
    });
    const ask = (micros: number | undefined, intent = {}) =>
      reasonOf('drawdown', intent, fallen(micros), limits, NOON, { botId: 'a', symbol: 'AAA' });
    expect(ask(2_399_999_999)).toBeUndefined();
    expect(ask(2_400_000_000)).toBe(
      'the profit of bot a in AAA is 2400.00 below its peak; at most 2400.00 may be',
    );
    expect(ask(2_400_000_000, { reducing: true })).toBeUndefined();
    expect(ask(undefined)).toContain('not known');
  });
});

describe('daily-loss of a part', () => {
  const loss = (micros: number, isStopped = false) => ({
    tally: { lossMicros: () => micros, isStopped: () => isStopped },
  });
  it('denies adding in a bot or symbol that lost its limit, and after it until the next trade date', () => {
    const limits = { maxDailyLossMicros: parseCash('50') };
    const ask = (spec: object) =>
      reasonOf('daily-loss', {}, spec, limits, timeUs(NOON), { botId: 'a' });
    expect(ask(loss(49_999_999))).toBeUndefined();
    expect(ask(loss(50_000_000))).toBe(
      "a has lost 50.00 since the session's start, at most 50.00 may be",
    );
    expect(ask(loss(0, true))).toBe('halted: the loss of a in a session reached 50.00');
    expect(ask({})).toContain('not known');
  });

  it('denies adding in any symbol that lost its own limit', () => {
    const limits = { maxSymbolDailyLossMicros: parseCash('50') };
    expect(reasonOf('daily-loss', {}, loss(49_999_999), limits)).toBeUndefined();
    expect(reasonOf('daily-loss', {}, loss(50_000_000), limits)).toContain('AAA has lost 50.00');
  });
});
