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
import type { Order, OrderState, OrderTerms } from './order.ts';
import { ORDER_TABLE, type OrderEventKind } from './order-table.ts';

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

/** What can happen to an order; the table's rows say what each means in each state. */
export type OrderEvent =
  | { readonly kind: 'submit' }
  | Said<'timeout'>
  | { readonly kind: 'accept'; readonly venueOrderId: string }
  | Said<'reject'>
  | Traded<'fill'>
  | Traded<'unfill'>
  | Hinted<'requestCancel'>
  | Said<'cancel'>
  | Said<'rejectCancel'>
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
      return counted(order, event, nowUs, (filled) => stateByQuantity(order, filled));
    case 'rest':
      return changed(order, event, nowUs, {
        state: order.filledQuantity > 0 ? 'partiallyFilled' : 'accepted',
      });
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
  if (event.kind === 'accept' && order.venueOrderId === undefined) {
    return changed(order, event, nowUs, { state: order.state });
  }
  return { kind: 'ignored', why: `the venue's id of the order is already ${order.venueOrderId}` };
}

function counted(
  order: Order,
  event: OrderEvent,
  nowUs: TimeUs,
  stateOf: (filledQuantity: Quantity) => OrderState,
): Transition {
  assert(event.kind === 'fill' || event.kind === 'unfill', `${event.kind} has no quantity`);
  assert(event.quantity > 0, `order ${order.orderId}: ${event.kind} of ${event.quantity}`);
  const sign = event.kind === 'fill' ? 1 : -1;
  const filledQuantity = quantity(order.filledQuantity + sign * event.quantity);
  assert(filledQuantity >= 0, `order ${order.orderId}: more is unfilled than was filled`);
  return changed(order, event, nowUs, {
    state: stateOf(filledQuantity),
    filledQuantity,
    filledNotionalMicros: cashMicros(order.filledNotionalMicros + sign * event.notionalMicros),
  });
}

function stateByQuantity(order: Order, filledQuantity: Quantity): OrderState {
  if (filledQuantity >= order.quantity) return 'filled';
  if (order.state === 'cancelling') return 'cancelling';
  return filledQuantity > 0 ? 'partiallyFilled' : 'accepted';
}

type Changes = Pick<Order, 'state'> &
  Partial<Pick<Order, 'filledQuantity' | 'filledNotionalMicros'>>;

function changed(order: Order, event: OrderEvent, nowUs: TimeUs, changes: Changes): Transition {
  const { reason: former, ...rest } = order;
  const kept = changes.state === order.state ? former : undefined;
  const reason = 'reason' in event ? event.reason : kept;
  const next: Order = {
    ...rest,
    ...changes,
    ...(event.kind === 'accept' ? { venueOrderId: event.venueOrderId } : {}),
    ...(reason === undefined ? {} : { reason }),
    version: order.version + 1,
    updatedAtUs: nowUs,
  };
  return { kind: 'changed', order: next, overfilled: next.filledQuantity > next.quantity };
}
