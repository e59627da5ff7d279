import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { Window } from './window.ts';

/**
 * The input `period` inputs ago: `ofNode(lag, { period: 1 }, channel)` is the channel as it was before this bar,
 * which is what a breakout is measured against.
 * @source The backshift operator: G. E. P. Box, G. M. Jenkins, Time Series Analysis (1970).
 */
export const lag = defineValueIndicator({
  name: 'lag',
  title: 'Lag',
  description: 'The input `period` inputs ago, in its unit.',
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const window = new Window(period);
    return composeKernel({
      warmup: period + 1,
      parts: { window },
      next: (value: number) => window.push(value),
    });
  },
  fill: ({ period }, input, output) => {
    const head = Math.min(period, input.length);
    output.fill(Number.NaN, 0, head);
    for (const block of blocksOf(head, input.length)) shiftBlock(input, output, block, period);
    return true;
  },
});

function shiftBlock(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  period: number,
): void {
  for (let row = from; row < to; row += 1) output[row] = (input[row - period] ?? 0) + 0;
}
