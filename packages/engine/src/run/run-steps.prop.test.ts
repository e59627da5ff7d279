import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runSteps } from '../kernels/run.ts';
import { kernelSteps, runKernel } from '../kernels/run-kernel.ts';
import { kernelWorlds } from '../kernels/test-kernel-world.ts';
import type { BacktestResult } from './backtest-result.ts';
import { backtestSteps, runBacktest } from './run-backtest.ts';
import type { RunSteps } from './run-steps.ts';
import { worlds } from './test-run-world.ts';

const stepSizes = fc.integer({ min: 1, max: 9 });

/** Goes through pieces, looks up between them and counts them. */
function inPieces<T>(steps: RunSteps<T>): { readonly value: T; readonly pieces: number } {
  let before = 0;
  for (let pieces = 0; ; pieces += 1) {
    const step = steps.next();
    if (step.done === true) return { value: step.value, pieces };
    const { doneFraction } = step.value;
    expect(doneFraction).toBeGreaterThanOrEqual(before);
    expect(doneFraction).toBeLessThanOrEqual(1);
    before = doneFraction;
  }
}

/** All that a result says, as plain data. */
function saidBy({ signals, digest, ...columns }: BacktestResult) {
  const targets = signals.map(({ count, row, opinion, targetOf }) => ({
    rows: [...row.subarray(0, count)],
    opinions: [...opinion.subarray(0, count)],
    prices: Array.from({ length: count }, (_, index) => targetOf(index).stopPriceNanos),
  }));
  return { ...columns, targets, digest: digest() };
}

describe('a run in pieces', () => {
  it('gives on the full path what it gives in one, bit for bit, however small they are', () => {
    let pieces = 0;
    const property = fc.property(worlds, stepSizes, ({ spec, series }, stepSize) => {
      const whole = runBacktest(spec, series, { wantGross: true });
      const steps = backtestSteps(spec, series, { wantGross: true, stepSize });
      const found = inPieces(steps);
      expect(saidBy(found.value)).toEqual(saidBy(whole));
      pieces += found.pieces;
    });
    fc.assert(property, { numRuns: 80 });
    expect(pieces).toBeGreaterThan(80 * 5);
  });

  it('gives by a kernel what it gives in one, bit for bit, however small they are', () => {
    const seen = { done: 0, pieces: 0 };
    const property = fc.property(kernelWorlds, stepSizes, ({ spec, series }, stepSize) => {
      const whole = runKernel(spec, series);
      const { value, pieces } = inPieces(kernelSteps(spec, series, { stepSize }));
      expect(value.kind).toBe(whole.kind);
      if (value.kind === 'left' || whole.kind === 'left') return;
      expect(saidBy(value.result)).toEqual(saidBy(whole.result));
      seen.done += 1;
      seen.pieces += pieces;
    });
    fc.assert(property, { numRuns: 120 });
    expect(seen.done).toBeGreaterThan(30);
    expect(seen.pieces).toBeGreaterThan(seen.done * 4);
  });

  it('never says less than before where a kernel leaves it to the full path', () => {
    let left = 0;
    const property = fc.property(kernelWorlds, ({ spec, series }) => {
      const { value } = inPieces(runSteps(spec, series, { stepSize: 2 }));
      if (value.path === 'full') left += 1;
      expect(value.digest()).toBe(runBacktest(spec, series).digest());
    });
    fc.assert(property, { numRuns: 60 });
    expect(left).toBeGreaterThan(3);
  });
});
