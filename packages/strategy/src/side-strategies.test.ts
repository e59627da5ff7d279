import { describe, expect, it } from 'vitest';
import { bracketBreakout } from './bracket-breakout.ts';
import { donchianBreakout } from './donchian-breakout.ts';
import { marketFilter } from './market-filter.ts';
import { momentum } from './momentum.ts';
import { resolveParameters } from './resolve-parameters.ts';
import { rsiReversion } from './rsi-reversion.ts';
import type { Strategy } from './strategy.ts';
import { reasonText, type Target } from './target.ts';
import { flatBar } from './test-bars.ts';
import { failureOf } from './test-code-of.ts';
import { threeDayMomentum } from './three-day-momentum.ts';
import { vwapAtr } from './vwap-atr.ts';
import { vwapMa9Cross } from './vwap-ma9-cross.ts';

const NANOS = 1_000_000_000;

interface Seen {
  readonly values: Readonly<Record<string, number>>;
  /** In whole currency. */
  readonly close?: number;
}

/** Asks a strategy bar by bar, with its state kept. */
function targets(
  strategy: Strategy,
  given: Readonly<Record<string, unknown>>,
  bars: readonly Seen[],
): readonly (Target | undefined)[] {
  const params = resolveParameters(strategy, given);
  let state = strategy.initialState;
  return bars.map(({ values, close = 100 }, index) => {
    const bar = flatBar(index + 1, close * 100);
    const context = { symbol: 'SPY', timeframe: '1m' as const, bar, params };
    state = strategy.update?.(values, state, context) ?? state;
    return strategy.decide(values, state, context);
  });
}

const directions = (...asked: Parameters<typeof targets>) =>
  targets(...asked).map((target) => target?.direction);

const one = (...asked: Parameters<typeof targets>): Target => {
  const [target] = targets(...asked);
  if (target === undefined) throw new Error('no target');
  return target;
};

describe('market-filter', () => {
  const seen = (close: number, average: number, market: number, marketAverage: number) => ({
    close,
    values: {
      average: average * NANOS,
      market: market * NANOS,
      marketAverage: marketAverage * NANOS,
    },
  });
  const bars = [
    seen(101, 100, 9, 10),
    seen(101, 100, 11, 10),
    seen(100, 100, 10, 10),
    seen(101, 100, 9, 10),
    seen(99, 100, 9, 10),
    seen(99, 100, 11, 10),
  ];

  it('enters where symbol and market agree, keeps through ties, and leaves when either turns', () => {
    expect(directions(marketFilter, {}, bars)).toEqual([
      ...['flat', 'long', 'long', 'flat', 'flat', 'flat'],
    ]);
    expect(directions(marketFilter, { sides: 'both' }, bars)).toEqual([
      ...['flat', 'long', 'long', 'flat', 'short', 'flat'],
    ]);
  });

  it('names the market in its reason, and takes any symbol for it', () => {
    expect(reasonText(one(marketFilter, { market: 'QQQ' }, bars))).toBe(
      'close 101.0000 against 100.0000, QQQ 9.0000 against 10.0000',
    );
    const refused = failureOf(() => resolveParameters(marketFilter, { market: 'S P' }));
    expect(refused).toContain(`'market' must be a symbol, such as SPY, not "S P"`);
  });
});

describe('momentum', () => {
  const changes = (...bps: number[]) => bps.map((each) => ({ values: { change: each / 10_000 } }));

  it('enters beyond the threshold and stays until the change has turned', () => {
    const moves = changes(50, 51, 10, 0, 51, -1);
    expect(directions(momentum, {}, moves)).toEqual([
      'flat',
      'long',
      'long',
      'flat',
      'long',
      'flat',
    ]);
  });

  it('takes only the sides that it may', () => {
    const moves = changes(-60, -10, 60, -60);
    expect(directions(momentum, {}, moves)).toEqual(['flat', 'flat', 'long', 'flat']);
    expect(directions(momentum, { sides: 'short' }, moves)).toEqual([
      'short',
      'short',
      'flat',
      'short',
    ]);
    expect(directions(momentum, { sides: 'both' }, moves)).toEqual([
      'short',
      'short',
      'long',
      'short',
    ]);
  });

  it('says with which figures', () => {
    expect(reasonText(one(momentum, {}, changes(60)))).toBe('change of 60.0 bps over 20 bars');
  });
});

describe('rsi-reversion', () => {
  const indices = (...values: number[]) => values.map((index) => ({ values: { index } }));

  it('buys low and leaves above the middle', () => {
    expect(directions(rsiReversion, {}, indices(30, 29, 50, 51, 80))).toEqual([
      'flat',
      'long',
      'long',
      'flat',
      'flat',
    ]);
  });

  it('turns round where it may be short', () => {
    const seen = indices(20, 71, 50, 49);
    expect(directions(rsiReversion, { sides: 'both' }, seen)).toEqual([
      'long',
      'short',
      'short',
      'flat',
    ]);
  });

  it('wants its bounds in order', () => {
    expect(failureOf(() => resolveParameters(rsiReversion, { oversold: 60 }))).toContain(
      "'oversold' (60), 'middle' (50) and 'overbought' (70) must be in this order",
    );
  });
});

describe('donchian-breakout', () => {
  const channels = { entryHigh: 110e9, entryLow: 90e9, exitHigh: 105e9, exitLow: 95e9 };
  const closes = (...values: number[]) => values.map((close) => ({ values: channels, close }));

  it('enters on a close outside one channel and leaves by the other', () => {
    expect(directions(donchianBreakout, {}, closes(110, 111, 95, 94))).toEqual([
      'flat',
      'long',
      'long',
      'flat',
    ]);
    expect(directions(donchianBreakout, { sides: 'both' }, closes(89, 105, 106))).toEqual([
      'short',
      'short',
      'flat',
    ]);
  });

  it('does not leave by a longer channel than it enters by', () => {
    expect(failureOf(() => resolveParameters(donchianBreakout, { exit: 21 }))).toContain(
      "'exit' (21) must not be more than 'entry' (20)",
    );
  });
});

describe('vwap-atr', () => {
  const values = { vwap: 100 * NANOS, range: 1 * NANOS };
  const closes = (...prices: number[]) => prices.map((close) => ({ values, close }));

  it('trades back to VWAP from outside the bands', () => {
    expect(directions(vwapAtr, {}, closes(98, 97.99, 99.99, 100))).toEqual([
      'flat',
      'long',
      'long',
      'flat',
    ]);
    expect(directions(vwapAtr, { sides: 'both' }, closes(102.01, 100.01, 100))).toEqual([
      'short',
      'short',
      'flat',
    ]);
  });

  it('or away from it, until VWAP is lost', () => {
    const seen = closes(97, 102, 102.01, 100, 99.99);
    expect(directions(vwapAtr, { mode: 'breakout' }, seen)).toEqual([
      'flat',
      'flat',
      'long',
      'long',
      'flat',
    ]);
  });

  it('says with which figures', () => {
    expect(reasonText(one(vwapAtr, {}, closes(97)))).toBe(
      'close 97.0000, VWAP 100.0000 ± 2 ranges of 1.0000',
    );
  });
});

describe('vwap-ma9-cross', () => {
  const averages = (...values: number[]) =>
    values.map((average) => ({ values: { average: average * NANOS, vwap: 100 * NANOS } }));

  it('is long above VWAP, flat or short below, and keeps its opinion at a tie', () => {
    expect(directions(vwapMa9Cross, {}, averages(101, 100, 99))).toEqual([
      'long',
      undefined,
      'flat',
    ]);
    expect(directions(vwapMa9Cross, { sides: 'both' }, averages(99))).toEqual(['short']);
    expect(directions(vwapMa9Cross, { sides: 'short' }, averages(101))).toEqual(['flat']);
  });
});

describe('three-day-momentum', () => {
  const moves = (...bps: number[]) =>
    bps.map((each) => ({ values: { move: each / 10_000, range: 3 * NANOS } }));

  it('sets its stop by the range at the entry and keeps it', () => {
    const wider = { values: { move: 0.03, range: 9 * NANOS }, close: 120 };
    const seen = targets(threeDayMomentum, {}, [...moves(200, 201), wider, ...moves(0)]);
    expect(seen.map((target) => [target?.direction, target?.stopPriceNanos])).toEqual([
      ['flat', undefined],
      ['long', 94 * NANOS],
      ['long', 94 * NANOS],
      ['flat', undefined],
    ]);
  });

  it('puts the stop of a short above', () => {
    const target = one(threeDayMomentum, { sides: 'both' }, moves(-300));
    expect([target.direction, target.stopPriceNanos]).toEqual(['short', 106 * NANOS]);
  });

  it('never sets a stop below the smallest price', () => {
    const far = [{ values: { move: 0.05, range: 90 * NANOS } }];
    expect(one(threeDayMomentum, {}, far).stopPriceNanos).toBe(1);
  });

  it('says with which figures', () => {
    expect(reasonText(one(threeDayMomentum, {}, moves(250)))).toBe(
      'move of 250.0 bps over 3 sessions, range 3.0000',
    );
  });
});

describe('bracket-breakout', () => {
  const channel = { high: 100 * NANOS, low: 92 * NANOS };
  const closes = (...prices: number[]) => prices.map((close) => ({ values: channel, close }));
  const pricesOf = (target: Target | undefined) => [
    target?.direction,
    target?.stopPriceNanos,
    target?.takeProfitPriceNanos,
    target?.trailNanos,
  ];

  it('sets its exits by the height of the channel at the entry, keeps them, and leaves through the middle', () => {
    const higher = { values: { ...channel, low: 70 * NANOS }, close: 103 };
    const seen = targets(bracketBreakout, {}, [...closes(100, 101), higher, ...closes(96, 95.99)]);
    const long = ['long', 97 * NANOS, 109 * NANOS, 6 * NANOS];
    const flat = ['flat', undefined, undefined, undefined];
    expect(seen.map(pricesOf)).toEqual([flat, long, long, long, flat]);
  });

  it('puts the exits of a short the other way round', () => {
    const target = one(bracketBreakout, { sides: 'both' }, closes(91));
    expect(pricesOf(target)).toEqual(['short', 95 * NANOS, 83 * NANOS, 6 * NANOS]);
  });

  it('leaves out what has no distance, and sets no price below the smallest', () => {
    const none = { stop_mult: 0, target_mult: 0, trail_mult: 0 };
    expect(pricesOf(one(bracketBreakout, none, closes(101)))).toEqual([
      'long',
      ...[undefined, undefined, undefined],
    ]);
    const far = [{ values: { ...channel, low: 1 }, close: 101 }];
    expect(one(bracketBreakout, { stop_mult: 2 }, far).stopPriceNanos).toBe(1);
  });
});
