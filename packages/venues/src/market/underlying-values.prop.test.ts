import { getCalendar } from '@capstan/calendar';
import { type Bar, priceNanos, timeUs, US_PER_MINUTE } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnderlyingMinutes } from './underlying-values.ts';

const calendar = getCalendar('XNYS');
const UNIT = 1_000_000_000;

function minute(date: string, index: number, price: number, volume: number): Bar {
  const startUs = timeUs((calendar.session(date)?.openUs ?? 0) + index * US_PER_MINUTE);
  const nanos = (units: number) => priceNanos(units * UNIT);
  return {
    symbol: 'QQQ',
    timeframe: '1m',
    startUs,
    endUs: timeUs(startUs + US_PER_MINUTE),
    revision: 0,
    openNanos: nanos(price),
    highNanos: nanos(price + 2),
    lowNanos: nanos(price - 1),
    closeNanos: nanos(price),
    volume,
  };
}

const taken = (bars: readonly Bar[]) => {
  const minutes = new UnderlyingMinutes(calendar);
  for (const bar of bars) minutes.take(bar);
  return minutes.values;
};

const bars = fc
  .uniqueArray(fc.tuple(fc.nat(3), fc.nat(389)), {
    selector: ([day, index]) => day * 1000 + index,
    minLength: 1,
    maxLength: 60,
  })
  .chain((places) =>
    fc.tuple(
      ...places.map(([day, index]) =>
        fc
          .tuple(fc.integer({ min: 100, max: 900 }), fc.integer({ min: 1, max: 10_000 }))
          .map(([price, volume]) => minute(DATES[day] ?? '', index, price, volume)),
      ),
    ),
  );
const DATES = ['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08'];
const byTime = (a: Bar, b: Bar) => a.startUs - b.startUs;

describe("an underlying's values", () => {
  it('are VWAP of the session, from high, low and close, and the mean of nine closes', () => {
    fc.assert(
      fc.property(bars, (given) => {
        const ordered = [...given].sort(byTime);
        const last = ordered.at(-1) as Bar;
        const openUs = calendar.sessionAt(last.startUs)?.openUs ?? 0;
        const session = ordered.filter(({ startUs }) => startUs >= openUs);
        const volume = session.reduce((sum, bar) => sum + bar.volume, 0);
        const typical = (bar: Bar) => (bar.highNanos + bar.lowNanos + bar.closeNanos) / 3;
        const vwap = session.reduce((sum, bar) => sum + typical(bar) * (bar.volume / volume), 0);
        const closes = ordered.slice(-9).map(({ closeNanos }) => closeNanos);
        const values = taken(ordered);
        expect(Math.abs((values?.vwapNanos ?? 0) / vwap - 1)).toBeLessThan(1e-12);
        const mean = closes.reduce((sum, close) => sum + close, 0) / 9;
        if (closes.length < 9) expect(values?.ma9Nanos).toBeUndefined();
        else expect(Math.abs((values?.ma9Nanos ?? 0) / mean - 1)).toBeLessThan(1e-12);
        expect(values?.endUs).toBe(last.endUs);
      }),
      { numRuns: 200 },
    );
  });

  it('are the same in whatever order the minutes come', () => {
    fc.assert(
      fc.property(bars, fc.infiniteStream(fc.nat()), (given, keys) => {
        const shuffled = given
          .map((bar) => ({ bar, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ bar }) => bar);
        expect(taken(shuffled)).toEqual(taken([...given].sort(byTime)));
      }),
      { numRuns: 200 },
    );
  });

  it('take corrections, repeat nothing, and know nothing of minutes outside the session', () => {
    const minutes = new UnderlyingMinutes(calendar);
    const first = minute('2026-01-05', 0, 500, 100);
    expect(minutes.take(minute('2026-01-05', -30, 400, 1_000))).toBe(false);
    expect(minutes.values).toBeUndefined();
    expect(minutes.take(first)).toBe(true);
    expect(minutes.take({ ...first })).toBe(false);
    expect(minutes.take(minute('2026-01-05', 1, 510, 100))).toBe(true);
    const before = minutes.values?.vwapNanos;
    expect(minutes.take({ ...first, volume: 10_000 })).toBe(true);
    expect(minutes.values?.vwapNanos).toBeLessThan(before ?? 0);
    expect(minutes.values?.endUs).toBe(minute('2026-01-05', 1, 1, 1).endUs);
  });
});
