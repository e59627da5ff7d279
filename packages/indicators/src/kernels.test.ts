import { hasCode } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { atr } from './atr.ts';
import { barAt } from './bar-columns.ts';
import { ema } from './ema.ts';
import { INDICATOR_STATE } from './error-codes.ts';
import { fillFromBars, fillFromValues } from './fill.ts';
import type { IndicatorBar } from './kernel.ts';
import { sessionVwap } from './session-vwap.ts';
import { sma } from './sma.ts';
import { trueRange } from './true-range.ts';

function bar(high: number, low: number, close: number, more: Partial<IndicatorBar> = {}) {
  return { openNanos: low, highNanos: high, lowNanos: low, closeNanos: close, volume: 1, ...more };
}

describe('sma', () => {
  it('is the mean of the last inputs', () => {
    const kernel = sma.create({ period: 2 });
    expect(kernel.warmup).toBe(2);
    expect([1, 2, 4].map((value) => kernel.next(value))).toEqual([undefined, 1.5, 3]);
  });
});

describe('ema', () => {
  it('starts at the mean of the first inputs and moves by 2 ÷ (period + 1)', () => {
    const kernel = ema.create({ period: 3 });
    expect([1, 2, 6, 5].map((value) => kernel.next(value))).toEqual([undefined, undefined, 3, 4]);
  });

  it('gives a constant back exactly', () => {
    const kernel = ema.create({ period: 7 });
    const price = 123_456_789_012_345;
    const values = Array.from({ length: 50 }, () => kernel.next(price));
    expect(values.slice(6).every((value) => value === price)).toBe(true);
  });

  it('refuses NaN also after its warm-up', () => {
    const kernel = ema.create({ period: 1 });
    kernel.next(1);
    expect(() => kernel.next(Number.NaN)).toThrow('not a finite number');
  });
});

describe('true-range', () => {
  it('is high − low for the first bar and reaches to the previous close after it', () => {
    const kernel = trueRange.create({});
    expect(kernel.next(bar(12, 10, 11))).toBe(2);
    expect(kernel.next(bar(15, 14, 14))).toBe(4);
    expect(kernel.next(bar(9, 8, 8))).toBe(6);
    expect(kernel.next(bar(10, 7, 9))).toBe(3);
  });
});

describe('atr', () => {
  it("smooths by Wilder's weight from the mean of the first ranges", () => {
    const kernel = atr.create({ period: 2 });
    expect(kernel.next(bar(12, 10, 11))).toBeUndefined();
    expect(kernel.next(bar(15, 14, 14))).toBe(3);
    expect(kernel.next(bar(14, 9, 10))).toBe(4);
  });
});

describe('session-vwap', () => {
  it('weighs the typical price by volume and starts anew with each session', () => {
    const kernel = sessionVwap.create({});
    expect(kernel.next(bar(12, 9, 9, { volume: 1, sessionOpenUs: 1 }))).toBe(10);
    expect(kernel.next(bar(24, 18, 18, { volume: 3, sessionOpenUs: 1 }))).toBe(17.5);
    expect(kernel.next(bar(6, 6, 6, { volume: 3, sessionOpenUs: 2 }))).toBe(6);
  });

  it('has no value outside sessions and before the first trade of one', () => {
    const kernel = sessionVwap.create({});
    expect(kernel.next(bar(3, 3, 3))).toBeUndefined();
    expect(kernel.next(bar(3, 3, 3, { volume: 0, sessionOpenUs: 1 }))).toBeUndefined();
    expect(kernel.next(bar(6, 6, 6, { volume: 2, sessionOpenUs: 1 }))).toBe(6);
  });

  it('gives a price that does not move back exactly', () => {
    const kernel = sessionVwap.create({});
    const price = 511_370_000_000;
    for (let volume = 1; volume < 5_000_000; volume += 99_991) {
      expect(kernel.next(bar(price, price, price, { volume, sessionOpenUs: 1 }))).toBe(price);
    }
  });
});

describe('fill', () => {
  it('passes over missing values without showing them to the kernel', () => {
    const output = new Float64Array(4);
    fillFromValues(sma.create({ period: 2 }), Float64Array.of(Number.NaN, 1, 3, 5), output);
    expect([...output]).toEqual([Number.NaN, Number.NaN, 2, 4]);
  });

  it('refuses columns of different lengths', () => {
    const two = Float64Array.of(1, 2);
    expect(() => fillFromValues(sma.create({ period: 1 }), two, new Float64Array(1))).toThrow(
      'output has 1 rows, not 2',
    );
    const bars = {
      endUs: two,
      openNanos: two,
      highNanos: two,
      lowNanos: two,
      closeNanos: two,
      volume: Float64Array.of(1),
    };
    expect(() => fillFromBars(trueRange.create({}), bars, new Float64Array(3))).toThrow('3 rows');
    expect(() => barAt(bars, 1)).toThrow('a column has no row 1');
    expect(barAt(bars, 0).sessionOpenUs).toBeUndefined();
  });
});

describe('restore', () => {
  it('refuses what is no snapshot of the kernel', () => {
    const broken: readonly (() => void)[] = [
      () => sma.create({ period: 2 }).restore({}),
      () => sma.create({ period: 2 }).restore({ window: [1, 2, 3] }),
      () => sma.create({ period: 2 }).restore({ window: [Number.NaN] }),
      () => ema.create({ period: 2 }).restore({ seed: [], mean: [1] }),
      () => sessionVwap.create({}).restore({ sessionOpenUs: null, anchor: null }),
    ];
    for (const attempt of broken) {
      let caught: unknown;
      try {
        attempt();
      } catch (error) {
        caught = error;
      }
      expect(hasCode(caught, INDICATOR_STATE)).toBe(true);
    }
  });
});
