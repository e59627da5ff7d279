import { getCalendar } from '@capstan/calendar';
import { type Bar, priceNanos, type Timeframe, timeUs } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BarResampler } from './bar-resampler.ts';
import { resampleColumns } from './resample-columns.ts';
import { columnsOf, type MinuteRow } from './test-minutes.ts';

const calendar = getCalendar('XNYS');
const MINUTE_US = 60_000_000;
/** From the day before Thanksgiving, so that a half day, a holiday and a weekend lie in the range. */
const FROM_US = Date.UTC(2026, 10, 25, 13, 0) * 1_000;

/** Minutes with holes, in and out of sessions, over some days. */
const minutes: fc.Arbitrary<readonly MinuteRow[]> = fc
  .array(
    fc.record({
      skip: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 1, max: 9 }) },
        fc.integer({ min: 100, max: 1_500 }),
      ),
      prices: fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 4, maxLength: 4 }),
      volume: fc.nat(10_000),
    }),
    { maxLength: 150 },
  )
  .map((steps) => {
    let minute = 0;
    return steps.map(({ skip, prices, volume }) => {
      minute += skip;
      const [low = 0, open = 0, close = 0, high = 0] = [...prices].sort((a, b) => a - b);
      return { startUs: FROM_US + minute * MINUTE_US, open, high, low, close, volume };
    });
  });
const timeframe = fc.constantFrom<Timeframe>('1m', '5m', '15m', '30m', '1h', '1d');

const asBar = (row: MinuteRow): Bar => ({
  symbol: 'SPY',
  timeframe: '1m',
  startUs: timeUs(row.startUs),
  endUs: timeUs(row.startUs + MINUTE_US),
  revision: 0,
  openNanos: priceNanos(row.open),
  highNanos: priceNanos(row.high),
  lowNanos: priceNanos(row.low),
  closeNanos: priceNanos(row.close),
  volume: row.volume,
});

const rowsOf = (all: readonly MinuteRow[], to: Timeframe) => {
  const { bars } = resampleColumns(columnsOf(all), { timeframe: to, calendar });
  return Array.from(bars.endUs, (endUs, row) => [
    bars.startUs[row],
    endUs,
    bars.openNanos[row],
    bars.highNanos[row],
    bars.lowNanos[row],
    bars.closeNanos[row],
    bars.volume[row],
  ]);
};

describe('resampling', () => {
  it('makes of every group its own open, high, low, close and volume', () => {
    fc.assert(
      fc.property(minutes, timeframe, (all, to) => {
        const inside = all.filter((row) => calendar.sessionAt(row.startUs) !== undefined);
        const made = rowsOf(all, to);
        let taken = 0;
        for (const [startUs = 0, endUs = 0, ...rest] of made) {
          const group = inside.filter((row) => row.startUs >= startUs && row.startUs < endUs);
          taken += group.length;
          expect(rest).toEqual([
            group[0]?.open,
            Math.max(...group.map((row) => row.high)),
            Math.min(...group.map((row) => row.low)),
            group.at(-1)?.close,
            group.reduce((sum, row) => sum + row.volume, 0),
          ]);
        }
        expect(taken).toBe(inside.length);
      }),
    );
  });

  it('gives bars within one session, anchored at its open, in order and apart', () => {
    fc.assert(
      fc.property(minutes, timeframe, (all, to) => {
        let last = 0;
        for (const [startUs = 0, endUs = 0] of rowsOf(all, to)) {
          const session = calendar.sessionAt(startUs);
          expect(startUs).toBeGreaterThanOrEqual(last);
          expect(endUs).toBeLessThanOrEqual(session?.closeUs ?? 0);
          const minute = (startUs - (session?.openUs ?? 0)) / MINUTE_US;
          const length = { '1m': 1, '5m': 5, '15m': 15, '30m': 30, '1h': 60, '1d': 1_440 }[to];
          expect(minute % length).toBe(0);
          last = endUs;
        }
      }),
    );
  });

  it('streams the bars that the columns give, however watermarks come between, and none early', () => {
    fc.assert(
      fc.property(minutes, timeframe, fc.array(fc.boolean()), (all, to, asks) => {
        const resampler = new BarResampler({ timeframe: to, calendar });
        const made: Bar[] = [];
        const close = (us: number): void => {
          const bar = resampler.closeUntil(us);
          if (bar === undefined) return;
          expect(bar.endUs).toBeLessThanOrEqual(us);
          made.push(bar);
        };
        for (const [place, row] of all.entries()) {
          close(row.startUs);
          resampler.push(asBar(row));
          if (asks[place] === true) close(row.startUs + MINUTE_US);
        }
        close(FROM_US * 2);
        const streamed = made.map((bar) => [
          bar.startUs,
          bar.endUs,
          bar.openNanos,
          bar.highNanos,
          bar.lowNanos,
          bar.closeNanos,
          bar.volume,
        ]);
        expect(streamed).toEqual(rowsOf(all, to));
      }),
    );
  });

  it('gives the same longer bars by way of shorter ones', () => {
    fc.assert(
      fc.property(minutes, (all) => {
        const five = resampleColumns(columnsOf(all), { timeframe: '5m', calendar }).bars;
        const direct = resampleColumns(columnsOf(all), { timeframe: '30m', calendar }).bars;
        expect(resampleColumns(five, { timeframe: '30m', calendar }).bars).toEqual(direct);
      }),
    );
  });
});
