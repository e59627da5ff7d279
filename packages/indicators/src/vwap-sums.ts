import type { Stateful } from './compose-kernel.ts';
import type { IndicatorBar } from './kernel.ts';
import { type KernelState, numberOf } from './kernel-state.ts';

/** A volume-weighted average price and how prices lie around it, in nanos. */
export interface Vwap {
  readonly mean: number;
  /** Volume-weighted standard deviation of the typical prices. */
  readonly deviation: number;
}

/**
 * Sums of a volume-weighted average of typical prices, (high + low + close) ÷ 3.
 *
 * Sums deviations from the first typical price instead of prices: the sums stay small, so that most are exact, and a
 * price that does not move gives exactly that price. Squares are of distances from the average as it was, so that no
 * difference of great sums is taken.
 * @source D. H. D. West, Updating Mean and Variance Estimates: An Improved Method, Communications of the ACM 22
 * (1979), for the squares.
 */
export class VwapSums implements Stateful {
  /** High + low + close of the first bar: thrice its typical price, as all prices here are. */
  #anchor = 0;
  /** Sum of (high + low + close − anchor) × volume. */
  #moment = 0;
  #volume = 0;
  /** Sum of squared distances from the average × volume. */
  #squares = 0;

  /** Forgets what was, and begins with a bar. */
  restart(bar: IndicatorBar): void {
    this.#anchor = thriceTypical(bar);
    this.#moment = 0;
    this.#volume = 0;
    this.#squares = 0;
    this.add(bar);
  }

  /** Takes the next bar. */
  add(bar: IndicatorBar): void {
    if (bar.volume === 0) return;
    const distance = thriceTypical(bar) - this.#anchor;
    const before = this.#volume === 0 ? distance : this.#moment / this.#volume;
    this.#moment += distance * bar.volume;
    this.#volume += bar.volume;
    const product = (distance - before) * (distance - this.#moment / this.#volume);
    if (product > 0) this.#squares += product * bar.volume;
  }

  /** Returns the average, or `undefined` before the first trade. */
  value(): Vwap | undefined {
    if (this.#volume === 0) return undefined;
    return {
      mean: (this.#anchor + this.#moment / this.#volume) / 3,
      deviation: Math.sqrt(this.#squares / this.#volume) / 3,
    };
  }

  snapshot(): KernelState {
    return {
      anchor: this.#anchor,
      moment: this.#moment,
      volume: this.#volume,
      squares: this.#squares,
    };
  }

  /** @throws INDICATOR.STATE */
  restore(state: KernelState): void {
    this.#anchor = numberOf(state, 'anchor');
    this.#moment = numberOf(state, 'moment');
    this.#volume = numberOf(state, 'volume');
    this.#squares = numberOf(state, 'squares');
  }
}

function thriceTypical(bar: IndicatorBar): number {
  return bar.highNanos + bar.lowNanos + bar.closeNanos;
}
