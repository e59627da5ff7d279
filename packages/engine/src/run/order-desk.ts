import {
  assert,
  type Fill,
  type Order,
  type OrderTerms,
  type Quantity,
  quantity,
  type TimeUs,
  timeUs,
  ZERO_CASH,
} from '@capstan/domain';
import type { AccountCore } from '../account-core.ts';
import type { SplitRatio } from '../matching/adjust-for-split.ts';
import type { Matcher } from '../matching/matcher.ts';
import type { MatcherEvent } from '../matching/matcher-event.ts';
import type { RunNames } from './backtest-spec.ts';
import { FillRows } from './fill-rows.ts';
import type { HoldingsLog } from './holdings-log.ts';
import type { OrderCause } from './order-columns.ts';
import { type OrderPlace, OrderRows } from './order-rows.ts';
import { barOfRow } from './series-columns.ts';
import type { SymbolRun } from './symbol-run.ts';

/** What the desk works with. */
export interface DeskParts {
  readonly names: RunNames;
  readonly account: AccountCore;
  readonly matcher: Matcher;
  readonly log: HoldingsLog;
}

interface DeskOrder {
  /** Row of the order columns. */
  readonly index: number;
  readonly symbol: SymbolRun;
  readonly terms: OrderTerms;
  filledQuantity: number;
}

/**
 * Takes orders to the matcher and what comes of them to the account, and writes both down. It does what exchange and execution
 * do live, without their journals.
 */
export class OrderDesk {
  readonly orders = new OrderRows();
  readonly fills = new FillRows();
  readonly #parts: DeskParts;
  readonly #working = new Map<string, DeskOrder>();
  /** Rows of entries whose exits may still be made. */
  readonly #entries = new Map<string, number>();
  #sequence = 0;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Gives an order to the market, after the exits of what it closes were cancelled. @returns its row. */
  submit(terms: OrderTerms, symbol: SymbolRun, slice: number, cause: OrderCause): number {
    const { matcher } = this.#parts;
    const released = matcher.releaseExits(terms, terms.decidedAtUs);
    if (released.length > 0) this.#take(released, symbol, slice);
    matcher.add(terms);
    const index = this.#open(terms, symbol, { slice, parent: -1, cause });
    if (terms.exits !== undefined) this.#entries.set(terms.orderId, index);
    return index;
  }

  /** Lets the account count an order that it has not decided itself, so that nothing is ordered twice. */
  reserve(terms: OrderTerms): void {
    const order = this.#working.get(terms.orderId);
    if (order !== undefined)
      this.#parts.account.applyOrder(word(order, 'accepted', terms.decidedAtUs));
  }

  /** Matches the orders of a symbol against the bar that ends at a slice. */
  meetBar(symbol: SymbolRun, slice: number, row: number): void {
    const events = this.#parts.matcher.onBar(barOfRow(symbol, row));
    if (events.length > 0) this.#take(events, symbol, slice);
  }

  /** Fills a market order at the close of the bar at which it was decided. */
  fillAtClose(orderId: string, symbol: SymbolRun, slice: number): void {
    const bar = barOfRow(symbol, symbol.rowAt(slice));
    this.#take(this.#parts.matcher.fillAtClose(orderId, bar), symbol, slice);
  }

  /**
   * Restates what works in a symbol for a split.
   * @returns the orders that go on, with what is open of each.
   */
  restate(
    symbol: SymbolRun,
    ratio: SplitRatio,
    { slice, atUs }: { readonly slice: number; readonly atUs: TimeUs },
  ): readonly { readonly orderId: string; readonly openQuantity: Quantity }[] {
    const { matcher } = this.#parts;
    const { events, restated } = matcher.adjustForSplit(symbol.symbol, ratio, atUs);
    this.#take(events, symbol, slice);
    return restated.map((terms) => {
      const order = this.#working.get(terms.orderId);
      assert(order !== undefined, `order ${terms.orderId} is not working`);
      this.#working.set(terms.orderId, { ...order, terms });
      return {
        orderId: terms.orderId,
        openQuantity: quantity(terms.quantity - order.filledQuantity),
      };
    });
  }

  /** Returns the next place among the account's ledger entries. */
  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** Ends the orders whose session is over. */
  closeSlice(endUs: TimeUs, slice: number): void {
    for (const event of this.#parts.matcher.closeSlice(endUs)) this.#takeOne(event, slice);
  }

  /** Cancels an order that works. */
  cancel(orderId: string, atUs: TimeUs, slice: number): void {
    for (const event of this.#parts.matcher.cancel(orderId, atUs)) this.#takeOne(event, slice);
  }

  /** Cancels all that works, of one symbol where one is given. */
  cancelAll(atUs: TimeUs, slice: number, only?: SymbolRun): void {
    for (const [orderId, { symbol }] of [...this.#working]) {
      if (only !== undefined && symbol !== only) continue;
      this.cancel(orderId, atUs, slice);
    }
  }

  #take(events: readonly MatcherEvent[], symbol: SymbolRun, slice: number): void {
    for (const event of events) this.#takeOne(event, slice, symbol);
  }

  #takeOne(event: MatcherEvent, slice: number, of?: SymbolRun): void {
    if (event.kind === 'accepted') {
      const parent = this.#entries.get(event.parentOrderId);
      assert(parent !== undefined && of !== undefined, `exit ${event.orderId} has no entry`);
      this.#open(event.terms, of, { slice, parent, cause: 'protection' });
      return;
    }
    const { orderId, eventAtUs } = event;
    const order = this.#working.get(orderId);
    assert(order !== undefined, `order ${orderId} is not working`);
    if (event.kind === 'filled') this.#fill(order, event, slice);
    else {
      this.#end(order, event.kind, eventAtUs);
      this.#parts.account.applyOrder(word(order, event.kind, eventAtUs));
    }
  }

  #open(terms: OrderTerms, symbol: SymbolRun, at: Pick<OrderPlace, 'slice' | 'parent' | 'cause'>) {
    const row = symbol.rowAt(at.slice);
    const index = this.orders.push(terms, { ...at, row, symbolIndex: symbol.index });
    this.#working.set(terms.orderId, { index, symbol, terms, filledQuantity: 0 });
    symbol.workingCount += 1;
    return index;
  }

  #end(order: DeskOrder, end: 'filled' | 'cancelled' | 'expired', atUs: TimeUs): void {
    this.orders.end(order.index, end, atUs);
    this.#working.delete(order.terms.orderId);
    order.symbol.workingCount -= 1;
  }

  #fill(order: DeskOrder, event: Extract<MatcherEvent, { kind: 'filled' }>, slice: number): void {
    const { account, log, names } = this.#parts;
    const { terms, symbol, index } = order;
    const { priceNanos, feeMicros, eventAtUs } = event;
    account.applyFill(fillOf(terms, event, this.nextSequence()));
    this.orders.fill(index, event.quantity);
    order.filledQuantity += event.quantity;
    if (order.filledQuantity === terms.quantity) {
      this.#end(order, 'filled', eventAtUs);
      account.applyOrder(word(order, 'filled', eventAtUs));
    }
    this.fills.push({
      slice,
      row: symbol.rowAt(slice),
      symbolIndex: symbol.index,
      order: index,
      side: terms.side === 'buy' ? 1 : -1,
      quantity: event.quantity,
      priceNanos,
      feeMicros,
      eventAtUs,
    });
    const position = account.ledger.position(names.botId, symbol.symbol);
    symbol.heldQuantity = position.quantity;
    log.noteHolding(symbol, slice, position);
    log.noteCash(slice, account.ledger.totalCashMicros());
  }
}

function fillOf(
  { orderId, runId, accountId, botId, symbol, side }: OrderTerms,
  event: Extract<MatcherEvent, { kind: 'filled' }>,
  accountSequence: number,
): Fill {
  const { quantity: amount, priceNanos, feeMicros, eventAtUs } = event;
  return {
    fillId: `fill ${accountSequence}`,
    kind: 'fill',
    orderId,
    runId,
    accountId,
    botId,
    symbol,
    side,
    quantity: amount,
    priceNanos,
    feeMicros,
    eventAtUs,
    accountSequence,
  };
}

/** The word on an order, as an account takes it. */
function word(
  { terms, filledQuantity }: DeskOrder,
  state: 'accepted' | 'filled' | 'cancelled' | 'expired',
  atUs: TimeUs,
): Order {
  return {
    ...terms,
    state,
    filledQuantity: quantity(filledQuantity),
    filledNotionalMicros: ZERO_CASH,
    version: 1,
    updatedAtUs: timeUs(atUs),
  };
}
