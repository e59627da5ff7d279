import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import type { Matcher } from './matcher.ts';
import type { MatcherConfig } from './matcher-config.ts';
import { END_REASONS } from './matcher-event.ts';
import {
  exitId,
  said,
  TEN_US,
  type TestTerms,
  testBar,
  testMatcher,
  testOrder,
} from './test-world.ts';

const MINUTE_US = 60_000_000;
const STOP_AND_TARGET = { stop: '95', target: '110' };

/** A matcher that plays bars of consecutive minutes and says what comes of them. */
function play(orders: readonly TestTerms[], config: Partial<MatcherConfig> = {}) {
  const matcher = testMatcher(config);
  for (const order of orders) matcher.add(testOrder(order));
  return {
    matcher,
    bar: (ohlc: string, minute: number, volume = 1_000_000) =>
      said(matcher.onBar(testBar(ohlc, { minute, volume }))),
  };
}

/** What the brackets of a matcher protect, by entry. */
const protectedBy = (matcher: Matcher) =>
  matcher.snapshot().brackets.map(({ parentOrderId, quantity }) => [parentOrderId, quantity]);

describe('exits of a market entry', () => {
  const entry = { exits: STOP_AND_TARGET };

  it('work from the fill on, as orders of the entry’s intent', () => {
    const { matcher, bar } = play([entry]);
    expect(bar('100 101 99 100', 0)).toEqual([
      'a filled 100 at 100.00, minute 0',
      'a.stop works',
      'a.target works',
    ]);
    const [stop, target] = ['a.stop', 'a.target'].map((name) =>
      matcher.openOrders().find((order) => order.terms.orderId === exitId(name)),
    );
    const common = { side: 'sell', quantity: 100, timeInForce: 'gtc', reducing: true, attempt: 1 };
    expect(stop?.terms).toMatchObject({ ...common, type: 'stop', leg: 1 });
    expect(stop?.terms.stopPriceNanos).toBe(95_000_000_000);
    expect(target?.terms).toMatchObject({ ...common, type: 'limit', leg: 2 });
    expect(target?.terms.limitPriceNanos).toBe(110_000_000_000);
  });

  it('fill once: the other one ends with it', () => {
    const { matcher, bar } = play([entry]);
    bar('100 101 99 100', 0);
    expect(bar('100 112 99 111', 1)).toEqual([
      'a.target filled 100 at 110.00, minute 2',
      `a.stop cancelled, minute 2: ${END_REASONS.otherExit}`,
    ]);
    expect(matcher.openOrders()).toEqual([]);
    expect(matcher.snapshot()).toMatchObject({ brackets: [], holdings: [] });
  });

  it('fill at the stop where one bar touches both', () => {
    const { bar } = play([entry]);
    bar('100 101 99 100', 0);
    expect(bar('100 112 94 111', 1)).toEqual([
      'a.stop filled 100 at 95.00, minute 2',
      `a.target cancelled, minute 2: ${END_REASONS.otherExit}`,
    ]);
  });

  it('fill at the open of a gap, on either side', () => {
    const down = play([entry]);
    down.bar('100 101 99 100', 0);
    expect(down.bar('90 112 89 111', 1)[0]).toBe('a.stop filled 100 at 90.00, minute 1');
    const up = play([entry]);
    up.bar('100 101 99 100', 0);
    expect(up.bar('115 116 80 81', 1)[0]).toBe('a.target filled 100 at 115.00, minute 1');
  });

  it('both count in the bar of an entry at its open, the worse first', () => {
    expect(play([entry]).bar('100 112 99 100', 0).slice(3)).toEqual([
      'a.target filled 100 at 110.00, minute 1',
      `a.stop cancelled, minute 1: ${END_REASONS.otherExit}`,
    ]);
    expect(play([entry]).bar('100 112 95 100', 0)[3]).toBe('a.stop filled 100 at 95.00, minute 1');
  });

  it('fill at the open itself where the entry filled beyond them', () => {
    expect(play([entry]).bar('94 112 93 100', 0)[3]).toBe('a.stop filled 100 at 94.00, minute 0');
    expect(play([entry]).bar('111 112 93 100', 0)[3]).toBe(
      'a.target filled 100 at 111.00, minute 0',
    );
  });

  it('of a short entry are the same the other way round', () => {
    const short = { side: 'sell', exits: { stop: '105', target: '90' } } as const;
    const { bar } = play([short]);
    expect(bar('100 101 99 100', 0)).toContain('a.stop works');
    expect(bar('100 106 89 90', 1)).toEqual([
      'a.stop filled 100 at 105.00, minute 2',
      `a.target cancelled, minute 2: ${END_REASONS.otherExit}`,
    ]);
    const gapped = play([short]);
    gapped.bar('100 101 99 100', 0);
    expect(gapped.bar('88 106 87 90', 1)[0]).toBe('a.target filled 100 at 88.00, minute 1');
  });

  it('take a touch of the take-profit where limits do', () => {
    const touches = (limitFill: 'touch' | 'through') => {
      const { bar } = play([entry], { limitFill });
      bar('100 101 99 100', 0);
      return bar('100 110 99 100', 1).length;
    };
    expect([touches('touch'), touches('through')]).toEqual([2, 0]);
  });

  it('slip as any stop does, and pay as any order', () => {
    const { bar } = play([entry], { slippage: { kind: 'ticks', slippageTicks: 10 } });
    expect(bar('100 101 94 100', 0)).toContain('a.stop filled 100 at 94.90, minute 1');
  });
});

describe('exits of an entry inside a bar', () => {
  const limit = { limit: '98', exits: { stop: '95', target: '99' } };

  it('count in that bar where they are bad, and not where they are good', () => {
    expect(play([limit]).bar('100 101 97 100', 0)).toEqual([
      'a filled 100 at 98.00, minute 1',
      'a.stop works',
      'a.target works',
    ]);
    expect(play([limit]).bar('100 101 95 100', 0)[3]).toBe('a.stop filled 100 at 95.00, minute 1');
    const { bar } = play([limit]);
    bar('100 101 97 100', 0);
    expect(bar('98.50 99.50 98 99', 1)[0]).toBe('a.target filled 100 at 99.00, minute 2');
  });

  it('both count where the limit filled at the open of a gap', () => {
    expect(play([limit]).bar('97 101 96 100', 0)[3]).toBe('a.target filled 100 at 99.00, minute 1');
  });

  it('of a stop entry count the bar’s low, though it may have come before', () => {
    const stop = { stop: '102', exits: { stop: '101', target: '103' } };
    expect(play([stop]).bar('100 104 100 104', 0)).toEqual([
      'a filled 100 at 102.00, minute 1',
      'a.stop works',
      'a.target works',
      'a.stop filled 100 at 101.00, minute 1',
      `a.target cancelled, minute 1: ${END_REASONS.otherExit}`,
    ]);
  });
});

describe('a trail', () => {
  it('follows the bars before, never the one that it is matched against', () => {
    const { bar } = play([{ exits: { by: '2' } }]);
    expect(bar('100 105 99 104', 0)).toEqual(['a filled 100 at 100.00, minute 0', 'a.trail works']);
    expect(bar('104 109 103.50 108', 1)).toEqual([]);
    expect(bar('108 108.50 106.90 107', 2)).toEqual(['a.trail filled 100 at 107.00, minute 3']);
  });

  it('starts at the entry’s price, in the bar of the entry too', () => {
    expect(play([{ exits: { by: '2' } }]).bar('100 105 98 104', 0)[2]).toBe(
      'a.trail filled 100 at 98.00, minute 1',
    );
  });

  it('takes of an entry’s inside bar the close alone', () => {
    const { bar } = play([{ limit: '98', exits: { by: '2' } }]);
    expect(bar('105 106 97.50 99', 0)).toHaveLength(2);
    expect(bar('98 99 97.01 98', 1)).toEqual([]);
    expect(bar('98 98 97 98', 2)).toEqual(['a.trail filled 100 at 97.00, minute 3']);
  });

  it('as a fraction stays behind by a share of the best price, on the tick away from it', () => {
    const { bar } = play([{ exits: { bps: 150 } }]);
    bar('100 103.33 99 103', 0);
    expect(bar('103 103 101.78 102', 1)).toEqual(['a.trail filled 100 at 101.78, minute 2']);
    const short = play([{ side: 'sell', exits: { bps: 150 } }]);
    short.bar('100 101 96.67 97', 0);
    expect(short.bar('97 98.13 97 98', 1)).toHaveLength(1);
  });

  it('and a stop together leave at the one that the price reaches first', () => {
    const { bar } = play([{ exits: { stop: '95', by: '3' } }]);
    bar('100 100 99 100', 0);
    expect(bar('100 100 94 94', 1)).toEqual([
      'a.trail filled 100 at 97.00, minute 2',
      `a.stop cancelled, minute 2: ${END_REASONS.otherExit}`,
    ]);
  });

  it('can be an order of its own, from the open of its first bar or from a price', () => {
    const alone = play([{ side: 'sell', trail: { by: '2' } }]);
    expect(alone.bar('100 103 98.50 102', 0)).toEqual([]);
    expect(alone.bar('102 102 101 101', 1)).toEqual(['a filled 100 at 101.00, minute 2']);
    const from = play([{ side: 'sell', trail: { by: '2', from: '101' } }]);
    expect(from.bar('100 103 98.50 102', 0)).toEqual(['a filled 100 at 99.00, minute 1']);
    const buys = play([{ trail: { by: '2' } }]);
    expect(buys.bar('100 101 97 98', 0)).toEqual([]);
    expect(buys.bar('100 101 97 98', 1)).toEqual(['a filled 100 at 100.00, minute 1']);
  });
});

describe('exits under a volume cap', () => {
  const config = { maxVolumeFraction: 0.1 };

  it('protect what is filled, and grow with it', () => {
    const { matcher, bar } = play([{ exits: STOP_AND_TARGET }], config);
    expect(bar('100 101 99 100', 0, 400)).toEqual([
      'a filled 40 at 100.00, minute 0',
      'a.stop works',
      'a.target works',
    ]);
    expect(protectedBy(matcher)).toEqual([['a', 40]]);
    expect(bar('100 101 99 100', 1, 400)).toEqual(['a filled 40 at 100.00, minute 1']);
    expect(protectedBy(matcher)).toEqual([['a', 80]]);
  });

  it('end what is left of their entry when they fill', () => {
    const { matcher, bar } = play([{ exits: STOP_AND_TARGET }], config);
    bar('100 101 99 100', 0, 400);
    expect(bar('94 95 93 94', 1, 100_000)).toEqual([
      'a filled 60 at 94.00, minute 1',
      'a.stop filled 100 at 94.00, minute 1',
      `a.target cancelled, minute 1: ${END_REASONS.otherExit}`,
    ]);
    const limited = play([{ limit: '100', exits: STOP_AND_TARGET }], config);
    limited.bar('99 101 99 100', 0, 400);
    expect(limited.bar('101 111 101 110', 1, 100_000)).toEqual([
      'a.target filled 40 at 110.00, minute 2',
      `a.target cancelled, minute 2: ${END_REASONS.nothingLeft}`,
      `a.stop cancelled, minute 2: ${END_REASONS.otherExit}`,
      `a cancelled, minute 2: ${END_REASONS.protected}`,
    ]);
    expect(matcher.openOrders()).toEqual([]);
    expect(limited.matcher.openOrders()).toEqual([]);
  });

  it('fill in part, share what is left, and stay triggered', () => {
    const { matcher, bar } = play([{ exits: STOP_AND_TARGET }], config);
    bar('100 101 99 100', 0, 100_000);
    expect(bar('100 101 94 95', 1, 300)).toEqual(['a.stop filled 30 at 95.00, minute 2']);
    expect(protectedBy(matcher)).toEqual([['a', 70]]);
    expect(bar('112 113 111 112', 2, 100_000)).toEqual([
      'a.stop filled 70 at 112.00, minute 2',
      `a.target cancelled, minute 2: ${END_REASONS.otherExit}`,
    ]);
  });

  it('once triggered fill at the next open, wherever it is', () => {
    const { bar } = play([{ exits: STOP_AND_TARGET }], config);
    bar('100 101 99 100', 0, 100_000);
    expect(bar('100 101 94 95', 1, 0)).toEqual([]);
    expect(bar('105 106 104 105', 2, 100_000)[0]).toBe('a.stop filled 100 at 105.00, minute 2');
  });

  it('begin anew where nothing was left to protect when their entry opened more', () => {
    const { matcher, bar } = play(
      [
        { id: 'a', limit: '98', timeInForce: 'gtc', exits: { by: '2' } },
        { id: 'b', minute: 1, side: 'sell', quantity: 40, limit: '99' },
      ],
      config,
    );
    expect(bar('100 100 97 98', 0, 400)[0]).toBe('a filled 40 at 98.00, minute 1');
    expect(bar('100 100 99 100', 1, 400)).toEqual(['b filled 40 at 100.00, minute 1']);
    expect(bar('110 110 100 100', 2, 400)).toEqual([]);
    expect(bar('105 106 97.50 99', 3, 10_000)).toEqual(['a filled 60 at 98.00, minute 4']);
    expect(bar('99 99 97.01 98', 4, 10_000)).toEqual([]);
    expect(bar('98 98 97 98', 5, 10_000)[0]).toBe('a.trail filled 60 at 97.00, minute 6');
    expect(matcher.snapshot().holdings).toEqual([]);
  });

  it('leave the good exit what was open before the bar’s inside', () => {
    const { matcher, bar } = play([{ limit: '98', exits: { stop: '90', target: '99' } }], config);
    expect(bar('100 100 97 98', 0, 400)).toContain('a filled 40 at 98.00, minute 1');
    expect(bar('98.50 100 97 98', 1, 100_000)).toEqual([
      'a filled 60 at 98.00, minute 2',
      'a.target filled 40 at 99.00, minute 2',
    ]);
    expect(protectedBy(matcher)).toEqual([['a', 60]]);
  });
});

describe('exits and the other orders of their bot', () => {
  it('shrink by what else closes, the oldest entry’s first, and end with the position', () => {
    const { matcher, bar } = play([
      { id: 'a', exits: STOP_AND_TARGET },
      { id: 'b', minute: 1, quantity: 50, exits: { stop: '96' } },
      { id: 'c', minute: 2, side: 'sell', quantity: 120, limit: '101' },
      { id: 'd', minute: 3, side: 'sell', quantity: 30, limit: '101' },
    ]);
    bar('100 100 99 100', 0);
    bar('100 100 99 100', 1);
    expect(protectedBy(matcher)).toEqual([
      ['a', 100],
      ['b', 50],
    ]);
    expect(bar('102 102 101 101', 2)).toEqual([
      'c filled 120 at 102.00, minute 2',
      `a.stop cancelled, minute 2: ${END_REASONS.nothingLeft}`,
      `a.target cancelled, minute 2: ${END_REASONS.nothingLeft}`,
    ]);
    expect(protectedBy(matcher)).toEqual([['b', 30]]);
    expect(bar('102 102 101 101', 3)).toEqual([
      'd filled 30 at 102.00, minute 3',
      `b.stop cancelled, minute 3: ${END_REASONS.nothingLeft}`,
    ]);
  });

  it('stay as they are while the position covers them', () => {
    const { matcher, bar } = play([
      { id: 'a', quantity: 50 },
      { id: 'b', exits: { stop: '95' } },
      { id: 'c', minute: 1, side: 'sell', quantity: 40 },
    ]);
    bar('100 100 99 100', 0);
    bar('100 100 99 100', 1);
    expect(protectedBy(matcher)).toEqual([['b', 100]]);
    expect(bar('90 91 90 90', 2)).toEqual(['b.stop filled 100 at 90.00, minute 2']);
    expect(matcher.snapshot().holdings).toMatchObject([{ quantity: 10 }]);
  });

  it('do not see the orders of other bots', () => {
    const { matcher, bar } = play([
      { id: 'a', exits: { stop: '95' } },
      { id: 'b', botId: 'other', side: 'sell', minute: 1 },
      { id: 'c', botId: 'other', side: 'sell', minute: 1, limit: '120' },
    ]);
    bar('100 100 99 100', 0);
    bar('100 100 99 100', 1);
    expect(protectedBy(matcher)).toEqual([['a', 100]]);
    expect(bar('90 91 90 90', 2)).toEqual(['a.stop filled 100 at 90.00, minute 2']);
    expect(matcher.openOrders().map((order) => order.terms.orderId)).toEqual(['c']);
  });

  it('come before what closes the same inside a bar, and end it', () => {
    const { matcher, bar } = play([
      { id: 'a', exits: { stop: '95' } },
      { id: 'b', minute: 1, side: 'sell', limit: '110' },
    ]);
    bar('100 100 99 100', 0);
    expect(bar('100 112 94 100', 1)).toEqual([
      'a.stop filled 100 at 95.00, minute 2',
      `b cancelled, minute 2: ${END_REASONS.protected}`,
    ]);
    expect(matcher.snapshot().holdings).toEqual([]);
  });

  it('come after what closes the same inside a bar where they are good', () => {
    const { bar } = play([
      { id: 'a', exits: { target: '110' } },
      { id: 'b', minute: 1, side: 'sell', limit: '105' },
    ]);
    bar('100 100 99 100', 0);
    expect(bar('100 112 99 100', 1)).toEqual([
      'b filled 100 at 105.00, minute 2',
      `a.target cancelled, minute 2: ${END_REASONS.nothingLeft}`,
    ]);
  });

  it('come after what adds between them and the open, and before what adds beyond them', () => {
    const orders = (limit: string) => [
      { id: 'a', exits: { stop: '95' } },
      { id: 'b', minute: 1, quantity: 20, limit, exits: { stop: '94' } },
    ];
    const between = play(orders('97'));
    between.bar('100 100 99 100', 0);
    expect(between.bar('100 100 93 94', 1)).toEqual([
      'b filled 20 at 97.00, minute 2',
      'b.stop works',
      'a.stop filled 100 at 95.00, minute 2',
      'b.stop filled 20 at 94.00, minute 2',
    ]);
    const beyond = play(orders('94.50'));
    beyond.bar('100 100 99 100', 0);
    expect(beyond.bar('100 100 93 94', 1)).toEqual([
      'a.stop filled 100 at 95.00, minute 2',
      `b cancelled, minute 2: ${END_REASONS.protected}`,
    ]);
  });

  it('of a reversal protect what it opens, not what it closes', () => {
    const { matcher, bar } = play([
      { id: 'a', exits: { stop: '95' } },
      { id: 'b', minute: 1, side: 'sell', quantity: 130, limit: '101', exits: { stop: '108' } },
    ]);
    bar('100 100 99 100', 0);
    expect(bar('102 102 101 101', 1)).toEqual([
      'b filled 130 at 102.00, minute 1',
      `a.stop cancelled, minute 1: ${END_REASONS.nothingLeft}`,
      'b.stop works',
    ]);
    expect(protectedBy(matcher)).toEqual([['b', 30]]);
    expect(matcher.openOrders()[0]?.terms.quantity).toBe(30);
  });

  it('of a reversal inside a bar count in that bar where they are bad', () => {
    const { bar } = play([
      { id: 'a', exits: { stop: '95' } },
      {
        id: 'b',
        minute: 1,
        side: 'sell',
        quantity: 130,
        limit: '105',
        exits: { stop: '108', target: '100' },
      },
    ]);
    bar('100 100 99 100', 0);
    expect(bar('100 112 99 100', 1)).toEqual([
      'b filled 130 at 105.00, minute 2',
      `a.stop cancelled, minute 2: ${END_REASONS.nothingLeft}`,
      'b.stop works',
      'b.target works',
      'b.stop filled 30 at 108.00, minute 2',
      `b.target cancelled, minute 2: ${END_REASONS.otherExit}`,
    ]);
  });

  it('are released for a market order that closes all, and for no other', () => {
    const { matcher, bar } = play([{ id: 'a', exits: STOP_AND_TARGET }]);
    bar('100 100 99 100', 0);
    const release = (terms: TestTerms) =>
      said(matcher.releaseExits(testOrder({ side: 'sell', ...terms }), timeUs(TEN_US + MINUTE_US)));
    expect(release({ quantity: 99 })).toEqual([]);
    expect(release({ limit: '101' })).toEqual([]);
    expect(release({ timeInForce: 'onClose' })).toEqual([]);
    expect(release({ botId: 'other' })).toEqual([]);
    expect(release({ side: 'buy' })).toEqual([]);
    expect(release({})).toEqual([
      `a.stop cancelled, minute 1: ${END_REASONS.closing}`,
      `a.target cancelled, minute 1: ${END_REASONS.closing}`,
    ]);
    expect(release({})).toEqual([]);
  });

  it('are released for the order that, with one that is out, closes all', () => {
    const { matcher, bar } = play([
      { id: 'a', exits: { stop: '95' } },
      { id: 'b', minute: 1, side: 'sell', quantity: 60 },
    ]);
    bar('100 100 99 100', 0);
    const rest = testOrder({ id: 'c', side: 'sell', quantity: 40, minute: 1 });
    expect(matcher.releaseExits(rest, timeUs(TEN_US))).toHaveLength(1);
  });

  it.each(['onOpen', 'onClose', 'ioc'] as const)(
    'are not released with the help of one that is out %s: it fills later, or may not',
    (timeInForce) => {
      const { matcher, bar } = play([{ id: 'a', exits: { stop: '95' } }]);
      bar('100 100 99 100', 0);
      matcher.add(testOrder({ id: 'b', side: 'sell', quantity: 60, minute: 1, timeInForce }));
      const rest = testOrder({ id: 'c', side: 'sell', quantity: 40, minute: 1 });
      expect(matcher.releaseExits(rest, timeUs(TEN_US))).toEqual([]);
    },
  );
});

describe('cancelling', () => {
  it('an exit leaves the others', () => {
    const { matcher, bar } = play([{ exits: STOP_AND_TARGET }]);
    bar('100 101 99 100', 0);
    expect(matcher.cancel(exitId('a.stop'), timeUs(TEN_US))).toHaveLength(1);
    expect(bar('90 90 80 85', 1)).toEqual([]);
    expect(bar('111 112 111 111', 2)).toEqual(['a.target filled 100 at 111.00, minute 2']);
    expect(matcher.snapshot().brackets).toEqual([]);
  });

  it('the rest of an entry leaves the exits of what it opened', () => {
    const { matcher, bar } = play([{ exits: { stop: '95' } }], { maxVolumeFraction: 0.1 });
    bar('100 101 99 100', 0, 400);
    expect(matcher.cancel('a', timeUs(TEN_US))).toHaveLength(1);
    expect(bar('94 95 93 94', 1, 10_000)).toEqual([
      'a.stop filled 40 at 94.00, minute 1',
      `a.stop cancelled, minute 1: ${END_REASONS.nothingLeft}`,
    ]);
  });

  it('the rest of an entry ends exits of which nothing is left', () => {
    const { matcher, bar } = play(
      [
        { id: 'a', limit: '100', exits: { stop: '95' } },
        { id: 'b', minute: 1, side: 'sell', quantity: 40, limit: '101' },
      ],
      { maxVolumeFraction: 0.1 },
    );
    bar('99 100 99 100', 0, 400);
    expect(bar('102 102 101 101', 1, 1_000)).toEqual(['b filled 40 at 102.00, minute 1']);
    expect(protectedBy(matcher)).toEqual([['a', 0]]);
    expect(said(matcher.cancel('a', timeUs(TEN_US + 2 * MINUTE_US)))).toEqual([
      `a cancelled, minute 2: ${END_REASONS.requested}`,
      `a.stop cancelled, minute 2: ${END_REASONS.nothingLeft}`,
    ]);
  });
});
