import {
  executedQuantity,
  type Fill,
  isExit,
  isTerminal,
  type Order,
  type VenueEvent,
} from '@capstan/domain';
import type { OpenStep, OwnerSession } from '@capstan/journal';
import type { StrayRecord } from '@capstan/ports';
import type { Account } from '../effects.ts';
import { needsGuards, siblingsOf } from '../exits-at-venue.ts';
import { originOfEvent } from '../origin.ts';
import type { Step } from '../step.ts';
import { METRICS } from '../telemetry.ts';
import { followUp } from './follow-up.ts';

/** What the events that came together lead to. */
export interface Taking {
  readonly session: OwnerSession;
  readonly step: Step;
  /** Next attempts, to be sent after the commit. */
  readonly next: Order[];
  /** Orders whose cancel is wanted since, to be asked for after the commit. */
  readonly unwanted: Order[];
  /** Fills, each a step under what led to its order; they end with the commit. */
  readonly fills: { readonly step: OpenStep; readonly fill: Fill }[];
}

/** Takes what an event made of an order. */
export function take(
  account: Account,
  taking: Taking,
  next: Order,
  before: Order,
  event: VenueEvent,
): void {
  if (next === before) return;
  const { session, step, next: upcoming } = taking;
  account.state.put(next);
  if (event.kind === 'rejected' && !isExit(next))
    account.breaker.failed(`the venue rejected an order: ${event.reason}`);
  const origin = originOfEvent(account, next, event.sequence);
  step.tell(next, origin);
  const follows = followUp(account, step, next);
  if (follows !== undefined) upcoming.push(follows);
  endGroup(account, taking, next);
  if (next.filledQuantity <= next.quantity) return;
  session.logOf(origin).error('the venue has filled more than was ordered', {
    account: next.accountId,
    bot: next.botId,
    symbol: next.symbol,
    orderId: next.orderId,
    ordered: next.quantity,
    filled: next.filledQuantity,
  });
}

/**
 * Wants the rest of a group of exits gone of which one has ended without filling: what is left of it protects less than was meant, and
 * the guard that watches instead stands for all of it.
 */
function endGroup(account: Account, taking: Taking, exit: Order): void {
  const { state, ports } = account;
  const hasFailed = isExit(exit) && isTerminal(exit.state) && exit.state !== 'filled';
  if (!hasFailed || !needsGuards(ports.venue.capabilities)) return;
  for (const other of siblingsOf(state, exit)) {
    if (isTerminal(other.state) || executedQuantity(other) > 0) continue;
    unwant(account, taking, other, 'the other exit of its group has ended');
  }
}

/** Wants an order gone: the wish is stored with what led to it. */
export function unwant({ state }: Account, { unwanted }: Taking, order: Order, why: string): void {
  state.cancels.set(order.orderId, why);
  unwanted.push(order);
}

/** What somebody else traded, as far as the venue says it. */
export type ForeignTrade = Pick<StrayRecord, 'symbol' | 'side'>;

/** Keeps an event for people; it changes no order and no ledger. @param foreign given where the order is none of ours. */
export function setAside(
  account: Account,
  { session, step }: Taking,
  event: VenueEvent,
  why: string,
  foreign?: ForeignTrade,
): void {
  const { sequence, orderId, kind, accountId, eventAtUs } = event;
  const labels = { account: account.settings.accountId, kind };
  const isForeign = foreign !== undefined;
  const head = { accountId, sequence, orderId, kind, why, isForeign, eventAtUs };
  step.stray({ ...head, ...figures(event), ...foreign });
  account.ports.meter.count(METRICS.strangeEvents, 1, labels);
  const isForeignFill = isForeign && kind === 'filled';
  if (isForeignFill) account.ports.meter.count(METRICS.foreignFills, 1, { account: accountId });
  const level = isForeignFill ? 'error' : 'warn';
  session.log[level]('set a venue event aside', { ...labels, sequence, orderId, why });
}

function figures(
  event: VenueEvent,
): Pick<StrayRecord, 'executionId' | 'quantity' | 'priceNanos' | 'feeMicros'> {
  if (event.kind === 'busted') return { executionId: event.executionId };
  if (event.kind !== 'filled' && event.kind !== 'corrected') return {};
  const { executionId, quantity, priceNanos, feeMicros } = event;
  return { executionId, quantity, priceNanos, feeMicros };
}
