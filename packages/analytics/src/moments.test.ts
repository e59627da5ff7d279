import * as reference from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import {
  downsideDeviation,
  excessKurtosis,
  momentKurtosis,
  momentSkewness,
  momentsOf,
  sampleDeviation,
  skewness,
} from './moments.ts';
import { testReturns } from './test-curves.ts';

const of = (...values: number[]) => momentsOf(Float64Array.from(values));

describe('moments', () => {
  it('agree with a statistics library', () => {
    const returns = testReturns(1_500);
    const list = [...returns];
    const moments = momentsOf(returns);
    expect(moments.mean).toBeCloseTo(reference.mean(list), 15);
    expect(sampleDeviation(moments)).toBeCloseTo(reference.sampleStandardDeviation(list), 14);
    expect(skewness(moments)).toBeCloseTo(reference.sampleSkewness(list), 9);
    expect(momentSkewness(moments)).toBeCloseTo(reference.sampleSkewness(list, true), 9);
    expect(excessKurtosis(moments)).toBeCloseTo(reference.sampleKurtosis(list), 9);
  });

  it('give the plain kurtosis of two equal heaps as 1', () => {
    expect(momentKurtosis(of(-1, 1, -1, 1))).toBe(1);
  });

  it('count every observation in the downside, with target 0', () => {
    expect(downsideDeviation(of(0.03, -0.04, 0.05, 0))).toBeCloseTo(Math.sqrt(0.0016 / 4), 15);
    expect(downsideDeviation(of(0.03))).toBe(0);
    expect(downsideDeviation(of())).toBeUndefined();
  });

  it('need two observations for a deviation, three for skew, four for kurtosis', () => {
    expect(sampleDeviation(of(1))).toBeUndefined();
    expect(sampleDeviation(of(1, 2))).toBeCloseTo(Math.SQRT1_2, 15);
    expect(skewness(of(1, 2))).toBeUndefined();
    expect(skewness(of(1, 2, 4))).toBeDefined();
    expect(excessKurtosis(of(1, 2, 4))).toBeUndefined();
    expect(excessKurtosis(of(1, 2, 4, 4))).toBeDefined();
  });

  it('have no skew or kurtosis without variance, nor where a number is missing', () => {
    expect(skewness(of(2, 2, 2, 2))).toBeUndefined();
    expect(excessKurtosis(of(2, 2, 2, 2))).toBeUndefined();
    expect(sampleDeviation(of(1, Number.NaN, 2))).toBeUndefined();
    expect(skewness(of(1, Number.NaN, 2, 3))).toBeUndefined();
  });
});
