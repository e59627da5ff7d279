import { executedQuantity, isTerminal, nextAttempt, type Order, timeUs } from '@capstan/domain';
import { advance, advanced, type Refusal } from '../decide.ts';
import type { Account } from '../effects.ts';
import type { Step } from '../step.ts';
import { metBy } from './met-exits.ts';
import { killed } from './stopped.ts';

/**
 * Goes on with what was to follow the end of an order: its next attempt, in the very step that records the end. Any other
 * end than the cancel that was asked for ends the plan too.
 * @returns the order to be sent once the step is committed.
 */
export function followUp(account: Account, step: Step, order: Order): Order | undefined {
  const { state, settings } = account;
  const plan = state.followUps.get(order.orderId);
  if (plan === undefined || !isTerminal(order.state)) return;
  const isLeft = executedQuantity(order) < order.quantity;
  state.followUps.delete(order.orderId);
  if (order.state !== 'cancelled' || !isLeft) return;
  const nowUs = state.clockUs;
  const expiresAtUs = timeUs(nowUs + settings.limits.maxDecisionAgeUs);
  const next = nextAttempt(order, { ...plan, decidedAtUs: nowUs, expiresAtUs });
  step.insert(next);
  const refusal = killed(account, next) ?? exitsRefusal(account, next);
  const written =
    refusal === undefined
      ? advanced(next, { kind: 'submit' }, nowUs)
      : advance(next, { kind: 'deny', reason: `${refusal.policy}: ${refusal.reason}` }, nowUs);
  state.put(written);
  step.tell(written);
  if (refusal !== undefined) return;
  const { inHand } = state;
  if (inHand !== undefined) {
    state.inHand = { ...inHand, orderIds: [...inHand.orderIds, next.orderId] };
  }
  return written;
}

/** Exits came to stand while an order that adds waited: another attempt is refused beside them, and its bot decides anew. */
function exitsRefusal(account: Account, next: Order): Refusal | undefined {
  if (next.reducing || metBy(account, next).length === 0) return undefined;
  const reason = `exits in ${next.symbol} stand at the venue, which refuses a further attempt beside them`;
  return { policy: 'exits', reason };
}

/** Gives up what was to follow the end of an order of which the venue says that it goes on. */
export function giveUpPlan({ state }: Account, orderId: string): void {
  if (state.followUps.delete(orderId)) state.cancels.delete(orderId);
}
