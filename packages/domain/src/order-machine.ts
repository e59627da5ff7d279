import { assert, InvariantError } from './errors.ts';
import {
  type CashMicros,
  cashMicros,
  type Quantity,
  quantity,
  type TimeUs,
  ZERO_CASH,
  ZERO_QUANTITY,
} from './numbers.ts';
import type { Order, OrderReplaces, OrderRevision, OrderState, OrderTerms } from './order.ts';
import { executedQuantity, ORDER_TABLE, type OrderEventKind } from './order-table.ts';

interface Said<Kind extends OrderEventKind> {
  readonly kind: Kind;
  /** In words; it becomes the order's reason. */
  readonly reason: string;
}

interface Hinted<Kind extends OrderEventKind> {
  readonly kind: Kind;
  readonly reason?: string;
}

interface Traded<Kind extends OrderEventKind> {
  readonly kind: Kind;
  /** Positive, at the instrument's scale. */
  readonly quantity: Quantity;
  /** Price × quantity without fees, as `notionalMicros` gives it. */
  readonly notionalMicros: CashMicros;
}

/** A trade; or, where it corrects, what takes the place of one that was told before and taken back. */
interface Filled extends Traded<'fill'> {
  readonly corrects?: true;
}

/** What can happen to an order; the table's rows say what each means in each state. */
export type OrderEvent =
  | { readonly kind: 'submit' }
  | Said<'timeout'>
  /** Without the venue's id where it says only that it has the order. */
  | { readonly kind: 'accept'; readonly venueOrderId?: string }
  | Said<'reject'>
  | Filled
  | Traded<'unfill'>
  | Hinted<'requestCancel'>
  | Said<'cancel'>
  | Said<'rejectCancel'>
  | (Hinted<'requestReplace'> & { readonly revision: OrderRevision })
  /** @param count of the request that it answers. */
  | { readonly kind: 'replace'; readonly count: number; readonly revision: OrderRevision }
  | Said<'rejectReplace'>
  | Hinted<'expire'>
  | Said<'deny'>
  | Said<'confirmAbsent'>;

/** What became of an event. */
export type Transition =
  | {
      readonly kind: 'changed';
      readonly order: Order;
      /** The venue has filled more than was ordered: recorded as it says, and for someone to look at. */
      readonly overfilled: boolean;
    }
  | { readonly kind: 'ignored'; readonly why: string };

/**
 * Applies one event to an order by {@link ORDER_TABLE}. Late and repeated events are ignored with the reason why; every
 * change raises `version` by one. The venue's word on quantities always counts, also beyond the order's quantity and after
 * its end; it moves no order out of a terminal state. The order's reason stays while its state stays.
 * @throws InvariantError where the table says `invalid`, a quantity is not positive, or more is unfilled than was filled.
 */
export function transition(order: Order, event: OrderEvent, nowUs: TimeUs): Transition {
  const outcome = ORDER_TABLE[order.state][event.kind];
  switch (outcome) {
    case 'invalid':
      throw new InvariantError(`order ${order.orderId} is ${order.state}: it cannot ${event.kind}`);
    case 'ignore':
      return { kind: 'ignored', why: `${event.kind} means nothing to a ${order.state} order` };
    case 'learn':
      return learn(order, event, nowUs);
    case 'count':
      return counted(order, event, nowUs, () => order.state);
    case 'byQuantity':
      return counted(order, event, nowUs, (quantities) => stateByQuantity(order, quantities));
    case 'rest':
      return changed(order, event, nowUs, { state: restingState(order) });
    case 'revise':
      return revised(order, event, nowUs);
    case 'replacing':
      return replacing(order, event, nowUs);
    default:
      return changed(order, event, nowUs, { state: outcome });
  }
}

/** Makes the order of approved terms: state `approved`, version 1, nothing filled. */
export function newOrder(terms: OrderTerms, nowUs: TimeUs): Order {
  assert(terms.quantity > 0, `order ${terms.orderId}: quantity must be positive`);
  return {
    ...terms,
    state: 'approved',
    filledQuantity: ZERO_QUANTITY,
    filledNotionalMicros: ZERO_CASH,
    version: 1,
    updatedAtUs: nowUs,
  };
}

function learn(order: Order, event: OrderEvent, nowUs: TimeUs): Transition {
  if (event.kind !== 'accept') assert(false, `${event.kind} has no venue order id`);
  if (event.kind === 'accept' && event.venueOrderId === undefined) {
    return { kind: 'ignored', why: 'it says nothing that is not known' };
  }
  if (event.kind === 'accept' && order.venueOrderId === undefined) {
    return changed(order, event, nowUs, { state: order.state });
  }
  return { kind: 'ignored', why: `the venue's id of the order is already ${order.venueOrderId}` };
}

function counted(
  order: Order,
  event: OrderEvent,
  nowUs: TimeUs,
  stateOf: (counted: Counted) => OrderState,
): Transition {
  assert(event.kind === 'fill' || event.kind === 'unfill', `${event.kind} has no quantity`);
  assert(event.quantity > 0, `order ${order.orderId}: ${event.kind} of ${event.quantity}`);
  const sign = event.kind === 'fill' ? 1 : -1;
  const filledQuantity = quantity(order.filledQuantity + sign * event.quantity);
  assert(filledQuantity >= 0, `order ${order.orderId}: more is unfilled than was filled`);
  const isExecuted = event.kind === 'fill' && event.corrects !== true;
  const executed = quantity(executedQuantity(order) + (isExecuted ? event.quantity : 0));
  return changed(order, event, nowUs, {
    state: stateOf({ filled: filledQuantity, executed }),
    filledQuantity,
    executed,
    filledNotionalMicros: cashMicros(order.filledNotionalMicros + sign * event.notionalMicros),
  });
}

interface Counted {
  readonly filled: Quantity;
  readonly executed: Quantity;
}

/** What was executed once decides the end, so that a bust before or after the last fill leads to the same. */
function stateByQuantity(
  order: Pick<Order, 'state' | 'quantity'>,
  { filled, executed }: Counted,
): OrderState {
  if (executed >= order.quantity) return 'filled';
  if (order.state === 'cancelling' || order.state === 'replacing') return order.state;
  return filled > 0 ? 'partiallyFilled' : 'accepted';
}

const restingState = ({ filledQuantity }: Order): OrderState =>
  filledQuantity > 0 ? 'partiallyFilled' : 'accepted';

function replacing(order: Order, event: OrderEvent, nowUs: TimeUs): Transition {
  assert(event.kind === 'requestReplace', `${event.kind} asks for no new terms`);
  const { revision } = event;
  assert(
    revision.quantity > executedQuantity(order),
    `order ${order.orderId}: replaced by less than was executed`,
  );
  const approved = order.replaces?.approved ?? revisionOf(order);
  const count = (order.replaces?.count ?? 0) + 1;
  const replaces: OrderReplaces = { count, approved, asked: revision };
  return changed(order, event, nowUs, { state: 'replacing', replaces });
}

/** Returns of an order what a replace can change. */
export function revisionOf(order: OrderRevision): OrderRevision {
  const { limitPriceNanos, stopPriceNanos } = order;
  return {
    quantity: order.quantity,
    ...(limitPriceNanos === undefined ? {} : { limitPriceNanos }),
    ...(stopPriceNanos === undefined ? {} : { stopPriceNanos }),
  };
}

/** Takes the terms by which the venue works the order from now on. The answer to an earlier request leaves a later one asked. */
function revised(order: Order, event: OrderEvent, nowUs: TimeUs): Transition {
  assert(event.kind === 'replace', `${event.kind} has no new terms`);
  const { revision, count } = event;
  const isAnswer = order.state !== 'replacing' || order.replaces?.count === count;
  const approved = order.replaces?.approved ?? revisionOf(order);
  const replaces = order.replaces ?? { count, approved };
  const executed = executedQuantity(order);
  const still = order.state === 'cancelling' || !isAnswer;
  const state = still ? order.state : restingState(order);
  return changed(order, event, nowUs, {
    ...revision,
    replaces,
    state: executed >= revision.quantity ? 'filled' : state,
  });
}

type Changes = Pick<Order, 'state'> &
  Partial<
    Pick<Order, 'filledQuantity' | 'filledNotionalMicros' | 'replaces' | keyof OrderRevision>
  > & { readonly executed?: Quantity };

function changed(order: Order, event: OrderEvent, nowUs: TimeUs, changes: Changes): Transition {
  const { reason: former, executedQuantity: _executed, replaces: known, ...rest } = order;
  const { executed = executedQuantity(order), replaces = known, ...changed } = changes;
  const filled = changed.filledQuantity ?? order.filledQuantity;
  const kept = changes.state === order.state ? former : undefined;
  const reason = 'reason' in event ? event.reason : kept;
  const next: Order = {
    ...rest,
    ...changed,
    ...(executed === filled ? {} : { executedQuantity: executed }),
    ...(replaces === undefined ? {} : { replaces: answered(replaces, changes.state) }),
    ...(event.kind === 'accept' && event.venueOrderId !== undefined
      ? { venueOrderId: event.venueOrderId }
      : {}),
    ...(reason === undefined ? {} : { reason }),
    version: order.version + 1,
    updatedAtUs: nowUs,
  };
  return { kind: 'changed', order: next, overfilled: next.filledQuantity > next.quantity };
}

/** Nothing is asked for any more once the order does not wait for an answer. */
function answered({ count, approved, asked }: OrderReplaces, state: OrderState): OrderReplaces {
  return asked === undefined || state !== 'replacing'
    ? { count, approved }
    : { count, approved, asked };
}
