import { expect, it } from 'vitest';
import { hasCode, InvariantError } from './errors.ts';
import {
  cashMicros,
  cashToFloat,
  formatCash,
  formatDecimal,
  formatPrice,
  mulDivRound,
  parseCash,
  parseDecimal,
  parsePrice,
  powerOfTen,
  priceFromFloat,
  priceNanos,
  priceToFloat,
  quantity,
  timeUs,
} from './numbers.ts';

it('brands only safe integers, and never minus zero', () => {
  for (const brand of [priceNanos, cashMicros, quantity, timeUs]) {
    expect(brand(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(Object.is(brand(-0), 0)).toBe(true);
    for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => brand(bad)).toThrow(InvariantError);
    }
  }
});

it.each([
  [5, 1, 2, 3],
  [-5, 1, 2, -3],
  [7, 1, 5, 1],
  [-1, 1, 3, 0],
  [0, -7, 3, 0],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 2 ** 53 - 1],
  [Number.MIN_SAFE_INTEGER, 3, 6, -4503599627370496],
])('computes %d × %d ÷ %d as %d', (a, b, divisor, expected) => {
  expect(Object.is(mulDivRound(a, b, divisor), expected)).toBe(true);
});

it('refuses a divisor that is not a positive integer, factors that are no integers and results that do not fit', () => {
  for (const divisor of [0, -1, 0.5, Number.NaN]) {
    expect(() => mulDivRound(1, 1, divisor)).toThrow(InvariantError);
  }
  expect(() => mulDivRound(0.5, 3, 1)).toThrow(InvariantError);
  expect(() => mulDivRound(2 ** 53, 1, 2)).toThrow(InvariantError);
  expect(() => mulDivRound(1, 2 ** 53, 2)).toThrow(InvariantError);
  expect(() => mulDivRound(2 ** 52, 2, 1)).toThrow(InvariantError);
});

it('gives powers of ten from 0 to 9', () => {
  expect(powerOfTen(0)).toBe(1);
  expect(powerOfTen(9)).toBe(1_000_000_000);
  expect(() => powerOfTen(10)).toThrow(InvariantError);
  expect(() => powerOfTen(-1)).toThrow(InvariantError);
});

it.each([
  ['1', 2, 100],
  ['+1.5', 2, 150],
  [' -0.25 ', 2, -25],
  ['1.', 2, 100],
  ['1.500', 1, 15],
  ['-0.000', 2, 0],
  ['007', 0, 7],
])('parses %j at %d decimals as %d', (text, decimals, expected) => {
  expect(Object.is(parseDecimal(text, decimals), expected)).toBe(true);
});

it.each(['', '.5', '1e3', '1,000', 'NaN', '0x10', '--1', '1.2.3', '1.234', '90071992547409.93'])(
  'refuses %j at 2 decimals',
  (text) => {
    let caught: unknown;
    try {
      parseDecimal(text, 2);
    } catch (error) {
      caught = error;
    }
    expect(hasCode(caught, 'NUMBER.FORMAT')).toBe(true);
  },
);

it('formats without more zeros than asked for', () => {
  expect(formatDecimal(1500, 3)).toBe('1.5');
  expect(formatDecimal(-5, 3)).toBe('-0.005');
  expect(formatDecimal(12, 0)).toBe('12');
  expect(formatDecimal(1000, 3)).toBe('1');
  expect(formatPrice(priceNanos(1_000_000_000))).toBe('1.00');
  expect(formatPrice(priceNanos(1_234_500_000))).toBe('1.2345');
  expect(formatCash(cashMicros(-1_500_000))).toBe('-1.50');
});

it('reads and shows prices and cash', () => {
  expect(parsePrice('123.456')).toBe(123_456_000_000);
  expect(parseCash('-0.000001')).toBe(-1);
  expect(priceFromFloat(0.1 + 0.2)).toBe(300_000_000);
  expect(priceToFloat(priceNanos(1_500_000_000))).toBe(1.5);
  expect(cashToFloat(cashMicros(-250_000))).toBe(-0.25);
});
