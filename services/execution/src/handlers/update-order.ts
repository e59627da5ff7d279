import type { Order } from '@capstan/domain';
import type { Account } from '../effects.ts';
import type { Step } from '../step.ts';

/** Takes and tells the newest version of an order. */
export function update(account: Account, step: Step, order: Order): void {
  account.state.put(order);
  step.tell(order);
}
