import type { CivilDate } from '@capstan/calendar';
import { assert } from '@capstan/domain';
import { finite, type RatioOptions, riskFreePerPeriod } from './annual.ts';
import { momentsOf, sampleDeviation } from './moments.ts';

/** Closes of a benchmark, one a date, of any unit above 0. */
export interface DailyCloses {
  readonly name: string;
  /** Ascending. */
  readonly dates: readonly CivilDate[];
  readonly closes: Float64Array;
}

/** A benchmark beside the sessions of a run. */
export interface AlignedBenchmark {
  readonly name: string;
  /** The benchmark's return of each session of the run; NaN where a close is missing at its end or its start. */
  readonly returns: Float64Array;
  /** Last close of the run ÷ the close before it − 1, or ÷ the first close in it; `undefined` where they are one. */
  readonly totalReturn: number | undefined;
}

/**
 * Puts a benchmark beside the sessions of a run, by date. A missing close is not filled forward: both sessions that it
 * touches have no return.
 */
export function alignBenchmark(
  benchmark: DailyCloses,
  sessionDates: readonly CivilDate[],
): AlignedBenchmark {
  const { name, dates, closes } = benchmark;
  assert(dates.length === closes.length, `benchmark ${name} has a close a date`);
  const rowOf = new Map<CivilDate, number>();
  for (const [row, date] of dates.entries()) {
    const before = row === 0 ? '' : (dates[row - 1] as CivilDate);
    if (!(date > before)) assert(false, `benchmark ${name}: ${date} after ${before}`);
    if (!((closes[row] as number) > 0)) assert(false, `benchmark ${name}: close of ${date}`);
    rowOf.set(date, row);
  }
  const rows = sessionDates.map((date) => rowOf.get(date));
  const first = rows[0];
  const start = first !== undefined && first > 0 ? first - 1 : undefined;
  const returns = Float64Array.from(rows, (row, session) => {
    const before = session === 0 ? start : rows[session - 1];
    if (row === undefined || before === undefined) return Number.NaN;
    return (closes[row] as number) / (closes[before] as number) - 1;
  });
  const found = rows.filter((row) => row !== undefined);
  const from = start ?? found[0];
  const to = found.at(-1);
  const spans = from !== undefined && to !== undefined && to > from;
  const total = spans ? (closes[to] as number) / (closes[from] as number) - 1 : undefined;
  return { name, returns, totalReturn: total };
}

/** How returns relate to those of a benchmark. Undefined where there are fewer than two pairs or no variance. */
export interface Relation {
  /** Sessions that have both returns. */
  readonly pairs: number;
  /** Slope of the excess returns on the benchmark's. */
  readonly beta: number | undefined;
  /** Intercept × periods a year. */
  readonly alpha: number | undefined;
  readonly correlation: number | undefined;
  /** Sample deviation of the difference × √periods a year. */
  readonly trackingError: number | undefined;
  /** Mean difference × periods a year ÷ tracking error. */
  readonly informationRatio: number | undefined;
}

/**
 * Relates returns to a benchmark's by ordinary least squares over the sessions that have both.
 * @param returns of the run. @param against of the benchmark, NaN where missing; of one length.
 * @source Jensen, 1968; Grinold and Kahn, 1999
 */
export function relate(
  returns: Float64Array,
  against: Float64Array,
  options: RatioOptions,
): Relation {
  assert(returns.length === against.length, 'a benchmark return for each return');
  const present = Array.from(returns.keys()).filter(
    (row) => !Number.isNaN(against[row]) && !Number.isNaN(returns[row]),
  );
  const mine = Float64Array.from(present, (row) => returns[row] as number);
  const theirs = Float64Array.from(present, (row) => against[row] as number);
  const difference = mine.map((value, pair) => value - (theirs[pair] as number));
  const own = momentsOf(mine);
  const other = momentsOf(theirs);
  const active = momentsOf(difference);
  const spread = sampleDeviation(active);
  const ownSpread = sampleDeviation(own) ?? 0;
  const otherSpread = sampleDeviation(other) ?? 0;
  const covariance = coMoment(mine, theirs, own.mean, other.mean) / (present.length - 1);
  const beta = otherSpread > 0 ? finite(covariance / otherSpread ** 2) : undefined;
  const riskFree = riskFreePerPeriod(options);
  const { periodsPerYear } = options;
  return {
    pairs: present.length,
    beta,
    alpha:
      beta === undefined
        ? undefined
        : (own.mean - riskFree - beta * (other.mean - riskFree)) * periodsPerYear,
    correlation:
      otherSpread > 0 && ownSpread > 0 ? finite(covariance / otherSpread / ownSpread) : undefined,
    trackingError: spread === undefined ? undefined : spread * Math.sqrt(periodsPerYear),
    informationRatio:
      spread === undefined || spread === 0
        ? undefined
        : finite((active.mean / spread) * Math.sqrt(periodsPerYear)),
  };
}

function coMoment(a: Float64Array, b: Float64Array, meanA: number, meanB: number): number {
  let sum = 0;
  for (let row = 0; row < a.length; row += 1) {
    sum += ((a[row] as number) - meanA) * ((b[row] as number) - meanB);
  }
  return sum;
}
