import { getCalendar } from '@capstan/calendar';
import { type BarSlice, barProblem, priceNanos, usEquity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type SyntheticOptions, syntheticSlices } from './sessions.ts';

const options: SyntheticOptions = {
  feed: 'demo',
  seed: 7,
  calendar: getCalendar('XNYS'),
  startDate: '2026-01-05',
  symbols: ['SPY', 'QQQ'].map((symbol, index) => ({
    instrument: usEquity(symbol, 'etf'),
    startPriceNanos: priceNanos((index + 1) * 250_000_000_000),
    annualVolatility: 0.2,
    marketShare: 0.8,
    dailyVolume: 4_000_000,
  })),
};

function take(count: number, from: SyntheticOptions = options): BarSlice[] {
  const slices: BarSlice[] = [];
  for (const slice of syntheticSlices(from)) {
    slices.push(slice);
    if (slices.length === count) break;
  }
  return slices;
}

const logReturns = (slices: readonly BarSlice[], symbol: string): number[] => {
  const closes = slices.map(
    (slice) => slice.bars.find((bar) => bar.symbol === symbol)?.closeNanos ?? 0,
  );
  return closes.slice(1).map((close, index) => Math.log(close / (closes[index] ?? close)));
};

const correlation = (a: readonly number[], b: readonly number[]): number => {
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, index) => {
    const other = (b[index] ?? 0) - mb;
    ab += (value - ma) * other;
    aa += (value - ma) ** 2;
    bb += other ** 2;
  });
  return ab / Math.sqrt(aa * bb);
};

describe('syntheticSlices', () => {
  it('gives the same bars for the same seed and others for another', () => {
    expect(take(800)).toEqual(take(800));
    expect(take(10, { ...options, seed: 8 })).not.toEqual(take(10));
  });

  it('fills every minute of the session and goes on with the next one', () => {
    const slices = take(391);
    expect(new Date((slices[0]?.endUs ?? 0) / 1000).toISOString()).toBe('2026-01-05T14:31:00.000Z');
    expect(new Date((slices[389]?.endUs ?? 0) / 1000).toISOString()).toBe(
      '2026-01-05T21:00:00.000Z',
    );
    expect(new Date((slices[390]?.endUs ?? 0) / 1000).toISOString()).toBe(
      '2026-01-06T14:31:00.000Z',
    );
  });

  it('stops at an early close', () => {
    const day = take(211, { ...options, startDate: '2026-11-27' });
    expect(new Date((day[209]?.endUs ?? 0) / 1000).toISOString()).toBe('2026-11-27T18:00:00.000Z');
    expect(new Date((day[210]?.endUs ?? 0) / 1000).toISOString()).toBe('2026-11-30T14:31:00.000Z');
  });

  it('makes only bars that are well formed and on the tick, sorted by symbol', () => {
    for (const { bars } of take(2_000)) {
      expect(bars.map((bar) => bar.symbol)).toEqual(['QQQ', 'SPY']);
      for (const bar of bars) {
        expect(barProblem(bar)).toBeUndefined();
        expect(bar.closeNanos % 10_000_000).toBe(0);
      }
    }
  });

  it('correlates symbols that share a market', () => {
    const slices = take(390 * 5);
    expect(correlation(logReturns(slices, 'SPY'), logReturns(slices, 'QQQ'))).toBeGreaterThan(0.6);
  });

  it('trades more at the open and the close than at noon', () => {
    const days = take(390 * 10);
    const volumeAt = (minute: number) =>
      Array.from({ length: 10 }, (_, day) => days[day * 390 + minute]?.bars[0]?.volume ?? 0).reduce(
        (a, b) => a + b,
        0,
      );
    expect(volumeAt(0)).toBeGreaterThan(1.5 * volumeAt(195));
    expect(volumeAt(389)).toBeGreaterThan(1.3 * volumeAt(195));
  });

  it('opens with a gap now and then and lets volatility cluster', () => {
    const slices = take(390 * 60);
    const returns = logReturns(slices, 'SPY');
    const overnight = Array.from({ length: 59 }, (_, day) =>
      Math.abs(returns[(day + 1) * 390 - 1] ?? 0),
    );
    const typical = returns.reduce((sum, value) => sum + Math.abs(value), 0) / returns.length;
    expect(Math.max(...overnight)).toBeGreaterThan(10 * typical);
    const sizes = returns.filter((_, index) => (index + 1) % 390 !== 0).map(Math.abs);
    expect(correlation(sizes.slice(1), sizes.slice(0, -1))).toBeGreaterThan(0.05);
  });
});
