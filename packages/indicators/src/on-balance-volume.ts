import { defineBarIndicator } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { type KernelState, numberOf, numberOrNone } from './kernel-state.ts';

class OnBalanceVolumeKernel implements BarKernel {
  readonly warmup = 1;
  #total = 0;
  #previousClose: number | undefined;

  next(bar: IndicatorBar): number {
    const previous = this.#previousClose ?? bar.closeNanos;
    if (bar.closeNanos > previous) this.#total += bar.volume;
    else if (bar.closeNanos < previous) this.#total -= bar.volume;
    this.#previousClose = bar.closeNanos;
    return this.#total;
  }

  snapshot(): KernelState {
    return { total: this.#total, previousClose: this.#previousClose ?? null };
  }

  restore(state: KernelState): void {
    this.#total = numberOf(state, 'total');
    this.#previousClose = numberOrNone(state, 'previousClose');
  }
}

/**
 * On-balance volume: volume is added where the close rose, taken away where it fell, and passed over where it stayed.
 * It begins at 0 with the first bar, so only its changes mean something.
 * @source J. Granville, Granville's New Key to Stock Market Profits (1963).
 */
export const onBalanceVolume = defineBarIndicator({
  name: 'on-balance-volume',
  title: 'On-balance volume',
  description: 'Volume of rising closes less that of falling ones since the first bar; in units.',
  needsSession: false,
  parameters: {},
  create: () => new OnBalanceVolumeKernel(),
});
