/**
 * One symbol's trade while it is open; all zero while it is flat. A plain object that is used again for the next trade: a run
 * has ten thousand of them.
 */
export interface TradeState {
  /** Signed, at the instrument's scale. */
  quantity: number;
  /** Cash of the trade's fills and events, without fees. */
  flowMicros: number;
  side: number;
  entryRow: number;
  entryAtUs: number;
  /** Quantity and mean price of what opened or added, and of what reduced. */
  entryQuantity: number;
  entryNanos: number;
  exitQuantity: number;
  exitNanos: number;
  entryNotionalMicros: number;
  mostQuantity: number;
  fillCount: number;
  feesMicros: number;
  incomeMicros: number;
  worstMicros: number;
  bestMicros: number;
  /** First bar not yet seen as a whole. */
  nextRow: number;
  /** Bar inside which the holding began or changed; -1 for none. */
  insideRow: number;
  /** Profit of a quantity of 1 for a price of 1 nano. */
  readonly microsPerNano: number;
}

/** Returns a flat state. */
export const flatTrade = (microsPerNano: number): TradeState => ({
  quantity: 0,
  flowMicros: 0,
  side: 0,
  entryRow: 0,
  entryAtUs: 0,
  entryQuantity: 0,
  entryNanos: 0,
  exitQuantity: 0,
  exitNanos: 0,
  entryNotionalMicros: 0,
  mostQuantity: 0,
  fillCount: 0,
  feesMicros: 0,
  incomeMicros: 0,
  worstMicros: 0,
  bestMicros: 0,
  nextRow: 0,
  insideRow: -1,
  microsPerNano,
});

/** One fill, or the part of one that belongs to a trade. */
export interface FillPart {
  row: number;
  eventAtUs: number;
  priceNanos: number;
  /** Signed, at the instrument's scale. */
  quantity: number;
  /** Signed like the quantity. */
  notionalMicros: number;
  feeMicros: number;
}

/** Begins a trade with nothing in it. */
export function beginTrade(trade: TradeState, first: FillPart): void {
  trade.quantity = 0;
  trade.flowMicros = 0;
  trade.side = first.quantity > 0 ? 1 : -1;
  trade.entryRow = first.row;
  trade.entryAtUs = first.eventAtUs;
  trade.entryQuantity = 0;
  trade.entryNanos = 0;
  trade.exitQuantity = 0;
  trade.exitNanos = 0;
  trade.entryNotionalMicros = 0;
  trade.mostQuantity = 0;
  trade.fillCount = 0;
  trade.feesMicros = 0;
  trade.incomeMicros = 0;
  trade.worstMicros = 0;
  trade.bestMicros = 0;
}

/** Adds a fill that does not cross zero. The mean of equal prices is exactly that price. */
export function addFill(trade: TradeState, fill: FillPart): void {
  const size = Math.abs(fill.quantity);
  if (fill.quantity > 0 === trade.side > 0) {
    trade.entryQuantity += size;
    trade.entryNanos += (fill.priceNanos - trade.entryNanos) * (size / trade.entryQuantity);
    trade.entryNotionalMicros += Math.abs(fill.notionalMicros);
  } else {
    trade.exitQuantity += size;
    trade.exitNanos += (fill.priceNanos - trade.exitNanos) * (size / trade.exitQuantity);
  }
  trade.quantity += fill.quantity;
  trade.flowMicros -= fill.notionalMicros;
  trade.feesMicros += fill.feeMicros;
  trade.fillCount += 1;
  const held = Math.abs(trade.quantity);
  if (held > trade.mostQuantity) trade.mostQuantity = held;
}
