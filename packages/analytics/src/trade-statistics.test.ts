import { describe, expect, it } from 'vitest';
import { exposure, turnover } from './activity.ts';
import { roundTrips } from './round-trips.ts';
import { fillColumns, share } from './test-fills.ts';
import { tradeStatistics } from './trade-statistics.ts';

/** Trades of 10 units at 10 dollars with given profits, two bars each. */
const statistics = (...profits: number[]) => {
  const fills = profits.flatMap((profit, trade) => [
    { row: 3 * trade, units: 10, price: 10 },
    { row: 3 * trade + 2, units: -10, price: 10 + profit / 10 },
  ]);
  return tradeStatistics(roundTrips({ fills: fillColumns(fills), symbols: [share()] }).closed);
};

describe('tradeStatistics', () => {
  it('computes a small list by hand', () => {
    const result = statistics(30, -10, -20, 0, -5, 40, 15);
    expect(result).toMatchObject({
      count: 7,
      wins: 3,
      losses: 3,
      netMicros: 50e6,
      hitRate: 3 / 7,
      bestMicros: 40e6,
      worstMicros: -20e6,
      longestLosingStreak: 2,
      longestWinningStreak: 2,
      averageBarsHeld: 2,
      averageAdverse: undefined,
    });
    expect(result.profitFactor).toBeCloseTo(85 / 35, 12);
    expect(result.expectancyMicros).toBeCloseTo(50e6 / 7, 6);
    expect(result.averageReturn).toBeCloseTo(0.5 / 7, 12);
    expect(result.averageWinMicros).toBeCloseTo(85e6 / 3, 6);
    expect(result.averageLossMicros).toBeCloseTo(-35e6 / 3, 6);
    expect(result.payoffRatio).toBeCloseTo(85 / 35, 12);
    const { hitRate = 0, averageWinMicros = 0, averageLossMicros = 0 } = result;
    const expectation = hitRate * averageWinMicros + (3 / 7) * averageLossMicros;
    expect(result.expectancyMicros).toBeCloseTo(expectation, 6);
  });

  it('has no profit factor without a loser and no averages without a trade', () => {
    expect(statistics(5, 6)).toMatchObject({
      profitFactor: undefined,
      payoffRatio: undefined,
      averageLossMicros: undefined,
      hitRate: 1,
      longestLosingStreak: 0,
    });
    expect(statistics(-5)).toMatchObject({ profitFactor: 0, payoffRatio: undefined, hitRate: 0 });
    expect(statistics()).toMatchObject({
      count: 0,
      hitRate: undefined,
      expectancyMicros: undefined,
      bestMicros: undefined,
      longestLosingStreak: undefined,
      averageBarsHeld: undefined,
    });
  });
});

describe('exposure', () => {
  it('counts the bars with a holding and means gross worth over equity', () => {
    const gross = Float64Array.of(0, 50, 120, 0);
    const equity = Float64Array.of(100, 100, 80, 90);
    expect(exposure(gross, equity)).toEqual({
      heldFraction: 0.5,
      averageGross: 0.5,
      highestGross: 1.5,
    });
  });

  it('has no share of equity that was lost, and nothing without bars', () => {
    const lost = exposure(Float64Array.of(50, 50), Float64Array.of(100, -1));
    expect(lost).toEqual({ heldFraction: 1, averageGross: undefined, highestGross: undefined });
    expect(exposure(new Float64Array(), new Float64Array()).heldFraction).toBeUndefined();
    expect(() => exposure(new Float64Array(1), new Float64Array())).toThrow('gross');
  });
});

describe('turnover', () => {
  it('is notional over mean equity a year', () => {
    const equityMicros = Float64Array.of(90, 110);
    const year = { equityMicros, periodsPerYear: 252 };
    expect(turnover({ ...year, tradedMicros: 300, sessions: 126 })).toBeCloseTo(6, 12);
    expect(turnover({ ...year, tradedMicros: 300, sessions: 0 })).toBeUndefined();
    const lost = { tradedMicros: 1, sessions: 9, periodsPerYear: 252 };
    expect(turnover({ ...lost, equityMicros: Float64Array.of(-5) })).toBeUndefined();
    expect(turnover({ ...lost, equityMicros: new Float64Array() })).toBeUndefined();
  });
});
