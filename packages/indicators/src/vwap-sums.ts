import type { Stateful } from './compose-kernel.ts';
import type { IndicatorBar } from './kernel.ts';
import { type KernelState, numberOf } from './kernel-state.ts';

/** What a bar adds to an average. */
export interface Trades {
  /** High + low + close: thrice the typical price, in nanos. */
  readonly thriceTypical: number;
  readonly volume: number;
}

/** Returns what a bar adds. */
export function tradesOf(bar: IndicatorBar): Trades {
  return { thriceTypical: bar.highNanos + bar.lowNanos + bar.closeNanos, volume: bar.volume };
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
  restart(trades: Trades): void {
    this.#anchor = trades.thriceTypical;
    this.#moment = 0;
    this.#volume = 0;
    this.#squares = 0;
    this.add(trades);
  }

  /** Takes the next bar. */
  add({ thriceTypical, volume }: Trades): void {
    if (volume === 0) return;
    const distance = thriceTypical - this.#anchor;
    const before = this.#volume === 0 ? distance : this.#moment / this.#volume;
    this.#moment += distance * volume;
    this.#volume += volume;
    const product = (distance - before) * (distance - this.#moment / this.#volume);
    if (product > 0) this.#squares += product * volume;
  }

  /**
   * Returns the average moved by a multiple of the volume-weighted standard deviation of the typical prices, in nanos;
   * `undefined` before the first trade. @param multiple 0 for the average itself, below 0 for the lower band.
   */
  line(multiple: number): number | undefined {
    if (this.#volume === 0) return undefined;
    const mean = (this.#anchor + this.#moment / this.#volume) / 3;
    return mean + multiple * (Math.sqrt(this.#squares / this.#volume) / 3);
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
