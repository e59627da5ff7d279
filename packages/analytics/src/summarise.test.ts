import { getCalendar } from '@capstan/calendar';
import { US_PER_MINUTE } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { METRICS } from './metrics.ts';
import { momentsOf } from './moments.ts';
import { lowerTail, quantile } from './quantile.ts';
import { sharpe } from './ratios.ts';
import { roundTrips } from './round-trips.ts';
import { type RunRecord, summarise } from './summarise.ts';
import { curveOf, testReturns } from './test-curves.ts';
import { fillColumns, share } from './test-fills.ts';

const calendar = getCalendar('XNYS');
const SESSIONS = calendar.sessions(
  Date.parse('2024-01-01T00:00:00Z') * 1000,
  Date.parse('2024-07-01T00:00:00Z') * 1000,
);
const EVERY = 30 * US_PER_MINUTE;
/** Half-hour bars of half a year. */
const endUs = Float64Array.from(
  SESSIONS.flatMap(({ openUs, closeUs }) =>
    Array.from({ length: (closeUs - openUs) / EVERY }, (_, bar) => openUs + (bar + 1) * EVERY),
  ),
);
const equityMicros = curveOf(testReturns(endUs.length), 1e12).map(Math.round);
const run: RunRecord = { initialMicros: 1e12, endUs, equityMicros, calendar };

const benchmark = {
  name: 'SPY',
  dates: ['2023-12-29', ...SESSIONS.map(({ date }) => date)],
  closes: Float64Array.of(100, ...curveOf(testReturns(SESSIONS.length, 9), 100)),
};
const trips = roundTrips({
  fills: fillColumns([
    { row: 1, units: 100, price: 50, fee: 1 },
    { row: 9, units: -100, price: 52, fee: 1 },
    { row: 11, units: 100, price: 52, fee: 1 },
    { row: 20, units: -100, price: 51, fee: 1 },
  ]),
  symbols: [share()],
});
const grossMicros = equityMicros.map((equity, row) => (row % 2 === 0 ? equity / 2 : 0));

describe('summarise', () => {
  it('gives every metric of the catalogue and no other', () => {
    const { metrics } = summarise({ ...run, benchmark, trips, grossMicros });
    expect(Object.keys(metrics).sort()).toEqual(METRICS.map(({ key }) => key).sort());
    expect(new Set(METRICS.map(({ key }) => key)).size).toBe(METRICS.length);
    const { averageAdverse, averageFavourable, ...rest } = metrics;
    expect([averageAdverse, averageFavourable]).toEqual([undefined, undefined]);
    for (const value of Object.values(rest)) expect(Number.isFinite(value)).toBe(true);
  });

  it('takes ratios of daily session returns whatever the bar, and the drawdown of every bar', () => {
    const { metrics, returns, sessions } = summarise(run);
    const daily = Float64Array.from(sessions.lastRow, (row) => endUs[row] ?? 0);
    const closes = Float64Array.from(sessions.lastRow, (row) => equityMicros[row] ?? 0);
    const coarse = summarise({ ...run, endUs: daily, equityMicros: closes }).metrics;
    expect(sessions.dates).toEqual(SESSIONS.map(({ date }) => date));
    expect(metrics.sharpe).toBe(coarse.sharpe);
    expect(metrics.sharpe).toBeCloseTo(sharpe(momentsOf(returns), { periodsPerYear: 252 }) ?? 0, 9);
    expect(metrics.volatility).toBe(coarse.volatility);
    expect(metrics.valueAtRisk95).toBe(coarse.valueAtRisk95);
    expect(metrics.maxDrawdown).toBeLessThan(coarse.maxDrawdown ?? 0);
    expect(metrics.sessions).toBe(SESSIONS.length);
  });

  it('takes the tails of the session returns at 5 % and at 1 %', () => {
    const { metrics, returns } = summarise(run);
    const sorted = [...returns].sort((a, b) => a - b);
    expect(metrics.valueAtRisk95).toBe(quantile(returns, 0.05));
    expect(metrics.valueAtRisk99).toBe(quantile(returns, 0.01));
    expect(metrics.conditionalValueAtRisk99).toBeCloseTo(
      ((sorted[0] ?? 0) + (sorted[1] ?? 0)) / 2,
      12,
    );
    expect(metrics.conditionalValueAtRisk95).toBe(lowerTail(returns, 0.05)?.conditional);
    expect([metrics.worstSession, metrics.bestSession]).toEqual([sorted[0], sorted.at(-1)]);
  });

  it('annualises by 365 where the market never closes', () => {
    const summary = summarise({ ...run, calendar: getCalendar('24x7') });
    expect(summary.ratios.periodsPerYear).toBe(365);
  });

  it('uses the trades, the fills and the holdings', () => {
    const { metrics } = summarise({ ...run, trips, grossMicros });
    expect(metrics).toMatchObject({
      trades: 2,
      hitRate: 0.5,
      profitFactor: 198 / 102,
      expectancy: 48e6,
      fills: 4,
      costs: 4e6,
      exposure: expect.closeTo(0.5, 2),
      averageGrossExposure: expect.closeTo(0.25, 2),
      highestGrossExposure: 0.5,
    });
    const mean = equityMicros.reduce((sum, equity) => sum + equity, 0) / equityMicros.length;
    const years = SESSIONS.length / 252;
    expect(metrics.turnover).toBeCloseTo(
      ((5_000 + 5_200 + 5_200 + 5_100) * 1e6) / mean / years,
      12,
    );
  });

  it('measures against the benchmark', () => {
    const { metrics, benchmarkReturns } = summarise({ ...run, benchmark });
    expect(benchmarkReturns?.some(Number.isNaN)).toBe(false);
    expect(metrics.benchmarkReturn).toBeCloseTo((benchmark.closes.at(-1) ?? 0) / 100 - 1, 12);
    expect(metrics.excessReturn).toBeCloseTo(
      (metrics.totalReturn ?? 0) - (metrics.benchmarkReturn ?? 0),
      12,
    );
    expect(metrics.beta).toBeDefined();
  });

  it('leaves undefined what it was given nothing for', () => {
    const { metrics } = summarise(run);
    const undefinedGroups = new Set(
      METRICS.filter(({ key }) => metrics[key] === undefined).map(({ group }) => group),
    );
    expect([...undefinedGroups].sort()).toEqual(['activity', 'benchmark', 'trades']);
  });

  it('is undefined throughout for a run without a bar, but for the count of its sessions', () => {
    const { metrics } = summarise({
      ...run,
      endUs: new Float64Array(),
      equityMicros: new Float64Array(),
      grossMicros: new Float64Array(),
      benchmark,
    });
    const defined = Object.entries(metrics).filter(([, value]) => value !== undefined);
    expect(defined).toEqual([['sessions', 0]]);
  });

  it('has one session of return and no ratio for a single session', () => {
    const { metrics } = summarise({
      ...run,
      endUs: endUs.subarray(0, 3),
      equityMicros: Float64Array.of(1.01e12, 1.03e12, 1.02e12),
    });
    expect(metrics.totalReturn).toBeCloseTo(0.02, 12);
    expect(metrics).toMatchObject({
      sessions: 1,
      positiveSessions: 1,
      volatility: undefined,
      sharpe: undefined,
      valueAtRisk95: undefined,
      probabilisticSharpe: undefined,
      maxDrawdownSessions: 0,
      longestDrawdownSessions: 0,
    });
  });

  it('never calls a lost account good: no ratio, no tail', () => {
    const ruined = equityMicros.map((equity, row) => (row > 100 ? -equity : equity));
    const { metrics } = summarise({ ...run, equityMicros: ruined });
    expect(metrics.maxDrawdown).toBeLessThan(-1);
    expect(metrics.totalReturn).toBeLessThan(-1);
    expect(metrics).toMatchObject({
      cagr: undefined,
      sharpe: undefined,
      bestSession: undefined,
      valueAtRisk99: undefined,
      probabilisticSharpe: undefined,
    });
  });

  it('dates the longest drawdown in sessions', () => {
    const flat = equityMicros.map(() => 1e12);
    flat.fill(0.9e12, 13, 13 * 4 + 1);
    const { metrics } = summarise({ ...run, equityMicros: flat });
    expect(metrics).toMatchObject({ maxDrawdownSessions: 4, longestDrawdownSessions: 4 });
    expect(summarise({ ...run, equityMicros: flat.fill(1e12) }).metrics).toMatchObject({
      maxDrawdown: 0,
      maxDrawdownSessions: 0,
      longestDrawdownSessions: 0,
      sharpe: undefined,
      calmar: undefined,
    });
  });
});
