import type { Order, OrderRevision } from '@capstan/domain';
import { advance, advanced } from '../decide.ts';
import { type Account, replaceOrders } from '../effects.ts';
import type { Step } from '../step.ts';
import { update } from './update-order.ts';

/** Writes and tells that other terms are asked for. */
export function requestReplace(
  account: Account,
  step: Step,
  order: Order,
  revision: OrderRevision,
  reason: string,
): void {
  const event = { kind: 'requestReplace', revision, reason } as const;
  update(account, step, advanced(order, event, account.state.clockUs));
}

/**
 * Asks the venue for every replace that it has not taken yet. A refusal ends the wish; without a clear answer it stays for the
 * next tick.
 * @idempotent by the count of the order's replaces: the venue does none twice
 */
export async function pursueReplaces(account: Account, step: Step): Promise<void> {
  const { state, replacesTaken, ticker } = account;
  const targets = state
    .working()
    .filter((order) => order.state === 'replacing' && !replacesTaken.has(replaceKey(order)));
  const answers = await replaceOrders(account, targets);
  for (const [index, order] of targets.entries()) {
    const answer = answers[index];
    if (answer?.kind === 'requested') replacesTaken.add(replaceKey(order));
    if (answer?.kind === 'unclear') ticker.arm();
    if (answer?.kind !== 'rejected') continue;
    const event = { kind: 'rejectReplace', reason: answer.reason } as const;
    const next = advance(state.order(order.orderId) ?? order, event, state.clockUs);
    if (next.version > order.version) update(account, step, next);
  }
}

/** Tells whether the venue has not taken some replace yet. */
export function isReplacePending({ state, replacesTaken }: Account): boolean {
  return state
    .working()
    .some((order) => order.state === 'replacing' && !replacesTaken.has(replaceKey(order)));
}

/** Names the last replace of an order. */
export const replaceKey = ({ orderId, replaces }: Order): string =>
  `${orderId}/${replaces?.count ?? 0}`;
