import type { ExecutionRules } from '../run/backtest-spec.ts';
import type { SeriesColumns } from '../run/series-columns.ts';
import type { SignalColumns } from '../run/signals.ts';

/** The signals of a symbol as the kernels take them: rows, directions and protective prices, nothing else. */
export interface KernelSignals {
  readonly count: number;
  readonly row: Int32Array;
  /** Of `OPINION`: 1, 0 or -1. */
  readonly opinion: Int8Array;
  /** What decisions and fills read of the bars, gathered: one by one they would wait for memory. */
  readonly closeNanos: Float64Array;
  readonly endUs: Float64Array;
  /** Of the bar after; NaN after the last. Empty where orders fill at the close that decides them. */
  readonly nextOpenNanos: Float64Array;
  readonly nextStartUs: Float64Array;
  /** Nanos, 0 for none; absent where no signal asks for one. */
  readonly stopNanos?: Float64Array;
  /** Nanos, 0 for none; absent where no signal asks for one. */
  readonly targetNanos?: Float64Array;
}

/** Returns signals as the kernels take them; `undefined` where one asks for what they do not do. */
export function kernelSignals(
  signals: SignalColumns,
  bars: SeriesColumns,
  fillAt: ExecutionRules['fillAt'],
): KernelSignals | undefined {
  const { count, row, opinion } = signals;
  const rows = row.subarray(0, count);
  const met = fillAt === 'nextOpen' ? rows : rows.subarray(0, 0);
  const gathered = {
    closeNanos: gather(bars.closeNanos, rows, 0),
    endUs: gather(bars.endUs, rows, 0),
    nextOpenNanos: gather(bars.openNanos, met, 1),
    nextStartUs: gather(bars.startUs, met, 1),
  };
  if (signals.plain) return { count, row, opinion, ...gathered };
  if (signals.exits !== undefined) {
    const { stopPriceNanos, takeProfitPriceNanos } = signals.exits;
    const exits = { stopNanos: orZero(stopPriceNanos), targetNanos: orZero(takeProfitPriceNanos) };
    return { count, row, opinion, ...gathered, ...exits };
  }
  const stopNanos = new Float64Array(count);
  const targetNanos = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const target = signals.targetOf(index);
    if (target.direction !== 'flat' && target.strength !== 1) return undefined;
    if (target.limitPriceNanos !== undefined || target.timeInForce !== undefined) return undefined;
    if (target.entryStopPriceNanos !== undefined) return undefined;
    if (target.trailNanos !== undefined || target.trailBps !== undefined) return undefined;
    stopNanos[index] = target.stopPriceNanos ?? 0;
    targetNanos[index] = target.takeProfitPriceNanos ?? 0;
  }
  return { count, row, opinion, ...gathered, stopNanos, targetNanos };
}

/** Returns prices with 0 where there is none. */
function orZero(prices: Float64Array): Float64Array {
  const nanos = new Float64Array(prices.length);
  for (let at = 0; at < prices.length; at += 1) {
    const price = prices[at] as number;
    nanos[at] = Number.isNaN(price) ? 0 : price;
  }
  return nanos;
}

/** Returns the cells of a column so many rows after others. */
function gather(column: Float64Array, rows: Int32Array, after: number): Float64Array {
  const cells = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at += 1) {
    cells[at] = column[(rows[at] as number) + after] ?? Number.NaN;
  }
  return cells;
}
