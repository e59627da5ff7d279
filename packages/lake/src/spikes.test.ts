import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnomalyLog } from './bars-report.ts';
import { newLakeBars } from './lake-bars.ts';
import { noteSpikes } from './spikes.ts';

const ROWS = 31;
const CENT = 10_000_000;

interface Change {
  readonly row: number;
  readonly high?: number;
  readonly low?: number;
  readonly close?: number;
}

/** Bars around 100.00 that each reach half a per cent from low to high, but for what is changed, in cents. */
function barsWith(changes: readonly Change[] = []) {
  const bars = newLakeBars(ROWS, false);
  for (let row = 0; row < ROWS; row += 1) {
    const {
      high = 10_030,
      low = 9_980,
      close = 10_010,
    } = changes.find((one) => one.row === row) ?? {};
    bars.startUs[row] = row * 60_000_000;
    bars.endUs[row] = (row + 1) * 60_000_000;
    bars.openNanos[row] = 10_000 * CENT;
    bars.highNanos[row] = high * CENT;
    bars.lowNanos[row] = low * CENT;
    bars.closeNanos[row] = close * CENT;
  }
  return bars;
}

function spikesOf(changes: readonly Change[]) {
  const log = new AnomalyLog({});
  noteSpikes(barsWith(changes), log);
  return log.findings();
}

describe('noteSpikes', () => {
  it('tells of a low and of a high that no price beside them bears out', () => {
    expect(spikesOf([])).toEqual([]);
    const [low, ...none] = spikesOf([{ row: 12, low: 1_059 }]);
    expect(none).toEqual([]);
    expect(low).toMatchObject({ kind: 'spike', action: 'keep', count: 1 });
    expect(low?.examples).toEqual([
      {
        atUs: 12 * 60_000_000,
        what: 'low 89.4 % beyond all prices beside it, 178 times the range of bars around',
      },
    ]);
    const [high] = spikesOf([{ row: 12, high: 11_500 }]);
    expect(high?.examples[0]?.what).toMatch(/^high 14\.7 %/);
  });

  it('says nothing of a fall that the close or a bar beside it shares', () => {
    expect(spikesOf([{ row: 12, low: 9_000, close: 9_100 }])).toEqual([]);
    expect(
      spikesOf([
        { row: 12, low: 9_000 },
        { row: 13, low: 9_050 },
      ]),
    ).toEqual([]);
    expect(
      spikesOf([
        { row: 0, low: 1_059 },
        { row: ROWS - 1, low: 1_059 },
      ]),
    ).toEqual([]);
  });

  it('measures by the bars around, whatever the price', () => {
    // 9.980 to 10.030 in a hundred: half a per cent, so that ten times it is 5 %.
    expect(spikesOf([{ row: 12, low: 9_500 }])).toEqual([]);
    expect(spikesOf([{ row: 12, low: 9_470 }])).toHaveLength(1);
    const property = fc.property(fc.integer({ min: 1, max: 9_980 }), (low) => {
      const isFar = 1 - low / 9_980 >= 10 * (50 / 10_010);
      expect(spikesOf([{ row: 12, low }])).toHaveLength(isFar ? 1 : 0);
    });
    fc.assert(property, { numRuns: 300, examples: [[9_481], [9_482]] });
  });
});
