import type { SeriesColumns } from '@capstan/engine';

/** Candles, each of `barsPerCandle` bars (the last of the rest): columns of one length, prices in nanos, times in microseconds. */
export interface Candles {
  readonly barsPerCandle: number;
  readonly startUs: Float64Array;
  readonly openNanos: Float64Array;
  readonly highNanos: Float64Array;
  readonly lowNanos: Float64Array;
  readonly closeNanos: Float64Array;
}

/** Joins as many bars a candle as it takes to have at most `candlesMax`: first open, highest, lowest, last close. */
export function thinBars(bars: SeriesColumns, candlesMax: number): Candles {
  const rows = bars.endUs.length;
  const barsPerCandle = Math.max(1, Math.ceil(rows / candlesMax));
  const { startUs, openNanos, highNanos, lowNanos, closeNanos } = bars;
  if (barsPerCandle === 1) {
    return { barsPerCandle, startUs, openNanos, highNanos, lowNanos, closeNanos };
  }
  const count = Math.ceil(rows / barsPerCandle);
  const candles = {
    barsPerCandle,
    startUs: new Float64Array(count),
    openNanos: new Float64Array(count),
    highNanos: new Float64Array(count),
    lowNanos: new Float64Array(count),
    closeNanos: new Float64Array(count),
  };
  for (let candle = 0; candle < count; candle += 1) {
    const from = candle * barsPerCandle;
    const to = Math.min(rows, from + barsPerCandle);
    let high = highNanos[from] as number;
    let low = lowNanos[from] as number;
    for (let row = from + 1; row < to; row += 1) {
      if ((highNanos[row] as number) > high) high = highNanos[row] as number;
      if ((lowNanos[row] as number) < low) low = lowNanos[row] as number;
    }
    candles.startUs[candle] = startUs[from] as number;
    candles.openNanos[candle] = openNanos[from] as number;
    candles.highNanos[candle] = high;
    candles.lowNanos[candle] = low;
    candles.closeNanos[candle] = closeNanos[to - 1] as number;
  }
  return candles;
}
