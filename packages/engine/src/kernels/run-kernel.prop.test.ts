import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BacktestResult } from '../run/backtest-result.ts';
import { runBacktest } from '../run/run-backtest.ts';
import { run } from './run.ts';
import { runKernel } from './run-kernel.ts';
import { kernelWorlds } from './test-kernel-world.ts';

const RUNS = { numRuns: 250 };

function columnsOf({ orders, fills }: BacktestResult) {
  const cut = (columns: object, count: number) =>
    Object.entries(columns).flatMap(([name, column]) =>
      ArrayBuffer.isView(column) ? [[name, [...(column as Float64Array).subarray(0, count)]]] : [],
    );
  return { orders: cut(orders, orders.count), fills: cut(fills, fills.count) };
}

describe('runKernel', () => {
  it('gives the orders, fills, cash, equity and digest of the full path, bit for bit', () => {
    const seen = { done: 0, fills: 0, exits: 0, expired: 0, several: 0 };
    const property = fc.property(kernelWorlds, ({ spec, series }) => {
      const outcome = runKernel(spec, series, { wantGross: true });
      if (outcome.kind === 'left') return;
      const { result } = outcome;
      const full = runBacktest(spec, series, { wantGross: true });
      expect(columnsOf(result)).toEqual(columnsOf(full));
      expect(result.cashMicros).toEqual(full.cashMicros);
      expect(result.equityMicros).toEqual(full.equityMicros);
      expect(result.grossMicros).toEqual(full.grossMicros);
      expect(result.timelineUs).toEqual(full.timelineUs);
      expect(result.positions).toEqual(full.positions);
      expect(result.denials).toEqual(full.denials);
      expect(result.digest()).toBe(full.digest());
      seen.done += 1;
      seen.fills += full.fills.count;
      seen.several += series.length > 1 ? 1 : 0;
      for (let order = 0; order < full.orders.count; order += 1) {
        if ((full.orders.leg[order] ?? 0) > 0 && full.orders.state[order] === 1) seen.exits += 1;
        if (full.orders.state[order] === 3) seen.expired += 1;
      }
    });
    fc.assert(property, RUNS);
    expect(seen.done).toBeGreaterThan(RUNS.numRuns / 3);
    expect(seen.several).toBeGreaterThan(RUNS.numRuns / 8);
    expect(seen.fills).toBeGreaterThan(seen.done * 5);
    expect(seen.exits).toBeGreaterThan(seen.done / 2);
    expect(seen.expired).toBeGreaterThan(0);
  });
});

describe('run', () => {
  it('gives the result of the full path whatever path it takes', () => {
    const property = fc.property(kernelWorlds, ({ spec, series }) => {
      const full = runBacktest(spec, series);
      const result = run(spec, series);
      expect(result.digest()).toBe(full.digest());
      expect(result.denials).toEqual(full.denials);
    });
    fc.assert(property, { numRuns: 60 });
  });
});
