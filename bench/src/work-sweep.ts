import { metricsOfTotals } from '@capstan/analytics';
import type { CrossSweep } from '@capstan/engine';
import { fillValueColumn, sma, wholeMagnitude } from '@capstan/indicators';

/** Minutes of a year: the metrics of a curve of minutes. */
export const RATIOS = { periodsPerYear: 365 * 1_440 };
export const SWEEP_BARS = 100_000;
const [FIRST_WINDOW, LAST_WINDOW] = [2, 47];
const WINDOWS = Array.from({ length: LAST_WINDOW - FIRST_WINDOW + 1 }, (_, at) => {
  return FIRST_WINDOW + at;
});
/** An average of each window. */
export const SWEEP_COLUMNS = WINDOWS.length;

/** Which share of the work is meant, such as the first of two. */
export interface Share {
  /** From 0. */
  readonly part: number;
  readonly parts: number;
}

export const WHOLE: Share = { part: 0, parts: 1 };

/** What the combinations of work B come to, added up. */
export interface SweepSums {
  equity: number;
  fills: number;
  drawdown: number;
  combinations: number;
}

/** Returns the column of each window, and fills a share of them: the others are filled by other threads. */
export function averages(
  sweep: CrossSweep,
  close: Float64Array,
  { part, parts }: Share,
): readonly Float64Array[] {
  const magnitude = wholeMagnitude(close);
  return WINDOWS.map((period, at) => {
    const column = sweep.allocate(SWEEP_BARS);
    if (at % parts !== part) return column;
    fillValueColumn({ indicator: sma, parameters: { period } }, close, column, () => magnitude);
    return column;
  });
}

/** Runs a share of all pairs of windows. */
export function runPairs(
  sweep: CrossSweep,
  columns: readonly Float64Array[],
  { part, parts }: Share,
): SweepSums {
  const sums: SweepSums = { equity: 0, fills: 0, drawdown: 0, combinations: 0 };
  let pair = -1;
  columns.forEach((fast, first) => {
    for (const slow of columns.slice(first + 1)) {
      pair += 1;
      if (pair % parts !== part) continue;
      const totals = sweep.totals({ fast, slow, entry: 'cross' });
      if (totals === undefined) throw new Error(`pair ${pair} was not run by the sweep`);
      sums.equity += totals.last / 1e6;
      sums.fills += totals.fillCount;
      sums.drawdown += metricsOfTotals(totals, RATIOS).maxDrawdown ?? 0;
      sums.combinations += 1;
    }
  });
  return sums;
}
