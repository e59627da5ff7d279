import { type CurveTotals, momentsOfReturns, noReturns, type ReturnSums } from '@capstan/analytics';
import { boundOf, RETURN_SUMS, type SweepColumns } from './sweep-columns.ts';

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

/**
 * Takes the rows `[from, to)` of a holding whose row before `from` was taken. Where hardly any cash lies beside it, its returns are
 * those of the price, whose sums are known.
 */
export function walkHolding(state: SweepState, columns: SweepColumns, holding: SweepHolding): void {
  const { cash, factor, from, to } = holding;
  if (from >= to) return;
  if (Math.abs(cash) > IDLE_CASH_FRACTION * state.last) {
    const { closeNanos } = columns;
    for (let row = from; row < to; row += 1) {
      takeRow(state, cash + (closeNanos[row] as number) * factor, row);
    }
    return;
  }
  addReturns(state.sums, columns.sums, from, to);
  trackHolding(state, columns, holding);
}

function addReturns(to: ReturnSums, sums: Float64Array, from: number, until: number): void {
  const begin = (from - 1) * RETURN_SUMS;
  const end = (until - 1) * RETURN_SUMS;
  to.sum1 += (sums[end] as number) - (sums[begin] as number);
  to.sum2 += (sums[end + 1] as number) - (sums[begin + 1] as number);
  to.sum3 += (sums[end + 2] as number) - (sums[begin + 2] as number);
  to.sum4 += (sums[end + 3] as number) - (sums[begin + 3] as number);
  to.twiceDownside2 += (sums[end + 4] as number) - (sums[begin + 4] as number);
}

/** Looks for peaks and depths, row by row only where blocks of rows show that there may be one. */
function trackHolding(
  state: SweepState,
  { closeNanos, highs, lows }: SweepColumns,
  { cash, factor, from, to }: SweepHolding,
): void {
  const mayDeepen = cash + boundOf(lows, from, to, -1) * factor < state.floor;
  if (mayDeepen || cash + boundOf(highs, from, to, 1) * factor >= state.peak) {
    for (let row = from; row < to; row += 1) {
      trackRow(state, cash + (closeNanos[row] as number) * factor, row);
    }
  } else state.last = cash + (closeNanos[to - 1] as number) * factor;
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
