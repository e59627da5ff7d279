import { AppError, newOrder, type Order } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import { advance } from '../decide.ts';
import { type Account, cancelOrders, commitStep } from '../effects.ts';
import { flattenOrders } from '../flatten.ts';
import { LIMITS } from '../limits.ts';
import { isUnresolved, type Origin } from '../state.ts';
import { Step } from '../step.ts';
import { isAskable, sendAndCommit, submitting, update } from './approved-slice.ts';

/**
 * Goes on with a hard kill, as far as it can go now: cancels what works, and once everything has ended, and all that the
 * venue says of it is taken, flattens what the account's bots hold; then again until nothing is held. Does nothing without one.
 * @idempotent by ids that follow from the kill and the round
 */
export async function pursueKill(account: Account, session: OwnerSession): Promise<void> {
  const { state, settings, switches, ticker } = account;
  const killSwitch = switches.get(settings.accountId);
  if (killSwitch.mode !== 'hard') {
    state.flattening = undefined;
    return;
  }
  const { sinceUs, actor, reason } = killSwitch;
  if (state.flattening?.sinceUs !== sinceUs) {
    state.flattening = { sinceUs, round: 0, orderIds: [] };
    account.flattenPace.nextAtMs = 0;
    account.flattenPace.waitMs = LIMITS.flattenFirstMs;
    session.log.warn('hard kill: cancels all orders and flattens', {
      account: settings.accountId,
      actor,
      reason,
    });
  }
  const id = `kill/${settings.accountId}/${sinceUs}`;
  const origin: Origin = { correlationId: id, causationId: id, trace: {} };
  await cancelWorking(account, session, origin);
  const moving = state.working().some((order) => !isUnresolved(order) || isAskable(account, order));
  if (!moving && state.inHand === undefined && state.holdings().length > 0) {
    await flatten(account, session, origin);
  }
  if (state.working().length > 0 || state.holdings().length > 0) ticker.arm();
}

/** Cancels every order that works and is no part of the flattening; those first, the journal after. */
async function cancelWorking(
  account: Account,
  session: OwnerSession,
  origin: Origin,
): Promise<void> {
  const { state, cancelsTaken } = account;
  const ours = new Set(state.flattening?.orderIds);
  const targets = state
    .working()
    .filter((order) => isCancellable(order))
    .filter((order) => !ours.has(order.orderId) && !cancelsTaken.has(order.orderId));
  const answers = await cancelOrders(account, targets);
  const step = new Step(origin);
  for (const [index, order] of targets.entries()) {
    if (answers[index]?.kind !== 'requested') continue;
    const next = advance(order, { kind: 'requestCancel', reason: 'hard kill' }, state.clockUs);
    if (next !== order) update(account, step, next);
  }
  await commitStep(account, session, step);
}

/** Tells whether the venue is known to have the order. */
export function isCancellable({ state }: Order): boolean {
  return state === 'accepted' || state === 'partiallyFilled' || state === 'cancelling';
}

async function flatten(account: Account, session: OwnerSession, origin: Origin): Promise<void> {
  const { state, settings, ports, flattenPace, switches } = account;
  const { flattening } = state;
  const nowMs = ports.clock.monotonicMs();
  if (flattening === undefined || nowMs < flattenPace.nextAtMs) return;
  if (!(await isCaughtUp(account, session))) return;
  flattenPace.nextAtMs = nowMs + flattenPace.waitMs;
  flattenPace.waitMs = Math.min(flattenPace.waitMs * 2, LIMITS.flattenMaxMs);

  const round = { ...flattening, round: flattening.round + 1 };
  const decided = flattenOrders({
    ...settings,
    holdings: state.holdings(),
    working: state.working(),
    killSwitch: switches.get(settings.accountId),
    flattening: round,
    decidedAtUs: state.clockUs,
  });
  const step = new Step(origin);
  const orders: Order[] = [];
  for (const { intent, verdict } of decided) {
    step.intent(intent);
    if (verdict.kind === 'denied') {
      session.log.error('a holding cannot be flattened', { ...verdict.denial });
      continue;
    }
    const order = newOrder(verdict.order, state.clockUs);
    step.insert(order);
    const next = submitting(account, step, order, state.clockUs);
    step.tell(next);
    orders.push(next);
  }
  state.flattening = { ...round, orderIds: orders.map((order) => order.orderId) };
  session.log.warn('hard kill: flattens', {
    account: settings.accountId,
    round: round.round,
    orders: orders.length,
  });
  await commitStep(account, session, step);
  const answers = { atUs: state.clockUs, step: new Step(origin) };
  await sendAndCommit(account, session, orders, answers);
}

/** Reads the broker again: tells whether all of its events have been taken. */
async function isCaughtUp(account: Account, session: OwnerSession): Promise<boolean> {
  const { ports, settings, state } = account;
  try {
    const { sequence } = await ports.venue.account(settings.accountId);
    return sequence <= state.venueSequence;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    session.log.warn('hard kill: the venue does not say where the account stands', {
      account: settings.accountId,
      error,
    });
    return false;
  }
}
