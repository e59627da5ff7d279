import { describe, expect, test } from 'vitest';
import {
  decimalsOfTick,
  divideRound,
  formatGain,
  formatMoney,
  formatPrice,
  formatQuantity,
  formatScaled,
  formatShare,
  parseScaled,
  toneOf,
  zoneClock,
} from './format.ts';

describe('amounts', () => {
  test('divides exactly and rounds half away from zero, up to the largest integers', () => {
    expect(divideRound(15, 10)).toBe(2);
    expect(divideRound(-15, 10)).toBe(-2);
    expect(divideRound(14, 10)).toBe(1);
    expect(divideRound(-4, 10)).toBe(0);
    expect(Object.is(divideRound(-4, 10), 0)).toBe(true);
    expect(divideRound(Number.MAX_SAFE_INTEGER, 10_000)).toBe(900_719_925_474);
    expect(divideRound(8_999_999_999_999_999, 10_000)).toBe(900_000_000_000);
  });

  test('writes money in micros with groups and two places', () => {
    expect(formatMoney(1_234_567_890_000)).toBe('1,234,567.89');
    expect(formatMoney(-1_005_000)).toBe('−1.01');
    expect(formatMoney(4_999)).toBe('0.00');
    expect(formatMoney(5_000)).toBe('0.01');
    expect(formatMoney(undefined)).toBe('–');
    expect(formatMoney(9_007_199_254_740_991)).toBe('9,007,199,254.74');
  });

  test('writes gains with their sign, and nothing before a zero', () => {
    expect(formatGain(412_370_000)).toBe('+412.37');
    expect(formatGain(-412_370_000)).toBe('−412.37');
    expect(formatGain(0)).toBe('0.00');
    expect(formatGain(-4_000)).toBe('0.00');
  });

  test('writes prices with the places they need', () => {
    expect(formatPrice(242_610_000_000)).toBe('242.61');
    expect(formatPrice(242_613_333_333)).toBe('242.6133');
    expect(formatPrice(1_500_000)).toBe('0.0015');
    expect(formatPrice(1_000_500_000_000, 2)).toBe('1,000.50');
    expect(decimalsOfTick(10_000_000)).toBe(2);
    expect(decimalsOfTick(250_000_000)).toBe(2);
    expect(decimalsOfTick(100_000)).toBe(4);
    expect(decimalsOfTick(1)).toBe(9);
  });

  test('writes quantities at their scale', () => {
    expect(formatQuantity(-1_500, 0)).toBe('−1,500');
    expect(formatQuantity(1_500, 3)).toBe('1.5');
    expect(formatQuantity(1_000, 3)).toBe('1');
    expect(formatScaled(1, { scale: 9, min: 0, max: 9 })).toBe('0.000000001');
  });

  test('writes shares in percent, and knows the tone of a number', () => {
    expect(formatShare(1, 300)).toBe('+0.33%');
    expect(formatShare(-1, 40)).toBe('−2.50%');
    expect(formatShare(0, 40)).toBe('0.00%');
    expect(formatShare(1, 0)).toBe('–');
    expect([toneOf(1), toneOf(-1), toneOf(0), toneOf(undefined)]).toEqual([
      'up',
      'down',
      'even',
      'even',
    ]);
  });
});

describe('a decimal that is read', () => {
  test('is an integer at its scale, to the last place', () => {
    expect(parseScaled('101.25', 9)).toBe(101_250_000_000);
    expect(parseScaled(' 7 ', 0)).toBe(7);
    expect(parseScaled('0.0001', 4)).toBe(1);
  });

  test('is none where it is no plain decimal, has more places than fit or is too large', () => {
    for (const text of ['', '1,000', '-1', '1.', '.5', '1e3', '1.05', '9007199254740992']) {
      expect([text, parseScaled(text, 1)]).toEqual([text, undefined]);
    }
  });
});

describe('times', () => {
  test("are those of the exchange's zone", () => {
    const openUs = Date.UTC(2026, 0, 5, 14, 30) * 1_000;
    const newYork = zoneClock(['XNYS', '24x7']);
    expect(newYork.name).toBe('ET');
    expect(newYork.dayTime(openUs)).toBe('Jan 5 09:30:00');
    expect(newYork.minute(openUs)).toBe('09:30');
    expect(zoneClock(['24x7']).time(openUs)).toBe('14:30:00');
    expect(newYork.time(0)).toBe('–');
  });

  test('write midnight as 00, not 24', () => {
    expect(zoneClock(['24x7']).time(Date.UTC(2026, 0, 5) * 1_000)).toBe('00:00:00');
  });
});
