import { InvariantError } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { WindowMean } from './window-mean.ts';

function lastMean(period: number, values: readonly number[]): number | undefined {
  const mean = new WindowMean(period);
  let last: number | undefined;
  for (const value of values) last = mean.next(value);
  return last;
}

describe('WindowMean', () => {
  it('gives nothing until the window is full', () => {
    const mean = new WindowMean(3);
    expect([mean.next(1), mean.next(2), mean.next(6), mean.next(4)]).toEqual([
      undefined,
      undefined,
      3,
      4,
    ]);
  });

  it('keeps no residue of what left the window, where a rolling float sum does', () => {
    const dollars = [0.1, 0.7, 1e9, 0.2, 0.3, 0.4];
    let rolling = 0;
    dollars.forEach((value, index) => {
      rolling += value - (dollars[index - 3] ?? 0);
    });
    expect(rolling / 3).not.toBe(0.3);
    const nanos = dollars.map((value) => Math.round(value * 1e9));
    expect(lastMean(3, nanos)).toBe(300_000_000);
    expect(lastMean(3, dollars)).toBe((0.2 + 0.3 + 0.4) / 3);
  });

  it('is the same for windows of other lengths that have the same exact mean', () => {
    const nanos = [500_010_000_000, 500_020_000_000, 500_040_000_000];
    const thirty = Array.from({ length: 30 }, (_, index) => nanos[index % 3] ?? 0);
    expect(lastMean(30, thirty)).toBe(lastMean(3, nanos));
    expect(lastMean(27, thirty)).toBe(lastMean(3, nanos));
  });

  it('stays exact where the sum exceeds 2^53', () => {
    const price = 700_123_456_789_013;
    expect(
      lastMean(
        90,
        Array.from({ length: 90 }, () => price),
      ),
    ).toBe(price);
    expect(lastMean(2, [-Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER + 2])).toBe(
      -Number.MAX_SAFE_INTEGER + 1,
    );
  });

  it('sums non-integers anew, and is exact again once they left', () => {
    expect(lastMean(2, [0.5, 0.25])).toBe(0.375);
    expect(lastMean(2, [0.1, 3, 4])).toBe(3.5);
  });

  it('refuses what is no number and a period out of bounds', () => {
    expect(() => new WindowMean(2).next(Number.NaN)).toThrow(InvariantError);
    expect(() => new WindowMean(0)).toThrow('period must be 1 to 10000');
    expect(() => new WindowMean(1.5)).toThrow(InvariantError);
  });
});
