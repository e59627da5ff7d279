import type { BarColumns } from './bar-columns.ts';
import { blocksOf, type RowRange } from './column-facts.ts';
import { defineBarIndicator, MULTIPLE } from './indicator.ts';
import type { BarKernel, IndicatorBar } from './kernel.ts';
import { type KernelState, numberOrNone } from './kernel-state.ts';
import { tradesOf, VwapSums } from './vwap-sums.ts';

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
  create: () => new SessionVwapKernel(0),
  fill: (_, bars, output) => fillSessionVwap(bars, output, 0),
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
  create: ({ multiple }) => new SessionVwapKernel(multiple),
  fill: ({ multiple }, bars, output) => fillSessionVwap(bars, output, multiple),
});

/** The lower band of the session's VWAP; see {@link sessionVwapUpper}. @source as there. */
export const sessionVwapLower = defineBarIndicator({
  name: 'session-vwap-lower',
  title: 'Session VWAP, lower band',
  description: "Session's VWAP less `multiple` volume-weighted standard deviations; in nanos.",
  needsSession: true,
  parameters: { multiple: MULTIPLE },
  create: ({ multiple }) => new SessionVwapKernel(-multiple),
  fill: ({ multiple }, bars, output) => fillSessionVwap(bars, output, -multiple),
});

class SessionVwapKernel implements BarKernel {
  readonly warmup = 1;
  readonly #sums = new VwapSums();
  readonly #multiple: number;
  #sessionOpenUs: number | undefined;

  constructor(multiple: number) {
    this.#multiple = multiple;
  }

  next(bar: IndicatorBar): number | undefined {
    if (bar.sessionOpenUs === undefined) return undefined;
    if (bar.sessionOpenUs === this.#sessionOpenUs) this.#sums.add(tradesOf(bar));
    else {
      this.#sessionOpenUs = bar.sessionOpenUs;
      this.#sums.restart(tradesOf(bar));
    }
    return this.#sums.line(this.#multiple);
  }

  snapshot(): KernelState {
    return { sessionOpenUs: this.#sessionOpenUs ?? null, ...this.#sums.snapshot() };
  }

  restore(state: KernelState): void {
    this.#sessionOpenUs = numberOrNone(state, 'sessionOpenUs');
    this.#sums.restore(state);
  }
}

function fillSessionVwap(bars: BarColumns, output: Float64Array, multiple: number): boolean {
  const { sessionOpenUs } = bars;
  if (sessionOpenUs === undefined) return false;
  const state: Filling = { sums: new VwapSums(), sessionOpenUs, session: Number.NaN, multiple };
  for (const block of blocksOf(0, output.length)) fillBlock(bars, output, block, state);
  return true;
}

interface Filling {
  readonly sums: VwapSums;
  readonly sessionOpenUs: Float64Array;
  readonly multiple: number;
  /** Open of the session of the last bar, NaN before the first. */
  session: number;
}

function fillBlock(
  { highNanos, lowNanos, closeNanos, volume: volumes }: BarColumns,
  output: Float64Array,
  { from, to }: RowRange,
  state: Filling,
): void {
  const { sums, sessionOpenUs, multiple } = state;
  let { session } = state;
  for (let row = from; row < to; row += 1) {
    const open = sessionOpenUs[row] ?? Number.NaN;
    if (Number.isNaN(open)) {
      output[row] = Number.NaN;
      continue;
    }
    const typical = (highNanos[row] ?? 0) + (lowNanos[row] ?? 0) + (closeNanos[row] ?? 0);
    const trades = { thriceTypical: typical, volume: volumes[row] ?? 0 };
    if (open === session) sums.add(trades);
    else sums.restart(trades);
    session = open;
    output[row] = sums.line(multiple) ?? Number.NaN;
  }
  state.session = session;
}
