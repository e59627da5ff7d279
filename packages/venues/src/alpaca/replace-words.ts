import type { trading } from '@alpacahq/alpaca-trade-api';
import { formatDecimal, formatPrice, type VenueReplaced } from '@capstan/domain';
import type { Amounts } from './amounts.ts';
import { isOfGroup } from './exit-legs.ts';
import type { OrderRow } from './rows.ts';

/** The client id of the order that is to take the place of one of ours, as asked for by that count. */
export const replaceIdOf = (orderId: string, count: number): string => `${orderId}-${count}`;

/** Says why an order is given no new terms; `undefined` where it may be. */
export function replaceRefusal(row: OrderRow): string | undefined {
  if (isOfGroup(row)) return "an order of Alpaca's with exits is not given new terms";
  if (Number(row.filled_qty ?? 0) === 0) return undefined;
  return `${row.filled_qty} of it are filled: what is left is cancelled and sent anew, so that no part fills twice`;
}

/** New terms as they are asked of Alpaca: what stays is not said, as a price that an order does not have is refused. */
export function patchOf(
  row: OrderRow,
  to: VenueReplaced,
  of: { readonly clientOrderId: string; readonly amounts: Amounts },
): trading.PatchOrderRequest {
  const { quantity, limitPriceNanos, stopPriceNanos } = to;
  const symbol = row.symbol ?? '';
  const isOther = of.amounts.quantity(symbol, row.qty) !== quantity;
  return {
    clientOrderId: of.clientOrderId,
    ...(isOther ? { qty: formatDecimal(quantity, of.amounts.scaleOf(symbol)) } : {}),
    ...(limitPriceNanos === undefined ? {} : { limitPrice: formatPrice(limitPriceNanos) }),
    ...(stopPriceNanos === undefined ? {} : { stopPrice: formatPrice(stopPriceNanos) }),
  };
}
