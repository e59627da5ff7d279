import type { TradedBars } from './fill-columns.ts';
import type { TradeState } from './trade-state.ts';

/** When within its bar a fill happened. */
const MOMENT = { open: 0, inside: 1, close: 2 } as const;
type Moment = (typeof MOMENT)[keyof typeof MOMENT];

/** The part of a fill that the scan of bars needs. */
export interface PricedAt {
  readonly row: number;
  readonly eventAtUs: number;
  readonly priceNanos: number;
}

/** A fill is at the open by its time, at the close by its price, else inside its bar. */
function momentOf(bars: TradedBars, fill: PricedAt): Moment {
  if (fill.eventAtUs <= (bars.startUs[fill.row] as number)) return MOMENT.open;
  return fill.priceNanos === bars.closeNanos[fill.row] ? MOMENT.close : MOMENT.inside;
}

/**
 * Takes the prices that a holding certainly met until a fill: whole bars; of the bar inside which it was entered, the
 * adverse extreme alone; of the bar at whose open or inside which it is left, the fill's price alone.
 */
export function scanToFill(trade: TradeState, bars: TradedBars, fill: PricedAt): void {
  const end = momentOf(bars, fill) === MOMENT.close ? fill.row + 1 : fill.row;
  scanToRow(trade, bars, end);
  takePrice(trade, fill.priceNanos);
}

/** Begins what is held after a fill. */
export function scanFromFill(trade: TradeState, bars: TradedBars, fill: PricedAt): void {
  const moment = momentOf(bars, fill);
  trade.nextRow = moment === MOMENT.open ? fill.row : fill.row + 1;
  trade.insideRow = moment === MOMENT.inside ? fill.row : -1;
}

/** Takes all bars before `end`. */
export function scanToRow(trade: TradeState, bars: TradedBars, end: number): void {
  const { lowNanos, highNanos } = bars;
  const { insideRow, nextRow } = trade;
  if (insideRow >= 0 && insideRow < end) {
    const adverse = trade.quantity > 0 ? lowNanos[insideRow] : highNanos[insideRow];
    const profit = profitAt(trade, adverse as number);
    if (profit < trade.worstMicros) trade.worstMicros = profit;
    trade.insideRow = -1;
  }
  if (nextRow >= end) return;
  let low = lowNanos[nextRow] as number;
  let high = highNanos[nextRow] as number;
  for (let row = nextRow + 1; row < end; row += 1) {
    const rowLow = lowNanos[row] as number;
    const rowHigh = highNanos[row] as number;
    if (rowLow < low) low = rowLow;
    if (rowHigh > high) high = rowHigh;
  }
  takePrice(trade, low);
  takePrice(trade, high);
  trade.nextRow = end;
}

function takePrice(trade: TradeState, priceNanos: number): void {
  const profit = profitAt(trade, priceNanos);
  if (profit < trade.worstMicros) trade.worstMicros = profit;
  if (profit > trade.bestMicros) trade.bestMicros = profit;
}

const profitAt = (trade: TradeState, priceNanos: number): number =>
  trade.flowMicros + trade.quantity * priceNanos * trade.microsPerNano;
