import { isExit, newOrder, type Order, type OrderTerms, openQuantity } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import { advanced, denialEvent, type Refusal, refusalOf } from '../decide.ts';
import { type Account, commitStep } from '../effects.ts';
import { heldOnSide, openExits, type Protected } from '../exits-at-venue.ts';
import { watches } from '../guard.ts';
import { originOfSlice } from '../origin.ts';
import { isMeant, type Release } from '../state.ts';
import { Step } from '../step.ts';
import { caughtUp, decisionTime } from './hard-kill.ts';
import { metBy, opposedBy } from './met-exits.ts';
import { finishSlice, sendAndCommit, submitting } from './send-and-commit.ts';
import { sendView } from './send-view.ts';
import { killed } from './stopped.ts';
import { update } from './update-order.ts';
import { pursueCancels } from './wanted-cancels.ts';
import { guardEntry } from './watch-exits.ts';

/**
 * Tells whether exits at the venue hold what an order is to close, or are about to, or stand where it could trade with them, so that they
 * must have ended before it is sent.
 */
export function isHeld(account: Account, terms: OrderTerms): boolean {
  if (!account.ports.venue.capabilities.exitsHold) return false;
  if (holdersOf(account, terms).length > 0) return true;
  return terms.reducing && (areAwaited(account, terms) || mayBeGone(account, terms));
}

/** Tells whether exits may have closed what is held while nobody owned the account, and that is not taken yet. */
function mayBeGone({ state, heard }: Account, terms: OrderTerms): boolean {
  const of = closedBy(terms);
  return !heard.isAll && state.guards.some((guard) => isMeant(of, guard) && watches(guard));
}

/** Tells whether the exits of an entry have begun of which the venue has not told yet. */
function areAwaited(account: Account, terms: OrderTerms): boolean {
  const { state } = account;
  const of = closedBy(terms);
  const nowUs = decisionTime(account);
  return state.guards.some((guard) => {
    const { entryOrderId, side, later } = guard;
    if (!isMeant(of, guard) || side !== of.side || !watches(guard)) return false;
    if (later?.isAwaited !== true || nowUs >= later.afterUs) return false;
    return (state.order(entryOrderId)?.state ?? 'filled') === 'filled';
  });
}

/**
 * The exits of what an order closes, the entries of which the venue would make more as they fill, and other bots' exits against it; of one
 * that adds, what it meets.
 */
function holdersOf(account: Account, terms: OrderTerms): readonly Order[] {
  if (!terms.reducing) return metBy(account, terms);
  const { state } = account;
  const of = closedBy(terms);
  const isEntry = ({ botId, symbol, side, exits, leg }: Order) =>
    leg === 0 && exits !== undefined && isMeant(of, { botId, symbol }) && side === of.side;
  const own = [...openExits(state, of), ...state.working().filter(isEntry)];
  return [...own, ...opposedBy(account, terms)];
}

/**
 * Says that less is held by now than an order closes together with those that are out, or `undefined`: where exits close by themselves one
 * may have done so after it was decided.
 */
export function gone({ state, ports }: Account, terms: OrderTerms): Refusal | undefined {
  if (!ports.venue.capabilities.exitsHold || !terms.reducing) return undefined;
  const { botId, symbol, side, orderId, quantity: amount } = terms;
  const out = state
    .mayFill()
    .filter((order) => order.botId === botId && order.symbol === symbol && order.side === side)
    .filter((order) => !isExit(order) && order.orderId !== orderId)
    .reduce((sum, order) => sum + openQuantity(order), 0);
  const held = heldOnSide(state, closedBy(terms));
  if (out + amount <= held) return undefined;
  const reason = `it closes ${amount} beside ${out} that are being closed, and only ${held} are held by now`;
  return { policy: 'closing', reason };
}

/** Lets an order wait for the end of the exits that hold what it closes, and wants these gone. */
export function awaitRelease(account: Account, terms: OrderTerms): void {
  const { state } = account;
  const held = heldOnSide(state, closedBy(terms));
  state.releases = [...state.releases, { terms, held }];
  wantExitsGone(account, terms);
}

/**
 * Goes on with the orders that wait for the end of exits: asks for it, sends what is free, and denies what must not go out any more.
 * @idempotent by the orders' ids: one is written as `submitting` in the commit in which it stops waiting
 */
export async function pursueReleases(account: Account, session: OwnerSession): Promise<void> {
  const { state, ticker } = account;
  if (state.releases.length === 0) return;
  for (const { terms } of state.releases) wantExitsGone(account, terms);
  const origin = state.inHand?.origin ?? originOfSlice(account, state.feed, state.clockUs);
  const step = new Step(origin);
  await pursueCancels(account, step);
  if (!account.heard.isAll) await caughtUp(account, session);
  const orders = clearReleases(account, step);
  finishSlice(account, step);
  await commitStep(account, session, step);
  if (orders.length > 0) {
    await sendAndCommit(account, session, orders, { atUs: state.clockUs, step: new Step(origin) });
  }
  if (state.releases.length > 0) ticker.arm();
}

/**
 * Takes up what waited for the end of exits and need not wait any more: in the very step that records it.
 * @returns the orders to be sent once the step is committed.
 */
export function clearReleases(account: Account, step: Step): readonly Order[] {
  const { state } = account;
  if (state.releases.length === 0) return [];
  const view = sendView(account, decisionTime(account));
  const waiting: Release[] = [];
  const free: Order[] = [];
  for (const release of state.releases) {
    const { terms } = release;
    const refused =
      refusalOf(terms, view) ??
      killed(account, terms) ??
      closedMeanwhile(account, release) ??
      gone(account, terms);
    if (refused === undefined && isHeld(account, terms)) waiting.push(release);
    else {
      const order = newOrder(terms, state.clockUs);
      step.insert(order);
      if (refused === undefined) {
        guardEntry(account, order);
        free.push(begun(account, step, order));
      } else update(account, step, advanced(order, denialEvent(refused), state.clockUs));
    }
  }
  if (waiting.length < state.releases.length) step.keepState();
  state.releases = waiting;
  return free;
}

/** The slice in hand waits for the venue's word on it. */
function begun(account: Account, step: Step, order: Order): Order {
  const { state } = account;
  const { inHand } = state;
  if (inHand !== undefined) {
    state.inHand = { ...inHand, orderIds: [...inHand.orderIds, order.orderId] };
  }
  return submitting(account, step, order, state.clockUs);
}

/** What was decided with more held could open the other side. */
function closedMeanwhile({ state }: Account, { terms, held }: Release): Refusal | undefined {
  const left = heldOnSide(state, closedBy(terms));
  if (left >= held) return undefined;
  const reason = `of ${held} held when it was decided ${held - left} were closed while the exits that held them ended: what is left is decided anew`;
  return { policy: 'closing', reason };
}

function wantExitsGone(account: Account, terms: OrderTerms): void {
  for (const { orderId, botId, state: at } of holdersOf(account, terms)) {
    const why = terms.reducing && botId === terms.botId ? 'its bot closes what is held' : MET;
    if (at !== 'cancelling') account.state.cancels.set(orderId, why);
  }
}

const MET = 'another order could not stand beside it; it is placed anew';

const closedBy = ({ botId, symbol, side }: OrderTerms): Protected => ({
  ...{ botId, symbol },
  side: side === 'buy' ? 'sell' : 'buy',
});
