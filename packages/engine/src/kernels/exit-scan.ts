/** Where a protective stop and a target lie, for a position on one side. */
export interface ExitLevels {
  /** 1 protects a long position, -1 a short one. */
  readonly side: 1 | -1;
  /** Nanos; what no price reaches where there is none. */
  readonly stopNanos: number;
  /** What has to trade for a target: its price, or a tick beyond. Nanos; what no price reaches where there is none. */
  readonly targetTradeNanos: number;
}

/** Returns the first row in `[from, to)` whose bar reaches a level; `to` where none does. */
export function firstExitRow(
  bars: { readonly highNanos: Float64Array; readonly lowNanos: Float64Array },
  { side, stopNanos, targetTradeNanos }: ExitLevels,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const { highNanos, lowNanos } = bars;
  const above = side > 0 ? targetTradeNanos : stopNanos;
  const below = side > 0 ? stopNanos : targetTradeNanos;
  let row = from;
  while (row < to && (lowNanos[row] as number) > below && (highNanos[row] as number) < above) {
    row += 1;
  }
  return row;
}
