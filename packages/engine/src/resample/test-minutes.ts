import type { SpannedColumns } from './resample-columns.ts';

/** A minute bar with small numbers for prices. */
export interface MinuteRow {
  readonly startUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const MINUTE_US = 60_000_000;

/** Minute bars as columns. */
export function columnsOf(rows: readonly MinuteRow[]): SpannedColumns {
  const column = (read: (row: MinuteRow) => number): Float64Array => Float64Array.from(rows, read);
  return {
    startUs: column((row) => row.startUs),
    endUs: column((row) => row.startUs + MINUTE_US),
    openNanos: column((row) => row.open),
    highNanos: column((row) => row.high),
    lowNanos: column((row) => row.low),
    closeNanos: column((row) => row.close),
    volume: column((row) => row.volume),
  };
}
