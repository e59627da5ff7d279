import { EXIT_LEGS, type OrderTerms, orderId, type Quantity } from '@capstan/domain';
import { type Amounts, priceOf } from './amounts.ts';
import type { OrderRow } from './rows.ts';

/** Classes of which one order's end or fill begins or ends others. */
const GROUPS: ReadonlySet<string> = new Set(['bracket', 'oto', 'oco']);

/** Tells whether an order belongs to some that hang together. An exit's row does not say on which one it hangs. */
export const isOfGroup = ({ order_class: one }: OrderRow): boolean => GROUPS.has(one ?? '');

/** Tells whether a row shows the exits that hang on it. */
export const hasExits = (row: OrderRow): boolean => isOfGroup(row) && (row.legs ?? []).length > 0;

/** Returns which exit of an intent's order a row is: a limit takes the profit, all else is the stop, triggered or not. */
export const exitLegOf = ({ type }: OrderRow): number =>
  type === 'limit' ? EXIT_LEGS.takeProfit : EXIT_LEGS.stop;

/** Returns the id under which an exit of Alpaca's is an order of ours. @param parent the order on which it hangs. */
export function exitIdOf({ intentId, attempt }: OrderTerms, leg: number): string {
  return orderId({ intentId, leg, attempt });
}

/**
 * Returns the terms of an exit that Alpaca made. @param parent the entry that it protects, or the take-profit beside which it stands.
 */
export function exitTerms(parent: OrderTerms, row: OrderRow, amounts: Amounts): OrderTerms {
  const { intentId, runId, accountId, botId, symbol, attempt, timeInForce } = parent;
  const { decidedAtUs, expiresAtUs } = parent;
  const leg = exitLegOf(row);
  const across = parent.side === 'buy' ? 'sell' : 'buy';
  const own: Quantity = amounts.quantity(symbol, row.qty);
  const { stopPriceNanos: stop, takeProfitPriceNanos: target } = parent.exits ?? {};
  const limitPriceNanos = row.limit_price == null ? target : priceOf(row.limit_price);
  const stopPriceNanos = row.stop_price == null ? stop : priceOf(row.stop_price);
  return {
    orderId: exitIdOf(parent, leg),
    ...{ intentId, runId, accountId, botId, symbol },
    side: row.order_class === 'oco' ? parent.side : across,
    quantity: own > 0 ? own : parent.quantity,
    ...(leg === EXIT_LEGS.takeProfit
      ? { type: 'limit', ...(limitPriceNanos === undefined ? {} : { limitPriceNanos }) }
      : { type: 'stop', ...(stopPriceNanos === undefined ? {} : { stopPriceNanos }) }),
    ...{ timeInForce, reducing: true, leg, attempt, decidedAtUs, expiresAtUs },
  };
}

/** Tells whether two orders are exits of the same entry, of which one ends the other. */
export const areFellows = (a: OrderTerms, b: OrderTerms): boolean =>
  a.orderId !== b.orderId &&
  a.leg !== 0 &&
  b.leg !== 0 &&
  a.intentId === b.intentId &&
  a.attempt === b.attempt;
