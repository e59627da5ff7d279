import { assert } from '@capstan/domain';
import type { BarKernel, IndicatorBar, ValueKernel } from './kernel.ts';

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

/**
 * Runs a kernel over a column. `output[i]` has the bits that `next` gives for `input[i]`, NaN where it gives none.
 * NaN in the input is a missing value: the kernel does not see it.
 * @param output of the input's length.
 */
export function fillFromValues(
  kernel: ValueKernel,
  input: Float64Array,
  output: Float64Array,
): void {
  assert(output.length === input.length, `output has ${output.length} rows, not ${input.length}`);
  for (let row = 0; row < input.length; row += 1) {
    const value = input[row] ?? Number.NaN;
    output[row] = Number.isNaN(value) ? Number.NaN : (kernel.next(value) ?? Number.NaN);
  }
}

/** Runs a bar kernel over columns, as {@link fillFromValues} does over numbers. */
export function fillFromBars(kernel: BarKernel, bars: BarColumns, output: Float64Array): void {
  const rows = bars.endUs.length;
  assert(output.length === rows, `output has ${output.length} rows, not ${rows}`);
  for (let row = 0; row < rows; row += 1) {
    output[row] = kernel.next(barAt(bars, row)) ?? Number.NaN;
  }
}

/** Returns one row of the columns as a bar. */
export function barAt(bars: BarColumns, row: number): IndicatorBar {
  const session = bars.sessionOpenUs?.[row] ?? Number.NaN;
  return {
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
  assert(value !== undefined, `a column has no row ${row}`);
  return value;
}
