import {
  executedQuantity,
  formatDecimal,
  formatPrice,
  type Instrument,
  mulDivRound,
  type Order,
  type OrderRevision,
  type PriceNanos,
  priceNanos,
  revisionOf,
  roundToTick,
} from '@capstan/domain';
import type { VenueCapabilities } from '@capstan/ports';

/** Parts of a whole that basis points count. */
const BPS_PARTS = 10_000;

/** What a replace is judged by. */
export interface ReplaceView {
  readonly capabilities: VenueCapabilities;
  readonly instrument: Instrument;
  /** What risk keeps free of an open order's notional for the price moving. */
  readonly bufferBps: number;
  /** Why nothing may be sent that adds; `undefined` where it may. */
  readonly stopped: string | undefined;
}

/**
 * Says why a working order cannot be replaced by other terms; `undefined` where it can. Risk approved and reserved the order, so
 * that it can only become smaller, and only as much dearer as the buffer that risk keeps for moves covers.
 */
export function replaceProblem(
  order: Order,
  to: OrderRevision,
  view: ReplaceView,
): string | undefined {
  const { capabilities, instrument, stopped } = view;
  if (!capabilities.replaces) {
    return 'the venue changes no working orders: cancel it, and let its bot decide anew';
  }
  if (order.state !== 'accepted' && order.state !== 'partiallyFilled') {
    return `it is ${order.state}: only a working order is replaced`;
  }
  if (order.exits !== undefined || order.leg !== 0) {
    return 'an order with protective exits, or such an exit, is not replaced';
  }
  if (!order.reducing && stopped !== undefined) return `nothing that adds is sent: ${stopped}`;
  return (
    termsProblem(order, to, instrument) ??
    (order.reducing ? undefined : coverProblem(order, to, view))
  );
}

function termsProblem(order: Order, to: OrderRevision, instrument: Instrument): string | undefined {
  const { quantityScale, lot, tickNanos } = instrument;
  const text = (amount: number) => formatDecimal(amount, quantityScale);
  const approved = order.replaces?.approved ?? revisionOf(order);
  if (to.quantity <= executedQuantity(order)) {
    return `${text(executedQuantity(order))} of it are filled: ${text(to.quantity)} leaves nothing to work`;
  }
  if (to.quantity > approved.quantity) {
    return `risk approved ${text(approved.quantity)}: it cannot become ${text(to.quantity)}`;
  }
  if (to.quantity % lot !== 0) return `${text(to.quantity)} is no multiple of the lot`;
  for (const key of ['limitPriceNanos', 'stopPriceNanos'] as const) {
    const price = to[key];
    const name = key === 'limitPriceNanos' ? 'limit' : 'stop';
    if (price === undefined) continue;
    if (order[key] === undefined) return `a ${order.type} order has no ${name} price`;
    if (price <= 0 || price % tickNanos !== 0) {
      return `the ${name} price ${formatPrice(price)} is not on the tick ${formatPrice(tickNanos as PriceNanos)}`;
    }
  }
  const isSame =
    to.quantity === order.quantity &&
    to.limitPriceNanos === order.limitPriceNanos &&
    to.stopPriceNanos === order.stopPriceNanos;
  return isSame ? 'these are its terms already' : undefined;
}

/** Only what an order costs more than was approved needs cover, and only of what is still open. */
function coverProblem(
  order: Order,
  to: OrderRevision,
  { instrument, bufferBps }: ReplaceView,
): string | undefined {
  const approved = order.replaces?.approved ?? revisionOf(order);
  const before = priceOf(approved);
  const after = priceOf(to);
  if (before === undefined || after === undefined || after <= before) return undefined;
  const covered = mulDivRound(before, BPS_PARTS + bufferBps, BPS_PARTS);
  if (after <= covered) return undefined;
  const most = roundToTick(instrument, priceNanos(covered), 'down');
  return `risk keeps ${bufferBps} basis points for moves: the price can be at most ${formatPrice(most)}`;
}

/** The price at which it counts. */
function priceOf({ limitPriceNanos, stopPriceNanos }: OrderRevision): PriceNanos | undefined {
  if (limitPriceNanos === undefined) return stopPriceNanos;
  return Math.max(limitPriceNanos, stopPriceNanos ?? 0) as PriceNanos;
}
