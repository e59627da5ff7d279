import * as reference from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { histogram, monthlyReturns } from './return-tables.ts';
import { rollingBeta, rollingSharpe, rollingSortino, rollingVolatility } from './rolling.ts';
import { testReturns } from './test-curves.ts';

const options = { window: 63, periodsPerYear: 252 };

describe('rolling figures', () => {
  const returns = testReturns(400, 5);
  const market = testReturns(400, 6);

  it('agree with a statistics library on each window', () => {
    const [ratio, spread] = [rollingSharpe(returns, options), rollingVolatility(returns, options)];
    const beta = rollingBeta(returns, market, options);
    for (const end of [63, 200, 400]) {
      const window = [...returns.subarray(end - 63, end)];
      const theirs = [...market.subarray(end - 63, end)];
      const deviation = reference.sampleStandardDeviation(window);
      expect(spread[end - 1]).toBeCloseTo(deviation * Math.sqrt(252), 12);
      expect(ratio[end - 1]).toBeCloseTo((reference.mean(window) / deviation) * Math.sqrt(252), 9);
      const line = reference.linearRegression(
        window.map((value, row) => [theirs[row] ?? 0, value]),
      );
      expect(beta[end - 1]).toBeCloseTo(line.m, 9);
    }
  });

  it('are missing before the first whole window, and where they are undefined', () => {
    expect(rollingSharpe(returns, options).findIndex((value) => !Number.isNaN(value))).toBe(62);
    expect(rollingSharpe(new Float64Array(5), { ...options, window: 3 })).toEqual(
      new Float64Array(5).fill(Number.NaN),
    );
    const rising = rollingSortino(Float64Array.of(0.1, 0.2, -0.1), { ...options, window: 2 });
    expect([...rising]).toEqual([
      Number.NaN,
      Number.NaN,
      expect.closeTo((0.05 / Math.sqrt(0.005)) * Math.sqrt(252), 9),
    ]);
  });

  it('leave out windows in which the benchmark misses a return', () => {
    const holed = market.map((value, row) => (row === 100 ? Number.NaN : value));
    const beta = rollingBeta(returns, holed, options);
    const missing = [...beta.keys()].filter((row) => Number.isNaN(beta[row]));
    expect(missing.filter((row) => row >= 62)).toEqual(
      Array.from({ length: 63 }, (_, row) => 100 + row),
    );
  });

  it('refuse a window of one', () => {
    expect(() => rollingSharpe(returns, { ...options, window: 1 })).toThrow('window');
  });
});

describe('monthlyReturns', () => {
  it('compounds sessions by month and year', () => {
    const dates = ['2023-11-30', '2024-01-02', '2024-01-03', '2024-03-01', '2025-01-02'];
    const table = monthlyReturns(dates, Float64Array.of(0.1, 0.1, -0.1, 0.5, -0.2));
    expect(table.map(({ year }) => year)).toEqual([2023, 2024, 2025]);
    expect(table[1]?.months[0]).toBeCloseTo(-0.01, 12);
    expect(table[1]?.months[1]).toBeUndefined();
    expect(table[1]?.months[2]).toBeCloseTo(0.5, 12);
    expect(table[1]?.total).toBeCloseTo(0.99 * 1.5 - 1, 12);
    expect(table.every(({ months }) => months.length === 12)).toBe(true);
  });

  it('compounds to the total return', () => {
    const returns = testReturns(300);
    const dates = Array.from(
      returns.keys(),
      (day) => `20${20 + Math.floor(day / 100)}-0${1 + (Math.floor(day / 20) % 5)}-01`,
    );
    const years = monthlyReturns(dates, returns);
    const total = years.reduce((growth, year) => growth * (1 + (year.total ?? 0)), 1);
    expect(total).toBeCloseTo(
      returns.reduce((growth, value) => growth * (1 + value), 1),
      12,
    );
    for (const year of years) {
      const product = year.months.reduce<number>((growth, one) => growth * (1 + (one ?? 0)), 1);
      expect(product - 1).toBeCloseTo(year.total ?? 0, 12);
    }
  });

  it('has no month of a return that is missing', () => {
    const [year] = monthlyReturns(['2024-01-02', '2024-02-01'], Float64Array.of(Number.NaN, 0.1));
    expect(year?.months.slice(0, 2)).toEqual([undefined, expect.closeTo(0.1, 12)]);
    expect(year?.total).toBeUndefined();
  });
});

describe('histogram', () => {
  it('counts every return once, the highest in the last bin', () => {
    const bins = histogram(Float64Array.of(0, 0.25, 0.5, 0.75, 1, Number.NaN), 4);
    expect(bins.map(({ count }) => count)).toEqual([1, 1, 1, 2]);
    expect(bins[0]?.from).toBe(0);
    expect(bins[3]?.to).toBe(1);
  });

  it('has one bin with all where all are equal, and none without returns', () => {
    expect(histogram(Float64Array.of(1, 1), 3).map(({ count }) => count)).toEqual([2, 0, 0]);
    expect(histogram(new Float64Array(), 3)).toEqual([]);
    expect(() => histogram(new Float64Array(), 0)).toThrow('bin');
  });
});
