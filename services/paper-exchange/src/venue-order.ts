import type { ExchangeAccount, ExchangeOrder } from '@capstan/engine';
import type { VenueAccount, VenueOrder } from '@capstan/ports';

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

/** Shows an account as a venue does. */
export function venueAccount(account: ExchangeAccount): VenueAccount {
  const { settings, cashMicros, sequence, positions } = account;
  const { accountId, currency } = settings;
  return {
    ...{ accountId, currency, cashMicros, sequence },
    positions: positions.map(({ symbol, position }) => ({
      symbol,
      quantity: position.quantity,
      costMicros: position.costMicros,
    })),
  };
}
