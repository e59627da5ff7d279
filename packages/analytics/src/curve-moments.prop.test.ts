import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curveMetrics, metricsOfTotals } from './curve-metrics.ts';
import { CurveMoments } from './curve-moments.ts';
import { drawdowns, underwater } from './drawdown-table.ts';
import { momentsOf } from './moments.ts';
import { SessionMoments } from './session-moments.ts';
import { sessionReturns } from './sessions.ts';

const yearly = { periodsPerYear: 252 };
const curves = fc
  .array(fc.double({ min: 50, max: 200, noNaN: true }), { minLength: 1, maxLength: 60 })
  .map((points) => Float64Array.from(points, (point) => Math.round(point)));
const cuts = fc.array(fc.nat(60), { maxLength: 6 });

const scanInPieces = (
  scan: { add(equity: Float64Array, from: number, to: number): void },
  curve: Float64Array,
  at: readonly number[],
): void => {
  const edges = [0, ...at.filter((cut) => cut < curve.length), curve.length].sort((a, b) => a - b);
  edges.slice(1).forEach((to, index) => {
    scan.add(curve, edges[index] ?? 0, to);
  });
};

describe('CurveMoments', () => {
  it('leaves the same bits however the curve is cut', () => {
    fc.assert(
      fc.property(curves, cuts, (curve, at) => {
        const whole = new CurveMoments(100);
        whole.add(curve);
        const pieces = new CurveMoments(100);
        scanInPieces(pieces, curve, at);
        expect(pieces.moments()).toEqual(whole.moments());
        expect(metricsOfTotals(pieces, yearly)).toEqual(metricsOfTotals(whole, yearly));
      }),
    );
  });

  it('finds the depth and the longest time that a search over all pairs finds', () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const scan = new CurveMoments(100);
        scan.add(curve);
        const points = [100, ...curve];
        let depth = 0;
        let longest = 0;
        points.forEach((peak, from) => {
          if (points.slice(0, from).some((before) => before > peak)) return;
          const later = points.slice(from + 1);
          const recovery = later.findIndex((value) => value >= peak);
          const below = recovery < 0 ? later : later.slice(0, recovery);
          for (const value of below) depth = Math.min(depth, value / peak - 1);
          if (below.length === 0) return;
          longest = Math.max(longest, recovery < 0 ? below.length : recovery + 1);
        });
        expect(scan.maxDrawdownFraction).toBeCloseTo(depth, 14);
        expect(scan.longestDrawdown).toBe(longest);
      }),
    );
  });

  it('agrees with the moments of two passes', () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const scan = new CurveMoments(100);
        scan.add(curve);
        const one = scan.moments();
        const two = momentsOf(
          curve.map((value, row) => value / (row === 0 ? 100 : (curve[row - 1] ?? 0)) - 1),
        );
        expect(one.count).toBe(two.count);
        expect(one.mean).toBeCloseTo(two.mean, 12);
        expect(one.central2).toBeCloseTo(two.central2, 10);
        expect(one.central3).toBeCloseTo(two.central3, 9);
        expect(one.central4).toBeCloseTo(two.central4, 9);
        expect(one.downside2).toBeCloseTo(two.downside2, 12);
      }),
    );
  });
});

describe('SessionMoments', () => {
  const sessions = fc
    .tuple(curves, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }))
    .map(([curve, ends]) => ({
      curve,
      lastRow: Int32Array.from(
        Array.from(curve.keys()).filter((row) => ends[row] || row === curve.length - 1),
      ),
    }));

  it('gives the moments of session returns and the drawdown of bars', () => {
    fc.assert(
      fc.property(sessions, cuts, ({ curve, lastRow }, at) => {
        const scan = new SessionMoments(lastRow, 100);
        scanInPieces(scan, curve, at);
        const dates = Array.from(lastRow, String);
        const expected = momentsOf(sessionReturns(curve, 100, { dates, lastRow }));
        expect(scan.count).toBe(lastRow.length);
        expect(scan.moments().mean).toBeCloseTo(expected.mean, 12);
        expect(scan.moments().central2).toBeCloseTo(expected.central2, 10);
        expect(scan.maxDrawdownFraction).toBeCloseTo(Math.min(0, ...underwater(curve, 100)), 14);
        expect(scan.maxDrawdownFraction).toBeCloseTo(
          drawdowns(curve, { initial: 100, rows: 1 })[0]?.depthFraction ?? 0,
          14,
        );
      }),
    );
  });

  it('is CurveMoments where every bar is a session', () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const points = new CurveMoments(100);
        points.add(curve);
        const bars = new SessionMoments(Int32Array.from(curve.keys()), 100);
        bars.add(curve);
        expect(metricsOfTotals(bars, yearly)).toEqual(metricsOfTotals(points, yearly));
      }),
    );
  });
});

describe('ratios', () => {
  it('do not change with the unit of money', () => {
    fc.assert(
      fc.property(curves, fc.double({ min: 0.01, max: 1e7, noNaN: true }), (curve, unit) => {
        const one = curveMetrics(curve, yearly);
        const other = curveMetrics(
          curve.map((value) => value * unit),
          yearly,
        );
        for (const key of ['sharpe', 'sortino', 'maxDrawdown', 'volatility'] as const) {
          const [mine, theirs] = [one[key], other[key]];
          if (mine === undefined) expect(theirs).toBeUndefined();
          else expect(theirs).toBeCloseTo(mine, 6);
        }
        const drawdown = one.maxDrawdown ?? 0;
        expect(drawdown).toBeLessThanOrEqual(0);
        expect(drawdown).toBeGreaterThan(-1);
      }),
    );
  });
});
