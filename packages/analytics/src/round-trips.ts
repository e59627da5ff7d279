import {
  assert,
  type CashMicros,
  cashMicros,
  type Instrument,
  mulDivRound,
  NANOS_PER_MICRO,
  notionalMicros,
  powerOfTen,
  priceNanos,
  quantity,
} from '@capstan/domain';
import { scanFromFill, scanToFill, scanToRow } from './excursion.ts';
import type { FillColumns, PositionEvent, TradedSymbol } from './fill-columns.ts';
import { firstRowAfter } from './fills-of-history.ts';
import type { OpenTrade, TradeColumns } from './round-trip.ts';
import { emptyTrades } from './trade-columns.ts';
import { addFill, beginTrade, type FillPart, flatTrade, type TradeState } from './trade-state.ts';

/** The trades that fills make up. */
export interface RoundTrips {
  readonly closed: TradeColumns;
  /** In the order of the symbols. */
  readonly open: readonly OpenTrade[];
  readonly fillCount: number;
  /** Notional of all fills, without its sign: a sum for ratios, which loses micros where it is beyond 2^53. */
  readonly tradedMicros: number;
  readonly feesMicros: CashMicros;
  /** Cash of events that found no position. */
  readonly looseMicros: CashMicros;
}

/** What round trips are made of: the fills of one bot. */
export interface FillHistory {
  readonly fills: FillColumns;
  /** By `symbolIndex`. */
  readonly symbols: readonly TradedSymbol[];
  /** By time; none unless given. */
  readonly events?: readonly PositionEvent[];
}

/**
 * Makes trades of fills, flat to flat: a trade opens when its symbol's position leaves zero and closes when it is back at
 * zero. Fills in between, partial ones too, are part of it. A fill through zero closes one trade and opens the next; its
 * notional and fee are split by quantity, as the ledger does, so that no micro is lost: the net profits of all trades, the
 * open ones at their marks, plus the loose cash are what the account gained.
 * @complexity O(fills + bars held)
 */
export function roundTrips(history: FillHistory): RoundTrips {
  const { fills, events = [] } = history;
  const trips = new TripCollector(history);
  let event = 0;
  for (let at = 0; at < fills.count; at += 1) {
    const eventAtUs = fills.eventAtUs[at] as number;
    for (let next = events[event]; next !== undefined && next.eventAtUs <= eventAtUs; ) {
      trips.change(next);
      event += 1;
      next = events[event];
    }
    trips.fill(at);
  }
  for (const rest of events.slice(event)) trips.change(rest);
  return trips.result();
}

class TripCollector {
  readonly #fills: FillColumns;
  readonly #symbols: readonly TradedSymbol[];
  readonly #trades: readonly TradeState[];
  readonly #closed: Omit<TradeColumns, 'count'>;
  /** The fill at hand, used again for each. */
  readonly #fill: FillPart = {
    row: 0,
    eventAtUs: 0,
    priceNanos: 0,
    quantity: 0,
    notionalMicros: 0,
    feeMicros: 0,
  };
  #count = 0;
  #traded = 0;
  #fees = 0;
  #loose = 0;

  constructor({ fills, symbols }: FillHistory) {
    this.#fills = fills;
    this.#symbols = symbols;
    this.#closed = emptyTrades(fills.count);
    this.#trades = symbols.map(({ instrument }) => {
      const units = powerOfTen(instrument.quantityScale) * NANOS_PER_MICRO;
      return flatTrade(instrument.multiplier / units);
    });
  }

  fill(at: number): void {
    const fills = this.#fills;
    const index = fills.symbolIndex[at] as number;
    const symbol = this.#symbols[index];
    const trade = this.#trades[index];
    const size = fills.quantity[at] as number;
    if (symbol === undefined || trade === undefined) assert(false, `fill ${at}: symbol ${index}`);
    if (!(size > 0)) assert(false, `fill ${at}: quantity ${size}`);
    const side = fills.side[at] as number;
    const fill = this.#fill;
    fill.row = fills.row[at] as number;
    fill.eventAtUs = fills.eventAtUs[at] as number;
    fill.priceNanos = fills.priceNanos[at] as number;
    const notional =
      fills.notionalMicros?.[at] ?? notionalOf(symbol.instrument, fill.priceNanos, size);
    fill.quantity = side * size;
    fill.notionalMicros = side * notional;
    fill.feeMicros = fills.feeMicros[at] as number;
    this.#traded += Math.abs(notional);
    this.#fees += fill.feeMicros;
    this.#take(trade, index, symbol);
  }

  #take(trade: TradeState, index: number, { bars }: TradedSymbol): void {
    const fill = this.#fill;
    const held = trade.quantity;
    if (held === 0) beginTrade(trade, fill);
    else if (bars !== undefined) scanToFill(trade, bars, fill);
    if (held > 0 !== fill.quantity > 0 && Math.abs(fill.quantity) > Math.abs(held) && held !== 0) {
      const closing = partOf(fill, -held);
      addFill(trade, closing);
      this.#close(trade, index);
      fill.quantity -= closing.quantity;
      fill.notionalMicros -= closing.notionalMicros;
      fill.feeMicros -= closing.feeMicros;
      beginTrade(trade, fill);
    }
    addFill(trade, fill);
    if (trade.quantity === 0) this.#close(trade, index);
    else if (bars !== undefined) scanFromFill(trade, bars, fill);
  }

  #close(trade: TradeState, index: number): void {
    const at = this.#count;
    const to = this.#closed;
    const scanned = this.#symbols[index]?.bars !== undefined;
    to.symbolIndex[at] = index;
    to.side[at] = trade.side;
    to.entryRow[at] = trade.entryRow;
    to.exitRow[at] = this.#fill.row;
    to.entryAtUs[at] = trade.entryAtUs;
    to.exitAtUs[at] = this.#fill.eventAtUs;
    to.entryPriceNanos[at] = trade.entryNanos;
    to.exitPriceNanos[at] = trade.exitNanos;
    to.entryNotionalMicros[at] = trade.entryNotionalMicros;
    to.quantity[at] = trade.mostQuantity;
    to.fillCount[at] = trade.fillCount;
    to.grossMicros[at] = trade.flowMicros;
    to.feesMicros[at] = trade.feesMicros;
    to.incomeMicros[at] = trade.incomeMicros;
    to.adverseMicros[at] = scanned ? trade.worstMicros : Number.NaN;
    to.favourableMicros[at] = scanned ? trade.bestMicros : Number.NaN;
    this.#count += 1;
  }

  change(event: PositionEvent): void {
    const { symbolIndex, eventAtUs, quantity: after, amountMicros = 0 } = event;
    const trade = this.#trades[symbolIndex];
    assert(trade !== undefined, `an event is of symbol ${symbolIndex}`);
    if (trade.quantity === 0) {
      this.#loose += amountMicros;
      return;
    }
    const bars = this.#symbols[symbolIndex]?.bars;
    if (bars !== undefined) scanToRow(trade, bars, firstRowAfter(bars.endUs, eventAtUs));
    if (after !== undefined) {
      assert(after * trade.quantity > 0, `a split makes ${after} of ${trade.quantity}`);
      trade.quantity = after;
      if (Math.abs(after) > trade.mostQuantity) trade.mostQuantity = Math.abs(after);
    }
    trade.flowMicros += amountMicros;
    trade.incomeMicros += amountMicros;
  }

  result(): RoundTrips {
    return {
      closed: { ...this.#closed, count: this.#count },
      open: this.#trades.flatMap((trade, index) =>
        trade.quantity === 0 ? [] : [openTrade(trade, index, this.#symbols[index])],
      ),
      fillCount: this.#fills.count,
      tradedMicros: this.#traded,
      feesMicros: cashMicros(this.#fees),
      looseMicros: cashMicros(this.#loose),
    };
  }
}

const notionalOf = (instrument: Instrument, price: number, size: number): CashMicros =>
  notionalMicros(instrument, priceNanos(price), quantity(size));

/** The part of a fill that has a signed quantity. */
function partOf(fill: FillPart, part: number): FillPart {
  const [some, all] = [Math.abs(part), Math.abs(fill.quantity)];
  return {
    ...fill,
    quantity: part,
    notionalMicros: mulDivRound(fill.notionalMicros, some, all),
    feeMicros: mulDivRound(fill.feeMicros, some, all),
  };
}

function openTrade(
  trade: TradeState,
  symbolIndex: number,
  symbol: TradedSymbol | undefined,
): OpenTrade {
  assert(symbol !== undefined, `no symbol ${symbolIndex}`);
  const { bars, instrument } = symbol;
  const rows = bars?.closeNanos.length ?? 0;
  const mark = rows === 0 ? undefined : priceNanos(bars?.closeNanos[rows - 1] as number);
  if (bars !== undefined) scanToRow(trade, bars, rows);
  const worth = mark === undefined ? 0 : notionalOf(instrument, mark, trade.quantity);
  const gross = mark === undefined ? undefined : cashMicros(trade.flowMicros + worth);
  return {
    symbolIndex,
    side: trade.side > 0 ? 'long' : 'short',
    entryRow: trade.entryRow,
    entryAtUs: trade.entryAtUs,
    entryPriceNanos: trade.entryNanos,
    entryNotionalMicros: cashMicros(trade.entryNotionalMicros),
    openQuantity: trade.quantity,
    fillCount: trade.fillCount,
    feesMicros: cashMicros(trade.feesMicros),
    incomeMicros: cashMicros(trade.incomeMicros),
    markNanos: mark,
    grossMicros: gross,
    netMicros: gross === undefined ? undefined : cashMicros(gross - trade.feesMicros),
    adverseMicros: bars === undefined ? undefined : trade.worstMicros,
    favourableMicros: bars === undefined ? undefined : trade.bestMicros,
  };
}
