import type { trading } from '@alpacahq/alpaca-trade-api';
import {
  EXIT_LEGS,
  type Exits,
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

/**
 * The order as it is asked of Alpaca, or why that cannot be said to it.
 * @param extendedHours whether what may is to fill before and after the session too: limit orders of shares without exits.
 */
export function requestOf(
  terms: OrderTerms,
  amounts: Amounts,
  extendedHours = false,
): trading.PostOrderRequest | { readonly refused: string } {
  const { type, timeInForce, symbol, side, orderId, trailNanos, trailBps } = terms;
  if (terms.activationPriceNanos !== undefined)
    return { refused: 'Alpaca begins a trail at the price of the moment, at no other' };
  const refusal = terms.exits === undefined ? undefined : exitsRefusal(terms, amounts);
  if (refusal !== undefined) return { refused: refusal };
  const asked = {
    symbol,
    side,
    qty: formatDecimal(terms.quantity, amounts.scaleOf(symbol)),
    type: TYPES[type],
    timeInForce: TIMES[timeInForce],
    clientOrderId: orderId,
  };
  if (terms.exits !== undefined) return { ...asked, ...groupOf(terms, terms.exits) };
  const isLong =
    extendedHours && type === 'limit' && (timeInForce === 'day' || timeInForce === 'gtc');
  return {
    ...asked,
    ...(isLong && amounts.isShares(symbol) ? { extendedHours: true } : {}),
    ...(terms.limitPriceNanos === undefined ? {} : { limitPrice: price(terms.limitPriceNanos) }),
    ...(terms.stopPriceNanos === undefined ? {} : { stopPrice: price(terms.stopPriceNanos) }),
    ...(trailNanos === undefined ? {} : { trailPrice: price(trailNanos) }),
    ...(trailBps === undefined ? {} : { trailPercent: String(trailBps / BPS_PER_PERCENT) }),
  };
}

/** An order with its exits: a take-profit that a stop stands beside, or an entry with one or both of them. */
function groupOf(
  { leg, limitPriceNanos }: OrderTerms,
  { stopPriceNanos, takeProfitPriceNanos }: Exits,
): Partial<trading.PostOrderRequest> {
  const isPair = leg === EXIT_LEGS.takeProfit;
  const target = isPair ? limitPriceNanos : takeProfitPriceNanos;
  const entryLimit = isPair ? undefined : limitPriceNanos;
  const isWhole = target !== undefined && stopPriceNanos !== undefined;
  return {
    orderClass: isPair ? 'oco' : isWhole ? 'bracket' : 'oto',
    ...(entryLimit === undefined ? {} : { limitPrice: price(entryLimit) }),
    ...(target === undefined ? {} : { takeProfit: { limitPrice: price(target) } }),
    ...(stopPriceNanos === undefined ? {} : { stopLoss: { stopPrice: price(stopPriceNanos) } }),
  };
}

/** Says why Alpaca does not take an order together with its exits, or an exit of what is held; `undefined` where it does. */
export function exitsRefusal(terms: OrderTerms, amounts: Amounts): string | undefined {
  const { exits = {}, symbol, timeInForce, type, leg } = terms;
  const { stopPriceNanos, takeProfitPriceNanos, trailNanos, trailBps } = exits;
  if (trailNanos !== undefined || trailBps !== undefined) {
    return 'Alpaca keeps no exit that trails beside others';
  }
  if (!amounts.isShares(symbol)) return `Alpaca keeps exits of shares, and ${symbol} is none`;
  if (terms.quantity % 10 ** amounts.scaleOf(symbol) !== 0) {
    return 'Alpaca keeps exits of whole shares alone';
  }
  if (timeInForce !== 'day' && timeInForce !== 'gtc') {
    return `Alpaca keeps no exits of an order in force '${timeInForce}'`;
  }
  if (leg !== 0) return pairRefusal(terms);
  if (type !== 'market' && type !== 'limit') return `Alpaca keeps no exits of a ${type} order`;
  const prices = [stopPriceNanos, takeProfitPriceNanos, terms.limitPriceNanos];
  const isAny = stopPriceNanos !== undefined || takeProfitPriceNanos !== undefined;
  if (!isAny) return 'there is no exit to keep';
  return prices.every(isOnStep) ? undefined : OFF_STEP;
}

/** An exit of what is held stands alone, or it is a take-profit with a stop beside it. */
function pairRefusal(terms: OrderTerms): string | undefined {
  const { leg, type, exits, limitPriceNanos } = terms;
  if (exits === undefined) {
    return isOnStep(terms.stopPriceNanos) && isOnStep(limitPriceNanos) ? undefined : OFF_STEP;
  }
  const stop = exits.stopPriceNanos;
  const isPair = leg === EXIT_LEGS.takeProfit && type === 'limit' && stop !== undefined;
  if (!isPair || exits.takeProfitPriceNanos !== undefined) {
    return 'beside a take-profit Alpaca keeps a stop, and nothing else';
  }
  return isOnStep(stop) && isOnStep(limitPriceNanos) ? undefined : OFF_STEP;
}

const OFF_STEP = 'Alpaca takes prices in cents, below 1 USD in hundredths of a cent';
const UNIT_NANOS = 1_000_000_000;
const CENT_NANOS = 10_000_000;
const SUB_CENT_NANOS = 100_000;

/** Tells whether a price is one that Alpaca takes. */
const isOnStep = (nanos: number | undefined): boolean =>
  nanos === undefined || nanos % (nanos >= UNIT_NANOS ? CENT_NANOS : SUB_CENT_NANOS) === 0;

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

/**
 * Reads a client order id that Capstan gave: of an order of ours, or of one that was asked for in its place by that count; `undefined`
 * of somebody else's.
 */
export function ownIdOf(
  clientOrderId: string,
): { readonly orderId: string; readonly count?: number } | undefined {
  if (isDerivedId(clientOrderId)) return { orderId: clientOrderId };
  const [, orderId = '', count = ''] = REPLACE_ID.exec(clientOrderId) ?? [];
  return isDerivedId(orderId) ? { orderId, count: Number(count) } : undefined;
}

const REPLACE_ID = /^([0-9a-z]+)-([1-9][0-9]{0,5})$/;

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
