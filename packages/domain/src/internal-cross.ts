import { assert } from './errors.ts';
import type { Fill } from './fill.ts';
import { deriveId } from './ids.ts';
import { type Instrument, notionalMicros, roundToTick } from './instrument.ts';
import { type PriceNanos, type TimeUs, ZERO_CASH } from './numbers.ts';
import type { Order } from './order.ts';
import { type OrderEvent, transition } from './order-machine.ts';

/** Two approved orders of one account's bots, of the same symbol and quantity, that fill each other and never reach the venue. */
export interface InternalCross {
  readonly buyOrderId: string;
  readonly sellOrderId: string;
  readonly priceNanos: PriceNanos;
}

/** How the account is called where it is the venue itself: the beginning of what such a venue names. */
export const INTERNAL_VENUE = 'internal';

const PREFIX = `${INTERNAL_VENUE}/`;

/** Tells whether an order was filled by another bot of its account. */
export const isInternalOrder = ({ venueOrderId }: Pick<Order, 'venueOrderId'>): boolean =>
  venueOrderId?.startsWith(PREFIX) === true;

/** Tells whether a fill is one of two bots with each other: no broker knows of it. */
export const isInternalFill = ({ fillId }: Pick<Fill, 'fillId'>): boolean =>
  fillId.startsWith(PREFIX);

/** The price at which two bots fill each other: a bar's close on the instrument's tick, ties to the even tick. */
export function crossPriceNanos(instrument: Instrument, closeNanos: PriceNanos): PriceNanos {
  const { tickNanos } = instrument;
  const below = roundToTick(instrument, closeNanos, 'down');
  const isTie = (closeNanos - below) * 2 === tickNanos;
  const isEven = (below / tickNanos) % 2 === 0;
  return isTie && isEven ? below : roundToTick(instrument, closeNanos);
}

/** When and in what place of the account's fills an order is crossed. */
export interface CrossingPlace {
  readonly instrument: Instrument;
  /** The end of the slice whose close is the price. */
  readonly atUs: TimeUs;
  readonly accountSequence: number;
}

/**
 * Fills a new order by the other of a cross: whole, at once and without a fee. Both name the other one where a venue's id would be.
 * @throws InvariantError unless the order is new and one of the two.
 */
export function crossOrder(
  order: Order,
  { buyOrderId, sellOrderId, priceNanos }: InternalCross,
  { instrument, atUs, accountSequence }: CrossingPlace,
): { readonly order: Order; readonly fill: Fill } {
  const { orderId, runId, accountId, botId, symbol, side, quantity } = order;
  const [mine, other] = side === 'buy' ? [buyOrderId, sellOrderId] : [sellOrderId, buyOrderId];
  assert(mine === orderId, `order ${orderId} is no ${side} of this cross`);
  const events: readonly OrderEvent[] = [
    { kind: 'submit' },
    { kind: 'accept', venueOrderId: `${PREFIX}${other}` },
    { kind: 'fill', quantity, notionalMicros: notionalMicros(instrument, priceNanos, quantity) },
  ];
  const filled = events.reduce((before, event) => {
    const moved = transition(before, event, atUs);
    assert(moved.kind === 'changed', `order ${orderId} is ${before.state}: it cannot be crossed`);
    return moved.order;
  }, order);
  const fill: Fill = {
    ...{ fillId: `${PREFIX}${deriveId('internal-fill', orderId)}`, kind: 'fill' },
    ...{ orderId, runId, accountId, botId, symbol, side, quantity, priceNanos },
    ...{ feeMicros: ZERO_CASH, eventAtUs: atUs, accountSequence },
  };
  return { order: filled, fill };
}
