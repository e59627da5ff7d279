import * as reference from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { momentsOf } from './moments.ts';
import { normalCdf, normalDensity } from './normal.ts';
import { probabilisticSharpe, probabilisticSharpeOf } from './probabilistic-sharpe.ts';
import { lowerTail, quantile } from './quantile.ts';
import { testReturns } from './test-curves.ts';

describe('quantile', () => {
  it('agrees with a statistics library', () => {
    const returns = testReturns(777);
    for (const share of [0, 0.01, 0.05, 0.25, 0.5, 0.77, 0.99, 1]) {
      expect(quantile(returns, share)).toBeCloseTo(reference.quantile([...returns], share), 14);
    }
  });

  it('is undefined without observations', () => {
    expect(quantile(new Float64Array(), 0.5)).toBeUndefined();
    expect(() => quantile(Float64Array.of(1), 1.5)).toThrow('outside 0 to 1');
  });
});

describe('lowerTail', () => {
  it('means the returns at or below the quantile', () => {
    const returns = Float64Array.from({ length: 101 }, (_, row) => (row - 50) / 1000);
    const tail = lowerTail(returns, 0.05);
    expect(tail?.valueAtRisk).toBeCloseTo(-0.045, 14);
    expect(tail?.conditional).toBeCloseTo((-0.05 - 0.049 - 0.048 - 0.047 - 0.046 - 0.045) / 6, 14);
  });

  it('never puts the conditional above the quantile', () => {
    for (const share of [0.01, 0.05, 0.5]) {
      const tail = lowerTail(testReturns(300), share);
      expect(tail?.conditional).toBeLessThanOrEqual(tail?.valueAtRisk ?? 0);
    }
  });

  it('is undefined below two returns and where one is missing', () => {
    expect(lowerTail(Float64Array.of(0.1), 0.05)).toBeUndefined();
    expect(lowerTail(Float64Array.of(0.1, Number.NaN, 0.2), 0.05)).toBeUndefined();
  });
});

describe('normalCdf', () => {
  it('has the tabulated values', () => {
    const known: readonly (readonly [number, number])[] = [
      [0, 0.5],
      [0.5, 0.6914624612740131],
      [1, 0.8413447460685429],
      [1.96, 0.9750021048517795],
      [3, 0.9986501019683699],
      [-1, 0.15865525393145707],
      [-4.9, 4.791832765903198e-7],
      [-6, 9.865876450376981e-10],
      [-10, 7.61985302416052e-24],
      [-37, 5.725571222524577e-300],
    ];
    for (const [x, probability] of known) {
      expect(normalCdf(x)).toBeCloseTo(probability, 15);
      expect(normalCdf(x) / probability).toBeCloseTo(1, 9);
      expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 15);
    }
  });

  it('ends at 0 and 1', () => {
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });

  it('rises as its density says, also where the two methods meet', () => {
    for (const x of [-8, -5, -4.9999, -1, 0, 2, 4.9999, 5, 5.0001]) {
      const step = 1e-5;
      const slope = (normalCdf(x + step) - normalCdf(x - step)) / (2 * step);
      expect(slope).toBeCloseTo(normalDensity(x), 9);
    }
  });
});

describe('probabilisticSharpe', () => {
  const fund = { sharpe: 0.458, count: 24 };

  it('reproduces the published example of a hedge fund, with and without its skew and tails', () => {
    expect(probabilisticSharpe({ ...fund, skewness: 0, kurtosis: 3 })).toBeCloseTo(0.982, 3);
    expect(probabilisticSharpe({ ...fund, skewness: -2.448, kurtosis: 10.164 })).toBeCloseTo(
      0.913,
      3,
    );
  });

  it('is one half where the ratio to beat is the one seen, and falls as it rises', () => {
    const evidence = { ...fund, skewness: -0.5, kurtosis: 4 };
    expect(probabilisticSharpe({ ...evidence, benchmarkSharpe: 0.458 })).toBe(0.5);
    expect(probabilisticSharpe({ ...evidence, benchmarkSharpe: 0.6 })).toBeLessThan(0.5);
  });

  it('is undefined for one return, without variance, and for an impossible skew', () => {
    expect(probabilisticSharpe({ ...fund, count: 1, skewness: 0, kurtosis: 3 })).toBeUndefined();
    expect(probabilisticSharpe({ ...fund, skewness: 9, kurtosis: 1 })).toBeUndefined();
    expect(probabilisticSharpeOf(momentsOf(Float64Array.of(1, 1, 1)), 1)).toBeUndefined();
    expect(probabilisticSharpeOf(momentsOf(testReturns(9)), undefined)).toBeUndefined();
    expect(probabilisticSharpeOf(momentsOf(testReturns(9)), 0.1)).toBeDefined();
  });
});
