import type { Calendar } from '@capstan/calendar';
import { hasCode, type Timeframe, timeframeUs } from '@capstan/domain';
import type { LakeBars } from './lake-bars.ts';

/** Bars that the calendar expects from the first bar to the last, and those of them that are not there. */
export interface Gaps {
  readonly expectedBars: number;
  readonly missingBars: number;
  readonly sessions: number;
  /** Sessions without any bar. */
  readonly emptySessions: number;
  /** The longest run of missing bars, within sessions and across them. */
  readonly longest?: GapRun;
}

/** Missing bars in a row. */
export interface GapRun {
  readonly bars: number;
  /** Start of the first missing bar. */
  readonly fromUs: number;
  /** End of the last one. */
  readonly toUs: number;
}

/**
 * Compares bars with the sessions of a calendar. A session of an intraday timeframe expects a bar for each started
 * length from its open, a session of `1d` one; clock-aligned bars are counted by full hours and quarters.
 * @returns `undefined` where the calendar does not describe the years.
 */
export function findGaps(
  bars: LakeBars,
  options: {
    readonly timeframe: Timeframe;
    readonly clock: boolean;
    readonly calendar: Calendar;
  },
): Gaps | undefined {
  const rows = bars.startUs.length;
  if (rows === 0) return undefined;
  try {
    return countGaps(bars, options);
  } catch (error) {
    if (hasCode(error, 'CALENDAR.RANGE')) return undefined;
    throw error;
  }
}

function countGaps(bars: LakeBars, options: Parameters<typeof findGaps>[1]): Gaps {
  const { startUs, endUs } = bars;
  const rows = startUs.length;
  const run = new RunCounter();
  const lengthUs = timeframeUs(options.timeframe);
  let row = 0;
  let expected = 0;
  let missing = 0;
  let emptySessions = 0;
  let sessions = 0;
  const fromUs = startUs[0] ?? 0;
  const toUs = endUs[rows - 1] ?? 0;
  for (const { openUs, closeUs } of options.calendar.sessions(fromUs, toUs)) {
    const length = lengthUs ?? closeUs - openUs;
    const firstUs = options.clock ? Math.floor(openUs / length) * length : openUs;
    let present = 0;
    let wanted = 0;
    for (let slotUs = firstUs; slotUs < closeUs; slotUs += length) {
      const from = Math.max(slotUs, openUs);
      const to = Math.min(slotUs + length, closeUs);
      if (to <= fromUs || from >= toUs) continue;
      while (row < rows && (endUs[row] ?? 0) <= from) row += 1;
      const there = row < rows && (startUs[row] ?? 0) < to;
      wanted += 1;
      if (there) present += 1;
      run.slot(there, from, to);
    }
    sessions += 1;
    expected += wanted;
    missing += wanted - present;
    if (present === 0) emptySessions += 1;
  }
  const { longest } = run;
  return {
    expectedBars: expected,
    missingBars: missing,
    sessions,
    emptySessions,
    ...(longest === undefined ? {} : { longest }),
  };
}

class RunCounter {
  longest: GapRun | undefined;
  #bars = 0;
  #fromUs = 0;

  slot(there: boolean, fromUs: number, toUs: number): void {
    if (there) {
      this.#bars = 0;
      return;
    }
    if (this.#bars === 0) this.#fromUs = fromUs;
    this.#bars += 1;
    if (this.#bars > (this.longest?.bars ?? 0)) {
      this.longest = { bars: this.#bars, fromUs: this.#fromUs, toUs };
    }
  }
}
