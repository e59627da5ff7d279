import { assert } from '@capstan/domain';
import { type BarColumns, barAt } from './bar-columns.ts';
import { isFiniteColumn, presentValues, wholeMagnitude } from './column-facts.ts';
import type { BarIndicator, IndicatorParameters, ValueIndicator } from './indicator.ts';
import type { BarKernel, ValueKernel } from './kernel.ts';

/** An indicator over numbers with values for its parameters. */
export interface AppliedToValues {
  readonly indicator: ValueIndicator;
  readonly parameters: IndicatorParameters;
}

/** An indicator over bars with values for its parameters. */
export interface AppliedToBars {
  readonly indicator: BarIndicator;
  readonly parameters: IndicatorParameters;
}

/**
 * Fills a column with an indicator over numbers, by its quick path where it has one. `output[i]` has the bits that a
 * new kernel's `next` gives for `input[i]`, NaN where it gives none. NaN in the input is a missing value: the kernel
 * does not see it.
 * @param output of the input's length.
 * @param magnitudeOf `wholeMagnitude`, or one that remembers what it said of a column: several indicators may read it.
 */
export function fillValueColumn(
  applied: AppliedToValues,
  input: Float64Array,
  output: Float64Array,
  magnitudeOf: (column: Float64Array) => number | undefined = wholeMagnitude,
): void {
  const { indicator, parameters } = applied;
  checkRows(output, input.length);
  if (fillWhole(applied, input, output, magnitudeOf)) return;
  if (fillQuickly(applied, input, output)) return;
  fillFromValues(indicator.create(parameters), input, output);
}

function fillWhole(
  { indicator, parameters }: AppliedToValues,
  input: Float64Array,
  output: Float64Array,
  magnitudeOf: (column: Float64Array) => number | undefined,
): boolean {
  if (indicator.fillWhole === undefined) return false;
  const magnitude = magnitudeOf(input);
  return magnitude !== undefined && indicator.fillWhole(parameters, input, output, magnitude);
}

function fillQuickly(
  { indicator, parameters }: AppliedToValues,
  input: Float64Array,
  output: Float64Array,
): boolean {
  if (indicator.fill === undefined) return false;
  if (isFiniteColumn(input)) return indicator.fill(parameters, input, output);
  const present = presentValues(input);
  if (!isFiniteColumn(present)) return false;
  const dense = new Float64Array(present.length);
  if (!indicator.fill(parameters, present, dense)) return false;
  spread(dense, input, output);
  return true;
}

/** Fills a column with an indicator over bars, as {@link fillValueColumn} does over numbers. */
export function fillBarColumn(
  applied: AppliedToBars,
  bars: BarColumns,
  output: Float64Array,
): void {
  const { indicator, parameters } = applied;
  checkRows(output, bars.endUs.length);
  if (indicator.fill?.(parameters, bars, output) === true) return;
  fillFromBars(indicator.create(parameters), bars, output);
}

/** Runs a kernel over a column: what {@link fillValueColumn} does, one `next` after the other. */
export function fillFromValues(
  kernel: ValueKernel,
  input: Float64Array,
  output: Float64Array,
): void {
  checkRows(output, input.length);
  for (let row = 0; row < input.length; row += 1) {
    const value = input[row] ?? Number.NaN;
    output[row] = Number.isNaN(value) ? Number.NaN : (kernel.next(value) ?? Number.NaN);
  }
}

/** Runs a bar kernel over columns: what {@link fillBarColumn} does, one `next` after the other. */
export function fillFromBars(kernel: BarKernel, bars: BarColumns, output: Float64Array): void {
  const rows = bars.endUs.length;
  checkRows(output, rows);
  for (let row = 0; row < rows; row += 1) {
    output[row] = kernel.next(barAt(bars, row)) ?? Number.NaN;
  }
}

function checkRows(output: Float64Array, rows: number): void {
  assert(output.length === rows, `output has ${output.length} rows, not ${rows}`);
}

/** Puts the values back to the rows that they came from. */
function spread(dense: Float64Array, input: Float64Array, output: Float64Array): void {
  let next = 0;
  for (let row = 0; row < input.length; row += 1) {
    if (Number.isNaN(input[row])) output[row] = Number.NaN;
    else {
      output[row] = dense[next] ?? Number.NaN;
      next += 1;
    }
  }
}
