import type { Order, OrderTerms, TimeUs } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import { advance, advanced, eventOfOutcome } from '../decide.ts';
import { type Account, commitStep, sendOrders } from '../effects.ts';
import { isUnresolved } from '../state.ts';
import type { Step } from '../step.ts';
import { METRICS } from '../telemetry.ts';
import { isReplacePending, pursueReplaces } from './pursue-replaces.ts';
import { killed } from './stopped.ts';
import { update } from './update-order.ts';
import { isCancelPending, pursueCancels } from './wanted-cancels.ts';

/** Writes that an order is about to be sent. */
export function submitting(account: Account, step: Step, order: Order, atUs: TimeUs): Order {
  const next = advanced(order, { kind: 'submit' }, atUs);
  account.state.put(next);
  step.write(next);
  return next;
}

/**
 * Asks for the cancels and replaces that are wanted, then sends orders that are written as `submitting`, and commits what became of both. An
 * order is not sent past a cancel without a clear answer.
 */
export async function sendAndCommit(
  account: Account,
  session: OwnerSession,
  orders: readonly Order[],
  into: { readonly atUs: TimeUs; readonly step: Step },
): Promise<void> {
  const { state, ticker } = account;
  const { atUs, step } = into;
  const unclear = (await pursueCancels(account, step)) ? UNCLEAR_CANCEL : undefined;
  await pursueReplaces(account, step);
  const refusal = (order: OrderTerms) => killed(account, order);
  const outcomes = await sendOrders(account, session, orders, { refusal, unclear });
  for (const [index, outcome] of outcomes.entries()) {
    const order = orders[index];
    const event = order === undefined ? undefined : eventOfOutcome(order, outcome);
    if (order !== undefined && event !== undefined)
      update(account, step, advance(order, event, atUs));
  }
  finishSlice(account, step);
  await commitStep(account, session, step);
  const isLeft = state.unresolved().length + state.cancels.size + state.releases.length > 0;
  if (isLeft) ticker.arm();
}

export const UNCLEAR_CANCEL = 'a cancel before it had no clear answer';

/**
 * Declares the slice in hand done where the venue's word on each of its orders and cancels is known. Where the venue cannot
 * say, an unknown order holds its symbol but not the slice.
 */
export function finishSlice(account: Account, step: Step): void {
  const { state, ports, settings } = account;
  const { inHand } = state;
  if (inHand === undefined || state.releases.length > 0) return;
  const waits = inHand.orderIds.some((orderId) => {
    const order = state.order(orderId);
    return order !== undefined && isAskable(account, order);
  });
  if (waits || inHand.cancelOrderIds.some((id) => isCancelPending(account, id))) return;
  // In a playback the next slice comes with the end of this one: what is under way at the venue must be over.
  if (settings.eventTime && (state.followUps.size > 0 || isReplacePending(account))) return;
  const { feed, sliceEndUs, activeBots, origin } = inHand;
  state.inHand = undefined;
  state.doneThrough.set(feed, Math.max(sliceEndUs, state.doneThrough.get(feed) ?? sliceEndUs));
  step.sliceDone({ feed, sliceEndUs, activeBots }, origin);
  ports.meter.count(METRICS.slices, 1, { account: settings.accountId, feed });
}

/**
 * Tells whether the venue itself can say what became of an unknown order: it is asked for it, or, where it refuses a second order
 * of an id, is sent it again while its decision is fresh.
 */
export function isAskable(account: Account, order: Order): boolean {
  if (!isUnresolved(order)) return false;
  const { findsByClientOrderId, enforcesClientOrderId } = account.ports.venue.capabilities;
  if (findsByClientOrderId) return true;
  const { settings, state, ports } = account;
  const nowUs = settings.eventTime ? state.clockUs : ports.clock.nowUs();
  return (
    enforcesClientOrderId && nowUs <= order.expiresAtUs && killed(account, order) === undefined
  );
}
