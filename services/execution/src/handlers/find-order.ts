import { isTerminal, type Order } from '@capstan/domain';
import type { Account } from '../effects.ts';
import { refused, type Verdict } from './verdict.ts';

/** Finds an order that a command names and that has not ended; else says why there is none. */
export async function findOpenOrder(account: Account, orderId: string): Promise<Order | Verdict> {
  const { state, ports, settings } = account;
  const order = state.order(orderId) ?? (await ports.store.order(orderId));
  if (order === undefined || order.accountId !== settings.accountId) {
    return refused(`account ${settings.accountId} has no order '${orderId}'.`);
  }
  return isTerminal(order.state) ? refused(`it is ${order.state} already.`) : order;
}
