import { blocksOf, inBlocks, type RowRange, sumFacts, wholeMagnitude } from './column-facts.ts';
import { meanOfRun } from './window-sums.ts';

/**
 * Fills a column with the means of the last `period` values, with the bits of a `WindowMean`: rolling sums of whole
 * numbers are exact while they stay below 2^53, and in a column with fractions each window is summed anew.
 * @param input finite numbers.
 * @returns false where a sum of whole numbers could pass 2^53.
 */
export function fillMeans(input: Float64Array, output: Float64Array, period: number): boolean {
  const magnitude = wholeMagnitude(input);
  if (magnitude !== undefined && fillWholeMeans(input, output, { period, magnitude })) return true;
  const { areWhole, areExact } = sumFacts(input, period);
  if (!areExact) return false;
  const head = Math.min(period - 1, input.length);
  output.fill(Number.NaN, 0, head);
  let sum = 0;
  for (let row = 0; row < head; row += 1) sum += input[row] ?? 0;
  for (const block of blocksOf(head, input.length)) {
    if (areWhole) sum = rollSum(input, output, block, { period, sum });
    else sumAnew(input, output, block, period);
  }
  return true;
}

/**
 * Fills a column with the means of whole numbers.
 * @param input whole numbers of at most the magnitude.
 * @returns false where sums may not be exact: then the output means nothing.
 */
export function fillWholeMeans(
  input: Float64Array,
  output: Float64Array,
  { period, magnitude }: { readonly period: number; readonly magnitude: number },
): boolean {
  if (period < 2 || magnitude > Number.MAX_SAFE_INTEGER / period) return false;
  const head = Math.min(period, input.length);
  let sum = 0;
  for (let row = 0; row < head; row += 1) sum += input[row] as number;
  output.fill(Number.NaN, 0, head);
  if (head === period) output[head - 1] = sum / period;
  inBlocks(head, input.length, (from, to) => {
    sum = rollWhole(input, output, { from, to }, { period, sum });
  });
  return true;
}

/**
 * One addition waits for the one before it, no more: what comes and what leaves are subtracted from each other first.
 * @returns the sum of the last `period` values of the block.
 */
function rollWhole(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  { period, sum: before }: { readonly period: number; readonly sum: number },
): number {
  let sum = before;
  for (let row = from; row < to; row += 1) {
    sum += (input[row] as number) - (input[row - period] as number);
    output[row] = sum / period;
  }
  return sum;
}

/** @returns the sum of the last `period − 1` values before the end of the block. */
function rollSum(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  { period, sum: before }: { readonly period: number; readonly sum: number },
): number {
  let sum = before;
  for (let row = from; row < to; row += 1) {
    sum += input[row] ?? 0;
    output[row] = sum / period;
    sum -= input[row - period + 1] ?? 0;
  }
  return sum;
}

function sumAnew(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  period: number,
): void {
  for (let row = from; row < to; row += 1) {
    output[row] = meanOfRun(input, { start: row - period + 1, count: period });
  }
}
