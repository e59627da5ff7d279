import { assert } from '@capstan/domain';
import type { IndicatorBar } from './kernel.ts';

/** Bars as columns of one length, in order of time. Prices are integer nanos, times microseconds. */
export interface BarColumns {
  readonly endUs: Float64Array;
  readonly openNanos: Float64Array;
  readonly highNanos: Float64Array;
  readonly lowNanos: Float64Array;
  readonly closeNanos: Float64Array;
  readonly volume: Float64Array;
  /** Open of the session of each bar, NaN outside sessions; absent where nothing asks for it. */
  readonly sessionOpenUs?: Float64Array;
}

/** Returns one row of the columns as a bar. */
export function barAt(bars: BarColumns, row: number): IndicatorBar {
  const session = bars.sessionOpenUs?.[row] ?? Number.NaN;
  return {
    endUs: cell(bars.endUs, row),
    openNanos: cell(bars.openNanos, row),
    highNanos: cell(bars.highNanos, row),
    lowNanos: cell(bars.lowNanos, row),
    closeNanos: cell(bars.closeNanos, row),
    volume: cell(bars.volume, row),
    sessionOpenUs: Number.isNaN(session) ? undefined : session,
  };
}

function cell(column: Float64Array, row: number): number {
  const value = column[row];
  if (value === undefined) assert(false, `a column has no row ${row}`);
  return value;
}
