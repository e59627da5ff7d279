import type { Session } from '@capstan/calendar';
import { hasCode } from '@capstan/domain';
import type { AnomalyKind } from './anomaly.ts';
import type { BarTable } from './bar-table.ts';
import type { AnomalyLog } from './bars-report.ts';
import type { LakeBars } from './lake-bars.ts';
import { JUMP_FRACTION } from './limits.ts';
import type { SettleOptions } from './settle-bars.ts';
import { timeText } from './time-text.ts';

/** Puts rows to the rules, in order of time. */
export class RowJudge {
  /** The span of the row that was admitted last. */
  startUs = 0;
  endUs = 0;
  /** Bars that were cut to their session. */
  cutBars = 0;
  readonly #table: BarTable;
  readonly #options: SettleOptions;
  readonly #log: AnomalyLog;
  readonly #isDaily: boolean;
  #previousRow = -1;
  #previousStartUs = Number.NaN;
  #previousEndUs = Number.NEGATIVE_INFINITY;

  constructor(table: BarTable, options: SettleOptions, log: AnomalyLog) {
    this.#table = table;
    this.#options = options;
    this.#log = log;
    this.#isDaily = options.timeframe === '1d';
  }

  /** Tells whether a row of the table stays; its span is then in {@link startUs} and {@link endUs}. */
  admits(row: number, startUs: number, endUs: number): boolean {
    this.startUs = startUs;
    this.endUs = endUs;
    const stays =
      this.#inTime(row) && this.#inNumbers(row) && (this.#isDaily || this.#inSession(row));
    if (!stays) return false;
    if (this.startUs < this.#previousEndUs) {
      const what = `the bar before it ends at ${timeText(this.#previousEndUs)}`;
      if (!this.#note('overlapping', row, () => what)) return false;
    }
    this.#previousRow = row;
    this.#previousStartUs = startUs;
    this.#previousEndUs = this.endUs;
    return true;
  }

  #inTime(row: number): boolean {
    if (this.startUs !== this.#previousStartUs) return true;
    const before = this.#previousRow;
    const table = this.#table;
    const repeats =
      table.openNanos[row] === table.openNanos[before] &&
      table.highNanos[row] === table.highNanos[before] &&
      table.lowNanos[row] === table.lowNanos[before] &&
      table.closeNanos[row] === table.closeNanos[before] &&
      table.volume[row] === table.volume[before];
    const line = table.line[before] ?? 0;
    if (repeats) this.#note('repeated', row, () => `repeats line ${line}`);
    else this.#note('conflicting', row, () => `differs from line ${line} of the same time`);
    return false;
  }

  #inNumbers(row: number): boolean {
    const table = this.#table;
    const open = table.openNanos[row] ?? 0;
    const high = table.highNanos[row] ?? 0;
    const low = table.lowNanos[row] ?? 0;
    const close = table.closeNanos[row] ?? 0;
    const volume = table.volume[row] ?? 0;
    if (low <= 0 || high <= 0 || open <= 0 || close <= 0) {
      if (!this.#note('price-sign', row, () => pricesText(table, row))) return false;
    } else if (high < low || open < low || open > high || close < low || close > high) {
      if (!this.#note('ohlc', row, () => pricesText(table, row))) return false;
    }
    if (volume < 0 && !this.#note('volume-sign', row, () => `volume ${volume}`)) return false;
    if (volume === 0 && !this.#note('zero-volume', row, () => 'volume 0')) return false;
    const tick = this.#options.tickNanos;
    if (tick === undefined) return true;
    const isOn = open % tick === 0 && high % tick === 0 && low % tick === 0 && close % tick === 0;
    return isOn || this.#note('off-tick', row, () => pricesText(table, row));
  }

  /** Compares an intraday bar with its session; where the file holds regular trades alone, cuts it to the session. */
  #inSession(row: number): boolean {
    const session = this.#session();
    if (session === undefined) {
      return this.#note('outside-session', row, () => 'no session at that time');
    }
    const { openUs, closeUs } = session;
    if (this.startUs >= openUs && this.endUs <= closeUs) return true;
    if (this.#options.holds === 'regular') {
      this.startUs = Math.max(this.startUs, openUs);
      this.endUs = Math.min(this.endUs, closeUs);
      this.cutBars += 1;
      return true;
    }
    const edge = this.startUs < openUs ? `the open at ${timeText(openUs)}` : 'the close';
    return this.#note('straddling', row, () => `lies across ${edge}`);
  }

  /** The session of which some part lies in the bar. */
  #session(): Session | undefined {
    const { calendar } = this.#options;
    try {
      const session = calendar.sessionAtOrAfter(this.startUs);
      return session.openUs < this.endUs ? session : undefined;
    } catch (error) {
      if (hasCode(error, 'CALENDAR.RANGE')) return undefined;
      throw error;
    }
  }

  /** Notes an anomaly. @returns whether the row stays. */
  #note(kind: AnomalyKind, row: number, what: () => string): boolean {
    const line = this.#table.line[row] ?? 0;
    const atUs = this.startUs;
    const example = () => ({ ...(line === 0 ? {} : { line }), atUs, what: what() });
    return this.#log.note(kind, example) === 'keep';
  }
}

/** Notes closes that are far from the one before: a split that was not undone, a wrong print, or news. */
export function noteJumps(bars: LakeBars, log: AnomalyLog): void {
  const { closeNanos, startUs } = bars;
  let before = closeNanos[0] ?? 0;
  for (let row = 1; row < closeNanos.length; row += 1) {
    const close = closeNanos[row] ?? 0;
    if (before > 0 && Math.abs(close - before) > before * JUMP_FRACTION) {
      const fraction = close / before - 1;
      const what = `${fraction > 0 ? '+' : ''}${(fraction * 100).toFixed(1)} % against the close before`;
      log.note('jump', () => ({ atUs: startUs[row] ?? 0, what }));
    }
    before = close;
  }
}

function pricesText(table: BarTable, row: number): string {
  const text = (nanos: number | undefined) => String((nanos ?? 0) / 1e9);
  const { openNanos, highNanos, lowNanos, closeNanos } = table;
  return `open ${text(openNanos[row])}, high ${text(highNanos[row])}, low ${text(lowNanos[row])}, close ${text(closeNanos[row])}`;
}
