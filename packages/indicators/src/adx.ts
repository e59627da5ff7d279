import type { BarColumns } from './bar-columns.ts';
import { blocksOf, type RowRange } from './column-facts.ts';
import { composeKernel, type Stateful } from './compose-kernel.ts';
import { defineBarIndicator, PERIOD } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { joinStates, type KernelState, numberOf, numberOrNone, stateOf } from './kernel-state.ts';
import { fillSmoothed, SmoothedMean, wilder } from './smoothed-mean.ts';
import { fillTrueRanges, TrueRangeKernel } from './true-range.ts';

/**
 * +DI of the directional movement system: Wilder's mean of upward moves of the high in percent of that of the true
 * range, 0 to 100. A move up counts where it is above 0 and above the move of the low down. The first bar has no
 * move; the means start at those of the n bars after it. 0 where nothing moved.
 * @source J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section IV.
 */
export const plusDi = defineBarIndicator({
  name: 'plus-di',
  title: 'Directional indicator, +DI',
  description: 'Upward moves in percent of the true range, 0 to 100.',
  needsSession: false,
  parameters: { period: PERIOD },
  create: ({ period }) => directionalKernel(period, ({ plus }) => plus),
  fill: ({ period }, bars, output) => fillDirections(bars, { plus: output }, period),
});

/** −DI of the directional movement system: as {@link plusDi} for moves of the low down. @source as there. */
export const minusDi = defineBarIndicator({
  name: 'minus-di',
  title: 'Directional indicator, −DI',
  description: 'Downward moves in percent of the true range, 0 to 100.',
  needsSession: false,
  parameters: { period: PERIOD },
  create: ({ period }) => directionalKernel(period, ({ minus }) => minus),
  fill: ({ period }, bars, output) => fillDirections(bars, { minus: output }, period),
});

/**
 * The average directional index: Wilder's mean, started at that of the first n, of 100 · |+DI − −DI| ÷ (+DI + −DI),
 * which is 0 where both are.
 * @source J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section IV.
 */
export const adx = defineBarIndicator({
  name: 'adx',
  title: 'Average directional index',
  description: 'How one-sided the moves are, whichever the side, 0 to 100.',
  needsSession: false,
  parameters: { period: PERIOD },
  create: ({ period }) => {
    const movement = new DirectionalMovement(period);
    const mean = new SmoothedMean(wilder(period));
    return composeKernel({
      warmup: 2 * period,
      parts: { movement, mean },
      next: (bar: IndicatorBar) => {
        const direction = movement.next(bar);
        if (direction === undefined) return undefined;
        return mean.next(oneSidedness(direction.plus, direction.minus));
      },
    });
  },
  fill: ({ period }, bars, output) => {
    const minus = new Float64Array(output.length);
    if (!fillDirections(bars, { plus: output, minus }, period)) return false;
    for (const block of blocksOf(period, output.length)) compareBlock(output, minus, block);
    const indices = output.subarray(Math.min(period, output.length));
    return fillSmoothed(indices, indices, wilder(period));
  },
});

interface Direction {
  readonly plus: number;
  readonly minus: number;
}

function directionalKernel(period: number, output: (direction: Direction) => number): BarKernel {
  const movement = new DirectionalMovement(period);
  return composeKernel({
    warmup: period + 1,
    parts: { movement },
    next: (bar: IndicatorBar) => {
      const direction = movement.next(bar);
      return direction === undefined ? undefined : output(direction);
    },
  });
}

/** Both directional indicators, stepped together. */
class DirectionalMovement implements Stateful {
  #high: number | undefined;
  #low = 0;
  readonly #range = new TrueRangeKernel();
  readonly #rises: SmoothedMean;
  readonly #falls: SmoothedMean;
  readonly #ranges: SmoothedMean;

  constructor(period: number) {
    this.#rises = new SmoothedMean(wilder(period));
    this.#falls = new SmoothedMean(wilder(period));
    this.#ranges = new SmoothedMean(wilder(period));
  }

  next(bar: IndicatorBar): Direction | undefined {
    const trueRange = this.#range.next(bar);
    const before = this.#high;
    const rise = bar.highNanos - (before ?? 0);
    const fall = this.#low - bar.lowNanos;
    this.#high = bar.highNanos;
    this.#low = bar.lowNanos;
    if (before === undefined) return undefined;
    const rises = this.#rises.next(rise > fall && rise > 0 ? rise : 0);
    const falls = this.#falls.next(fall > rise && fall > 0 ? fall : 0);
    const ranges = this.#ranges.next(trueRange);
    if (rises === undefined || falls === undefined || ranges === undefined) return undefined;
    return { plus: percent(rises, ranges), minus: percent(falls, ranges) };
  }

  snapshot(): KernelState {
    return {
      high: this.#high ?? null,
      low: this.#low,
      ...joinStates({
        range: this.#range.snapshot(),
        rises: this.#rises.snapshot(),
        falls: this.#falls.snapshot(),
        ranges: this.#ranges.snapshot(),
      }),
    };
  }

  restore(state: KernelState): void {
    this.#high = numberOrNone(state, 'high');
    this.#low = numberOf(state, 'low');
    this.#range.restore(stateOf(state, 'range'));
    this.#rises.restore(stateOf(state, 'rises'));
    this.#falls.restore(stateOf(state, 'falls'));
    this.#ranges.restore(stateOf(state, 'ranges'));
  }
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}

function oneSidedness(plus: number, minus: number): number {
  return percent(Math.abs(plus - minus), plus + minus);
}

/** Fills one or both directional indicators. @returns false where a price is no number. */
function fillDirections(
  bars: BarColumns,
  wanted: { readonly plus?: Float64Array; readonly minus?: Float64Array },
  period: number,
): boolean {
  const ranges = new Float64Array(bars.endUs.length);
  if (!fillTrueRanges(bars, ranges)) return false;
  if (ranges.length === 0) return true;
  const smoothRanges = ranges.subarray(1);
  fillSmoothed(smoothRanges, smoothRanges, wilder(period));
  const { highNanos, lowNanos } = bars;
  const sides = [
    { output: wanted.plus, along: highNanos, against: lowNanos, sign: 1 as const },
    { output: wanted.minus, along: lowNanos, against: highNanos, sign: -1 as const },
  ];
  for (const { output, ...side } of sides) {
    if (output === undefined) continue;
    for (const block of blocksOf(1, ranges.length)) moveBlock(side, output, block);
    const moves = output.subarray(1);
    fillSmoothed(moves, moves, wilder(period));
    for (const block of blocksOf(0, moves.length)) percentBlock(moves, smoothRanges, block);
    output[0] = Number.NaN;
  }
  return true;
}

/** A side of the market: moves of `along` times `sign` count where they exceed those of `against` the other way. */
interface Side {
  readonly along: Float64Array;
  readonly against: Float64Array;
  readonly sign: 1 | -1;
}

function moveBlock(
  { along, against, sign }: Side,
  output: Float64Array,
  { from, to }: RowRange,
): void {
  for (let row = from; row < to; row += 1) {
    const move = sign * ((along[row] ?? 0) - (along[row - 1] ?? 0));
    const counter = sign * ((against[row - 1] ?? 0) - (against[row] ?? 0));
    output[row] = move > counter && move > 0 ? move : 0;
  }
}

/** Replaces parts by their percentage of wholes. */
function percentBlock(parts: Float64Array, wholes: Float64Array, { from, to }: RowRange): void {
  for (let row = from; row < to; row += 1) parts[row] = percent(parts[row] ?? 0, wholes[row] ?? 0);
}

/** Replaces +DI by how one-sided it is to −DI. */
function compareBlock(plus: Float64Array, minus: Float64Array, { from, to }: RowRange): void {
  for (let row = from; row < to; row += 1)
    plus[row] = oneSidedness(plus[row] ?? 0, minus[row] ?? 0);
}
