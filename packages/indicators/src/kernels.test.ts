import { hasCode } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { adx, plusDi } from './adx.ts';
import { anchoredVwap } from './anchored-vwap.ts';
import { atr } from './atr.ts';
import { barAt } from './bar-columns.ts';
import { bollingerUpper } from './bollinger.ts';
import { ema } from './ema.ts';
import { INDICATOR_STATE } from './error-codes.ts';
import { fillFromBars, fillFromValues } from './fill.ts';
import { keltnerUpper } from './keltner.ts';
import type { BarKernel, IndicatorBar, ValueKernel } from './kernel.ts';
import { logReturn } from './log-return.ts';
import { rateOfChange } from './rate-of-change.ts';
import { rsi } from './rsi.ts';
import { sessionVwap, sessionVwapLower, sessionVwapUpper } from './session-vwap.ts';
import { sma } from './sma.ts';
import { standardDeviation } from './standard-deviation.ts';
import { stochasticK } from './stochastic.ts';
import { trueRange } from './true-range.ts';
import { wma } from './wma.ts';
import { zScore } from './z-score.ts';

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

describe('session VWAP bands', () => {
  it('lie multiples of the volume-weighted deviation off the average', () => {
    const upper = sessionVwapUpper.create({ multiple: 2 });
    const lower = sessionVwapLower.create({ multiple: 2 });
    const steps = [
      bar(10, 10, 10, { volume: 1, sessionOpenUs: 1 }),
      bar(20, 20, 20, { volume: 0, sessionOpenUs: 1 }),
      bar(20, 20, 20, { volume: 1, sessionOpenUs: 1 }),
    ];
    expect(steps.map((step) => upper.next(step))).toEqual([10, 10, 25]);
    expect(steps.map((step) => lower.next(step))).toEqual([10, 10, 5]);
  });
});

describe('anchored-vwap', () => {
  const kernelAt = (anchorUs: number) => anchoredVwap.create({ anchorUs });

  it('counts from the bar that ends at the anchor, or from the next where that is missing', () => {
    const kernel = kernelAt(2);
    expect(kernel.next(bar(9, 9, 9, { endUs: 1 }))).toBeUndefined();
    expect(kernel.next(bar(3, 3, 3, { endUs: 2 }))).toBe(3);
    expect(kernel.next(bar(6, 6, 6, { endUs: 3, volume: 2 }))).toBe(5);
    const late = kernelAt(2);
    expect(late.next(bar(9, 9, 9, { endUs: 1 }))).toBeUndefined();
    expect(late.next(bar(6, 6, 6, { endUs: 3 }))).toBe(6);
  });

  it('has no value over a history that begins after the anchor', () => {
    const kernel = kernelAt(2);
    expect([3, 4, 5].map((endUs) => kernel.next(bar(6, 6, 6, { endUs })))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('refuses bars that do not say when they ended', () => {
    expect(() => kernelAt(2).next(bar(6, 6, 6))).toThrow('must say when it ended');
  });
});

describe('where nothing moves', () => {
  const flat = Array.from({ length: 40 }, (_, index) => bar(7, 7, 7, { endUs: index + 1 }));
  const lastOfValues = (kernel: ValueKernel, value = 7) =>
    flat.reduce<number | undefined>(() => kernel.next(value), undefined);
  const lastOfBars = (kernel: BarKernel) =>
    flat.reduce<number | undefined>((_, step) => kernel.next(step), undefined);

  it('ratios of moves are neutral', () => {
    expect(lastOfValues(rsi.create({ period: 5 }))).toBe(50);
    expect(lastOfValues(zScore.create({ period: 5 }))).toBe(0);
    expect(lastOfBars(stochasticK.create({ period: 5, smoothing: 3 }))).toBe(50);
    expect(lastOfBars(adx.create({ period: 5 }))).toBe(0);
    expect(lastOfBars(plusDi.create({ period: 5 }))).toBe(0);
  });

  it('bands are the price, also a price that no binary fraction is', () => {
    const multiple = 2;
    for (const price of [7, 0.1, 123_456_789_012.3]) {
      expect(lastOfValues(standardDeviation.create({ period: 6 }), price)).toBe(0);
      const upper = lastOfValues(bollingerUpper.create({ period: 6, multiple }), price);
      expect(upper).toBe(lastOfValues(sma.create({ period: 6 }), price));
    }
    expect(lastOfBars(keltnerUpper.create({ period: 5, rangePeriod: 3, multiple }))).toBe(7);
  });

  it('a change from nought has no value', () => {
    const kernel = rateOfChange.create({ period: 1 });
    expect([0, 5, 10].map((value) => kernel.next(value))).toEqual([undefined, undefined, 1]);
  });

  it('a logarithm of what is not above nought has no value', () => {
    const kernel = logReturn.create({ period: 1 });
    const returns = [2, 2, 0, 2, -2, -4].map((value) => kernel.next(value));
    expect(returns).toEqual([undefined, 0, undefined, undefined, undefined, undefined]);
  });
});

describe('standard-deviation', () => {
  it('keeps the digits of a cent at prices whose squares do not fit a double', () => {
    const price = 511_370_000_000;
    const kernel = standardDeviation.create({ period: 4 });
    const values = [1, -1, 1, -1].map((cents) => kernel.next(price + cents * 10_000_000));
    expect(values.at(-1)).toBe(10_000_000);
  });

  it('does not know what was before its window', () => {
    const window = [100_000_000_001, 100_000_000_007, 100_000_000_002, 100_000_000_009];
    const fresh = standardDeviation.create({ period: 4 });
    const used = standardDeviation.create({ period: 4 });
    for (const value of [9e15, 0.3, -4e15, 1e-9]) used.next(value);
    const last = window.map((value) => used.next(value)).at(-1);
    expect(last).toBe(window.map((value) => fresh.next(value)).at(-1));
    expect(used.snapshot()).toEqual(fresh.snapshot());
  });
});

describe('wma', () => {
  it('weighs the newest most and ties exactly with an average of the same value', () => {
    const kernel = wma.create({ period: 3 });
    expect([1, 2, 6].map((value) => kernel.next(value))).toEqual([undefined, undefined, 23 / 6]);
    const price = 700_123_456_789_013;
    const long = wma.create({ period: 500 });
    const short = sma.create({ period: 3 });
    for (let step = 0; step < 700; step += 1) {
      const [slow, fast] = [long.next(price), short.next(price)];
      if (slow !== undefined) expect(slow).toBe(fast);
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
