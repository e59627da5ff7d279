import { describe, expect, it } from 'vitest';
import { atrTrend } from './test-atr-trend.ts';
import { flatBar } from './test-bars.ts';

describe("the README's strategy", () => {
  const params = { fast: 20, slow: 50, stopRanges: 2 };
  const context = { symbol: 'SPY', timeframe: '1m' as const, bar: flatBar(1, 10_000), params };

  it('sets its stop when it enters, keeps it, and drops it when it leaves', () => {
    const up = { fast: 2e9, slow: 1e9, range: 1e9 };
    const entered = atrTrend.update?.(up, atrTrend.initialState, context) ?? null;
    expect(entered).toEqual({ stopNanos: 98_000_000_000, entries: 1 });
    expect(atrTrend.decide(up, entered, context)).toMatchObject({
      direction: 'long',
      stopPriceNanos: 98_000_000_000,
      reason: 'entry 1: fast 2.0000, slow 1.0000',
    });
    expect(atrTrend.update?.({ ...up, range: 5e9 }, entered, context)).toBe(entered);
    const left = atrTrend.update?.({ ...up, fast: 1e9 }, entered, context) ?? null;
    expect(atrTrend.decide(up, left, context)?.direction).toBe('flat');
  });
});
