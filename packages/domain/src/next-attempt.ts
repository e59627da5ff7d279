import { assert } from './errors.ts';
import { DERIVED_IDS, type IdScheme } from './ids.ts';
import { quantity, type TimeUs } from './numbers.ts';
import type { Order, OrderReplaces, OrderTerms } from './order.ts';
import { newOrder, revisionOf } from './order-machine.ts';
import { executedQuantity, isTerminal } from './order-table.ts';

/** How the next attempt of an order differs from the one that has ended. */
export interface AttemptChanges {
  /** `market`, or `limit` at the price given. */
  readonly type: 'market' | 'limit';
  readonly limitPriceNanos?: OrderTerms['limitPriceNanos'];
  readonly decidedAtUs: TimeUs;
  readonly expiresAtUs: TimeUs;
}

/**
 * Makes the next attempt of an order for what is left of it: the same intent, side and time in force. It counts as one more
 * replace of what risk approved. Record it in the transaction that records the end of the one before.
 * @throws InvariantError unless that one has ended with something left.
 */
export function nextAttempt(
  ended: Order,
  changes: AttemptChanges,
  ids: Pick<IdScheme, 'orderId'> = DERIVED_IDS,
): Order {
  const left = ended.quantity - executedQuantity(ended);
  assert(
    isTerminal(ended.state),
    `order ${ended.orderId} is ${ended.state}: it has no next attempt`,
  );
  assert(left > 0, `nothing is left of order ${ended.orderId}`);
  const { intentId, leg, attempt } = ended;
  const { type, limitPriceNanos, decidedAtUs, expiresAtUs } = changes;
  const next = attempt + 1;
  const terms: OrderTerms = {
    ...{ orderId: ids.orderId({ intentId, leg, attempt: next }), intentId, leg, attempt: next },
    ...{ runId: ended.runId, accountId: ended.accountId, botId: ended.botId },
    ...{ symbol: ended.symbol, side: ended.side, quantity: quantity(left), type },
    ...(limitPriceNanos === undefined ? {} : { limitPriceNanos }),
    ...{ timeInForce: ended.timeInForce, reducing: ended.reducing, decidedAtUs, expiresAtUs },
  };
  const approved = ended.replaces?.approved ?? revisionOf(ended);
  const replaces: OrderReplaces = { count: (ended.replaces?.count ?? 0) + 1, approved };
  return { ...newOrder(terms, decidedAtUs), replaces };
}
