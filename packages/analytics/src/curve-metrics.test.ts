import * as reference from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { curveMetrics } from './curve-metrics.ts';
import { referenceCurves } from './test-curves.ts';

const yearly = { periodsPerYear: 252 };
const curve = (...points: number[]) => curveMetrics(Float64Array.from(points), yearly);

describe('curveMetrics', () => {
  it('agrees with independent engines on a thousand curves of ten thousand points', () => {
    const curves = referenceCurves();
    const mean = { sharpe: 0, sortino: 0, maxDrawdown: 0 };
    for (const points of curves) {
      const metrics = curveMetrics(points, yearly);
      mean.sharpe += (metrics.sharpe ?? Number.NaN) / curves.length;
      mean.sortino += (metrics.sortino ?? Number.NaN) / curves.length;
      mean.maxDrawdown += (metrics.maxDrawdown ?? Number.NaN) / curves.length;
    }
    expect(mean.sharpe).toBeCloseTo(0.14760016, 8);
    expect(mean.sortino).toBeCloseTo(0.21202957, 8);
    expect(mean.maxDrawdown).toBeCloseTo(-0.62753544, 8);
  });

  it('agrees with a statistics library on one of them', () => {
    const points = referenceCurves(1, 5_000)[0] ?? new Float64Array();
    const returns = Array.from(points.subarray(1), (value, row) => value / (points[row] ?? 0) - 1);
    const metrics = curveMetrics(points, yearly);
    const deviation = reference.sampleStandardDeviation(returns);
    expect(metrics.volatility).toBeCloseTo(deviation * Math.sqrt(252), 12);
    expect(metrics.sharpe).toBeCloseTo((reference.mean(returns) / deviation) * Math.sqrt(252), 9);
    expect(metrics.skewness).toBeCloseTo(reference.sampleSkewness(returns), 9);
    expect(metrics.excessKurtosis).toBeCloseTo(reference.sampleKurtosis(returns), 9);
  });

  it('computes a small curve by hand', () => {
    const metrics = curve(100, 110, 99, 118.8);
    const [mean, up, down] = [0.2 / 3, 0.1, -0.1];
    const deviation = Math.sqrt(((up - mean) ** 2 + (down - mean) ** 2 + (0.2 - mean) ** 2) / 2);
    expect(metrics.totalReturn).toBeCloseTo(0.188, 12);
    expect(metrics.cagr).toBeCloseTo(1.188 ** 84 - 1, 3);
    expect(metrics.volatility).toBeCloseTo(deviation * Math.sqrt(252), 12);
    expect(metrics.sharpe).toBeCloseTo((mean / deviation) * Math.sqrt(252), 12);
    expect(metrics.sortino).toBeCloseTo((mean / Math.sqrt(0.01 / 3)) * Math.sqrt(252), 12);
    expect(metrics.maxDrawdown).toBeCloseTo(-0.1, 12);
    expect(metrics.longestDrawdown).toBe(2);
    expect(metrics.calmar).toBeCloseTo((metrics.cagr ?? 0) / 0.1, 6);
  });

  it('takes the riskless rate of a period from the mean', () => {
    const points = Float64Array.from([100, 110, 99, 118.8]);
    const withRate = curveMetrics(points, { ...yearly, riskFreeAnnual: 0.05 });
    const perPeriod = 1.05 ** (1 / 252) - 1;
    const { sharpe = 0, volatility = 0 } = curveMetrics(points, yearly);
    expect(withRate.sharpe).toBeCloseTo(sharpe - (perPeriod * 252) / volatility, 10);
    expect(withRate.sortino).toBe(curveMetrics(points, yearly).sortino);
  });

  it('leaves undefined what has no value, and does not call it zero', () => {
    expect(curve(100)).toEqual({
      totalReturn: undefined,
      cagr: undefined,
      volatility: undefined,
      sharpe: undefined,
      sortino: undefined,
      calmar: undefined,
      maxDrawdown: undefined,
      longestDrawdown: undefined,
      skewness: undefined,
      excessKurtosis: undefined,
    });
    expect(curve(100, 100, 100)).toMatchObject({
      totalReturn: 0,
      cagr: 0,
      volatility: 0,
      sharpe: undefined,
      sortino: undefined,
      calmar: undefined,
      maxDrawdown: 0,
      longestDrawdown: 0,
    });
    expect(curve(100, 101, 103)).toMatchObject({ sortino: undefined, calmar: undefined });
    expect(curve(100, 101).sharpe).toBeUndefined();
  });

  it('finds no variance in equal returns, whose rounding is no risk', () => {
    const points = Float64Array.from({ length: 400 }, (_, row) => 100 * 1.0003 ** row);
    expect(curveMetrics(points, yearly)).toMatchObject({ volatility: 0, sharpe: undefined });
  });

  it('gives no ratios of equity that was lost', () => {
    expect(curve(100, 50, -10, 20, 30)).toMatchObject({
      totalReturn: -0.7,
      cagr: undefined,
      sharpe: undefined,
      volatility: undefined,
      skewness: undefined,
    });
    expect(curve(100, 50, -10).maxDrawdown).toBeCloseTo(-1.1, 12);
  });
});
