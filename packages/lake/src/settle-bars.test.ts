import { getCalendar } from '@capstan/calendar';
import { describe, expect, it } from 'vitest';
import type { AnomalyKind } from './anomaly.ts';
import { BarTable } from './bar-table.ts';
import { type SettleOptions, settleBars } from './settle-bars.ts';
import { OPEN_US } from './test-bars.ts';
import { timeText } from './time-text.ts';

const MINUTE_US = 60_000_000;
const DAY_US = 1_440 * MINUTE_US;
const calendar = getCalendar('XNYS');
const plain: SettleOptions = {
  timeframe: '1m',
  stamp: 'start',
  calendar,
  tickNanos: 10_000_000,
  adjustment: 'raw',
  holds: 'all',
  rules: {},
};

interface Row {
  readonly minute: number;
  readonly prices?: readonly [number, number, number, number];
  readonly volume?: number;
}

/** Rows as a file has them; the first is line 2. */
function tableOf(rows: readonly Row[]): BarTable {
  const table = new BarTable('SPY', 0);
  for (const [at, { minute, prices = [100, 101, 99, 100], volume = 10 }] of rows.entries()) {
    const [open, high, low, close] = prices.map((price) => price * 1e9);
    table.push(
      {
        stampUs: OPEN_US + minute * MINUTE_US,
        openNanos: open ?? 0,
        highNanos: high ?? 0,
        lowNanos: low ?? 0,
        closeNanos: close ?? 0,
        volume,
      },
      at + 2,
    );
  }
  return table;
}

const settle = (rows: readonly Row[], options: Partial<SettleOptions> = {}) =>
  settleBars(tableOf(rows), { ...plain, ...options });
const minutesOf = (bars: { readonly startUs: Float64Array }) =>
  [...bars.startUs].map((start) => (start - OPEN_US) / MINUTE_US);

describe('settleBars', () => {
  it('finds nothing in sound bars', () => {
    const { bars, report } = settle([{ minute: 0 }, { minute: 1 }]);
    expect(minutesOf(bars)).toEqual([0, 1]);
    expect(report).toMatchObject({ refused: false, anomalies: [], rowsRead: 2, rowsKept: 2 });
    expect(report.gaps).toMatchObject({ missingBars: 0, sessions: 1 });
  });

  it.each<readonly [AnomalyKind, readonly Row[], string, boolean, number]>([
    ['unsorted', [{ minute: 5 }, { minute: 4 }], 'refuse', true, 2],
    ['repeated', [{ minute: 4 }, { minute: 4 }], 'drop', false, 1],
    ['conflicting', [{ minute: 4 }, { minute: 4, volume: 11 }], 'refuse', true, 1],
    ['price-sign', [{ minute: 4, prices: [1, 1, 0, 1] }], 'refuse', true, 0],
    ['ohlc', [{ minute: 4, prices: [1, 2, 3, 2] }], 'refuse', true, 0],
    ['ohlc', [{ minute: 4, prices: [3, 2, 1, 2] }], 'refuse', true, 0],
    ['ohlc', [{ minute: 4, prices: [2, 2, 1, 3] }], 'refuse', true, 0],
    ['ohlc', [{ minute: 4, prices: [2, 3, 2, 1] }], 'refuse', true, 0],
    ['volume-sign', [{ minute: 4, volume: -1 }], 'refuse', true, 0],
    ['zero-volume', [{ minute: 4, volume: 0 }], 'keep', false, 1],
    ['outside-session', [{ minute: 400 }], 'keep', false, 1],
    ['off-tick', [{ minute: 4, prices: [1, 2, 1, 1.005] }], 'keep', false, 1],
    ['jump', [{ minute: 4 }, { minute: 5, prices: [50, 50, 50, 50] }], 'keep', false, 2],
  ])('counts %s and shows its line', (kind, rows, action, refused, kept) => {
    const { report } = settle(rows);
    const finding = report.anomalies.find((one) => one.kind === kind);
    expect(finding).toMatchObject({ kind, action, count: 1 });
    expect(report).toMatchObject({ refused, rowsKept: kept, rowsDropped: rows.length - kept });
    if (kind !== 'jump') expect(finding?.examples[0]?.line).toBe(rows.length + 1);
  });

  it('sorts rows only where the rule says so, and drops those that go back where it says that', () => {
    const rows = [{ minute: 2 }, { minute: 0 }, { minute: 1 }, { minute: 3 }];
    expect(minutesOf(settle(rows, { rules: { unsorted: 'keep' } }).bars)).toEqual([0, 1, 2, 3]);
    expect(minutesOf(settle(rows, { rules: { unsorted: 'drop' } }).bars)).toEqual([2, 3]);
  });

  it('keeps the first of two rows of one time where the rule drops the other', () => {
    const rows = [{ minute: 4 }, { minute: 4, volume: 11 }];
    const { bars, report } = settle(rows, { rules: { conflicting: 'drop' } });
    expect([...bars.volume]).toEqual([10]);
    expect(report.refused).toBe(false);
  });

  it('counts gaps within sessions and whole sessions, and names the longest', () => {
    const nextDay = 1_440;
    const rows = [
      ...Array.from({ length: 380 }, (_, minute) => ({ minute })),
      { minute: 2 * nextDay },
    ];
    const { report } = settle(rows);
    expect(report.gaps).toMatchObject({
      sessions: 3,
      emptySessions: 1,
      expectedBars: 390 + 390 + 1,
      missingBars: 10 + 390,
      longest: {
        bars: 400,
        fromUs: OPEN_US + 380 * MINUTE_US,
        toUs: OPEN_US + DAY_US + 390 * MINUTE_US,
      },
    });
    expect(settle(rows, { rules: { gap: 'refuse' } }).report.refused).toBe(true);
  });

  it('reads stamps at the end of a bar', () => {
    const { bars } = settle([{ minute: 1 }], { stamp: 'end' });
    expect([...bars.startUs, ...bars.endUs]).toEqual([OPEN_US, OPEN_US + MINUTE_US]);
  });

  it('says that a calendar cannot judge years it does not describe', () => {
    const { report } = settle([{ minute: -30 * 365 * 1_440 }]);
    expect(report.gaps).toBeUndefined();
    expect(report.notes).toEqual(['calendar XNYS does not describe these years']);
  });
});

describe('daily bars', () => {
  const daily = { ...plain, timeframe: '1d' } as const;
  const stamped = (stamps: readonly string[], options: Partial<SettleOptions> = {}) => {
    const table = tableOf(stamps.map(() => ({ minute: 0 })));
    for (const [at, stamp] of stamps.entries()) table.stampUs[at] = Date.parse(stamp) * 1_000;
    const { bars, report } = settleBars(table, { ...daily, ...options });
    const spans = [...bars.startUs].map(
      (start, at) => `${timeText(start)} ${timeText(bars.endUs[at] ?? 0)}`,
    );
    return { spans, report };
  };

  it('are the sessions of the dates that their stamps mean', () => {
    const winter = '2026-11-25T14:30:00Z 2026-11-25T21:00:00Z';
    const half = '2026-11-27T14:30:00Z 2026-11-27T18:00:00Z';
    const summer = '2026-07-06T13:30:00Z 2026-07-06T20:00:00Z';
    const local = ['2026-07-06T04:00:00Z', '2026-11-25T05:00:00Z', '2026-11-27T05:00:00Z'];
    const dates = ['2026-07-06', '2026-11-25', '2026-11-27'].map((date) => `${date}T00:00:00Z`);
    const closes = ['2026-07-06T20:00:00Z', '2026-11-25T21:00:00Z', '2026-11-27T18:00:00Z'];
    expect(stamped(local).spans).toEqual([summer, winter, half]);
    expect(stamped(dates).spans).toEqual([summer, winter, half]);
    expect(stamped(closes, { stamp: 'end' }).spans).toEqual([summer, winter, half]);
    const midnights = ['2026-07-07T04:00:00Z', '2026-11-26T05:00:00Z', '2026-11-28T05:00:00Z'];
    expect(stamped(midnights, { stamp: 'end' }).spans).toEqual([summer, winter, half]);
  });

  it('are read in the zone that the file names', () => {
    const { spans } = stamped(['2026-07-06T00:00:00Z'], { timeZone: 'Asia/Tokyo' });
    expect(spans).toEqual(['2026-07-06T13:30:00Z 2026-07-06T20:00:00Z']);
    const west = stamped(['2026-07-07T00:00:00Z'], { timeZone: 'America/Los_Angeles' });
    expect(west.spans).toEqual(spans);
  });

  it('of a holiday are refused, or dropped', () => {
    const stamps = ['2026-11-25T05:00:00Z', '2026-11-26T05:00:00Z'];
    const { report } = stamped(stamps);
    expect(report).toMatchObject({ refused: true, anomalies: [{ kind: 'no-session', count: 1 }] });
    const dropped = stamped(stamps, { rules: { 'no-session': 'drop' } });
    expect(dropped.report).toMatchObject({ refused: false, rowsKept: 1 });
  });
});

describe('hours of the clock', () => {
  const hours = [-30, 30, 90, 150, 210, 270, 330].map((minute) => ({ minute }));
  const hourly = { timeframe: '1h' } as const;

  it('are told from those of the session, and never taken for them', () => {
    const { report } = settle(hours, hourly);
    expect(report).toMatchObject({ alignment: 'clock', rowsKept: 7 });
    expect(report.anomalies).toMatchObject([{ kind: 'straddling', action: 'keep', count: 1 }]);
    expect(report.gaps).toMatchObject({ expectedBars: 7, missingBars: 0 });
    expect(() => settle(hours, { ...hourly, alignment: 'session' })).toThrow(
      /the bar at 2026-01-05T14:00:00Z is not aligned to the session/,
    );
  });

  it('are cut to the session where the file holds its trades alone', () => {
    const { bars, report } = settle(hours, { ...hourly, holds: 'regular' });
    expect(minutesOf(bars)).toEqual([0, 30, 90, 150, 210, 270, 330]);
    expect(report).toMatchObject({ alignment: 'clock', anomalies: [] });
    expect(report.notes[0]).toBe('1 bars across an open or close were cut to the session');
  });

  it('from the open are those of the session, the stub too', () => {
    const anchored = [0, 60, 120, 180, 240, 300, 360].map((minute) => ({ minute }));
    const { report, bars } = settle(anchored, { ...hourly, holds: 'regular' });
    expect(report.alignment).toBe('session');
    expect(((bars.endUs[6] ?? 0) - OPEN_US) / MINUTE_US).toBe(390);
  });

  it('that fit neither are refused', () => {
    expect(() => settle([{ minute: 7 }], hourly)).toThrow(/not at a whole 1h from its session/);
  });
});
