import { type ApprovedSlice, decodeApprovedSlice } from '@capstan/contracts';
import { type Fill, newOrder, type Order, type OrderTerms } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { BusMessage } from '@capstan/ports';
import { advanced, denialEvent, refusalOf } from '../decide.ts';
import { type Account, commitStep } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import { originOfMessage } from '../origin.ts';
import type { Origin, QueuedSlice } from '../state.ts';
import { Step } from '../step.ts';
import { crossOrders, sayCrossed } from './cross-orders.ts';
import { awaitRelease, gone, isHeld } from './release-exits.ts';
import { finishSlice, sendAndCommit, submitting } from './send-and-commit.ts';
import { sendView } from './send-view.ts';
import { killed } from './stopped.ts';
import { treatUnfilled } from './unfilled.ts';
import { update } from './update-order.ts';
import { guardEntry } from './watch-exits.ts';

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
  const waits = state.releases.length > 0 || cancelOrderIds.length > 0;
  if (orders.length === 0 && !waits && !acts) {
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
  const { ports, settings } = account;
  const view = sendView(account, settings.eventTime ? sliceEndUs : ports.clock.nowUs());
  const refusal = (terms: OrderTerms) => refusalOf(terms, view) ?? killed(account, terms);
  const crossing = { crosses, orders: approved, sliceEndUs, origin, refusal };
  const { fills: crossed, refusals } = crossOrders(account, step, crossing);
  const done = new Set(crossed.map(({ orderId }) => orderId));
  const orders: Order[] = [];
  for (const terms of approved) {
    if (done.has(terms.orderId)) continue;
    const refused = refusalOf(terms, view) ?? refusals.get(terms.orderId) ?? gone(account, terms);
    if (refused === undefined && isHeld(account, terms)) {
      awaitRelease(account, terms);
      continue;
    }
    const order = newOrder(terms, sliceEndUs);
    step.insert(order);
    if (refused === undefined) {
      guardEntry(account, order);
      orders.push(submitting(account, step, order, sliceEndUs));
    } else update(account, step, advanced(order, denialEvent(refused), sliceEndUs));
  }
  return { orders, crossed };
}
