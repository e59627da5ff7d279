import { assert } from '@capstan/domain';
import type { BarColumns } from '@capstan/indicators';
import { type ResampleTarget, SessionBuckets } from './session-bucket.ts';

/** Bars as columns with the start of each: `startUs` inclusive, `endUs` exclusive. */
export interface SpannedColumns extends BarColumns {
  readonly startUs: Float64Array;
}

/** Longer bars, and what of the shorter ones did not go into them. */
export interface ResampledColumns {
  /** With `sessionOpenUs`. A bar covers its whole span, also where minutes of it had no trade. */
  readonly bars: SpannedColumns;
  /** Bars outside the regular session, which are left out. */
  readonly outsideBars: number;
}

/**
 * Builds bars of a longer timeframe from one-minute bars of the regular session, anchored at its open; the stub before the close is
 * kept. Spans without a bar are absent: nothing is carried forward. Volume is summed.
 * @param bars in order of time, without overlap.
 * @throws ENGINE.RESAMPLE where a bar lies across two of the longer ones.
 * @complexity O(n)
 */
export function resampleColumns(bars: SpannedColumns, target: ResampleTarget): ResampledColumns {
  const out = newColumns(bars.endUs.length);
  const buckets = new SessionBuckets(target);
  let outsideBars = 0;
  let count = 0;
  for (let row = 0; row < bars.endUs.length; row += 1) {
    const start = bars.startUs[row] ?? 0;
    const end = bars.endUs[row] ?? 0;
    if (!buckets.find(start, end)) {
      outsideBars += 1;
      continue;
    }
    const isNew = count === 0 || out.startUs[count - 1] !== buckets.startUs;
    if (isNew) {
      open(out, count, buckets, bars, row);
      count += 1;
    } else add(out, count - 1, bars, row);
  }
  return { bars: firstRows(out, count), outsideBars };
}

type FullColumns = Required<SpannedColumns>;

function open(
  out: FullColumns,
  at: number,
  bucket: SessionBuckets,
  bars: SpannedColumns,
  row: number,
): void {
  assert(at === 0 || bucket.startUs > (out.startUs[at - 1] ?? 0), 'bars are in order of time');
  out.startUs[at] = bucket.startUs;
  out.endUs[at] = bucket.endUs;
  out.sessionOpenUs[at] = bucket.sessionOpenUs;
  out.openNanos[at] = bars.openNanos[row] ?? 0;
  out.highNanos[at] = bars.highNanos[row] ?? 0;
  out.lowNanos[at] = bars.lowNanos[row] ?? 0;
  out.closeNanos[at] = bars.closeNanos[row] ?? 0;
  out.volume[at] = bars.volume[row] ?? 0;
}

function add(out: FullColumns, at: number, bars: SpannedColumns, row: number): void {
  out.highNanos[at] = Math.max(out.highNanos[at] ?? 0, bars.highNanos[row] ?? 0);
  out.lowNanos[at] = Math.min(out.lowNanos[at] ?? 0, bars.lowNanos[row] ?? 0);
  out.closeNanos[at] = bars.closeNanos[row] ?? 0;
  const volume = (out.volume[at] ?? 0) + (bars.volume[row] ?? 0);
  assert(Number.isSafeInteger(volume), 'the volume of a bar is a safe integer');
  out.volume[at] = volume;
}

function newColumns(rows: number): FullColumns {
  const column = (): Float64Array => new Float64Array(rows);
  return {
    startUs: column(),
    endUs: column(),
    openNanos: column(),
    highNanos: column(),
    lowNanos: column(),
    closeNanos: column(),
    volume: column(),
    sessionOpenUs: column(),
  };
}

/** Copies the rows that are there, so that the room for the rest is given back. */
function firstRows(columns: FullColumns, rows: number): FullColumns {
  const cut = (column: Float64Array): Float64Array => column.slice(0, rows);
  return {
    startUs: cut(columns.startUs),
    endUs: cut(columns.endUs),
    openNanos: cut(columns.openNanos),
    highNanos: cut(columns.highNanos),
    lowNanos: cut(columns.lowNanos),
    closeNanos: cut(columns.closeNanos),
    volume: cut(columns.volume),
    sessionOpenUs: cut(columns.sessionOpenUs),
  };
}
