import { curveMetrics, metricsOfTotals } from '@capstan/analytics';
import { cashMicros } from '@capstan/domain';
import { sma } from '@capstan/indicators';
import { maCross } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runBacktest } from '../run/run-backtest.ts';
import { crossSweep } from './cross-sweep.ts';
import { kernelWorlds } from './test-kernel-world.ts';

const RATIOS = { periodsPerYear: 252 };

function columnOf(period: number, close: Float64Array): Float64Array {
  const kernel = sma.create({ period });
  return close.map((value) => kernel.next(value) ?? Number.NaN);
}

function near(a: number | undefined, b: number | undefined): void {
  if (a === undefined || b === undefined) expect(a).toBe(b);
  else expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(b)));
}

describe('CrossSweep', () => {
  it('gives the final equity of the full path to the bit and its metrics to 1e-9', () => {
    const seen = { swept: 0, fills: 0 };
    const windows = fc.constantFrom([1, 2], [1, 4], [2, 3], [3, 8]);
    const entries = fc.constantFrom('level' as const, 'cross' as const);
    const property = fc.property(kernelWorlds, windows, entries, (world, [quick, slack], entry) => {
      const [series] = world.series;
      if (series === undefined || quick === undefined || slack === undefined) return;
      const spec = {
        ...world.spec,
        ...{ strategy: maCross, params: { fast: quick, slow: slack, entry } },
        matcher: { ...world.spec.matcher, slippage: { kind: 'none' } as const },
        limits: { ...world.spec.limits, policies: [] },
        cashMicros: cashMicros(1e12),
      };
      const sweep = crossSweep(spec, series);
      if (typeof sweep === 'string') return;
      const { closeNanos } = series.bars;
      const columns = { fast: columnOf(quick, closeNanos), slow: columnOf(slack, closeNanos) };
      const totals = sweep.run({ ...columns, entry });
      const full = runBacktest(spec, [series]);
      expect(totals.last).toBe(full.finalEquityMicros);
      expect(totals.finalCashMicros).toBe(full.finalCashMicros);
      expect(totals.fillCount).toBe(full.fills.count);
      const curve = Float64Array.of(spec.cashMicros, ...full.equityMicros);
      const wanted = curveMetrics(curve, RATIOS);
      const metrics = metricsOfTotals(totals, RATIOS);
      for (const key of ['totalReturn', 'volatility', 'maxDrawdown', 'longestDrawdown'] as const) {
        near(metrics[key], wanted[key]);
      }
      near(metrics.sharpe, wanted.sharpe);
      near(metrics.sortino, wanted.sortino);
      seen.swept += 1;
      seen.fills += full.fills.count;
    });
    fc.assert(property, { numRuns: 300 });
    expect(seen.swept).toBeGreaterThan(25);
    expect(seen.fills).toBeGreaterThan(seen.swept * 3);
  });
});
