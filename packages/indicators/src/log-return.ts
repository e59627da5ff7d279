import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import { Window } from './window.ts';

/**
 * The continuously compounded return since n inputs ago, ln(x ÷ xₙ). It has no value where either is not above 0.
 * @source J. C. Hull, Options, Futures, and Other Derivatives (8th ed., 2012), section 14.4, uᵢ = ln(Sᵢ ÷ Sᵢ₋₁).
 */
export const logReturn = defineValueIndicator({
  name: 'log-return',
  title: 'Log return',
  description: 'Natural logarithm of the input over the input `period` inputs ago.',
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const window = new Window(period);
    return composeKernel({
      warmup: period + 1,
      parts: { window },
      next: (value: number) => {
        const before = window.push(value);
        return before === undefined || !areAboveZero(before, value)
          ? undefined
          : Math.log(value / before);
      },
    });
  },
  fill: ({ period }, input, output) => {
    output.fill(Number.NaN, 0, Math.min(period, input.length));
    for (const block of blocksOf(period, input.length))
      returnsOfBlock(input, output, block, period);
    return true;
  },
});

const areAboveZero = (a: number, b: number): boolean => a > 0 && b > 0;

function returnsOfBlock(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  period: number,
): void {
  for (let row = from; row < to; row += 1) {
    const before = input[row - period] ?? 0;
    const value = input[row] ?? 0;
    output[row] = areAboveZero(before, value) ? Math.log(value / before) : Number.NaN;
  }
}
