import { getCalendar } from '@capstan/calendar';
import { describe, expect, it } from 'vitest';
import { resampleColumns } from './resample-columns.ts';
import { columnsOf, type MinuteRow } from './test-minutes.ts';

const calendar = getCalendar('XNYS');
const OPEN_US = Date.UTC(2026, 0, 5, 14, 30) * 1_000;
const MINUTE_US = 60_000_000;
/** Minute `minute` of the session of 2026-01-05. */
const at = (minute: number, rest: Partial<MinuteRow> = {}): MinuteRow => ({
  startUs: OPEN_US + minute * MINUTE_US,
  open: 100,
  high: 101,
  low: 99,
  close: 100,
  volume: 10,
  ...rest,
});

describe('resampleColumns', () => {
  it('takes the first open, the extremes, the last close and the sum of volumes', () => {
    const minutes = [
      at(0, { open: 7, high: 8, low: 6 }),
      at(1, { high: 9 }),
      at(4, { low: 2, close: 3 }),
    ];
    const { bars } = resampleColumns(columnsOf(minutes), { timeframe: '5m', calendar });
    expect([...bars.openNanos, ...bars.highNanos, ...bars.lowNanos, ...bars.closeNanos]).toEqual([
      7, 101, 2, 3,
    ]);
    expect([...bars.volume]).toEqual([30]);
    expect([...bars.startUs, ...bars.endUs]).toEqual([OPEN_US, OPEN_US + 5 * MINUTE_US]);
    expect([...(bars.sessionOpenUs ?? [])]).toEqual([OPEN_US]);
  });

  it('counts hours from the open and keeps the half hour before the close', () => {
    const minutes = Array.from({ length: 390 }, (_, minute) => at(minute));
    const { bars } = resampleColumns(columnsOf(minutes), { timeframe: '1h', calendar });
    const lengths = [...bars.endUs].map((end, row) => (end - (bars.startUs[row] ?? 0)) / MINUTE_US);
    expect(lengths).toEqual([60, 60, 60, 60, 60, 60, 30]);
    expect([...bars.volume]).toEqual([600, 600, 600, 600, 600, 600, 300]);
  });

  it('ends the last bar of a half day at its close', () => {
    const open = Date.UTC(2026, 10, 27, 14, 30) * 1_000;
    const minutes = Array.from({ length: 210 }, (_, minute) =>
      at(0, { startUs: open + minute * MINUTE_US }),
    );
    const { bars } = resampleColumns(columnsOf(minutes), { timeframe: '1h', calendar });
    expect([...bars.endUs].at(-1)).toBe(open + 210 * MINUTE_US);
    const session = resampleColumns(columnsOf(minutes), { timeframe: '1d', calendar }).bars;
    expect([...session.startUs, ...session.endUs]).toEqual([open, open + 210 * MINUTE_US]);
  });

  it('leaves out spans without a bar and bars outside the session', () => {
    const minutes = [at(-30), at(2), at(389), at(390), at(24 * 60 + 1)];
    const { bars, outsideBars } = resampleColumns(columnsOf(minutes), {
      timeframe: '5m',
      calendar,
    });
    const starts = [...bars.startUs].map((start) => (start - OPEN_US) / MINUTE_US);
    expect(starts).toEqual([0, 385, 1440]);
    expect(outsideBars).toBe(2);
  });

  it('refuses a bar that lies across two of the longer ones', () => {
    const columns = columnsOf([at(28)]);
    columns.endUs[0] = OPEN_US + 32 * MINUTE_US;
    expect(() => resampleColumns(columns, { timeframe: '30m', calendar })).toThrow(
      /lies across the bars of 30m/,
    );
    const early = columnsOf([at(-1)]);
    early.endUs[0] = OPEN_US + MINUTE_US;
    expect(() => resampleColumns(early, { timeframe: '5m', calendar })).toThrow(
      /Resample bars of one minute/,
    );
  });
});
