import { AppError } from '@capstan/domain';
import { joinBars, LAKE_COLUMNS, type LakeBars, takeRows } from './lake-bars.ts';
import { timeText } from './time-text.ts';

/** Two series in one. */
export interface MergedBars {
  readonly bars: LakeBars;
  /** Bars of the second that the first did not have. */
  readonly added: number;
  /** Bars that both have, alike in every number. */
  readonly repeated: number;
}

/**
 * Puts new bars into those that are there, in order of time. A bar that is there already must be the same.
 * @param name of the series, for messages.
 * @throws LAKE.CONFLICT at the first bar that differs from, or lies across, one that is there.
 * @complexity O(n)
 */
export function mergeBars(name: string, old: LakeBars, fresh: LakeBars): MergedBars {
  const oldRows = old.startUs.length;
  const freshRows = fresh.startUs.length;
  const both = joinBars([old, fresh]);
  const order = new Uint32Array(oldRows + freshRows);
  let count = 0;
  let repeated = 0;
  let at = 0;
  for (let row = 0; row < freshRows; row += 1) {
    const startUs = fresh.startUs[row] ?? 0;
    while (at < oldRows && (old.startUs[at] ?? 0) < startUs) {
      order[count] = at;
      count += 1;
      at += 1;
    }
    if (at < oldRows && old.startUs[at] === startUs) {
      if (!isSame(old, at, fresh, row)) throw conflict(name, startUs, 'differs from the one');
      repeated += 1;
      continue;
    }
    const before = at > 0 ? (old.endUs[at - 1] ?? 0) : Number.NEGATIVE_INFINITY;
    const after = at < oldRows ? (old.startUs[at] ?? 0) : Number.POSITIVE_INFINITY;
    if (startUs < before || (fresh.endUs[row] ?? 0) > after) {
      throw conflict(name, startUs, 'lies across one');
    }
    order[count] = oldRows + row;
    count += 1;
  }
  for (; at < oldRows; at += 1) {
    order[count] = at;
    count += 1;
  }
  const bars = takeRows(both, order.subarray(0, count));
  return { bars, added: freshRows - repeated, repeated };
}

function isSame(old: LakeBars, at: number, fresh: LakeBars, row: number): boolean {
  return LAKE_COLUMNS.every((name) => old[name][at] === fresh[name][row]);
}

function conflict(name: string, startUs: number, what: string): AppError {
  return new AppError({
    code: 'LAKE.CONFLICT',
    why: `${name}: the bar at ${timeText(startUs)} ${what} that is there.`,
    fix: 'Nothing was changed. Replace the whole series with --replace, or leave those bars out.',
  });
}
