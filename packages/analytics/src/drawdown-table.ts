import type { CivilDate } from '@capstan/calendar';
import { assert } from '@capstan/domain';
import { DRAWDOWN_ROWS, DRAWDOWN_ROWS_MAX } from './limits.ts';
import { type SessionIndex, sessionOfRow } from './sessions.ts';

/** One time below a peak of the equity. */
export interface Drawdown {
  /** Row of the last bar at the peak; `undefined` for the initial equity. */
  readonly peakRow: number | undefined;
  readonly troughRow: number;
  /** Row of the first bar at the peak's equity or above; `undefined` while it lasts. */
  readonly recoveryRow: number | undefined;
  /** Trough ÷ peak − 1, negative. */
  readonly depthFraction: number;
}

/** A {@link Drawdown} with dates, and lengths in sessions. */
export interface DatedDrawdown extends Drawdown {
  readonly peakDate: CivilDate | undefined;
  readonly troughDate: CivilDate;
  readonly recoveryDate: CivilDate | undefined;
  /** From the session of the peak to that of the recovery, or to the last; the initial equity lies one before the first. */
  readonly sessions: number;
  readonly sessionsToTrough: number;
}

export interface DrawdownTableOptions {
  /** Equity before the first bar, above 0. */
  readonly initial: number;
  /** How many to keep; 10 unless given. */
  readonly rows?: number;
}

/** Returns the deepest drawdowns of a curve, deepest first and among equals the earlier. @complexity O(bars) */
export function drawdowns(equity: Float64Array, options: DrawdownTableOptions): Drawdown[] {
  const { initial, rows = DRAWDOWN_ROWS } = options;
  assert(initial > 0, `equity begins above 0: ${initial}`);
  assert(rows >= 1 && rows <= DRAWDOWN_ROWS_MAX, `rows must be 1 to ${DRAWDOWN_ROWS_MAX}: ${rows}`);
  const kept: Drawdown[] = [];
  let peak = initial;
  let peakRow: number | undefined;
  let trough = initial;
  let troughRow = 0;
  for (let row = 0; row < equity.length; row += 1) {
    const value = equity[row] as number;
    if (value >= peak) {
      if (trough < peak) {
        const depthFraction = trough / peak - 1;
        keep(kept, { peakRow, troughRow, recoveryRow: row, depthFraction }, rows);
      }
      peak = value;
      trough = value;
      peakRow = row;
    } else if (value < trough) {
      trough = value;
      troughRow = row;
    }
  }
  if (trough < peak) {
    const depthFraction = trough / peak - 1;
    keep(kept, { peakRow, troughRow, recoveryRow: undefined, depthFraction }, rows);
  }
  return kept;
}

function keep(kept: Drawdown[], found: Drawdown, rows: number): void {
  const last = kept[rows - 1];
  if (last !== undefined && last.depthFraction <= found.depthFraction) return;
  let place = kept.length;
  while (place > 0 && (kept[place - 1] as Drawdown).depthFraction > found.depthFraction) place -= 1;
  kept.splice(place, 0, found);
  if (kept.length > rows) kept.pop();
}

/** Adds dates and lengths to a drawdown. */
export function dateDrawdown(drawdown: Drawdown, sessions: SessionIndex): DatedDrawdown {
  const { peakRow, troughRow, recoveryRow } = drawdown;
  const last = sessions.dates.length - 1;
  const peak = peakRow === undefined ? undefined : sessionOfRow(sessions, peakRow);
  const trough = sessionOfRow(sessions, troughRow);
  const recovery = recoveryRow === undefined ? undefined : sessionOfRow(sessions, recoveryRow);
  const from = peak ?? -1;
  return {
    ...drawdown,
    peakDate: peak === undefined ? undefined : sessions.dates[peak],
    troughDate: sessions.dates[trough] as CivilDate,
    recoveryDate: recovery === undefined ? undefined : sessions.dates[recovery],
    sessions: (recovery ?? last) - from,
    sessionsToTrough: trough - from,
  };
}

/** Returns the fraction by which each equity lies below the highest so far, at most 0: the underwater column. */
export function underwater(equity: Float64Array, initial: number): Float64Array {
  assert(initial > 0, `equity begins above 0: ${initial}`);
  const below = new Float64Array(equity.length);
  let peak = initial;
  for (let row = 0; row < equity.length; row += 1) {
    const value = equity[row] as number;
    if (value > peak) peak = value;
    below[row] = value / peak - 1;
  }
  return below;
}
