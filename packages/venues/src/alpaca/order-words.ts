import type { trading } from '@alpacahq/alpaca-trade-api';
import {
  formatDecimal,
  isDerivedId,
  type OrderTerms,
  type OrderType,
  type TimeInForce,
} from '@capstan/domain';
import type { VenueOrder, VenueOrderState } from '@capstan/ports';
import type { Amounts } from './amounts.ts';
import type { OrderRow } from './rows.ts';

const TYPES = {
  market: 'market',
  limit: 'limit',
  stop: 'stop',
  stopLimit: 'stop_limit',
  trailingStop: 'trailing_stop',
} as const satisfies Readonly<Record<OrderType, string>>;

const TIMES = {
  day: 'day',
  gtc: 'gtc',
  ioc: 'ioc',
  onOpen: 'opg',
  onClose: 'cls',
} as const satisfies Readonly<Record<TimeInForce, string>>;

const BPS_PER_PERCENT = 100;
const PRICE_DECIMALS = 9;

/** The order as it is asked of Alpaca, or why that cannot be said to it. */
export function requestOf(
  terms: OrderTerms,
  amounts: Amounts,
): trading.PostOrderRequest | { readonly refused: string } {
  const { type, timeInForce, symbol, side, orderId, trailNanos, trailBps } = terms;
  if (terms.activationPriceNanos !== undefined)
    return { refused: 'Alpaca begins a trail at the price of the moment, at no other' };
  if (terms.exits !== undefined)
    return { refused: 'exits are not left to Alpaca: they are watched here' };
  return {
    symbol,
    side,
    qty: formatDecimal(terms.quantity, amounts.scaleOf(symbol)),
    type: TYPES[type],
    timeInForce: TIMES[timeInForce],
    clientOrderId: orderId,
    ...(terms.limitPriceNanos === undefined ? {} : { limitPrice: price(terms.limitPriceNanos) }),
    ...(terms.stopPriceNanos === undefined ? {} : { stopPrice: price(terms.stopPriceNanos) }),
    ...(trailNanos === undefined ? {} : { trailPrice: price(trailNanos) }),
    ...(trailBps === undefined ? {} : { trailPercent: String(trailBps / BPS_PER_PERCENT) }),
  };
}

const price = (nanos: number): string => formatDecimal(nanos, PRICE_DECIMALS);

/** States in which Alpaca may still fill an order. */
const WORKING: ReadonlySet<string> = new Set([
  'new',
  'accepted',
  'pending_new',
  'partially_filled',
  'pending_cancel',
  'pending_replace',
  'accepted_for_bidding',
  'held',
  'stopped',
  'suspended',
  'calculated',
]);

const ENDS: Readonly<Record<string, VenueOrderState>> = {
  filled: 'filled',
  canceled: 'cancelled',
  rejected: 'rejected',
  expired: 'expired',
  replaced: 'cancelled',
};

/** Returns the state of a row. What is done for the day has ended where it was for the day; an unknown status counts as working. */
export function stateOf({ status, time_in_force }: OrderRow): VenueOrderState {
  if (WORKING.has(status)) return 'working';
  if (status === 'done_for_day') return time_in_force === 'gtc' ? 'working' : 'expired';
  return ENDS[status] ?? 'working';
}

/** Tells whether a client order id is one that Capstan gives: all others are somebody else's. */
export const isOurs = (clientOrderId: string): boolean => isDerivedId(clientOrderId);

/** Returns an order as the port has it. @param filled of those that it took the place of, too. */
export function venueOrderOf(
  row: OrderRow,
  amounts: Amounts,
  of: { readonly orderId: string; readonly filledBefore: number },
): VenueOrder {
  const symbol = row.symbol ?? '';
  const filled = amounts.quantity(symbol, row.filled_qty) + of.filledBefore;
  const side = row.side === 'buy' || row.side === 'sell' ? { side: row.side } : {};
  return {
    venueOrderId: row.id,
    orderId: of.orderId,
    symbol,
    ...side,
    state: stateOf(row),
    filledQuantity: filled as VenueOrder['filledQuantity'],
    ...(row.status === 'rejected' ? { reason: 'Alpaca rejected it' } : {}),
  } as VenueOrder;
}
