import { assert } from '@capstan/domain';
import { defineBarIndicator, type IndicatorParameter, MULTIPLE } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { type KernelState, numberOf } from './kernel-state.ts';
import { tradesOf, VwapSums } from './vwap-sums.ts';

const ANCHOR: IndicatorParameter = {
  type: 'integer',
  description: 'End of the first bar that counts, in microseconds UTC.',
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
};

/**
 * The volume-weighted average price since an event: over all bars that end at `anchorUs` or later, in sessions and
 * outside them.
 *
 * It has a value only where a bar that ends at `anchorUs` or before was seen: a history that begins after the anchor
 * lacks some of the bars that count, and would give another average without saying so.
 * @source B. Shannon, Maximum Trading Gains with Anchored VWAP (2023).
 */
export const anchoredVwap = defineBarIndicator({
  name: 'anchored-vwap',
  title: 'Anchored VWAP',
  description: 'Typical price weighted by volume since the bar that ends at `anchorUs`; in nanos.',
  needsSession: false,
  parameters: { anchorUs: ANCHOR },
  create: ({ anchorUs }) => new AnchoredVwapKernel({ anchorUs, multiple: 0 }),
});

/**
 * The upper band of the anchored VWAP: `multiple` volume-weighted standard deviations above it, as in
 * `session-vwap-upper`. @source as of {@link anchoredVwap}.
 */
export const anchoredVwapUpper = defineBarIndicator({
  name: 'anchored-vwap-upper',
  title: 'Anchored VWAP, upper band',
  description: 'Anchored VWAP plus `multiple` volume-weighted standard deviations; in nanos.',
  needsSession: false,
  parameters: { anchorUs: ANCHOR, multiple: MULTIPLE },
  create: ({ anchorUs, multiple }) => new AnchoredVwapKernel({ anchorUs, multiple }),
});

/** The lower band of the anchored VWAP; see {@link anchoredVwapUpper}. @source as of {@link anchoredVwap}. */
export const anchoredVwapLower = defineBarIndicator({
  name: 'anchored-vwap-lower',
  title: 'Anchored VWAP, lower band',
  description: 'Anchored VWAP less `multiple` volume-weighted standard deviations; in nanos.',
  needsSession: false,
  parameters: { anchorUs: ANCHOR, multiple: MULTIPLE },
  create: ({ anchorUs, multiple }) => new AnchoredVwapKernel({ anchorUs, multiple: -multiple }),
});

/** What a kernel has seen of its anchor. */
const PHASE = { nothing: 0, before: 1, since: 2 } as const;

class AnchoredVwapKernel implements BarKernel {
  readonly warmup = 1;
  readonly #sums = new VwapSums();
  readonly #anchorUs: number;
  readonly #multiple: number;
  #phase: number = PHASE.nothing;

  constructor({ anchorUs, multiple }: { readonly anchorUs: number; readonly multiple: number }) {
    this.#anchorUs = anchorUs;
    this.#multiple = multiple;
  }

  next(bar: IndicatorBar): number | undefined {
    assert(bar.endUs !== undefined, 'a bar for an anchored VWAP must say when it ended');
    if (bar.endUs < this.#anchorUs) {
      this.#phase = PHASE.before;
      return undefined;
    }
    if (this.#phase === PHASE.since) this.#sums.add(tradesOf(bar));
    else if (this.#phase === PHASE.before || bar.endUs === this.#anchorUs) {
      this.#phase = PHASE.since;
      this.#sums.restart(tradesOf(bar));
    }
    return this.#sums.line(this.#multiple);
  }

  snapshot(): KernelState {
    return { phase: this.#phase, ...this.#sums.snapshot() };
  }

  restore(state: KernelState): void {
    this.#phase = numberOf(state, 'phase');
    this.#sums.restore(state);
  }
}
