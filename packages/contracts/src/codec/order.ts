import type {
  CashEvent,
  Exits,
  Fill,
  LedgerEntry,
  Order,
  OrderReplaces,
  OrderRevision,
  OrderTerms,
  SplitEvent,
  TimeUs,
} from '@capstan/domain';
import * as wire from '../gen/capstan/execution/v1/order.ts';
import { ledgerEventFromWire, ledgerEventToWire } from './activity.ts';
import { fillKinds, orderSides, orderStates, orderTypes, timesInForce } from './enums.ts';
import { decodeAs, int64, malformed, present } from './wire.ts';

/** Orders that changed, or the statement that a slice's orders have all been dealt with. */
export interface OrderEvent {
  readonly accountId: string;
  readonly runId: string;
  readonly orders: readonly Order[];
  readonly sliceDone?: {
    readonly feed: string;
    readonly sliceEndUs: TimeUs;
    readonly activeBots: number;
  };
}

/** What changes ledgers, and how far the venue has matched. */
export interface FillEvent {
  readonly accountId: string;
  readonly runId: string;
  /** By account sequence. */
  readonly fills: readonly Fill[];
  /** What is no trade, in one numbering with the fills; absent where there is none. */
  readonly events?: readonly (CashEvent | SplitEvent)[];
  readonly venueSlice?: { readonly feed: string; readonly sliceEndUs: TimeUs };
}

export function exitsToWire(exits: Exits): wire.Exits {
  return {
    stopPriceNanos: int64.optional(exits.stopPriceNanos),
    takeProfitPriceNanos: int64.optional(exits.takeProfitPriceNanos),
    trailNanos: int64.optional(exits.trailNanos),
    trailBps: exits.trailBps,
  };
}

export function exitsFromWire(exits: wire.Exits): Exits {
  return present({
    stopPriceNanos: price(exits.stopPriceNanos),
    takeProfitPriceNanos: price(exits.takeProfitPriceNanos),
    trailNanos: price(exits.trailNanos),
    trailBps: exits.trailBps,
  });
}

export function termsToWire(terms: OrderTerms): wire.OrderTerms {
  return {
    orderId: terms.orderId,
    intentId: terms.intentId,
    runId: terms.runId,
    accountId: terms.accountId,
    botId: terms.botId,
    symbol: terms.symbol,
    side: orderSides.toWire(terms.side),
    quantity: int64.of(terms.quantity),
    type: orderTypes.toWire(terms.type),
    limitPriceNanos: int64.optional(terms.limitPriceNanos),
    stopPriceNanos: int64.optional(terms.stopPriceNanos),
    timeInForce: timesInForce.toWire(terms.timeInForce),
    reducing: terms.reducing,
    leg: terms.leg,
    attempt: terms.attempt,
    decidedAtUs: int64.of(terms.decidedAtUs),
    expiresAtUs: int64.of(terms.expiresAtUs),
    trailNanos: int64.optional(terms.trailNanos),
    trailBps: terms.trailBps,
    activationPriceNanos: int64.optional(terms.activationPriceNanos),
    exits: terms.exits && exitsToWire(terms.exits),
  };
}

const price = (value: bigint | undefined) => (value === undefined ? undefined : int64.price(value));

export function termsFromWire(terms: wire.OrderTerms | undefined): OrderTerms {
  if (terms === undefined) throw malformed('Order', 'terms', 'absent');
  return {
    orderId: terms.orderId,
    intentId: terms.intentId,
    runId: terms.runId,
    accountId: terms.accountId,
    botId: terms.botId,
    symbol: terms.symbol,
    side: orderSides.fromWire(terms.side),
    quantity: int64.quantity(terms.quantity),
    type: orderTypes.fromWire(terms.type),
    ...present({
      limitPriceNanos: price(terms.limitPriceNanos),
      stopPriceNanos: price(terms.stopPriceNanos),
      trailNanos: price(terms.trailNanos),
      trailBps: terms.trailBps,
      activationPriceNanos: price(terms.activationPriceNanos),
      exits: terms.exits && exitsFromWire(terms.exits),
    }),
    timeInForce: timesInForce.fromWire(terms.timeInForce),
    reducing: terms.reducing,
    leg: terms.leg,
    attempt: terms.attempt,
    decidedAtUs: int64.time(terms.decidedAtUs),
    expiresAtUs: int64.time(terms.expiresAtUs),
  };
}

export function revisionToWire(revision: OrderRevision): wire.OrderRevision {
  return {
    quantity: int64.of(revision.quantity),
    limitPriceNanos: int64.optional(revision.limitPriceNanos),
    stopPriceNanos: int64.optional(revision.stopPriceNanos),
  };
}

export function revisionFromWire(revision: wire.OrderRevision | undefined): OrderRevision {
  if (revision === undefined) throw malformed('OrderRevision', 'revision', 'absent');
  return {
    quantity: int64.quantity(revision.quantity),
    ...present({
      limitPriceNanos: price(revision.limitPriceNanos),
      stopPriceNanos: price(revision.stopPriceNanos),
    }),
  };
}

function replacesToWire({ count, approved, asked }: OrderReplaces): wire.OrderReplaces {
  return { count, approved: revisionToWire(approved), asked: asked && revisionToWire(asked) };
}

function replacesFromWire({ count, approved, asked }: wire.OrderReplaces): OrderReplaces {
  return {
    count,
    approved: revisionFromWire(approved),
    ...present({ asked: asked && revisionFromWire(asked) }),
  };
}

export function orderToWire(order: Order): wire.Order {
  return {
    terms: termsToWire(order),
    state: orderStates.toWire(order.state),
    venueOrderId: order.venueOrderId,
    filledQuantity: int64.of(order.filledQuantity),
    filledNotionalMicros: int64.of(order.filledNotionalMicros),
    reason: order.reason,
    version: order.version,
    updatedAtUs: int64.of(order.updatedAtUs),
    executedQuantity: int64.optional(order.executedQuantity),
    replaces: order.replaces && replacesToWire(order.replaces),
  };
}

export function orderFromWire(order: wire.Order): Order {
  return {
    ...termsFromWire(order.terms),
    state: orderStates.fromWire(order.state),
    ...present({
      venueOrderId: order.venueOrderId,
      reason: order.reason,
      executedQuantity:
        order.executedQuantity === undefined ? undefined : int64.quantity(order.executedQuantity),
      replaces: order.replaces && replacesFromWire(order.replaces),
    }),
    filledQuantity: int64.quantity(order.filledQuantity),
    filledNotionalMicros: int64.cash(order.filledNotionalMicros),
    version: order.version,
    updatedAtUs: int64.time(order.updatedAtUs),
  };
}

export function fillToWire(fill: Fill): wire.Fill {
  return {
    fillId: fill.fillId,
    kind: fillKinds.toWire(fill.kind),
    refersTo: fill.refersTo,
    orderId: fill.orderId,
    runId: fill.runId,
    accountId: fill.accountId,
    botId: fill.botId,
    symbol: fill.symbol,
    side: orderSides.toWire(fill.side),
    quantity: int64.of(fill.quantity),
    priceNanos: int64.of(fill.priceNanos),
    feeMicros: int64.of(fill.feeMicros),
    eventAtUs: int64.of(fill.eventAtUs),
    accountSequence: int64.of(fill.accountSequence),
  };
}

export function fillFromWire(fill: wire.Fill): Fill {
  return {
    fillId: fill.fillId,
    kind: fillKinds.fromWire(fill.kind),
    ...present({ refersTo: fill.refersTo }),
    orderId: fill.orderId,
    runId: fill.runId,
    accountId: fill.accountId,
    botId: fill.botId,
    symbol: fill.symbol,
    side: orderSides.fromWire(fill.side),
    quantity: int64.quantity(fill.quantity),
    priceNanos: int64.price(fill.priceNanos),
    feeMicros: int64.cash(fill.feeMicros),
    eventAtUs: int64.time(fill.eventAtUs),
    accountSequence: int64.number(fill.accountSequence),
  };
}

export function encodeOrderEvent(event: OrderEvent): Uint8Array {
  const done = event.sliceDone;
  return wire.OrderEvent.encode({
    accountId: event.accountId,
    runId: event.runId,
    orders: event.orders.map(orderToWire),
    sliceDone: done && { ...done, sliceEndUs: int64.of(done.sliceEndUs) },
  }).finish();
}

export function decodeOrderEvent(data: Uint8Array): OrderEvent {
  const event = decodeAs('OrderEvent', wire.OrderEvent, data);
  const done = event.sliceDone;
  return {
    accountId: event.accountId,
    runId: event.runId,
    orders: event.orders.map(orderFromWire),
    ...present({ sliceDone: done && { ...done, sliceEndUs: int64.time(done.sliceEndUs) } }),
  };
}

/** Returns all that an event changes ledgers by, in its order. */
export function ledgerEntriesOf({ fills, events = [] }: FillEvent): readonly LedgerEntry[] {
  if (events.length === 0) return fills;
  return [...fills, ...events].sort((a, b) => a.accountSequence - b.accountSequence);
}

export function encodeFillEvent(event: FillEvent): Uint8Array {
  const slice = event.venueSlice;
  return wire.FillEvent.encode({
    accountId: event.accountId,
    runId: event.runId,
    fills: event.fills.map(fillToWire),
    events: (event.events ?? []).map(ledgerEventToWire),
    venueSlice: slice && { feed: slice.feed, sliceEndUs: int64.of(slice.sliceEndUs) },
  }).finish();
}

export function decodeFillEvent(data: Uint8Array): FillEvent {
  const event = decodeAs('FillEvent', wire.FillEvent, data);
  const slice = event.venueSlice;
  return {
    accountId: event.accountId,
    runId: event.runId,
    fills: event.fills.map(fillFromWire),
    ...(event.events.length === 0 ? {} : { events: event.events.map(ledgerEventFromWire) }),
    ...present({
      venueSlice: slice && { feed: slice.feed, sliceEndUs: int64.time(slice.sliceEndUs) },
    }),
  };
}
