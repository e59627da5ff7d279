import { type CurveTotals, momentsOfReturns, noReturns, type ReturnSums } from '@capstan/analytics';

/** Cash beside a holding below this part of it leaves the returns of the price: what is off is less than 1e-10 of them. */
const IDLE_CASH_FRACTION = 1e-11;

/** A curve in sums, as a sweep goes along it; a plain object, which the loops are quicker over. */
export interface SweepState {
  /** Equity at the last row that was taken. */
  last: number;
  peak: number;
  /** Equity below which the drawdown deepens. */
  floor: number;
  depthFraction: number;
  /** Rows up to the last one at the peak, it included. */
  peakAt: number;
  longest: number;
  readonly sums: ReturnSums;
}

/** Returns the state of a curve that begins at `initial`. */
export function beginSweep(initial: number): SweepState {
  const sums = noReturns();
  return {
    last: initial,
    peak: initial,
    floor: initial,
    depthFraction: 0,
    peakAt: 0,
    longest: 0,
    sums,
  };
}

/** Takes one row whose equity may be anything. */
export function takeRow(state: SweepState, value: number, row: number): void {
  const { sums } = state;
  const change = value / state.last - 1;
  const square = change * change;
  const twice = change - Math.abs(change);
  sums.sum1 += change;
  sums.sum2 += square;
  sums.sum3 += square * change;
  sums.sum4 += square * square;
  sums.twiceDownside2 += twice * twice;
  trackRow(state, value, row);
}

function trackRow(state: SweepState, value: number, row: number): void {
  if (value >= state.peak) {
    if (state.last < state.peak) state.longest = Math.max(state.longest, row + 1 - state.peakAt);
    state.peak = value;
    state.peakAt = row + 1;
    state.floor = value * (1 + state.depthFraction);
  } else if (value < state.floor) {
    state.floor = value;
    state.depthFraction = value / state.peak - 1;
  }
  state.last = value;
}

/** What is held over some rows: `cash + factor × close`. */
export interface SweepHolding {
  readonly cash: number;
  readonly factor: number;
  readonly from: number;
  readonly to: number;
}

/** Columns of the bars that a holding is walked over. */
export interface SweepColumns {
  readonly closeNanos: Float64Array;
  /** The change of the close from bar to bar. */
  readonly changes: Float64Array;
}

/** Takes the rows `[from, to)` of a holding whose row before `from` was taken. */
export function walkHolding(
  state: SweepState,
  { closeNanos, changes }: SweepColumns,
  { cash, factor, from, to }: SweepHolding,
): void {
  if (Math.abs(cash) > IDLE_CASH_FRACTION * state.last) {
    for (let row = from; row < to; row += 1) {
      takeRow(state, cash + (closeNanos[row] as number) * factor, row);
    }
    return;
  }
  const { sums } = state;
  let { sum1, sum2, sum3, sum4, twiceDownside2 } = sums;
  let { last, peak, floor } = state;
  for (let row = from; row < to; row += 1) {
    const change = changes[row] as number;
    const value = cash + (closeNanos[row] as number) * factor;
    const square = change * change;
    const twice = change - Math.abs(change);
    sum1 += change;
    sum2 += square;
    sum3 += square * change;
    sum4 += square * square;
    twiceDownside2 += twice * twice;
    if (value >= peak) {
      if (last < peak) state.longest = Math.max(state.longest, row + 1 - state.peakAt);
      peak = value;
      state.peakAt = row + 1;
      floor = value * (1 + state.depthFraction);
    } else if (value < floor) {
      floor = value;
      state.depthFraction = value / peak - 1;
    }
    last = value;
  }
  state.last = last;
  state.peak = peak;
  state.floor = floor;
  sums.sum1 = sum1;
  sums.sum2 = sum2;
  sums.sum3 = sum3;
  sums.sum4 = sum4;
  sums.twiceDownside2 = twiceDownside2;
}

/** Passes over rows in which nothing was held: they have no return, and those at the peak are of it. */
export function restUntil(state: SweepState, row: number): void {
  if (state.last >= state.peak) state.peakAt = row;
}

/** Returns the totals of a curve of so many rows. */
export function totalsOf(state: SweepState, initial: number, rows: number): CurveTotals {
  state.sums.count = rows;
  const { last, peak, peakAt, longest, depthFraction, sums } = state;
  const open = last < peak ? rows - peakAt : 0;
  return {
    initial,
    last,
    count: rows,
    maxDrawdownFraction: depthFraction,
    longestDrawdown: Math.max(open, longest),
    moments: () => momentsOfReturns(sums),
  };
}
