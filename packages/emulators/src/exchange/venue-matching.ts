import type { Calendar } from '@capstan/calendar';
import {
  type Bar,
  type InstrumentBook,
  type OrderTerms,
  type PriceNanos,
  quantity,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import { Matcher, type MatcherConfig, type MatcherEvent, type WorkingOrder } from '@capstan/engine';
import { ExtendedCalendar } from './extended-calendar.ts';

/** What is offered of a symbol in a moment: one price, and so many whole units at it. */
export interface Offer {
  readonly symbol: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly priceNanos: PriceNanos;
  readonly units: number;
}

/** An order as it is matched: what is left of it. */
export type MatchedOrder = Pick<
  OrderTerms,
  | 'orderId'
  | 'symbol'
  | 'side'
  | 'type'
  | 'timeInForce'
  | 'limitPriceNanos'
  | 'stopPriceNanos'
  | 'trailNanos'
  | 'trailBps'
  | 'activationPriceNanos'
> & {
  readonly quantity: number;
  readonly atUs: number;
  readonly extendedHours: boolean;
};

/** Limits fill where their price trades; all orders of an account together take no more than is offered. */
const MATCHING: MatcherConfig = {
  limitFill: 'touch',
  maxVolumeFraction: 1,
  commission: { kind: 'none' },
  slippage: { kind: 'none' },
};
const ONE_UNIT = 1_000_000_000;
/** What a quantity of nine decimals can count. */
const UNITS_MAX = 9_000_000;
const NO_DECISION = {
  intentId: '',
  runId: 'live',
  accountId: 'account',
  botId: '',
  reducing: false,
  leg: 0,
  attempt: 1,
} as const;

/**
 * Matches one account's orders by the engine's rules, trade by trade: those of the session beside those for extended hours. Nothing
 * fills between two trades.
 */
export class VenueMatching {
  readonly #regular: Matcher;
  readonly #extended: Matcher;
  readonly #extendedHours: Calendar;

  constructor(instruments: InstrumentBook, calendar: Calendar) {
    const extended = new ExtendedCalendar(calendar);
    this.#extendedHours = extended;
    this.#regular = new Matcher(MATCHING, instruments, () => calendar);
    this.#extended = new Matcher(MATCHING, instruments, () => extended);
  }

  add({ atUs, extendedHours, ...order }: MatchedOrder): void {
    const matcher = extendedHours ? this.#extended : this.#regular;
    matcher.add({
      ...NO_DECISION,
      ...order,
      quantity: quantity(order.quantity),
      decidedAtUs: timeUs(atUs),
      expiresAtUs: timeUs(atUs),
    });
  }

  /** Tells whether orders for extended hours work at a time. */
  isExtendedOpen(us: number): boolean {
    return this.#extendedHours.isOpen(us);
  }

  /** Takes an order out; returns what it was. */
  remove(orderId: string, atUs: number): WorkingOrder | undefined {
    for (const matcher of [this.#regular, this.#extended]) {
      const found = matcher.openOrders().find(({ terms }) => terms.orderId === orderId);
      if (found === undefined) continue;
      matcher.cancel(orderId, timeUs(atUs));
      return found;
    }
    return undefined;
  }

  get isIdle(): boolean {
    return this.#regular.isIdle && this.#extended.isIdle;
  }

  /** Returns the symbols that have working orders, sorted. */
  symbols(): readonly string[] {
    const orders = [...this.#regular.openOrders(), ...this.#extended.openOrders()];
    return [...new Set(orders.map(({ terms }) => terms.symbol))].sort();
  }

  /** Meets what is offered. */
  meet(offer: Offer): readonly MatcherEvent[] {
    const bar = barOf(offer);
    return [...this.#regular.onBar(bar), ...this.#extended.onBar(bar)];
  }

  /** Ends what was good until then. */
  endDue(atUs: TimeUs): readonly MatcherEvent[] {
    return [...this.#regular.closeSlice(atUs), ...this.#extended.closeSlice(atUs)];
  }
}

function barOf({ symbol, startUs, endUs, priceNanos, units }: Offer): Bar {
  return {
    symbol,
    timeframe: '1m',
    startUs: timeUs(startUs),
    endUs: timeUs(endUs),
    revision: 0,
    openNanos: priceNanos,
    highNanos: priceNanos,
    lowNanos: priceNanos,
    closeNanos: priceNanos,
    volume: Math.min(units, UNITS_MAX) * ONE_UNIT,
  };
}
