import { type CurveTotals, momentsOfReturns } from '@capstan/analytics';
import { type SweepColumns, spanOf } from './sweep-columns.ts';

/** Cash beside a holding below this part of it leaves the returns of the price: what is off is less than 1e-10 of them. */
export const IDLE_CASH_FRACTION = 1e-11;

/** Where in a {@link SweepState} a number lies. */
export const STATE = {
  /** Equity at the last row that was taken. */
  last: 0,
  peak: 1,
  /** Equity below which the drawdown deepens. */
  floor: 2,
  depthFraction: 3,
  /** Rows up to the last one at the peak, it included. */
  peakAt: 4,
  longest: 5,
  /** What is held: `cash + factor × close`. */
  cash: 6,
  factor: 7,
  /** Equity at the last row of what is held. */
  lastHeld: 8,
  /** Sums of the returns, their second, third and fourth power, and twice their loss squared. */
  sums: 9,
} as const;
const STATE_CELLS = 14;

/** A curve in numbers, as a sweep goes along it: an array, since numbers in one are never copied to be passed on. */
export type SweepState = Float64Array;

/** Returns the state of a curve that begins at `initial`. */
export function beginSweep(initial: number): SweepState {
  const state = new Float64Array(STATE_CELLS);
  state[STATE.last] = initial;
  state[STATE.peak] = initial;
  state[STATE.floor] = initial;
  return state;
}

/** Takes one row whose equity may be anything. */
export function takeRow(state: SweepState, value: number, row: number): void {
  const change = value / (state[STATE.last] as number) - 1;
  const square = change * change;
  const twice = change - Math.abs(change);
  state[STATE.sums] = (state[STATE.sums] as number) + change;
  state[STATE.sums + 1] = (state[STATE.sums + 1] as number) + square;
  state[STATE.sums + 2] = (state[STATE.sums + 2] as number) + square * change;
  state[STATE.sums + 3] = (state[STATE.sums + 3] as number) + square * square;
  state[STATE.sums + 4] = (state[STATE.sums + 4] as number) + twice * twice;
  trackRow(state, value, row);
}

function trackRow(state: SweepState, value: number, row: number): void {
  const peak = state[STATE.peak] as number;
  if (value >= peak) {
    const length = row + 1 - (state[STATE.peakAt] as number);
    if ((state[STATE.last] as number) < peak && length > (state[STATE.longest] as number)) {
      state[STATE.longest] = length;
    }
    state[STATE.peak] = value;
    state[STATE.peakAt] = row + 1;
    state[STATE.floor] = value * (1 + (state[STATE.depthFraction] as number));
  } else if (value < (state[STATE.floor] as number)) {
    state[STATE.floor] = value;
    state[STATE.depthFraction] = value / peak - 1;
  }
  state[STATE.last] = value;
}

/**
 * Takes the rows `[from, to)` of what is held, whose row before `from` was taken.
 * @returns false where their returns are left to be added: hardly any cash lies beside the holding, so that they are the price's.
 */
export function walkHolding(
  state: SweepState,
  columns: SweepColumns,
  from: number,
  to: number,
): boolean {
  const { closeNanos } = columns;
  const cash = state[STATE.cash] as number;
  const factor = state[STATE.factor] as number;
  if (Math.abs(cash) > IDLE_CASH_FRACTION * (state[STATE.last] as number)) {
    for (let row = from; row < to; row += 1) {
      takeRow(state, cash + (closeNanos[row] as number) * factor, row);
    }
    return true;
  }
  if (from >= to) return true;
  if (mayTurn(state, columns, from, to)) {
    for (let row = from; row < to; row += 1) {
      trackRow(state, cash + (closeNanos[row] as number) * factor, row);
    }
  } else state[STATE.last] = state[STATE.lastHeld] as number;
  return false;
}

/** Tells whether one of some rows may be a peak or a depth, by the highest and lowest close of a span that has them. */
function mayTurn(state: SweepState, { spans }: SweepColumns, from: number, to: number): boolean {
  const cash = state[STATE.cash] as number;
  const factor = state[STATE.factor] as number;
  const span = spanOf(spans, from, to);
  const [high, low] = [spans.extremes[span] as number, spans.extremes[span + 1] as number];
  if (cash + high * factor >= (state[STATE.peak] as number)) return true;
  return cash + low * factor < (state[STATE.floor] as number);
}

/** Passes over rows in which nothing was held: they have no return, and those at the peak are of it. */
export function restUntil(state: SweepState, row: number): void {
  if ((state[STATE.last] as number) >= (state[STATE.peak] as number)) state[STATE.peakAt] = row;
}

/** Returns the totals of a curve of so many rows. */
export function totalsOf(state: SweepState, initial: number, rows: number): CurveTotals {
  const at = (place: number) => state[place] as number;
  const last = at(STATE.last);
  const open = last < at(STATE.peak) ? rows - at(STATE.peakAt) : 0;
  return {
    initial,
    last,
    count: rows,
    maxDrawdownFraction: at(STATE.depthFraction),
    longestDrawdown: Math.max(open, at(STATE.longest)),
    moments: () =>
      momentsOfReturns({
        count: rows,
        sum1: at(STATE.sums),
        sum2: at(STATE.sums + 1),
        sum3: at(STATE.sums + 2),
        sum4: at(STATE.sums + 3),
        twiceDownside2: at(STATE.sums + 4),
      }),
  };
}
