import {
  AppError,
  type Fill,
  formatPrice,
  type Order,
  type OrderEvent,
  revisionOf,
  type VenueEvent,
} from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { Log, VenueUpdate } from '@capstan/ports';
import { advance } from '../decide.ts';
import { type Account, commitStep } from '../effects.ts';
import { originOfSlice } from '../origin.ts';
import { restGuards } from '../rest-guards.ts';
import { Step } from '../step.ts';
import { takeCorrection, takeFill } from './executions.ts';
import { giveUpPlan } from './follow-up.ts';
import { foreignTrade, takeAdopted } from './foreign-fill.ts';
import { clearReleases } from './release-exits.ts';
import { isBack, letGo, takeBack } from './returned.ts';
import { finishSlice, sendAndCommit } from './send-and-commit.ts';
import { setAside, type Taking, take } from './take-event.ts';
import { isToldAgain, rememberStray } from './told-again.ts';
import { takeVenueExit } from './venue-exit.ts';
import { judgeRestated } from './venue-restates.ts';
import { pursueCancels } from './wanted-cancels.ts';

/**
 * Takes what the venue's stream brought, in one commit: orders, fills in the account's sequence, how far the venue has matched.
 * @idempotent by the venue's sequence
 * @throws VENUE.GAP where an event is missing: the stream is then opened again.
 */
export async function takeUpdates(
  account: Account,
  session: OwnerSession,
  updates: readonly VenueUpdate[],
): Promise<void> {
  const { state } = account;
  const step = new Step(originOfSlice(account, state.feed, state.clockUs));
  const taking: Taking = { session, step, next: [], unwanted: [], fills: [] };
  for (const update of updates) {
    if (update.kind === 'slice') takeSliceReport(account, step, update);
    else {
      await takeEvent(account, taking, update.event);
      restGuards(state, account.ports.venue.capabilities, update.event.eventAtUs);
    }
  }
  taking.next.push(...clearReleases(account, step));
  finishSlice(account, step);
  await commitStep(account, session, step);
  for (const { step: own, fill } of taking.fills) {
    sayFill(own.log, fill);
    own.end();
  }
  if (taking.unwanted.length > 0) await cancelUnwanted(account, session);
  if (taking.next.length > 0) {
    const origin = originOfSlice(account, state.feed, state.clockUs);
    const into = { atUs: state.clockUs, step: new Step(origin) };
    await sendAndCommit(account, session, taking.next, into);
  }
}

/** Asks at once for what is wanted gone; what has no clear answer is asked for again with the ticks. */
async function cancelUnwanted(account: Account, session: OwnerSession): Promise<void> {
  const { state, ticker } = account;
  const step = new Step(originOfSlice(account, state.feed, state.clockUs));
  await pursueCancels(account, step);
  await commitStep(account, session, step);
  if (state.cancels.size > 0) ticker.arm();
}

function sayFill(log: Log, fill: Fill): void {
  const { kind, accountId, botId, symbol, orderId, fillId, side, quantity, priceNanos } = fill;
  const price = formatPrice(priceNanos);
  const what = { account: accountId, bot: botId, symbol, orderId, fillId, side, quantity, price };
  log.info(kind === 'fill' ? 'order filled' : `fill ${kind}`, what);
}

function takeSliceReport(
  account: Account,
  step: Step,
  { feed, sliceEndUs, afterSequence }: Extract<VenueUpdate, { kind: 'slice' }>,
): void {
  const { state } = account;
  // What it includes and was not told is lost: its fills and ends would come after the decisions that need them.
  if (afterSequence > state.venueSequence) throw gap(account, `the slice up to ${afterSequence}`);
  if (sliceEndUs <= (state.venueSlices.get(feed) ?? -1)) return;
  state.venueSlices.set(feed, sliceEndUs);
  state.hear(sliceEndUs);
  step.venueSlice(feed, sliceEndUs);
}

async function takeEvent(account: Account, taking: Taking, event: VenueEvent): Promise<void> {
  const { state, ports, settings } = account;
  if (event.sequence <= state.venueSequence) return;
  const { numbersEvents } = ports.venue.capabilities;
  if (numbersEvents && event.sequence > state.venueSequence + 1) {
    throw gap(account, `event ${event.sequence}`);
  }
  state.venueSequence = event.sequence;
  state.hear(event.eventAtUs);
  if (!numbersEvents && (await isToldAgain(account, event))) return;
  const order =
    state.order(event.orderId) ??
    (await ports.store.order(event.orderId)) ??
    (await takeVenueExit(account, taking.step, event));
  if (order === undefined && (await takeAdopted(account, taking, event))) return;
  if (order === undefined || order.accountId !== settings.accountId) {
    const trade = await foreignTrade(account, event);
    setAside(account, taking, event, 'no order of ours has this id', trade);
    rememberStray(account, event);
    return;
  }
  if (isBack(event, order)) {
    if (event.kind === 'accepted') {
      setAside(account, taking, event, 'it was given up as never taken; its cancel is asked for');
    }
    await takeWordOn(account, taking, takeBack(account, taking, order, event), event);
  } else await takeWordOn(account, taking, order, event);
  letGo(account, taking.step, event);
}

async function takeWordOn(
  account: Account,
  taking: Taking,
  order: Order,
  event: VenueEvent,
): Promise<void> {
  switch (event.kind) {
    case 'filled':
      return await takeFill(account, taking, order, event);
    case 'busted':
    case 'corrected':
      return await takeCorrection(account, taking, order, event);
    default:
      if (event.kind === 'cancelRejected') giveUpPlan(account, order.orderId);
      if (event.kind === 'replaced') judgeRestated(account, taking, order, event);
      take(account, taking, advance(order, eventOf(event), event.eventAtUs), order, event);
  }
}

/** Returns what the venue's word on an order means to its state machine. */
function eventOf(
  event: Exclude<VenueEvent, { kind: 'filled' | 'busted' | 'corrected' }>,
): OrderEvent {
  switch (event.kind) {
    case 'accepted':
      return { kind: 'accept', venueOrderId: event.venueOrderId };
    case 'rejected':
      return { kind: 'reject', reason: event.reason };
    case 'cancelled':
      return { kind: 'cancel', reason: event.reason };
    case 'cancelRejected':
      return { kind: 'rejectCancel', reason: event.reason };
    case 'replaced': {
      const { count } = event;
      return { kind: 'replace', count, revision: revisionOf(event) };
    }
    case 'replaceRejected':
      return { kind: 'rejectReplace', reason: event.reason };
    case 'expired':
      return { kind: 'expire' };
  }
}

function gap(account: Account, what: string): AppError {
  return new AppError({
    code: 'VENUE.GAP',
    why: `account ${account.settings.accountId}: the venue's ${what} follows event ${account.state.venueSequence}.`,
    fix: 'The stream is opened again after the last event that was taken.',
    retry: 'retryable',
  });
}
