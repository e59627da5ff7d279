import { blocksOf, type RowRange, sumFacts } from './column-facts.ts';
import { exactQuotient, highLimb, lowLimb } from './exact-quotient.ts';
import { defineValueIndicator, PERIOD } from './indicator.ts';
import type { ValueKernel } from './kernel.ts';
import { type KernelState, numbersOf } from './kernel-state.ts';
import { Window } from './window.ts';
import { rampSumOfRun } from './window-sums.ts';

/** Sums are kept in limbs, as in `WindowMean`. With each input every weight falls by one: by the sum of the window. */
class WmaKernel implements ValueKernel {
  readonly warmup: number;
  readonly #window: Window;
  readonly #weights: number;
  #sumHigh = 0;
  #sumLow = 0;
  #weightedHigh = 0;
  #weightedLow = 0;
  #fractions = 0;

  constructor(period: number) {
    this.warmup = period;
    this.#window = new Window(period);
    this.#weights = weightsOf(period);
  }

  next(value: number): number | undefined {
    const left = this.#window.push(value);
    this.#weightedHigh -= this.#sumHigh;
    this.#weightedLow -= this.#sumLow;
    if (left !== undefined) this.#account(left, -1);
    this.#account(value, 1);
    if (!this.#window.isFull) return undefined;
    if (this.#fractions > 0) {
      return rampSumOfRun(this.#window.values, this.#window.run) / this.#weights;
    }
    return exactQuotient({ high: this.#weightedHigh, low: this.#weightedLow }, this.#weights);
  }

  snapshot(): KernelState {
    return this.#window.snapshot();
  }

  restore(state: KernelState): void {
    this.#window.clear();
    this.#sumHigh = 0;
    this.#sumLow = 0;
    this.#weightedHigh = 0;
    this.#weightedLow = 0;
    this.#fractions = 0;
    for (const value of numbersOf(state, 'window', this.warmup)) this.next(value);
  }

  /** What leaves has no weight any more; what comes has the most. */
  #account(value: number, sign: 1 | -1): void {
    if (!Number.isSafeInteger(value)) {
      this.#fractions += sign;
      return;
    }
    const high = highLimb(value);
    const low = lowLimb(value);
    this.#sumHigh += sign * high;
    this.#sumLow += sign * low;
    if (sign === -1) return;
    this.#weightedHigh += this.warmup * high;
    this.#weightedLow += this.warmup * low;
  }
}

function weightsOf(period: number): number {
  return (period * (period + 1)) / 2;
}

/**
 * The linearly weighted moving average, (1·x₁ + 2·x₂ + … + n·xₙ) ÷ (n(n + 1) ÷ 2), the newest weighing most. Exact
 * over integers, as `sma` is.
 * @source J. J. Murphy, Technical Analysis of the Financial Markets (1999), chapter 9.
 */
export const wma = defineValueIndicator({
  name: 'wma',
  title: 'Weighted moving average',
  description: 'The mean of the last `period` inputs with weights 1 to `period`, in their unit.',
  parameters: { period: PERIOD },
  create: ({ period }) => new WmaKernel(period),
  fill: ({ period }, input, output) => fillWma(input, output, period),
});

function fillWma(input: Float64Array, output: Float64Array, period: number): boolean {
  const { areWhole, areExact } = sumFacts(input, weightsOf(period));
  if (!areExact) return false;
  const head = Math.min(period - 1, input.length);
  output.fill(Number.NaN, 0, head);
  let ramp: RollingRamp = { period, sum: 0, weighted: 0 };
  for (let row = 0; row < head; row += 1) {
    const value = input[row] ?? 0;
    ramp = { period, sum: ramp.sum + value, weighted: ramp.weighted - ramp.sum + period * value };
  }
  for (const block of blocksOf(head, input.length)) {
    if (areWhole) ramp = roll(input, output, block, ramp);
    else sumAnew(input, output, block, period);
  }
  return true;
}

/** Sums over the window before a row, already without what that row drives out. */
interface RollingRamp {
  readonly period: number;
  readonly sum: number;
  readonly weighted: number;
}

function roll(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  { period, ...before }: RollingRamp,
): RollingRamp {
  const weights = weightsOf(period);
  let { sum, weighted } = before;
  for (let row = from; row < to; row += 1) {
    const value = input[row] ?? 0;
    const leaving = input[row - period + 1] ?? 0;
    weighted += period * value - sum;
    output[row] = weighted / weights;
    sum += value - leaving;
    weighted -= leaving;
  }
  return { period, sum, weighted };
}

function sumAnew(
  input: Float64Array,
  output: Float64Array,
  { from, to }: RowRange,
  period: number,
): void {
  const weights = weightsOf(period);
  for (let row = from; row < to; row += 1) {
    output[row] = rampSumOfRun(input, { start: row - period + 1, count: period }) / weights;
  }
}
