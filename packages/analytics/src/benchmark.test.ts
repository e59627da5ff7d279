import * as reference from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { alignBenchmark, relate } from './benchmark.ts';
import { testReturns } from './test-curves.ts';

const closes = {
  name: 'SPY',
  dates: ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-05', '2024-01-08'],
  closes: Float64Array.from([80, 100, 110, 99, 198]),
};

describe('alignBenchmark', () => {
  it('takes the close before the first session as its start', () => {
    const aligned = alignBenchmark(closes, ['2024-01-02', '2024-01-03']);
    expect([...aligned.returns]).toEqual([0.25, expect.closeTo(0.1, 12)]);
    expect(aligned.totalReturn).toBeCloseTo(0.375, 12);
  });

  it('fills nothing forward: both sessions beside a missing close have no return', () => {
    const aligned = alignBenchmark(closes, [
      '2024-01-03',
      '2024-01-04',
      '2024-01-05',
      '2024-01-08',
    ]);
    expect([...aligned.returns]).toEqual([expect.closeTo(0.1, 12), Number.NaN, Number.NaN, 1]);
    expect(aligned.totalReturn).toBeCloseTo(0.98, 12);
  });

  it('has no first return where it begins with the run, and none at all elsewhere', () => {
    const aligned = alignBenchmark(closes, ['2024-01-01', '2024-01-02']);
    expect([...aligned.returns]).toEqual([Number.NaN, 0.25]);
    expect(aligned.totalReturn).toBeCloseTo(0.25, 12);
    expect(alignBenchmark(closes, ['2025-01-01']).totalReturn).toBeUndefined();
    expect(alignBenchmark(closes, ['2024-01-01']).totalReturn).toBeUndefined();
  });

  it('refuses dates out of order and closes at nothing', () => {
    const twice = { name: 'SPY', dates: ['a', 'a'], closes: Float64Array.of(1, 1) };
    expect(() => alignBenchmark(twice, [])).toThrow('SPY');
    const nothing = { name: 'SPY', dates: ['a'], closes: Float64Array.of(0) };
    expect(() => alignBenchmark(nothing, [])).toThrow('close of a');
  });
});

describe('relate', () => {
  const yearly = { periodsPerYear: 252, riskFreeAnnual: 0.03 };
  const market = testReturns(900, 1);
  const noise = testReturns(900, 2);
  const returns = market.map((value, row) => 0.0002 + 1.4 * value + 0.5 * (noise[row] ?? 0));

  it('agrees with a regression and a correlation of a statistics library', () => {
    const relation = relate(returns, market, yearly);
    const riskFree = 1.03 ** (1 / 252) - 1;
    const pairs = Array.from(returns, (value, row) => [
      (market[row] ?? 0) - riskFree,
      value - riskFree,
    ]);
    const line = reference.linearRegression(pairs);
    expect(relation.beta).toBeCloseTo(line.m, 10);
    expect(relation.alpha).toBeCloseTo(line.b * 252, 10);
    const correlation = reference.sampleCorrelation([...returns], [...market]);
    expect(relation.correlation).toBeCloseTo(correlation, 10);
    const active = Array.from(returns, (value, row) => value - (market[row] ?? 0));
    const spread = reference.sampleStandardDeviation(active);
    expect(relation.trackingError).toBeCloseTo(spread * Math.sqrt(252), 12);
    expect(relation.informationRatio).toBeCloseTo(
      (reference.mean(active) / spread) * Math.sqrt(252),
      9,
    );
    expect(relation.pairs).toBe(900);
  });

  it('leaves out sessions of which either has no return', () => {
    const holed = market.map((value, row) => (row % 5 === 0 ? Number.NaN : value));
    const kept = Array.from(returns.keys()).filter((row) => row % 5 !== 0);
    const expected = relate(
      Float64Array.from(kept, (row) => returns[row] ?? 0),
      Float64Array.from(kept, (row) => market[row] ?? 0),
      yearly,
    );
    expect(relate(returns, holed, yearly)).toEqual(expected);
  });

  it('gives a run that is its benchmark a beta of one and no information ratio', () => {
    const relation = relate(market, market, yearly);
    expect(relation.beta).toBeCloseTo(1, 12);
    expect(relation.alpha).toBeCloseTo(0, 12);
    expect(relation).toMatchObject({ trackingError: 0, informationRatio: undefined });
  });

  it('is undefined below two pairs and against a benchmark that does not move', () => {
    expect(relate(Float64Array.of(0.1), Float64Array.of(0.2), yearly)).toEqual({ pairs: 1 });
    const still = relate(market, new Float64Array(900), yearly);
    expect(still).toMatchObject({ beta: undefined, alpha: undefined, correlation: undefined });
    expect(still.trackingError).toBeDefined();
  });
});
