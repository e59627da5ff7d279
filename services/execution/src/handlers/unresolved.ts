import { isExit, type Order, type OrderTerms } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import { advance, eventOfOutcome, resolve } from '../decide.ts';
import { type Account, commitStep, findOrders, sendOrders } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import { originOfSlice } from '../origin.ts';
import { Step } from '../step.ts';
import { caughtUp } from './hard-kill.ts';
import { pursueReplaces } from './pursue-replaces.ts';
import { gone, isHeld } from './release-exits.ts';
import { askAboutReturned } from './returned.ts';
import { finishSlice, isAskable, UNCLEAR_CANCEL } from './send-and-commit.ts';
import { killed } from './stopped.ts';
import { update } from './update-order.ts';
import { pursueCancels } from './wanted-cancels.ts';

/**
 * Asks for the cancels and replaces that are still wanted, and about every order that is unknown or came back, once, and does what its answers
 * allow; what stays unknown is for the next tick. With the last of them the slice in hand is done.
 * @idempotent by the orders' ids, which the venue refuses to take twice
 */
export async function resolveUnknown(account: Account, session: OwnerSession): Promise<void> {
  const { state, settings, ticker } = account;
  const unknown = state.unresolved().filter((order) => isAskable(account, order));
  const origin = state.inHand?.origin ?? originOfSlice(account, state.feed, state.clockUs);
  const step = new Step(origin);
  const again: Order[] = [];
  const unclear = (await pursueCancels(account, step)) ? UNCLEAR_CANCEL : undefined;
  await pursueReplaces(account, step);
  await askAboutReturned(account, step);
  const answers = await findOrders(account, unknown);
  for (const [index, answer] of answers.entries()) {
    const order = unknown[index];
    if (order === undefined) continue;
    const resolution = resolve(order, answer, absenceView(account, order));
    if (resolution.kind === 'resend') again.push(order);
    if (resolution.kind !== 'event') continue;
    const next = advance(order, resolution.event, state.clockUs);
    if (next !== order) update(account, step, next);
  }
  const refusal = (order: OrderTerms) => killed(account, order) ?? gone(account, order);
  const sendable = await knownToClose(account, session, again);
  const outcomes = await sendOrders(account, session, sendable, { refusal, unclear });
  for (const [index, outcome] of outcomes.entries()) {
    const order = sendable[index];
    const event = order === undefined ? undefined : eventOfOutcome(order, outcome);
    if (order === undefined || event === undefined) continue;
    const next = advance(order, event, state.clockUs);
    if (next !== order) update(account, step, next);
  }
  finishSlice(account, step);
  await commitStep(account, session, step);
  if (state.cancels.size > 0) ticker.arm();
  const left = state.unresolved().filter((order) => isAskable(account, order));
  if (left.length === 0) return;
  session.log.warn('orders are unknown; the venue is asked again', {
    account: settings.accountId,
    orders: left.length,
    first: left[0]?.orderId,
  });
  ticker.arm();
}

/** What closes is sent again only once all that exits have filled since is known, where those close by themselves. */
async function knownToClose(
  account: Account,
  session: OwnerSession,
  orders: readonly Order[],
): Promise<readonly Order[]> {
  const { exitsHold } = account.ports.venue.capabilities;
  if (!exitsHold || !orders.some(({ reducing }) => reducing)) return orders;
  const isKnown = (await caughtUp(account, session)) !== undefined;
  const isFree = (order: Order) => isExit(order) || !isHeld(account, order);
  return orders.filter((order) => !order.reducing || (isKnown && isFree(order)));
}

function absenceView(account: Account, order: Order) {
  const { ports, settings, state, sentAtMs, beganAtMs } = account;
  const sentMs = sentAtMs.get(order.orderId) ?? beganAtMs;
  return {
    nowUs: settings.eventTime ? state.clockUs : ports.clock.nowUs(),
    killed: (killed(account, order) ?? gone(account, order)) !== undefined,
    capabilities: ports.venue.capabilities,
    sinceSentMs: ports.clock.monotonicMs() - sentMs,
    absenceMsMin: LIMITS.absenceMsMin,
  };
}
