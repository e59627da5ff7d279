import { hasCode, InvariantError, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { END_REASONS } from './matcher-event.ts';
import { ended, filled, TEN_US, testBar, testMatcher, testOrder } from './test-world.ts';

const CLOSE_MINUTE = 360;
const MINUTE_US = 60_000_000;
const sliceEnd = (minute: number) => timeUs(TEN_US + minute * MINUTE_US);

describe('a matcher', () => {
  it('fills at the open of the first bar after the decision, not of the bar before', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ minute: 1 }));
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 0 }))).toEqual([]);
    expect(matcher.onBar(testBar('102 103 101 102', { minute: 1 }))).toEqual([
      filled('a', 100, '102', 1),
    ]);
    expect(matcher.openOrders()).toEqual([]);
  });

  it('does not match a bar that was under way when the order was decided', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ decidedAtUs: TEN_US + 1 }));
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 0 }))).toEqual([]);
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 1 }))).toHaveLength(1);
  });

  it('matches only the bars of the order’s symbol', () => {
    const matcher = testMatcher();
    matcher.add(testOrder());
    expect(matcher.onBar(testBar('100 101 99 100', { symbol: 'QQQ' }))).toEqual([]);
    expect(matcher.openOrders()).toHaveLength(1);
  });

  it('fills a stop at the open of a gap, and a limit at its price through the bar', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ id: 'stop', side: 'sell', stop: '99' }));
    matcher.add(testOrder({ id: 'limit', limit: '96.50' }));
    expect(matcher.onBar(testBar('97 98 96 97'))).toEqual([
      filled('stop', 100, '97', 0),
      filled('limit', 100, '96.50', 1),
    ]);
  });

  it('fills over several bars under the cap, a market order each time at the open', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    matcher.add(testOrder());
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 0, volume: 459 }))).toEqual([
      filled('a', 45, '100', 0),
    ]);
    expect(matcher.onBar(testBar('101 102 99 100', { minute: 1, volume: 9 }))).toEqual([]);
    expect(matcher.onBar(testBar('102 103 99 100', { minute: 2, volume: 0 }))).toEqual([]);
    expect(matcher.onBar(testBar('103 104 99 100', { minute: 3, volume: 500 }))).toEqual([
      filled('a', 50, '103', 3),
    ]);
    expect(matcher.openOrders()[0]?.filledQuantity).toBe(95);
    expect(matcher.onBar(testBar('104 105 99 100', { minute: 4, volume: 500 }))).toEqual([
      filled('a', 5, '104', 4),
    ]);
    expect(matcher.openOrders()).toEqual([]);
  });

  it('fills a bar without volume where there is no cap', () => {
    const matcher = testMatcher();
    matcher.add(testOrder());
    expect(matcher.onBar(testBar('100 101 99 100', { volume: 0 }))).toHaveLength(1);
  });

  it('shares the cap among orders: the earlier decision first, then the smaller id', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.29 });
    matcher.add(testOrder({ id: 'c', minute: 1, quantity: 20 }));
    matcher.add(testOrder({ id: 'b', minute: 0, quantity: 20 }));
    matcher.add(testOrder({ id: 'a', minute: 1, quantity: 20, side: 'sell' }));
    expect(matcher.openOrders().map((order) => order.terms.orderId)).toEqual(['b', 'a', 'c']);
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 1, volume: 100 }))).toEqual([
      filled('b', 20, '100', 1),
      filled('a', 9, '100', 1),
    ]);
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 2, volume: 100 }))).toEqual([
      filled('a', 11, '100', 2),
      filled('c', 18, '100', 2),
    ]);
  });

  it('does not spend the cap on orders that do not fill', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    matcher.add(testOrder({ id: 'a', limit: '90' }));
    matcher.add(testOrder({ id: 'b' }));
    expect(matcher.onBar(testBar('100 101 99 100', { volume: 1000 }))).toEqual([
      filled('b', 100, '100', 0),
    ]);
  });

  it('rounds the cap down to the lot', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.5 });
    matcher.add(testOrder({ symbol: 'FRAC', quantity: 2000 }));
    const bar = testBar('10 11 9 10', { symbol: 'FRAC', volume: 3900 });
    expect(matcher.onBar(bar)).toEqual([filled('a', 1500, '10', 0)]);
  });

  it('keeps a stop triggered when the cap leaves nothing, and then fills it at the next open', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    matcher.add(testOrder({ stop: '101' }));
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 0, volume: 5 }))).toEqual([]);
    expect(matcher.openOrders()[0]?.triggered).toBe(true);
    expect(matcher.onBar(testBar('98 99 97 98', { minute: 1 }))).toEqual([
      filled('a', 100, '98', 1),
    ]);
  });

  it('works a stop-limit that gapped over its limit as a limit from the next bar', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ stop: '101', limit: '102' }));
    expect(matcher.onBar(testBar('103 104 102.50 103', { minute: 0 }))).toEqual([]);
    expect(matcher.onBar(testBar('103 103 101 102', { minute: 1 }))).toEqual([
      filled('a', 100, '102', 2),
    ]);
  });
});

describe('time in force', () => {
  it('cancels what an ioc order leaves of its first bar', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    matcher.add(testOrder({ timeInForce: 'ioc', minute: 1 }));
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 0 }))).toEqual([]);
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 1, volume: 400 }))).toEqual([
      filled('a', 40, '100', 1),
      ended('cancelled', 'a', 2, END_REASONS.immediateOrCancel),
    ]);
    expect(matcher.openOrders()).toEqual([]);
  });

  it('cancels an ioc limit that its first bar does not reach', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ timeInForce: 'ioc', limit: '90' }));
    expect(matcher.onBar(testBar('100 101 99 100'))).toEqual([
      ended('cancelled', 'a', 1, END_REASONS.immediateOrCancel),
    ]);
  });

  it('says nothing more of an ioc order that is filled', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ timeInForce: 'ioc' }));
    expect(matcher.onBar(testBar('100 101 99 100'))).toEqual([filled('a', 100, '100', 0)]);
    expect(matcher.closeSlice(sliceEnd(CLOSE_MINUTE))).toEqual([]);
  });

  it('ends day and ioc orders with the session, and leaves gtc', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ id: 'day', limit: '90' }));
    matcher.add(testOrder({ id: 'gtc', limit: '90', timeInForce: 'gtc' }));
    matcher.add(testOrder({ id: 'ioc', limit: '90', timeInForce: 'ioc' }));
    expect(matcher.closeSlice(sliceEnd(CLOSE_MINUTE - 1))).toEqual([]);
    expect(matcher.closeSlice(sliceEnd(CLOSE_MINUTE))).toEqual([
      ended('expired', 'day', CLOSE_MINUTE, END_REASONS.sessionEnded),
      ended('cancelled', 'ioc', CLOSE_MINUTE, END_REASONS.sessionEnded),
    ]);
    expect(matcher.openOrders().map((order) => order.terms.orderId)).toEqual(['gtc']);
  });

  it('ends a day order at an early close', () => {
    const matcher = testMatcher();
    const decidedAtUs = Date.UTC(2024, 6, 3, 16, 30) * 1000;
    const closeUs = Date.UTC(2024, 6, 3, 17, 0) * 1000;
    matcher.add(testOrder({ decidedAtUs, limit: '90' }));
    expect(matcher.closeSlice(timeUs(closeUs - MINUTE_US))).toEqual([]);
    const event = ended('expired', 'a', (closeUs - TEN_US) / MINUTE_US, END_REASONS.sessionEnded);
    expect(matcher.closeSlice(timeUs(closeUs))).toEqual([event]);
  });

  it('fills a market order at the last bar of a session', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ minute: CLOSE_MINUTE - 1 }));
    const last = testBar('100 101 99 100', { minute: CLOSE_MINUTE - 1 });
    expect(matcher.onBar(last)).toEqual([filled('a', 100, '100', CLOSE_MINUTE - 1)]);
  });

  it('carries what is decided at the close into the next session, and ends it there', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ id: 'market', minute: CLOSE_MINUTE }));
    matcher.add(testOrder({ id: 'limit', minute: CLOSE_MINUTE, limit: '90' }));
    expect(matcher.closeSlice(sliceEnd(CLOSE_MINUTE))).toEqual([]);
    const monday = Date.UTC(2024, 6, 8, 13, 30) * 1000;
    const minute = (monday - TEN_US) / MINUTE_US;
    expect(matcher.onBar(testBar('105 106 104 105', { minute }))).toEqual([
      filled('market', 100, '105', minute),
    ]);
    expect(matcher.closeSlice(sliceEnd(minute + 390))).toEqual([
      ended('expired', 'limit', minute + 390, END_REASONS.sessionEnded),
    ]);
  });

  it('ends what is due before it matches a bar of the next session', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ limit: '99' }));
    const startUs = Date.UTC(2024, 6, 8, 13, 30) * 1000;
    expect(matcher.onBar(testBar('90 91 89 90', { startUs }))).toEqual([
      ended('expired', 'a', CLOSE_MINUTE, END_REASONS.sessionEnded),
    ]);
  });

  it('fills a gtc order days later', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ limit: '99', timeInForce: 'gtc' }));
    const minute = (Date.UTC(2024, 6, 8, 13, 30) * 1000 - TEN_US) / MINUTE_US;
    expect(matcher.onBar(testBar('90 91 89 90', { minute }))).toEqual([
      filled('a', 100, '90', minute),
    ]);
  });

  it('ends a day order of the market that never closes at midnight UTC', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ symbol: 'FUT', limit: '90' }));
    const minute = (Date.UTC(2024, 6, 6) * 1000 - TEN_US) / MINUTE_US;
    expect(matcher.closeSlice(sliceEnd(minute))).toEqual([
      ended('expired', 'a', minute, END_REASONS.sessionEnded),
    ]);
  });
});

describe('bars that match nothing', () => {
  it('are those before the open and after the close', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ timeInForce: 'gtc', minute: CLOSE_MINUTE }));
    const early = testBar('100 101 99 100', { startUs: Date.UTC(2024, 6, 8, 13, 29) * 1000 });
    expect(matcher.onBar(testBar('100 101 99 100', { minute: CLOSE_MINUTE }))).toEqual([]);
    expect(matcher.onBar(early)).toEqual([]);
    const open = { ...early, startUs: early.endUs, endUs: timeUs(early.endUs + MINUTE_US) };
    expect(matcher.onBar(open)).toHaveLength(1);
  });

  it('are those that begin before the last one of their symbol ended', () => {
    const matcher = testMatcher();
    const bar = testBar('100 101 99 100');
    matcher.onBar(bar);
    matcher.add(testOrder());
    expect(matcher.onBar(bar)).toEqual([]);
    expect(matcher.onBar({ ...bar, revision: 1 })).toEqual([]);
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 1 }))).toHaveLength(1);
  });

  it('but a bar that contradicts itself is a bug', () => {
    const matcher = testMatcher();
    matcher.add(testOrder());
    expect(() => matcher.onBar(testBar('100 99 99 99'))).toThrow(InvariantError);
  });
});

describe('fees', () => {
  it('of an order are charged once over its fills, to the micro', () => {
    const matcher = testMatcher({
      maxVolumeFraction: 0.1,
      commission: { kind: 'perUnit', feeMicrosPerUnit: 3_500, minimumMicros: 350_000 },
    });
    matcher.add(testOrder({ quantity: 150 }));
    const bar = (minute: number) => testBar('100 101 99 100', { minute, volume: 600 });
    expect(matcher.onBar(bar(0))).toEqual([filled('a', 60, '100', 0, 350_000)]);
    expect(matcher.onBar(bar(1))).toEqual([filled('a', 60, '100', 1, 70_000)]);
    expect(matcher.onBar(bar(2))).toEqual([filled('a', 30, '100', 2, 105_000)]);
  });

  it('in basis points count the multiplier of a contract', () => {
    const matcher = testMatcher({ commission: { kind: 'bps', feeBps: 0.5 } });
    matcher.add(testOrder({ symbol: 'FUT', quantity: 2 }));
    const bar = testBar('4000.25 4001 3999 4000', { symbol: 'FUT' });
    expect(matcher.onBar(bar)).toEqual([filled('a', 2, '4000.25', 0, 20_001_250)]);
  });
});

describe('cancelling', () => {
  it('ends an order once', () => {
    const matcher = testMatcher();
    matcher.add(testOrder());
    const event = ended('cancelled', 'a', 1, END_REASONS.requested);
    expect(matcher.cancel('a', sliceEnd(1))).toEqual([event]);
    expect(matcher.cancel('a', sliceEnd(1))).toEqual([]);
    expect(matcher.onBar(testBar('100 101 99 100', { minute: 1 }))).toEqual([]);
  });

  it('leaves the other orders of the symbol', () => {
    const matcher = testMatcher();
    matcher.add(testOrder({ id: 'a' }));
    matcher.add(testOrder({ id: 'b' }));
    matcher.cancel('a', sliceEnd(0));
    expect(matcher.onBar(testBar('100 101 99 100'))).toEqual([filled('b', 100, '100', 0)]);
  });
});

describe('adding', () => {
  it('refuses an id that is working, terms a venue would refuse, and symbols it does not know', () => {
    const matcher = testMatcher();
    matcher.add(testOrder());
    expect(() => matcher.add(testOrder())).toThrow('order a is working');
    expect(() => matcher.add(testOrder({ id: 'b', limit: '99.005' }))).toThrow('not on the tick');
    let caught: unknown;
    try {
      matcher.add(testOrder({ id: 'c', symbol: 'NONE' }));
    } catch (error) {
      caught = error;
    }
    expect(hasCode(caught, 'INSTRUMENT.UNKNOWN')).toBe(true);
  });
});

describe('a snapshot', () => {
  it('survives JSON and holds fills, triggers, ends and the bars seen', () => {
    const matcher = testMatcher({ maxVolumeFraction: 0.1 });
    matcher.add(testOrder({ id: 'b', stop: '101' }));
    matcher.add(testOrder({ id: 'a', timeInForce: 'gtc' }));
    matcher.onBar(testBar('100 101 99 100', { volume: 400 }));
    matcher.onBar(testBar('100 101 99 100', { symbol: 'QQQ' }));
    const snapshot = matcher.snapshot();
    expect(snapshot.seenUntil.map((seen) => seen.symbol)).toEqual(['QQQ', 'SPY']);
    expect(
      snapshot.orders.map((order) => [order.terms.orderId, order.filledQuantity, order.triggered]),
    ).toEqual([
      ['a', 40, true],
      ['b', 0, true],
    ]);

    const other = testMatcher({ maxVolumeFraction: 0.1 });
    other.add(testOrder({ id: 'forgotten' }));
    other.restore(JSON.parse(JSON.stringify(snapshot)));
    expect(other.snapshot()).toEqual(snapshot);
    expect(other.onBar(testBar('100 101 99 100', { volume: 400 }))).toEqual([]);
    const next = testBar('105 106 104 105', { minute: 1, volume: 1000 });
    expect(other.onBar(next)).toEqual(matcher.onBar(next));
  });

  it('of another version is refused', () => {
    const matcher = testMatcher();
    const snapshot = JSON.parse('{"version":1,"orders":[],"seenUntil":[]}');
    expect(() => matcher.restore(snapshot)).toThrow('matcher snapshot has version 1');
  });
});
