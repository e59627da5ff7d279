import type { Calendar } from '@capstan/calendar';
import { type DailyLoss, dailyLossLimitMicros, type RiskLimits } from '@capstan/risk';
import type { RunHalt } from './backtest-result.ts';
import type { HaltSpan } from './backtest-spec.ts';
import type { HoldingsLog } from './holdings-log.ts';

/** What a watch looks at. */
export interface HaltWatchParts {
  readonly limits: RiskLimits;
  readonly haltFor: HaltSpan;
  readonly timelineUs: Float64Array;
  /** Whose sessions the account's loss is counted by. */
  readonly calendar: Calendar;
  readonly log: HoldingsLog;
  readonly openingMicros: number;
}

/**
 * Watches the loss of each session, slice by slice, by the equity that the result shows. A session begins with the equity of the
 * slice before it, the first one with the opening cash.
 */
export class HaltWatch {
  readonly halts: RunHalt[] = [];
  readonly #parts: HaltWatchParts;
  #next = 0;
  #equity: number;
  #startEquity: number;
  #isHalted = false;
  #sessionDate = '';
  #sessionCloseUs = Number.NEGATIVE_INFINITY;

  constructor(parts: HaltWatchParts) {
    this.#parts = parts;
    this.#equity = parts.openingMicros;
    this.#startEquity = parts.openingMicros;
  }

  /** How the session goes, as of the last slice looked at. */
  get dailyLoss(): DailyLoss {
    return { startEquityMicros: this.#startEquity, isHalted: this.#isHalted };
  }

  /**
   * Looks at the slices before `until` that it has not seen, with the holdings as they are now.
   * @returns the first one whose loss halts the account: it stops there.
   */
  lookUntil(until: number): number | undefined {
    const { log } = this.#parts;
    for (; this.#next < until; this.#next += 1) {
      const slice = this.#next;
      this.#enter(slice);
      this.#equity = log.equityAt(slice);
      if (this.#isHalted || !this.#breaches(slice)) continue;
      this.#next += 1;
      return slice;
    }
    return undefined;
  }

  /** Takes note of what fills at the close of the slice looked at last have changed: it is there that the next session begins. */
  settle(slice: number): void {
    if (this.#next === slice + 1) this.#equity = this.#parts.log.equityAt(slice);
  }

  /** Begins a session where the slice is the first of one. */
  #enter(slice: number): void {
    const { timelineUs, calendar, haltFor } = this.#parts;
    const endUs = timelineUs[slice] ?? 0;
    if (endUs <= this.#sessionCloseUs) return;
    const date = calendar.tradeDate(endUs - 1);
    this.#sessionCloseUs = calendar.session(date)?.closeUs ?? endUs;
    if (date === this.#sessionDate) return;
    this.#sessionDate = date;
    this.#startEquity = this.#equity;
    if (!this.#isHalted || haltFor === 'run') return;
    this.#isHalted = false;
    const last = this.halts.pop();
    if (last !== undefined) this.halts.push({ ...last, untilSlice: slice });
  }

  #breaches(slice: number): boolean {
    const startEquityMicros = this.#startEquity;
    const limitMicros = dailyLossLimitMicros(this.#parts.limits, startEquityMicros);
    const equityMicros = this.#equity;
    if (limitMicros === undefined || startEquityMicros - equityMicros < limitMicros) return false;
    this.#isHalted = true;
    this.halts.push({ slice, startEquityMicros, equityMicros, limitMicros });
    return true;
  }
}
