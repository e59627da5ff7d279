import type { ExchangeOrder } from '@capstan/engine';
import type { VenueOrder } from '@capstan/ports';

/** Returns an order as clients see it. */
export function venueOrder(order: ExchangeOrder): VenueOrder {
  const { terms, venueOrderId, state, filledQuantity, reason } = order;
  const { orderId, symbol, side } = terms;
  return {
    venueOrderId,
    orderId,
    symbol,
    side,
    state,
    filledQuantity,
    ...(reason === undefined ? {} : { reason }),
  };
}
