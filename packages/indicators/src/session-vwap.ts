import { defineBarIndicator, MULTIPLE } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { type KernelState, numberOrNone } from './kernel-state.ts';
import { type Vwap, VwapSums } from './vwap-sums.ts';

/**
 * The volume-weighted average price from the session's open: the mean of (high + low + close) ÷ 3, weighted by
 * volume. There is none outside sessions and before the session's first trade.
 * @source S. A. Berkowitz, D. E. Logue, E. A. Noser, The Total Cost of Transactions on the NYSE, The Journal of
 * Finance 43 (1988), over trades; over bars by their typical price, as is the custom.
 */
export const sessionVwap = defineBarIndicator({
  name: 'session-vwap',
  title: 'Session VWAP',
  description: "Typical price weighted by volume since the session's open; in nanos.",
  needsSession: true,
  parameters: {},
  create: () => new SessionVwapKernel(({ mean }) => mean),
});

/**
 * The upper band of the session's VWAP: `multiple` volume-weighted standard deviations of the typical prices above
 * it, √(Σ volume · (typical − VWAP)² ÷ Σ volume).
 * @source B. Shannon, Maximum Trading Gains with Anchored VWAP (2023), on bands; the form is the weighted population
 * deviation.
 */
export const sessionVwapUpper = defineBarIndicator({
  name: 'session-vwap-upper',
  title: 'Session VWAP, upper band',
  description: "Session's VWAP plus `multiple` volume-weighted standard deviations; in nanos.",
  needsSession: true,
  parameters: { multiple: MULTIPLE },
  create: ({ multiple }) =>
    new SessionVwapKernel(({ mean, deviation }) => mean + multiple * deviation),
});

/** The lower band of the session's VWAP; see {@link sessionVwapUpper}. @source as there. */
export const sessionVwapLower = defineBarIndicator({
  name: 'session-vwap-lower',
  title: 'Session VWAP, lower band',
  description: "Session's VWAP less `multiple` volume-weighted standard deviations; in nanos.",
  needsSession: true,
  parameters: { multiple: MULTIPLE },
  create: ({ multiple }) =>
    new SessionVwapKernel(({ mean, deviation }) => mean - multiple * deviation),
});

class SessionVwapKernel implements BarKernel {
  readonly warmup = 1;
  readonly #sums = new VwapSums();
  readonly #output: (vwap: Vwap) => number;
  #sessionOpenUs: number | undefined;

  constructor(output: (vwap: Vwap) => number) {
    this.#output = output;
  }

  next(bar: IndicatorBar): number | undefined {
    if (bar.sessionOpenUs === undefined) return undefined;
    if (bar.sessionOpenUs === this.#sessionOpenUs) this.#sums.add(bar);
    else {
      this.#sessionOpenUs = bar.sessionOpenUs;
      this.#sums.restart(bar);
    }
    const vwap = this.#sums.value();
    return vwap === undefined ? undefined : this.#output(vwap);
  }

  snapshot(): KernelState {
    return { sessionOpenUs: this.#sessionOpenUs ?? null, ...this.#sums.snapshot() };
  }

  restore(state: KernelState): void {
    this.#sessionOpenUs = numberOrNone(state, 'sessionOpenUs');
    this.#sums.restore(state);
  }
}
