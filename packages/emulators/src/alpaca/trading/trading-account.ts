import type { Calendar } from '@capstan/calendar';
import {
  assert,
  type CashMicros,
  type InstrumentBook,
  type PriceNanos,
  priceNanos as priceNanosOf,
  quantity,
  type Split,
  timeUs,
} from '@capstan/domain';
import type { MatcherEvent } from '@capstan/engine';
import { CONTRACT_SIZE } from '../../exchange/lazy-instruments.ts';
import type { Offer } from '../../exchange/venue-matching.ts';
import { VenueMatching } from '../../exchange/venue-matching.ts';
import { duplicateClientId, notFound, unprocessable } from '../refusal.ts';
import { derivedUuid, ONE_SHARE } from '../wire-text.ts';
import { AccountBook, type Execution } from './account-book.ts';
import {
  type FundsParts,
  fundsRefusal,
  notionalQuantity,
  type Prices,
  washRefusal,
} from './funds.ts';
import { matchedOrder } from './matched-order.ts';
import { makeMultiLeg, multiLegRefusal, netNanos } from './multi-leg.ts';
import { OptionEndings } from './option-endings.ts';
import {
  type AlpacaOrder,
  type AlpacaOrderStatus,
  isBesideTarget,
  isOpen,
  orderJson,
  remainingOf,
} from './order.ts';
import { makeLegs, makeOrder, makeSuccessor, type OrderedAsset } from './order-making.ts';
import type { OrderRequest, PatchRequest } from './order-request.ts';
import { legsRefusal, orderRefusal, type RuledAsset, replaceRefusal } from './order-rules.ts';
import { OrderStore } from './order-store.ts';

/** How an account is opened. */
export interface AccountSettings {
  readonly accountId: string;
  readonly accountNumber: string;
  readonly cashMicros: CashMicros;
  /** How often what is owned may be borrowed on: 1 for a cash account, 2 or 4 for margin. */
  readonly multiplier: number;
  readonly optionsLevel: 0 | 1 | 2 | 3;
}

export type TradableAsset = RuledAsset & OrderedAsset & { readonly shortable: boolean };

/** What an account needs of the exchange around it. */
export interface AccountPorts {
  readonly instruments: InstrumentBook;
  readonly calendar: Calendar;
  readonly prices: Prices;
  /** `undefined` where nothing of that name trades. */
  readonly asset: (symbol: string) => TradableAsset | undefined;
  readonly tell: (update: TradeUpdate) => void;
  /** Tells whether the next thing of a kind is to go wrong, and counts it. */
  readonly fault: (
    kind: 'cancelFillRace' | 'replaceRejected' | 'replaceFillRace',
    symbol: string,
  ) => boolean;
}

/** What the stream of order updates tells. */
export interface TradeUpdate {
  readonly event: string;
  readonly atUs: number;
  readonly order: Readonly<Record<string, unknown>>;
  readonly execution?: Execution & { readonly positionQuantity: number };
}

/**
 * An account at the emulated broker: its orders by Alpaca's rules, matched by the engine's. Everything follows from what is done to
 * it and from the trades it meets, in their order.
 */
export class TradingAccount {
  readonly settings: AccountSettings;
  readonly book: AccountBook;
  readonly orders = new OrderStore();
  readonly options: OptionEndings;
  /** What it was worth at the last close. */
  lastEquityMicros: number;
  readonly #ports: AccountPorts;
  readonly #matching: VenueMatching;
  /** Orders of an amount of money that wait for a price, by symbol. */
  readonly #unsized = new Set<AlpacaOrder>();
  /** Orders of several legs that work. */
  readonly #multiLegs = new Set<AlpacaOrder>();
  #made = 0;
  #lastStampUs = 0;

  constructor(ports: AccountPorts, settings: AccountSettings) {
    this.settings = settings;
    this.lastEquityMicros = settings.cashMicros;
    this.#ports = ports;
    this.book = new AccountBook(settings.accountId, settings.cashMicros, ports.instruments);
    this.#matching = new VenueMatching(ports.instruments, ports.calendar);
    this.options = new OptionEndings(this.book, (symbol, atUs) => {
      for (const order of this.orders.openOf(symbol)) this.#cancelOne(order, atUs);
    });
  }

  get funds(): FundsParts {
    const { instruments, prices } = this.#ports;
    const { multiplier } = this.settings;
    return { book: this.book, orders: this.orders, instruments, prices, multiplier };
  }

  /**
   * Places an order.
   * @returns the order as the request is answered: before the venue has taken it.
   * @throws Refusal
   */
  submit(request: OrderRequest, atUs: number): Record<string, unknown> {
    if (request.orderClass === 'mleg') return this.#submitLegs(request, atUs);
    if (request.symbol === '') throw unprocessable('symbol is required');
    const asset = this.#ports.asset(request.symbol);
    if (asset === undefined) throw unprocessable(`asset "${request.symbol}" not found`);
    this.#checkClientId(request.clientOrderId);
    const refusal = orderRefusal(request, asset, atUs);
    if (refusal !== undefined) throw refusal;
    const order = makeOrder(request, asset, this.#origin(request.symbol, atUs));
    const problem = washRefusal(this.orders, order) ?? fundsRefusal(this.funds, order, asset);
    if (problem !== undefined) throw problem;
    if (request.orderClass === 'oco' && this.book.held(order.symbol) === 0) {
      throw unprocessable('oco orders must be exit orders');
    }
    const next = { ...this.#origin(request.symbol, atUs), number: this.#made + 2 };
    const legs = makeLegs(request, order, next);
    this.#count([order, ...legs]);
    if (order.type === 'trailing_stop') order.hwmNanos = this.#ports.prices.last(order.symbol);
    this.#tell('pending_new', order);
    const answer = orderJson(order, true);
    this.#work(order, atUs);
    if (request.orderClass === 'oco') for (const leg of legs) this.#work(leg, atUs);
    return answer;
  }

  #submitLegs(request: OrderRequest, atUs: number): Record<string, unknown> {
    const { asset, calendar } = this.#ports;
    this.#checkClientId(request.clientOrderId);
    const refusal = legsRefusal(request, (symbol) => asset(symbol)?.assetClass === 'us_option');
    if (refusal !== undefined) throw refusal;
    const order = makeMultiLeg(request, this.#origin('', atUs), (symbol) => this.book.held(symbol));
    const problem = multiLegRefusal(order, this.settings.optionsLevel, this.funds);
    if (problem !== undefined) throw problem;
    this.#count([order, ...order.legs]);
    this.#multiLegs.add(order);
    this.#tell('pending_new', order);
    const answer = orderJson(order, true);
    const status = calendar.isOpen(atUs) ? 'new' : 'accepted';
    for (const one of [...order.legs, order]) this.#setStatus(one, status);
    this.#tell(status, order);
    return answer;
  }

  /** Asks for the end of an order. @throws Refusal */
  cancel(id: string, atUs: number): void {
    const order = this.#known(id);
    if (!isOpen(order)) throw unprocessable(`order is already in "${order.status}" state`);
    if (order.status === 'pending_cancel') throw unprocessable('order is pending cancel');
    if (order.status !== 'held' && this.#ports.fault('cancelFillRace', order.symbol)) {
      this.#setStatus(order, 'pending_cancel');
      this.#tell('pending_cancel', order);
      this.#matching.remove(order.id, atUs);
      const priceNanos = order.limitNanos ?? this.#ports.prices.last(order.symbol);
      this.#fill(order, remainingOf(order), priceNanos, atUs);
      return;
    }
    for (const one of [order, ...order.group.filter((other) => other !== order)]) {
      this.#cancelOne(one, atUs);
    }
    for (const leg of order.legs) this.#cancelOne(leg, atUs);
  }

  /** Asks for the end of all open orders. @returns those that it asked of. */
  cancelAll(atUs: number): readonly AlpacaOrder[] {
    const open = this.orders.open().filter(({ status }) => status !== 'pending_cancel');
    for (const order of open) if (isOpen(order)) this.cancel(order.id, atUs);
    return open;
  }

  /**
   * Puts an order of a new id in the place of one.
   * @returns the new one, before the venue has taken it.
   * @throws Refusal
   */
  replace(id: string, patch: PatchRequest, atUs: number): Record<string, unknown> {
    const order = this.#known(id);
    if (isOpen(order) && this.#ports.fault('replaceFillRace', order.symbol)) {
      const priceNanos = order.limitNanos ?? this.#ports.prices.last(order.symbol);
      this.#fillPart(order, priceNanos, atUs);
    }
    const refusal = replaceRefusal(order, patch);
    if (refusal !== undefined) throw refusal;
    this.#checkClientId(patch.clientOrderId);
    const next = makeSuccessor(order, patch, this.#origin(order.symbol, atUs));
    this.#count([next]);
    if (this.#ports.fault('replaceRejected', order.symbol)) return this.#rejectReplace(order, next);
    const isHeld = order.status === 'held';
    const working = this.#matching.remove(order.id, atUs);
    if (working?.bestPriceNanos !== undefined) next.hwmNanos = working.bestPriceNanos;
    this.#setStatus(order, 'pending_replace');
    this.#tell('pending_replace', order);
    this.#succeed(order, next);
    order.replacedBy = next.id;
    this.#setStatus(order, 'replaced');
    const answer = orderJson(next, true);
    this.#tell('replaced', order);
    if (isHeld) this.#setStatus(next, 'held');
    else this.#work(next, atUs);
    return isHeld ? orderJson(next, true) : answer;
  }

  /** Whether no trade and no time would change anything. */
  get isIdle(): boolean {
    return this.#matching.isIdle && this.#unsized.size === 0 && this.#multiLegs.size === 0;
  }

  /** Returns the symbols whose trades matter, sorted. */
  symbols(): readonly string[] {
    const unsized = [...this.#unsized].map(({ symbol }) => symbol);
    const legs = [...this.#multiLegs].flatMap((order) => order.legs.map(({ symbol }) => symbol));
    return [...new Set([...this.#matching.symbols(), ...unsized, ...legs])].sort();
  }

  /** Meets what is offered of a symbol. */
  meet(offer: Offer): void {
    for (const order of this.#unsized) this.#size(order, offer);
    for (const order of this.orders.openOf(offer.symbol)) {
      const isShort = remainingOf(order) > offer.units * 1_000_000_000;
      if (order.timeInForce === 'fok' && isShort) this.#cancelOne(order, offer.startUs);
    }
    this.#take(this.#matching.meet(offer));
    this.#markTrails(offer);
  }

  /** Meets what is offered of all symbols at once: orders of several legs fill whole or not at all. */
  meetTogether(offers: ReadonlyMap<string, Offer>): void {
    for (const order of this.#multiLegs) {
      const first = offers.get(order.legs[0]?.symbol ?? '');
      if (first === undefined || first.startUs + 1 < order.createdAtUs) continue;
      const net = netNanos(order, offers);
      if (net === undefined || (order.limitNanos !== undefined && net > order.limitNanos)) continue;
      this.#multiLegs.delete(order);
      for (const leg of order.legs) {
        const priceNanos = offers.get(leg.symbol)?.priceNanos;
        assert(priceNanos !== undefined, 'every leg has an offer');
        this.#execute(leg, remainingOf(leg), priceNanos, first.startUs);
      }
      const stampUs = this.#stamp(first.startUs);
      order.filledQuantity = order.quantity;
      order.filledMicros =
        Math.round((net / 1_000) * (order.quantity / 1_000_000_000)) * CONTRACT_SIZE;
      Object.assign(order, { status: 'filled', filledAtUs: stampUs, updatedAtUs: stampUs });
      const executionId = derivedUuid('execution', order.id, 'whole');
      const { quantity: amount } = order;
      const price = priceNanosOf(net);
      const told = { executionId, quantity: amount, priceNanos: price, atUs: stampUs };
      this.#tell('fill', order, { ...told, positionQuantity: 0 });
    }
  }

  /** Brings orders that waited for the session to the venue. */
  open(extendedHours: boolean, atUs: number): void {
    for (const order of this.orders.open()) {
      if (order.status !== 'accepted' || order.extendedHours !== extendedHours) continue;
      this.#stamp(atUs);
      this.#setStatus(order, 'new');
      if (!isBesideTarget(order)) this.#tell('new', order);
    }
  }

  /** Restates a position by a split, before the day's first trade. Orders on the old share count are cancelled. */
  split(symbol: string, ratio: Split, atUs: number): void {
    for (const order of this.orders.openOf(symbol)) this.#cancelOne(order, atUs);
    this.book.split(symbol, ratio, atUs);
  }

  /** Ends what was good until then. */
  endDue(atUs: number): void {
    this.#take(this.#matching.endDue(timeUs(atUs)));
    for (const order of [...this.#unsized, ...this.#multiLegs]) {
      const { closeUs } = this.#ports.calendar.sessionAtOrAfter(order.createdAtUs);
      if (closeUs <= atUs) this.#finish(order, 'expired', atUs);
    }
  }

  #checkClientId(clientOrderId: string | undefined): void {
    if (clientOrderId === undefined) return;
    if (this.orders.ofClientId(clientOrderId) !== undefined) throw duplicateClientId();
  }

  /** The venue has not taken the new terms: the old ones go on. */
  #rejectReplace(order: AlpacaOrder, next: AlpacaOrder): Record<string, unknown> {
    const before = order.status;
    this.#setStatus(order, 'pending_replace');
    this.#tell('pending_replace', order);
    const answer = orderJson(next, true);
    this.#setStatus(next, 'rejected');
    this.#setStatus(order, before);
    this.#tell('order_replace_rejected', order);
    this.#tell('rejected', next);
    return answer;
  }

  /** Puts an order's successor in its place among what hangs together. */
  #succeed(order: AlpacaOrder, next: AlpacaOrder): void {
    const swap = (list: readonly AlpacaOrder[]) => list.map((one) => (one === order ? next : one));
    if (next.parent !== undefined) next.parent.legs = swap(next.parent.legs);
    const group = swap(order.group);
    for (const one of group) one.group = group;
    for (const leg of next.legs) leg.parent = next;
  }

  /** Gives an order to the matching, now or when its session opens. */
  #work(order: AlpacaOrder, atUs: number): void {
    const isOpenNow = this.#isSession(order, atUs);
    this.#setStatus(order, isOpenNow ? 'new' : 'accepted');
    if (!isBesideTarget(order)) this.#tell(isOpenNow ? 'new' : 'accepted', order);
    if (order.notionalMicros !== undefined && order.limitNanos === undefined) {
      this.#unsized.add(order);
      return;
    }
    if (order.notionalMicros !== undefined) this.#setSize(order, order.limitNanos ?? 0);
    this.#matching.add(matchedOrder(order, atUs));
  }

  /** Finds out how much an order of an amount of money is, as the first price comes. */
  #size(order: AlpacaOrder, offer: Offer): void {
    const session = this.#ports.calendar.sessionAt(offer.startUs);
    if (order.symbol !== offer.symbol || session === undefined) return;
    if (offer.startUs < order.createdAtUs) return;
    this.#unsized.delete(order);
    this.#setSize(order, offer.priceNanos);
    this.#matching.add(matchedOrder(order, offer.startUs));
  }

  #setSize(order: AlpacaOrder, price: number): void {
    order.quantity = quantity(notionalQuantity(order.notionalMicros ?? 0, price));
  }

  #isSession(order: AlpacaOrder, atUs: number): boolean {
    if (order.extendedHours) return this.#matching.isExtendedOpen(atUs);
    return order.timeInForce !== 'opg' && this.#ports.calendar.isOpen(atUs);
  }

  #take(events: readonly MatcherEvent[]): void {
    for (const event of events) {
      assert(event.kind !== 'accepted', 'orders are matched without exits of their own');
      const order = this.orders.get(event.orderId);
      assert(order !== undefined, `order ${event.orderId} is not known`);
      if (!isOpen(order)) continue;
      if (event.kind === 'filled') {
        this.#fill(order, event.quantity, event.priceNanos, event.eventAtUs);
      } else {
        this.#finish(order, event.kind === 'expired' ? 'expired' : 'canceled', event.eventAtUs);
      }
    }
  }

  #fill(order: AlpacaOrder, amount: number, priceNanos: PriceNanos, atUs: number): void {
    const execution = this.#execute(order, amount, priceNanos, atUs);
    const isWhole = order.status === 'filled';
    const positionQuantity = this.book.held(order.symbol);
    this.#tell(isWhole ? 'fill' : 'partial_fill', order, { ...execution, positionQuantity });
    this.#afterFill(order, amount, isWhole, atUs);
  }

  /** Fills the half of an order, at least a share. */
  #fillPart(order: AlpacaOrder, priceNanos: PriceNanos, atUs: number): void {
    const working = this.#matching.remove(order.id, atUs);
    const half = Math.floor(remainingOf(order) / 2 / ONE_SHARE) * ONE_SHARE;
    this.#fill(order, Math.max(ONE_SHARE, half), priceNanos, atUs);
    if (working !== undefined && isOpen(order)) this.#matching.add(matchedOrder(order, atUs));
  }

  /** Counts and books a fill. */
  #execute(order: AlpacaOrder, amount: number, priceNanos: PriceNanos, atUs: number): Execution {
    const stampUs = this.#stamp(atUs);
    const fills = `${order.filledQuantity + amount}`;
    const executionId = derivedUuid('execution', order.id, fills);
    const execution: Execution = { executionId, quantity: amount, priceNanos, atUs: stampUs };
    order.filledMicros += this.book.fill(order, execution);
    order.filledQuantity += amount;
    const isWhole = remainingOf(order) === 0;
    order.status = isWhole ? 'filled' : 'partially_filled';
    order.updatedAtUs = stampUs;
    if (isWhole) order.filledAtUs = stampUs;
    this.book.noteFill(order, execution);
    return execution;
  }

  /** What hangs together with an order that filled: exits of it begin to work, others lose what it filled. */
  #afterFill(order: AlpacaOrder, amount: number, isWhole: boolean, atUs: number): void {
    for (const other of order.group) {
      if (other === order || !isOpen(other)) continue;
      if (isWhole) this.#cancelOne(other, atUs);
      else this.#shrink(other, amount, atUs);
    }
    if (!isWhole || order.orderClass === 'oco') return;
    for (const leg of order.legs) if (leg.status === 'held') this.#work(leg, atUs);
  }

  #shrink(order: AlpacaOrder, amount: number, atUs: number): void {
    const working = this.#matching.remove(order.id, atUs);
    order.quantity = quantity(order.quantity - amount);
    if (working?.bestPriceNanos !== undefined) order.hwmNanos = working.bestPriceNanos;
    if (working !== undefined) this.#matching.add(matchedOrder(order, atUs));
  }

  #cancelOne(order: AlpacaOrder, atUs: number): void {
    if (!isOpen(order)) return;
    this.#matching.remove(order.id, atUs);
    this.#finish(order, 'canceled', atUs);
  }

  #finish(order: AlpacaOrder, status: 'canceled' | 'expired', atUs: number): void {
    this.#stamp(atUs);
    this.#unsized.delete(order);
    this.#multiLegs.delete(order);
    this.#setStatus(order, status);
    if (status !== 'canceled' || !isBesideTarget(order)) this.#tell(status, order);
    for (const leg of order.legs) this.#cancelOne(leg, atUs);
  }

  #markTrails(offer: Offer): void {
    for (const order of this.orders.openOf(offer.symbol)) {
      if (order.type !== 'trailing_stop' || order.hwmNanos === undefined) continue;
      const { priceNanos } = offer;
      const best = order.side === 'sell' ? Math.max : Math.min;
      order.hwmNanos = best(order.hwmNanos, priceNanos);
    }
  }

  #setStatus(order: AlpacaOrder, status: AlpacaOrderStatus): void {
    order.status = status;
    order.updatedAtUs = this.#stamp(order.updatedAtUs);
    if (!isOpen(order)) order.endedAtUs = order.updatedAtUs;
  }

  #tell(event: string, order: AlpacaOrder, execution?: TradeUpdate['execution']): void {
    const json = orderJson(order, true);
    const told = execution === undefined ? {} : { execution };
    this.#ports.tell({ event, atUs: order.updatedAtUs, order: json, ...told });
  }

  #known(id: string): AlpacaOrder {
    const order = this.orders.get(id);
    if (order === undefined) throw notFound(`order not found for ${id}`);
    return order;
  }

  /** Says where an order comes from; counts nothing yet, as the order may be refused. */
  #origin(symbol: string, atUs: number) {
    const { accountId } = this.settings;
    const held = this.book.held(symbol);
    const stampUs = Math.max(atUs, this.#lastStampUs + 1);
    return { accountId, number: this.#made + 1, atUs: stampUs, held };
  }

  /** Takes orders in: from here on they are there. */
  #count(orders: readonly AlpacaOrder[]): void {
    this.#made += orders.length;
    for (const order of orders) {
      this.#lastStampUs = Math.max(this.#lastStampUs, order.createdAtUs);
      this.orders.add(order);
    }
  }

  /** Returns a time not before the given one and after every one before: what happens later is stamped later. */
  #stamp(atUs: number): number {
    this.#lastStampUs = Math.max(atUs, this.#lastStampUs + 1);
    return this.#lastStampUs;
  }
}
