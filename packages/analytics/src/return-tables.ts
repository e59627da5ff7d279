import type { CivilDate } from '@capstan/calendar';
import { assert } from '@capstan/domain';
import { finite } from './annual.ts';

/** The returns of one calendar year, each month's sessions compounded. */
export interface YearOfReturns {
  readonly year: number;
  /** January first, twelve of them; `undefined` for months without a session. */
  readonly months: readonly (number | undefined)[];
  /** All sessions of the year compounded. */
  readonly total: number | undefined;
}

/**
 * Compounds session returns by calendar month and year, in order of time. The first and the last may be parts.
 * @param dates of the sessions, ascending. @param returns beside them.
 */
export function monthlyReturns(
  dates: readonly CivilDate[],
  returns: Float64Array,
): YearOfReturns[] {
  assert(dates.length === returns.length, 'a date for each return');
  const years: { year: number; months: (number | undefined)[]; growth: number }[] = [];
  for (const [session, date] of dates.entries()) {
    const year = Number(date.slice(0, 4));
    const month = Number(date.slice(5, 7)) - 1;
    let row = years.at(-1);
    if (row === undefined || row.year !== year) {
      row = { year, months: new Array<number | undefined>(12).fill(undefined), growth: 1 };
      years.push(row);
    }
    const growth = 1 + (returns[session] as number);
    row.months[month] = (row.months[month] ?? 1) * growth;
    row.growth *= growth;
  }
  return years.map(({ year, months, growth }) => ({
    year,
    months: months.map((product) => (product === undefined ? undefined : finite(product - 1))),
    total: finite(growth - 1),
  }));
}

/** The count of observations of one span of values. */
export interface HistogramBin {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive, but inclusive in the last bin. */
  readonly to: number;
  readonly count: number;
}

/** Counts returns in bins of equal width from the lowest to the highest; empty without any. */
export function histogram(returns: Float64Array, bins: number): HistogramBin[] {
  assert(Number.isInteger(bins) && bins >= 1, `a histogram has 1 bin or more: ${bins}`);
  const values = returns.filter((value) => Number.isFinite(value)).sort();
  const low = values[0];
  const high = values.at(-1);
  if (low === undefined || high === undefined) return [];
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = width === 0 ? 0 : Math.min(bins - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, bin) => ({
    from: low + bin * width,
    to: bin === bins - 1 ? high : low + (bin + 1) * width,
    count,
  }));
}
