import { underwater } from '@capstan/analytics';
import { expect, it } from 'vitest';
import { testBars } from './test-report-world.ts';
import { thinBars } from './thin-bars.ts';
import { thinRows } from './thin-rows.ts';

const bars = testBars(5, 40, 1);
const curve = bars.closeNanos;

it('keeps extremes, deepest drawdown and both ends of a curve', () => {
  const below = underwater(curve, curve[0] as number);
  const rows = thinRows(curve, below, { bucketsMax: 100, always: [777] });
  expect(rows.length).toBeLessThanOrEqual(402);
  expect([...rows]).toEqual([...new Set(rows)].sort((a, b) => a - b));
  expect(rows[0]).toBe(0);
  expect(rows.at(-1)).toBe(curve.length - 1);
  expect(rows).toContain(777);
  const shown = (column: Float64Array) => Array.from(rows, (row) => column[row] as number);
  for (const column of [curve, below]) {
    expect(Math.min(...shown(column))).toBe(Math.min(...column));
  }
  expect(Math.max(...shown(curve))).toBe(Math.max(...curve));
});

it('shows every row of a short curve', () => {
  const short = curve.subarray(0, 40);
  expect(thinRows(short, short, { bucketsMax: 10 })).toHaveLength(40);
});

it('joins bars into candles with their open, extremes and close', () => {
  const candles = thinBars(bars, 1_000);
  const { barsPerCandle } = candles;
  expect(barsPerCandle).toBe(Math.ceil(curve.length / 1_000));
  expect(candles.openNanos[1]).toBe(bars.openNanos[barsPerCandle]);
  expect(candles.closeNanos[0]).toBe(curve[barsPerCandle - 1]);
  expect(candles.closeNanos.at(-1)).toBe(curve.at(-1));
  expect(Math.max(...candles.highNanos)).toBe(Math.max(...bars.highNanos));
  expect(Math.min(...candles.lowNanos)).toBe(Math.min(...bars.lowNanos));
  expect(thinBars(bars, curve.length).openNanos).toBe(bars.openNanos);
});
