import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { Window } from './window.ts';

/**
 * The rate of change since n inputs ago, x ÷ xₙ − 1 computed as (x − xₙ) ÷ xₙ: 0.01 is one percent. It has no value
 * where xₙ is 0.
 * @source J. J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 10; there as 100 · x ÷ xₙ.
 */
export const rateOfChange = defineValueIndicator({
  name: 'rate-of-change',
  title: 'Rate of change',
  description: 'Change since `period` inputs ago as a fraction of the input then.',
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const window = new Window(period);
    return composeKernel({
      warmup: period + 1,
      parts: { window },
      next: (value: number) => {
        const before = window.push(value);
        return before === undefined || before === 0 ? undefined : (value - before) / before;
      },
    });
  },
  fill: ({ period }, input, output) => {
    output.fill(Number.NaN, 0, Math.min(period, input.length));
    for (const block of blocksOf(period, input.length))
      changesOfBlock(input, output, block, period);
    return true;
  },
});

function changesOfBlock(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  period: number,
): void {
  for (let row = from; row < to; row += 1) {
    const before = (input[row - period] ?? 0) + 0;
    output[row] = before === 0 ? Number.NaN : ((input[row] ?? 0) - before) / before;
  }
}
