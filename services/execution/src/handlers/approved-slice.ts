import { type ApprovedSlice, decodeApprovedSlice } from '@capstan/contracts';
import { type Fill, newOrder, type Order, type OrderTerms, type TimeUs } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { BusMessage } from '@capstan/ports';
import { advance, advanced, denialEvent, eventOfOutcome, refusalOf } from '../decide.ts';
import { type Account, commitStep, sendOrders } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import { originOfMessage } from '../origin.ts';
import {
  isFlattening,
  isMeant,
  isUnresolved,
  type Origin,
  type QueuedSlice,
  type Scope,
} from '../state.ts';
import { Step } from '../step.ts';
import { METRICS } from '../telemetry.ts';
import { crossOrders, sayCrossed } from './cross-orders.ts';
import { isReplacePending, pursueReplaces } from './pursue-replaces.ts';
import { killed } from './stopped.ts';
import { treatUnfilled } from './unfilled.ts';
import { update } from './update-order.ts';
import { isCancelPending, pursueCancels } from './wanted-cancels.ts';
import { guardEntry } from './watch-exits.ts';

export { killed, update };

/** Reads an approved slice; `undefined` for one of another run, which is passed over. */
export function readSlice(
  account: Account,
  session: OwnerSession,
  message: BusMessage,
): QueuedSlice | undefined {
  const slice = decodeApprovedSlice(message.data);
  const { accountId, runId } = account.settings;
  if (slice.accountId === accountId && slice.runId === runId) {
    return { slice, origin: originOfMessage(message) };
  }
  session.log.warn('passed over a slice of another run', { account: accountId, run: slice.runId });
  return undefined;
}

/**
 * Deals with a slice: denies what must not go out, fills by each other the orders that are crossed, writes the rest as `submitting`,
 * asks for the cancels that the slice names, sends its orders, writes the answers. Where nothing stays unknown the slice is done with
 * that; else it stays in hand.
 * @subject trading.approved.<account>
 * @idempotent by the owner's input position, and by the watermark of the feed
 */
export async function takeSlice(
  account: Account,
  session: OwnerSession,
  { slice, origin: cause }: QueuedSlice,
): Promise<void> {
  // What it sends and tells goes out under this step, also where the slice has waited for another.
  const origin = { ...cause, trace: session.trace };
  const { state, settings, traces } = account;
  const { feed, sliceEndUs, activeBots } = slice;
  const before = state.doneThrough.get(feed) ?? -1;
  const repeated = sliceEndUs <= before && slice.orders.length > 0;
  if (sliceEndUs < before || repeated) {
    session.log.error('passed over a slice that is not after the last one', {
      account: settings.accountId,
      feed,
      sliceEndUs,
      before,
      orders: slice.orders.length,
    });
    if (sliceEndUs < before) return;
  }
  state.hear(sliceEndUs);
  state.feed = feed;
  traces.set(sliceEndUs, origin.trace);
  if (traces.size > LIMITS.tracesMax) traces.delete([...traces.keys()][0] ?? 0);

  const step = new Step(origin);
  const { orders, crossed } = repeated ? NOTHING : place(account, step, slice, origin);
  const orderIds = orders.map((order) => order.orderId);
  const cancelOrderIds = repeated ? [] : slice.cancelOrderIds;
  for (const orderId of cancelOrderIds) state.cancels.set(orderId, 'risk wants it gone');
  state.inHand = { feed, sliceEndUs, activeBots, orderIds, cancelOrderIds, origin };
  const acts = repeated ? false : await treatUnfilled(account, step, slice);
  if (orders.length === 0 && cancelOrderIds.length === 0 && !acts) {
    finishSlice(account, step);
    await commitStep(account, session, step);
    sayCrossed(session, crossed);
    return;
  }
  step.keepState();
  await commitStep(account, session, step);
  sayCrossed(session, crossed);
  await sendAndCommit(account, session, orders, { atUs: sliceEndUs, step: new Step(origin) });
}

const NOTHING = { orders: [], crossed: [] } as const;

/** What of a slice goes out, and what was filled without that. */
interface Placed {
  readonly orders: readonly Order[];
  readonly crossed: readonly Fill[];
}

/** Puts new orders into the step: denied, crossed, or about to be sent. */
function place(
  account: Account,
  step: Step,
  { orders: approved, crosses = [], sliceEndUs }: ApprovedSlice,
  origin: Origin,
): Placed {
  const { state, ports, settings, switches, breaker, drifts } = account;
  const view = {
    nowUs: settings.eventTime ? sliceEndUs : ports.clock.nowUs(),
    killSwitch: switches.get(settings.accountId),
    breaker: breaker.standing,
    capabilities: ports.venue.capabilities,
    drifts: drifts.open,
    heldSymbols: new Set(state.unresolved().map((order) => order.symbol)),
    returned: [...state.returned.values()],
    isClosing: (of: Scope) =>
      state.tasks.some((task) => isMeant(task, of)) ||
      state.working().some((order) => isMeant(of, order) && isFlattening(state, order)),
  };
  const refusal = (terms: OrderTerms) => refusalOf(terms, view) ?? killed(account, terms);
  const crossing = { crosses, orders: approved, sliceEndUs, origin, refusal };
  const { fills: crossed, refusals } = crossOrders(account, step, crossing);
  const done = new Set(crossed.map(({ orderId }) => orderId));
  const orders: Order[] = [];
  for (const terms of approved) {
    if (done.has(terms.orderId)) continue;
    const order = newOrder(terms, sliceEndUs);
    step.insert(order);
    const refused = refusalOf(terms, view) ?? refusals.get(terms.orderId);
    if (refused === undefined) {
      guardEntry(account, order);
      orders.push(submitting(account, step, order, sliceEndUs));
    } else update(account, step, advanced(order, denialEvent(refused), sliceEndUs));
  }
  return { orders, crossed };
}

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
  if (state.unresolved().length > 0 || state.cancels.size > 0) ticker.arm();
}

export const UNCLEAR_CANCEL = 'a cancel before it had no clear answer';

/**
 * Declares the slice in hand done where the venue's word on each of its orders and cancels is known. Where the venue cannot
 * say, an unknown order holds its symbol but not the slice.
 */
export function finishSlice(account: Account, step: Step): void {
  const { state, ports, settings } = account;
  const { inHand } = state;
  if (inHand === undefined) return;
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
