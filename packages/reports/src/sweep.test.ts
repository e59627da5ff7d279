import { METRICS, type MetricKey } from '@capstan/analytics';
import { describe, expect, it } from 'vitest';
import { expectedBestSharpe } from './luck.ts';
import { neighbourhoods, placesOf } from './neighbourhood.ts';
import { unpackColumn } from './packed-column.ts';
import { renderSweep } from './render-sweep.ts';
import { sweepOf } from './sweep-of.ts';
import type { SweepInput } from './sweep-report.ts';
import { shownOf } from './test-report-world.ts';

const row = (index: number, values: Partial<Record<MetricKey, number>>) => ({
  index,
  metrics: Float64Array.from(METRICS, ({ key }) => values[key] ?? Number.NaN),
});

/** Sharpe ratios of a grid of 3 × 4: a lone peak at 0, a plateau about 6. */
const SHARPES = [9, -2, 3, 4, -3, 4, 6, 5, 2, 5, 5, 4];

const INPUT: SweepInput = {
  strategy: { name: 'x', title: 'A <b>strategy</b>', description: 'Does.' },
  symbols: ['<AAA>'],
  timeframe: '1d',
  cashMicros: 1e11,
  currency: 'USD',
  axes: [
    { name: 'fast', values: [1, 2, 3] },
    { name: '</script>', values: [10, 20, 30, 40] },
  ],
  fixed: { entry: 'level' },
  rankBy: 'sharpe',
  rows: SHARPES.map((sharpe, index) => row(index, { sharpe, netProfit: index * 1e6 })),
  count: 12,
  isComplete: true,
  fillsAtSameClose: false,
  provenance: { digest: 'd', dataFingerprint: 'f', engineVersion: '0' },
};

describe('neighbourhoods', () => {
  const near = (over: Partial<Parameters<typeof neighbourhoods>[0]> = {}) =>
    neighbourhoods({
      shape: { lengths: [3, 4], ordered: [true, true] },
      combinations: SHARPES.map((_, index) => index),
      values: Float64Array.from(SHARPES),
      isLowerBetter: false,
      diagonalAxesMax: 4,
      ...over,
    });

  it('compare each combination with those one step away, diagonals included', () => {
    const { count, mean, worst, deviation, score } = near();
    expect(count[0]).toBe(3);
    expect(mean[0]).toBeCloseTo((-2 - 3 + 4) / 3, 12);
    expect(worst[0]).toBe(-3);
    expect(score[0]).toBeCloseTo((9 - 2 - 3 + 4) / 4, 12);
    expect(count[5]).toBe(8);
    expect(deviation[0]).toBeCloseTo(Math.sqrt((4 + 9 + 16) / 3 - (-1 / 3) ** 2), 12);
  });

  it('leave out what was not run, and steps along an axis without order', () => {
    const holed = Float64Array.from(SHARPES);
    holed[1] = Number.NaN;
    expect(near({ values: holed }).count[0]).toBe(2);
    expect(near({ values: holed }).mean[1]).toBeNaN();
    const unordered = near({ shape: { lengths: [3, 4], ordered: [false, true] } });
    expect(unordered.count[5]).toBe(2);
    expect(near({ diagonalAxesMax: 1 }).count[5]).toBe(4);
  });

  it('take the highest as the worst where lower is better', () => {
    expect(near({ isLowerBetter: true }).worst[0]).toBe(4);
  });

  it('number combinations with the last axis turning fastest', () => {
    expect([0, 5, 11].map((index) => placesOf([3, 4], index))).toEqual([
      [0, 0],
      [1, 1],
      [2, 3],
    ]);
  });
});

describe('a sweep', () => {
  it('names the best by itself beside the best by its neighbourhood', () => {
    const { best, bestByNeighbours, warnings } = sweepOf(INPUT);
    expect(best).toMatchObject({ combination: 0, value: 9, neighbourWorst: -3 });
    expect(best?.params).toEqual([
      { name: 'fast', value: '1' },
      { name: '</script>', value: '10' },
    ]);
    expect(bestByNeighbours?.combination).not.toBe(0);
    expect(bestByNeighbours?.value).toBeGreaterThanOrEqual(4);
    expect(warnings.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['12 trials', 'Two best combinations']),
    );
  });

  it('carries the metrics of every combination, money in units', () => {
    const { data } = sweepOf(INPUT);
    expect([...unpackColumn(data.combination)]).toEqual(SHARPES.map((_, index) => index));
    const profit = data.metrics.find(({ key }) => key === 'netProfit');
    expect(profit === undefined ? [] : [...unpackColumn(profit.column)]).toEqual(
      SHARPES.map((_, index) => index),
    );
  });

  it('warns of fills at the close that decided and of a sweep that was stopped', () => {
    const { warnings } = sweepOf({ ...INPUT, fillsAtSameClose: true, isComplete: false });
    expect(warnings[0]?.level).toBe('danger');
    expect(warnings.map(({ title }) => title)).toContain('Incomplete');
  });

  it('is a page that is escaped, the same each time, and says where nothing could be ranked', () => {
    const page = renderSweep(sweepOf(INPUT));
    expect(page).toBe(renderSweep(sweepOf(INPUT)));
    expect(page).toContain('A &lt;b&gt;strategy&lt;/b&gt;');
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(shownOf(page)).not.toMatch(/NaN|undefined/);
    const empty = renderSweep(sweepOf({ ...INPUT, rows: [row(0, {})] }));
    expect(empty).toContain('No combination has a value of Sharpe ratio');
  });
});

describe('the best of trials without merit', () => {
  it('is expected higher the more there are', () => {
    const draw = (many: number) =>
      Float64Array.from({ length: many }, (_, trial) => (trial % 2 === 0 ? 1 : -1));
    const few = expectedBestSharpe(draw(10)) ?? 0;
    const many = expectedBestSharpe(draw(1_000)) ?? 0;
    expect(few).toBeGreaterThan(1.4);
    expect(few).toBeLessThan(1.8);
    expect(many).toBeGreaterThan(3.1);
    expect(many).toBeLessThan(3.4);
    expect(expectedBestSharpe(Float64Array.of(1))).toBeUndefined();
    expect(expectedBestSharpe(Float64Array.of(1, 1))).toBeUndefined();
  });
});
