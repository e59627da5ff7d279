import { formatDecimal, type PriceNanos } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanosOf, nanosOfNumber, wholeRatio } from './exact-numbers.ts';
import { InstantReader } from './instant.ts';

const text = (nanos: number) => formatDecimal(nanos as PriceNanos, 9);

describe('a price in JSON', () => {
  it('is the same nanos as its text, as long as a double holds it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 51) + 1, max: 2 ** 51 - 1 }), (nanos) => {
        const parsed: unknown = JSON.parse(text(nanos));
        expect(nanosOfNumber(parsed as number)).toBe(nanos);
        expect(nanosOf(text(nanos))).toBe(nanos);
      }),
      { numRuns: 5_000 },
    );
  });

  it('beyond that is what its shortest decimal says', () => {
    expect(nanosOfNumber(8_999_999.125)).toBe(8_999_999_125_000_000);
    expect(nanosOfNumber(-2_251_799.813685248)).toBe(-2_251_799_813_685_248);
    expect(() => nanosOfNumber(1e300)).toThrow();
    expect(() => nanosOfNumber(Number.NaN)).toThrow(/not a price/);
  });

  it('as a text keeps nine places', () => {
    expect(nanosOf('0.1234567894')).toBe(123_456_789);
    expect(() => nanosOf('none')).toThrow(/not a decimal/);
  });
});

describe('a ratio of decimals', () => {
  it('is two whole numbers in lowest terms', () => {
    expect(wholeRatio(4, 1)).toEqual({ first: 4, second: 1 });
    expect(wholeRatio('1', '10')).toEqual({ first: 1, second: 10 });
    expect(wholeRatio(1.05, 1)).toEqual({ first: 21, second: 20 });
    expect(wholeRatio(0.333333, 1)).toEqual({ first: 333_333, second: 1_000_000 });
  });
});

describe('a time of a vendor', () => {
  const days = fc.constantFrom('2024-02-28', '2024-02-29', '2023-12-31', '1999-01-01');

  it('is its microseconds, in any order of dates', () => {
    const clock = fc.tuple(
      fc.integer({ min: 0, max: 86_399 }),
      fc.integer({ min: 0, max: 999_999_999 }),
    );
    const digits = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(days, clock, digits), { minLength: 1 }), (times) => {
        const reader = new InstantReader();
        for (const [day, [second, nanos], places] of times) {
          const whole = new Date(Date.parse(`${day}T00:00:00Z`) + second * 1_000).toISOString();
          const plain = `${whole.slice(0, 19)}Z`;
          expect(reader.read(plain)).toBe(Date.parse(plain) * 1_000);
          const fraction = String(nanos).padStart(9, '0').slice(0, places);
          const us = Number(fraction.slice(0, 6).padEnd(6, '0'));
          const fine = `${whole.slice(0, 19)}.${fraction}Z`;
          expect(reader.read(fine)).toBe(Date.parse(plain) * 1_000 + us);
        }
      }),
    );
  });

  it('may be told in another zone, and is refused where it is none', () => {
    const reader = new InstantReader();
    const at = Date.parse('2026-01-05T15:00:00.1Z') * 1_000;
    expect(reader.read('2026-01-05T10:00:00.1-05:00')).toBe(at);
    expect(reader.read('2026-01-05T20:30:00.1+05:30')).toBe(at);
    for (const bad of [
      '2026-01-05T15:00:00.Z',
      '2026-01-05T15:00:00.1xZ',
      '2026-01-05T25:00:00Z',
      '2026-01-05T1a:00:00Z',
      '2026-01-05',
      'soon',
    ]) {
      expect(() => reader.read(bad), bad).toThrow(/is not a time/);
    }
  });
});
