import {
  applyWorth,
  type CashMicros,
  cashMicros,
  notionalMicros,
  type PriceNanos,
  positionCashMicros,
  type Quantity,
} from '@capstan/domain';
import type { MatcherRules } from '../matching/matcher-config.ts';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import type { SeriesColumns } from '../run/series-columns.ts';
import { firstExitRow } from './exit-scan.ts';
import type { KernelCurve } from './kernel-curve.ts';
import type { KernelRows } from './kernel-rows.ts';
import { isWithinLimits, kernelSize, takeExits } from './kernel-sizing.ts';
import { type KernelSymbol, NO_ORDER } from './kernel-symbol.ts';
import { SliceHeap } from './slice-heap.ts';

/** What a kernel goes through its events with. */
export interface KernelParts {
  readonly spec: BacktestSpec;
  readonly rules: MatcherRules;
  readonly timelineUs: Float64Array;
  /** Sorted. */
  readonly symbols: readonly KernelSymbol[];
  readonly rows: KernelRows;
  readonly curve: KernelCurve;
}

/**
 * Goes from event to event of a run: a signal, or a bar that a symbol waits for. It does what account and matcher do for market
 * orders with a stop and a target, one order of a symbol at a time, and gives up where they would do more.
 */
export class KernelLoop {
  /** Cash of the account. */
  cash: number;
  /** Why the kernel cannot compute this run; absent where it did. */
  gaveUp: string | undefined;
  readonly #parts: KernelParts;
  readonly #meets: SliceHeap;
  readonly #signals: SliceHeap;
  readonly #decided: KernelSymbol[] = [];
  #decidedCount = 0;
  readonly #asksHours: boolean;
  #ordersOut = 0;
  #slice = -1;

  constructor(parts: KernelParts) {
    this.#parts = parts;
    const { cashMicros: cash, limits } = parts.spec;
    this.cash = cash;
    this.#asksHours = limits.policies.includes('market-hours') && limits.entryTiming === 'deny';
    this.#meets = new SliceHeap(parts.symbols.length);
    this.#signals = new SliceHeap(parts.symbols.length);
    for (const symbol of parts.symbols) this.#awaitSignal(symbol);
  }

  /** The slice whose events are behind it, so many from the first. */
  get slicesDone(): number {
    return this.#slice + 1;
  }

  /**
   * Goes on for so many events, or until it gives up.
   * @returns false once there is nothing left to do.
   */
  advance(most: number): boolean {
    const { symbols } = this.#parts;
    let slice = this.#slice;
    for (let count = 0; count < most; count += 1) {
      slice = Math.min(this.#meets.slice, this.#signals.slice);
      if (slice === Number.POSITIVE_INFINITY || this.gaveUp !== undefined) {
        for (const symbol of symbols) this.#endLate(symbol);
        return false;
      }
      while (this.#meets.slice === slice) this.#meet(this.#symbol(this.#meets.pop()), slice);
      while (this.#signals.slice === slice) this.#decide(this.#symbol(this.#signals.pop()), slice);
      for (let at = 0; at < this.#decidedCount; at += 1) {
        this.#submit(this.#decided[at] as KernelSymbol, slice);
      }
      this.#decidedCount = 0;
    }
    this.#slice = slice;
    return true;
  }

  #symbol(index: number): KernelSymbol {
    return this.#parts.symbols[index] as KernelSymbol;
  }

  #awaitSignal(symbol: KernelSymbol): void {
    const { signals, nextSignal, index } = symbol;
    if (nextSignal < signals.count) {
      this.#signals.push(symbol.sliceOf(signals.row[nextSignal] as number), index);
    }
  }

  /** Waits for the bar of a row. */
  #await(symbol: KernelSymbol, row: number): void {
    symbol.meetRow = row;
    if (row < symbol.rows) this.#meets.push(symbol.sliceOf(row), symbol.index);
  }

  #meet(symbol: KernelSymbol, slice: number): void {
    const { order, orderDueUs, meetRow, signals, nextSignal, sliceOfRow } = symbol;
    if (order === NO_ORDER) {
      this.#exit(symbol, slice, meetRow);
      return;
    }
    const startUs = signals.nextStartUs[nextSignal - 1] as number;
    const seenUs = sliceOfRow === undefined ? startUs : Math.max(startUs, this.#endBefore(slice));
    if (orderDueUs <= seenUs) {
      this.#expire(symbol);
      return;
    }
    const price = signals.nextOpenNanos[nextSignal - 1] as number;
    this.#enter(symbol, slice, meetRow, { price, eventAtUs: startUs });
    if (symbol.hasExits) this.#seekExit(symbol, slice, meetRow, meetRow);
  }

  /** The end of the slice before: bars of other symbols may have shown that a session is over. */
  #endBefore(slice: number): number {
    return this.#parts.timelineUs[slice - 1] ?? 0;
  }

  /** Fills the market order that works, and makes its exits. */
  #enter(
    symbol: KernelSymbol,
    slice: number,
    row: number,
    { price, eventAtUs }: { readonly price: number; readonly eventAtUs: number },
  ): void {
    const { order, stopNanos, targetNanos, index } = symbol;
    const { rows } = this.#parts;
    this.#fill(symbol, order, { slice, row, price, slips: true, eventAtUs });
    this.#takeOut(symbol);
    if (stopNanos === 0 && targetNanos === 0) return;
    const held = symbol.position.quantity;
    const side = held > 0 ? -1 : 1;
    const place = { slice, row, symbolIndex: index };
    const terms = { side, quantity: Math.abs(held), reducing: true } as const;
    if (stopNanos > 0) {
      const exit = { parent: order, leg: 'stop', priceNanos: stopNanos } as const;
      symbol.stopOrder = rows.addExit(place, terms, exit);
    }
    if (targetNanos > 0) {
      const exit = { parent: order, leg: 'target', priceNanos: targetNanos } as const;
      symbol.targetOrder = rows.addExit(place, terms, exit);
    }
  }

  /** Looks for the bar from `from` on that reaches an exit, up to the next signal's. */
  #seekExit(symbol: KernelSymbol, slice: number, from: number, now: number): void {
    const { signals, nextSignal, bars, stopNanos, targetNanos, position, rows } = symbol;
    const next = nextSignal < signals.count ? (signals.row[nextSignal] as number) + 1 : rows;
    const side = position.quantity > 0 ? 1 : -1;
    const levels = {
      side,
      stopNanos: stopNanos > 0 ? stopNanos : -side * Number.POSITIVE_INFINITY,
      targetTradeNanos: targetNanos > 0 ? this.#tradeOf(symbol) : side * Number.POSITIVE_INFINITY,
    } as const;
    const row = firstExitRow(bars, levels, { from, to: next });
    if (row === next) return;
    if (row === now) this.#exit(symbol, slice, row);
    else this.#await(symbol, row);
  }

  /** Returns what has to trade for the target to fill. */
  #tradeOf({ targetNanos, position, instrument }: KernelSymbol): number {
    const slack = this.#parts.rules.limitFill === 'touch' ? 0 : instrument.tickNanos;
    return position.quantity > 0 ? targetNanos + slack : targetNanos - slack;
  }

  /** Fills the exit that a bar reaches: at the open, else the stop before the target. */
  #exit(symbol: KernelSymbol, slice: number, row: number): void {
    const { stopNanos, targetNanos, stopOrder, targetOrder, bars, position } = symbol;
    const side = position.quantity > 0 ? 1 : -1;
    const open = bars.openNanos[row] as number;
    const bad = (side > 0 ? bars.lowNanos[row] : bars.highNanos[row]) as number;
    const reachesStop = (price: number) => stopNanos > 0 && side * (stopNanos - price) >= 0;
    const reachesTarget = (price: number) =>
      targetNanos > 0 && side * (price - this.#tradeOf(symbol)) >= 0;
    const isOpen = reachesStop(open) || reachesTarget(open);
    const isStop = isOpen ? reachesStop(open) : reachesStop(bad);
    const inside = isStop
      ? stopNanos
      : side > 0
        ? Math.max(targetNanos, bad)
        : Math.min(targetNanos, bad);
    const [done, other] = isStop ? [stopOrder, targetOrder] : [targetOrder, stopOrder];
    const price = isOpen ? open : inside;
    const eventAtUs = (isOpen ? bars.startUs[row] : bars.endUs[row]) as number;
    this.#fill(symbol, done, { slice, row, price, slips: isStop, eventAtUs });
    if (other !== NO_ORDER) this.#parts.rows.end(other, 'cancelled', eventAtUs);
    this.#forgetExits(symbol);
  }

  #forgetExits(symbol: KernelSymbol): void {
    symbol.stopOrder = NO_ORDER;
    symbol.targetOrder = NO_ORDER;
    symbol.stopNanos = 0;
    symbol.targetNanos = 0;
  }

  /** Books what an order fills, whole, at a price that may slip inside its bar. */
  #fill(
    symbol: KernelSymbol,
    order: number,
    at: {
      readonly slice: number;
      readonly row: number;
      readonly price: number;
      readonly slips: boolean;
      readonly eventAtUs: number;
    },
  ): void {
    const { rules, rows, curve } = this.#parts;
    const { bars, instrument, position, index } = symbol;
    const { slice, row, price, slips, eventAtUs } = at;
    const side = rows.sideOf(order);
    const slip = slips ? rules.slippageNanos(price, instrument.tickNanos) : 0;
    const priceNanos = (
      slip === 0 ? price : slipped(bars, row, side, { price, slip })
    ) as PriceNanos;
    const quantity = rows.quantityOf(order) as Quantity;
    const { quantityScale } = instrument;
    const worth = notionalMicros(instrument, priceNanos, quantity);
    const feeMicros = rules.commissionMicros({ quantity, quantityScale, notionalMicros: worth });
    symbol.position = applyWorth(position, {
      ...{ side: side > 0 ? 'buy' : 'sell', quantity, notionalMicros: worth, feeMicros },
    });
    const moved =
      positionCashMicros(symbol.position, instrument) - positionCashMicros(position, instrument);
    this.cash = cashMicros(this.cash + moved);
    symbol.isTraded = true;
    rows.fill(order, { slice, row, symbolIndex: index }, { priceNanos, feeMicros, eventAtUs });
    curve.note(symbol, slice, this.cash);
  }

  /** Ends a symbol's order that no bar of its session filled; what was to close is decided once more, which is not done here. */
  #expire(symbol: KernelSymbol): void {
    if (symbol.reducing) this.gaveUp = `an exit in ${symbol.symbol} expires`;
    this.#parts.rows.end(symbol.order, 'expired', symbol.orderDueUs);
    symbol.stopNanos = 0;
    symbol.targetNanos = 0;
    this.#takeOut(symbol);
  }

  #takeOut(symbol: KernelSymbol): void {
    symbol.order = NO_ORDER;
    symbol.reservedMicros = 0;
    this.#ordersOut -= 1;
  }

  /** Ends an order of a symbol that has no further bar, where others saw its session end. */
  #endLate(symbol: KernelSymbol): void {
    const { timelineUs } = this.#parts;
    const lastUs = timelineUs[timelineUs.length - 1] ?? 0;
    if (symbol.order !== NO_ORDER && symbol.orderDueUs <= lastUs) this.#expire(symbol);
  }

  /** Sizes a signal and puts what is to be traded with those of the slice. */
  #decide(symbol: KernelSymbol, slice: number): void {
    const { signals, nextSignal, position } = symbol;
    const { spec } = this.#parts;
    const row = signals.row[nextSignal] as number;
    const opinion = signals.opinion[nextSignal] as number;
    const price = signals.closeNanos[nextSignal] as PriceNanos;
    symbol.nextSignal = nextSignal + 1;
    this.#awaitSignal(symbol);
    const size = opinion === 0 ? 0 : this.#size(symbol, price, slice);
    const isDenied = size === 0 && position.quantity === 0 && opinion !== 0;
    if (size === undefined || isDenied || !(price > 0)) {
      this.gaveUp = `sizing refuses a signal of ${symbol.symbol}`;
      return;
    }
    const held = position.quantity;
    const delta = opinion * size - held;
    if (delta === 0) {
      if (symbol.hasExits) this.#seekExit(symbol, slice, row + 1, row);
      return;
    }
    const closes = delta > 0 ? held <= 0 && delta >= -held : held >= 0 && -delta >= held;
    symbol.delta = delta;
    symbol.reducing = Math.abs(delta) <= (delta > 0 ? -held : held);
    if (symbol.hasExits && !closes) {
      this.gaveUp = `a protected position in ${symbol.symbol} is changed in part`;
    } else if (!this.#mayTrade(symbol, price)) {
      this.gaveUp = `a limit refuses an order in ${symbol.symbol}`;
    } else if (this.#takesExits(symbol, nextSignal, opinion, price)) this.#enlist(symbol);
    else this.gaveUp = `the exits of an entry in ${symbol.symbol} do not fit it`;
    const adds = delta > 0 && !symbol.reducing && this.#parts.symbols.length > 1;
    if (!adds || spec.sizing.kind !== 'cashFraction') return;
    symbol.reservedMicros = notionalMicros(symbol.instrument, price, delta as Quantity);
  }

  /** Puts a symbol with those whose orders are submitted when all of the slice are decided. */
  #enlist(symbol: KernelSymbol): void {
    this.#decided[this.#decidedCount] = symbol;
    this.#decidedCount += 1;
  }

  #size(symbol: KernelSymbol, price: PriceNanos, slice: number): number | undefined {
    const { spec, symbols, timelineUs } = this.#parts;
    if (symbol.fixedSize !== undefined) return symbol.fixedSize;
    let reservedMicros = 0;
    if (spec.sizing.kind === 'cashFraction' && this.#ordersOut + this.#decidedCount > 0) {
      const nowUs = timelineUs[slice] as number;
      for (const { reservedMicros: out, order, orderDueUs } of symbols) {
        if (order === NO_ORDER || orderDueUs > nowUs) reservedMicros += out;
      }
    }
    const account = { cashMicros: this.cash as CashMicros, reservedMicros, symbols, slice };
    const size = kernelSize(spec.sizing, symbol, price, account);
    if (spec.sizing.kind === 'fixedQuantity') symbol.fixedSize = size;
    return size;
  }

  #mayTrade(symbol: KernelSymbol, price: PriceNanos): boolean {
    const decidedAtUs = symbol.signals.endUs[symbol.nextSignal - 1] as number;
    if (this.#asksHours && !symbol.calendar.isOpen(decidedAtUs)) return false;
    return symbol.reducing || isWithinLimits(this.#parts.spec.limits, symbol, price, this.cash);
  }

  /** Takes over the exits of an entry. @returns false where it would be refused for them. */
  #takesExits(symbol: KernelSymbol, signal: number, opinion: number, price: PriceNanos): boolean {
    const { signals, position, delta, reducing } = symbol;
    const stop = signals.stopNanos?.[signal] ?? 0;
    const target = signals.targetNanos?.[signal] ?? 0;
    const enters = !reducing && Math.sign(delta) === opinion;
    if (!enters || (stop === 0 && target === 0)) {
      symbol.stopNanos = 0;
      symbol.targetNanos = 0;
      return true;
    }
    if (position.quantity * opinion > 0) return false;
    return takeExits(symbol, { stop, target, side: opinion > 0 ? 1 : -1 }, price);
  }

  /** Gives an order to the market, after the exits of what it closes were cancelled. */
  #submit(symbol: KernelSymbol, slice: number): void {
    const { spec, rows } = this.#parts;
    const { delta, reducing, index, signals, nextSignal, stopOrder, targetOrder } = symbol;
    const row = signals.row[nextSignal - 1] as number;
    const decidedAtUs = signals.endUs[nextSignal - 1] as number;
    if (stopOrder !== NO_ORDER) rows.end(stopOrder, 'cancelled', decidedAtUs);
    if (targetOrder !== NO_ORDER) rows.end(targetOrder, 'cancelled', decidedAtUs);
    symbol.stopOrder = NO_ORDER;
    symbol.targetOrder = NO_ORDER;
    const place = { slice, row, symbolIndex: index };
    const side = delta > 0 ? 1 : -1;
    symbol.order = rows.addMarket(place, { side, quantity: Math.abs(delta), reducing });
    this.#ordersOut += 1;
    if (spec.execution.fillAt === 'sameClose') {
      const price = signals.closeNanos[nextSignal - 1] as number;
      this.#enter(symbol, slice, row, { price, eventAtUs: decidedAtUs });
      if (symbol.hasExits) this.#seekExit(symbol, slice, row + 1, row);
      return;
    }
    symbol.orderDueUs = symbol.calendar.sessionAtOrAfter(decidedAtUs).closeUs;
    this.#await(symbol, row + 1);
  }
}

/** Returns a price that is worse by the slippage, inside its bar. */
function slipped(
  { lowNanos, highNanos }: SeriesColumns,
  row: number,
  side: 1 | -1,
  { price, slip }: { readonly price: number; readonly slip: number },
): number {
  return side > 0
    ? Math.min(price + slip, highNanos[row] as number)
    : Math.max(price - slip, lowNanos[row] as number);
}
