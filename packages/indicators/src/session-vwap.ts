import { defineBarIndicator } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { type KernelState, numberOf, numberOrNone } from './kernel-state.ts';

/**
 * Sums deviations from the session's first typical price instead of prices: the sums stay small, so that most are
 * exact, and a price that does not move gives exactly that price.
 */
class SessionVwapKernel implements BarKernel {
  readonly warmup = 1;
  #sessionOpenUs: number | undefined;
  /** High + low + close of the first bar of the session. */
  #anchor = 0;
  /** Sum of (high + low + close − anchor) × volume. */
  #deviation = 0;
  #volume = 0;

  next(bar: IndicatorBar): number | undefined {
    const typical = bar.highNanos + bar.lowNanos + bar.closeNanos;
    if (bar.sessionOpenUs === undefined) return undefined;
    if (bar.sessionOpenUs !== this.#sessionOpenUs) {
      this.#sessionOpenUs = bar.sessionOpenUs;
      this.#anchor = typical;
      this.#deviation = 0;
      this.#volume = 0;
    }
    this.#deviation += (typical - this.#anchor) * bar.volume;
    this.#volume += bar.volume;
    if (this.#volume === 0) return undefined;
    return (this.#anchor + this.#deviation / this.#volume) / 3;
  }

  snapshot(): KernelState {
    return {
      sessionOpenUs: this.#sessionOpenUs ?? null,
      anchor: this.#anchor,
      deviation: this.#deviation,
      volume: this.#volume,
    };
  }

  restore(state: KernelState): void {
    this.#sessionOpenUs = numberOrNone(state, 'sessionOpenUs');
    this.#anchor = numberOf(state, 'anchor');
    this.#deviation = numberOf(state, 'deviation');
    this.#volume = numberOf(state, 'volume');
  }
}

/**
 * The volume-weighted average price from the session's open: the mean of (high + low + close) ÷ 3, weighted by
 * volume. There is none outside sessions and before the session's first trade.
 */
export const sessionVwap = defineBarIndicator({
  name: 'session-vwap',
  title: 'Session VWAP',
  description: "Typical price weighted by volume since the session's open; in nanos.",
  needsSession: true,
  parameters: {},
  create: () => new SessionVwapKernel(),
});
