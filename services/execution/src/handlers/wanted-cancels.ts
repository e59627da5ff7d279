import { isTerminal, type Order } from '@capstan/domain';
import { advance } from '../decide.ts';
import { type Account, type CancelOutcome, cancelOrders } from '../effects.ts';
import { isUnresolved } from '../state.ts';
import type { Step } from '../step.ts';
import { wantReturnedGone } from './returned.ts';
import { update } from './update-order.ts';

/**
 * Asks the venue for every cancel that is wanted and can be asked for now. A refusal ends the wish, as its order has then
 * ended or is about to say so; without a clear answer the wish stays for the next tick, as does that for an order of which it
 * is not known whether the venue has it.
 * @returns true where some cancel has no clear answer.
 * @idempotent by the wishes, which are in the state: asking twice does no harm
 */
export async function pursueCancels(account: Account, step: Step): Promise<boolean> {
  const { state, ports } = account;
  wantReturnedGone(account);
  const targets: Order[] = [];
  for (const orderId of [...state.cancels.keys()]) {
    const order = state.order(orderId) ?? (await ports.store.order(orderId));
    if (order === undefined || order.accountId !== account.settings.accountId) {
      state.cancels.delete(orderId);
    } else if (order.state === 'cancelling' || hasEnded(account, order)) {
      state.cancels.delete(orderId);
    } else if (!isUnresolved(order)) {
      targets.push(order);
    }
  }
  const answers = await cancelOrders(account, targets);
  for (const [index, order] of targets.entries()) take(account, step, order, answers[index]);
  return answers.some((answer) => answer.kind === 'unclear');
}

/** What was given up and came back has not ended at the venue, whatever it counts as here. */
const hasEnded = ({ state }: Account, { orderId, state: at }: Order): boolean =>
  isTerminal(at) && !state.returned.has(orderId);

function take(account: Account, step: Step, order: Order, answer: CancelOutcome | undefined): void {
  const { state } = account;
  const reason = state.cancels.get(order.orderId) ?? '';
  if (answer === undefined || answer.kind === 'unclear') return;
  state.cancels.delete(order.orderId);
  if (answer.kind === 'rejected') {
    // It has ended, or is about to say that it goes on: only its events tell, and what is to follow its end waits for them.
    if (state.followUps.has(order.orderId)) state.cancels.set(order.orderId, reason);
    return;
  }
  const next = advance(order, { kind: 'requestCancel', reason }, state.clockUs);
  if (next !== order) update(account, step, next);
}

/** Tells whether a cancel is wanted of an order that the venue is known to have. */
export function isCancelPending({ state }: Account, orderId: string): boolean {
  const order = state.order(orderId);
  return state.cancels.has(orderId) && order !== undefined && !isUnresolved(order);
}
