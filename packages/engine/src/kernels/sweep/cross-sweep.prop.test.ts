import { curveMetrics, metricsOfTotals } from '@capstan/analytics';
import { sma } from '@capstan/indicators';
import { maCross } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BacktestSpec } from '../../run/backtest-spec.ts';
import { runBacktest } from '../../run/run-backtest.ts';
import type { BacktestSeries } from '../../run/series-columns.ts';
import { type KernelWorld, kernelWorlds } from '../test-kernel-world.ts';
import { type CrossSweep, crossSweep } from './cross-sweep.ts';

const RATIOS = { periodsPerYear: 252 };

interface Params {
  readonly fast: number;
  readonly slow: number;
  readonly entry: 'level' | 'cross';
}

const params: fc.Arbitrary<Params> = fc
  .record({
    windows: fc.constantFrom([1, 2], [1, 4], [2, 3], [3, 8]),
    entry: fc.constantFrom('level' as const, 'cross' as const),
  })
  .map(({ windows: [fast = 1, slow = 2], entry }) => ({ fast, slow, entry }));

function columnOf(period: number, close: Float64Array): Float64Array {
  const kernel = sma.create({ period });
  return close.map((value) => kernel.next(value) ?? Number.NaN);
}

const columnsOf = ({ fast, slow }: Params, { bars }: BacktestSeries) => ({
  fast: columnOf(fast, bars.closeNanos),
  slow: columnOf(slow, bars.closeNanos),
});

/** The first symbol of a world, swept; `undefined` where no sweep serves it. */
function sweptWorld(
  { spec: given, series }: KernelWorld,
  of: Params,
):
  | { readonly spec: BacktestSpec; readonly only: BacktestSeries; readonly sweep: CrossSweep }
  | undefined {
  const [only] = series;
  if (only === undefined) return undefined;
  const spec = { ...given, strategy: maCross, params: { ...of } };
  const sweep = crossSweep(spec, only);
  return typeof sweep === 'string' ? undefined : { spec, only, sweep };
}

function near(a: number | undefined, b: number | undefined): void {
  if (a === undefined || b === undefined) expect(a).toBe(b);
  else expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(b)));
}

describe('CrossSweep', () => {
  it('gives the orders, fills, ledger and curve of the full path to the bit', () => {
    const seen = {
      fills: 0,
      working: 0,
      none: 0,
      slipped: 0,
      capped: 0,
      dear: 0,
      left: 0,
      atOpen: 0,
    };
    const property = fc.property(kernelWorlds, params, (world, of) => {
      const found = sweptWorld(world, of);
      if (found === undefined) return;
      const { spec, only, sweep } = found;
      // Once for another pair: nothing of it may be left.
      sweep.run({ ...columnsOf({ fast: 1, slow: 3, entry: 'level' }, only), entry: 'level' });
      const got = sweep.run({ ...columnsOf(of, only), entry: of.entry });
      const full = runBacktest(spec, [only], { wantGross: true });
      if (got === undefined) {
        seen.left += 1;
        return;
      }
      seen.atOpen += spec.execution.fillAt === 'nextOpen' ? full.fills.count : 0;
      expect(got.fills.count).toBe(full.fills.count);
      expect(got.equityMicros).toEqual(full.equityMicros);
      expect(got.grossMicros).toEqual(full.grossMicros);
      expect(got.timelineUs).toEqual(full.timelineUs);
      expect(got.positions).toEqual(full.positions);
      expect(got.finalCashMicros).toBe(full.finalCashMicros);
      expect(got.cashEvents).toEqual(full.cashEvents);
      expect(got.digest()).toBe(full.digest());
      seen.fills += full.fills.count;
      seen.working += full.orders.count > full.fills.count ? 1 : 0;
      seen.none += full.fills.count === 0 ? 1 : 0;
      seen.slipped += spec.matcher.slippage.kind === 'none' ? 0 : full.fills.count;
      seen.capped += full.denials.length;
      seen.dear += spec.matcher.commission.kind === 'perUnit' ? full.fills.count : 0;
    });
    fc.assert(property, { numRuns: 600 });
    for (const [what, count] of Object.entries(seen)) {
      expect(count, what).toBeGreaterThan(what === 'fills' ? 500 : 4);
    }
  });

  it('gives the final equity of the full path to the bit and its metrics to 1e-9', () => {
    const seen = { swept: 0, fills: 0 };
    const property = fc.property(kernelWorlds, params, (world, of) => {
      const found = sweptWorld(world, of);
      if (found === undefined) return;
      const { spec, only, sweep } = found;
      const totals = sweep.totals({ ...columnsOf(of, only), entry: of.entry });
      if (totals === undefined) return;
      const full = runBacktest(spec, [only]);
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
    fc.assert(property, { numRuns: 600 });
    expect(seen.swept).toBeGreaterThan(25);
    expect(seen.fills).toBeGreaterThan(seen.swept * 3);
  });

  it('sees no row before the first at which the strategy is asked', () => {
    let seen = 0;
    const property = fc.property(kernelWorlds, params, fc.nat(20), (world, of, fromRow) => {
      const found = sweptWorld(world, of);
      if (found === undefined) return;
      const { spec, only, sweep } = found;
      const rows = only.bars.endUs.length;
      const asked = { ...maCross, warmup: () => fromRow + 1 };
      const rule = { ...columnsOf(of, only), entry: of.entry, fromRow: Math.min(fromRow, rows) };
      const full = runBacktest({ ...spec, strategy: asked }, [only]);
      const got = sweep.run(rule);
      if (got === undefined) return;
      expect(got.digest()).toBe(full.digest());
      seen += 1;
    });
    fc.assert(property, { numRuns: 200 });
    expect(seen).toBeGreaterThan(50);
  });
});
