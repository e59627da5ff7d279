import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel } from './compose-kernel.ts';
import { exponential } from './ema.ts';
import { defineValueIndicator, type IndicatorParameter, PERIOD } from './indicator.ts';
import type { ValueKernel } from './kernel.ts';
import { fillSmoothed, SmoothedMean } from './smoothed-mean.ts';

const FAST: IndicatorParameter = {
  ...PERIOD,
  description: 'Length of the fast average, in inputs.',
};
const SLOW: IndicatorParameter = {
  ...PERIOD,
  description: 'Length of the slow average, in inputs.',
};
const SIGNAL: IndicatorParameter = {
  ...PERIOD,
  description: 'Length of the average of the line, in values of the line.',
};

/**
 * The MACD line: the fast exponential average less the slow one, each started at the mean of its own first inputs.
 * @source G. Appel, Technical Analysis: Power Tools for Active Investors (2005): 12, 26 and 9 by custom.
 */
export const macdLine = defineValueIndicator({
  name: 'macd-line',
  title: 'MACD, line',
  description: 'Exponential average over `fast` less that over `slow`, in the unit of the inputs.',
  parameters: { fast: FAST, slow: SLOW },
  create: lineKernel,
  fill: (lengths, input, output) => fillLine(input, output, lengths),
});

/** The MACD signal: the exponential average of {@link macdLine}. @source as there. */
export const macdSignal = defineValueIndicator({
  name: 'macd-signal',
  title: 'MACD, signal',
  description:
    'Exponential average over `signal` values of the MACD line, in the unit of the inputs.',
  parameters: { fast: FAST, slow: SLOW, signal: SIGNAL },
  create: (lengths) => signalKernel(lengths, (_line, signal) => signal),
  fill: (lengths, input, output) => fillSignal(input, output, lengths),
});

/** The MACD histogram: {@link macdLine} less {@link macdSignal}. @source as there. */
export const macdHistogram = defineValueIndicator({
  name: 'macd-histogram',
  title: 'MACD, histogram',
  description: 'MACD line less its signal, in the unit of the inputs.',
  parameters: { fast: FAST, slow: SLOW, signal: SIGNAL },
  create: (lengths) => signalKernel(lengths, (line, signal) => line - signal),
  fill: (lengths, input, output) => {
    const signals = new Float64Array(input.length);
    fillLine(input, output, lengths);
    fillSignal(input, signals, lengths);
    for (const block of blocksOf(0, input.length)) subtractBlock(output, signals, block);
    return true;
  },
});

interface LineLengths {
  readonly fast: number;
  readonly slow: number;
}

interface SignalLengths extends LineLengths {
  readonly signal: number;
}

function lineKernel({ fast, slow }: LineLengths): ValueKernel {
  const quick = new SmoothedMean(exponential(fast));
  const steady = new SmoothedMean(exponential(slow));
  return composeKernel({
    warmup: Math.max(fast, slow),
    parts: { fast: quick, slow: steady },
    next: (value: number) => {
      const near = quick.next(value);
      const far = steady.next(value);
      return near === undefined || far === undefined ? undefined : near - far;
    },
  });
}

function signalKernel(
  lengths: SignalLengths,
  output: (line: number, signal: number) => number,
): ValueKernel {
  const line = lineKernel(lengths);
  const average = new SmoothedMean(exponential(lengths.signal));
  return composeKernel({
    warmup: line.warmup + lengths.signal - 1,
    parts: { line, average },
    next: (value: number) => {
      const height = line.next(value);
      const signal = height === undefined ? undefined : average.next(height);
      return height === undefined || signal === undefined ? undefined : output(height, signal);
    },
  });
}

function fillLine(input: Float64Array, output: Float64Array, { fast, slow }: LineLengths): true {
  const steady = new Float64Array(input.length);
  fillSmoothed(input, output, exponential(fast));
  fillSmoothed(input, steady, exponential(slow));
  for (const block of blocksOf(0, input.length)) subtractBlock(output, steady, block);
  return true;
}

function fillSignal(input: Float64Array, output: Float64Array, lengths: SignalLengths): true {
  fillLine(input, output, lengths);
  const line = output.subarray(Math.max(lengths.fast, lengths.slow) - 1);
  return fillSmoothed(line, line, exponential(lengths.signal));
}

/** Takes one column away from another; NaN in either is NaN. */
function subtractBlock(column: Float64Array, less: Float64Array, { from, to }: RowRange): void {
  for (let row = from; row < to; row += 1) column[row] = (column[row] ?? 0) - (less[row] ?? 0);
}
