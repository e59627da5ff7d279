import {
  AppError,
  isTerminal,
  type Order,
  type OrderState,
  type OrderTerms,
  timeUs,
} from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { CancelAnswer, Headers } from '@capstan/ports';
import type { FindAnswer, Refusal, SendOutcome } from './decide.ts';
import type { KillSwitches } from './kill-switches.ts';
import { LIMITS } from './limits.ts';
import type { AccountPorts, AccountSettings } from './settings.ts';
import { type AccountState, isUnresolved, type Origin } from './state.ts';
import type { Step } from './step.ts';
import { METRICS } from './telemetry.ts';
import type { Ticker } from './ticker.ts';

/** One account as its handlers see it. */
export interface Account {
  readonly ports: AccountPorts;
  readonly settings: AccountSettings;
  readonly state: AccountState;
  readonly switches: KillSwitches;
  readonly ticker: Ticker;
  /** When each order may last have been sent, on the monotonic clock; for the rest, when this ownership began. */
  readonly sentAtMs: Map<string, number>;
  readonly beganAtMs: number;
  /** Orders whose cancel the venue has taken, in this ownership. */
  readonly cancelsTaken: Set<string>;
  /** Trace headers of the last slices, by their end. */
  readonly traces: Map<number, Headers>;
  /** When the next round of flattening may begin, on the monotonic clock, and how long the one after waits. */
  readonly flattenPace: { nextAtMs: number; waitMs: number };
}

/** The venue's stream of an account among the owner's positions. */
export const venueStream = (accountId: string): string => `venue/${accountId}`;

/** A venue's sequences have one epoch. */
const VENUE_EPOCH = timeUs(0);

/** Commits a step with the state as it is now; nothing where there is nothing to write. */
export async function commitStep(
  account: Account,
  session: OwnerSession,
  step: Step,
): Promise<void> {
  if (step.isEmpty) return;
  const { ports, settings, state } = account;
  const { accountId } = settings;
  const stream = venueStream(accountId);
  const moved = state.venueSequence > (session.position(stream)?.sequence ?? 0);
  await session.commit({
    ...step.draft(settings),
    state: state.encode(),
    ...(moved
      ? { sourcePositions: [{ stream, epochUs: VENUE_EPOCH, sequence: state.venueSequence }] }
      : {}),
  });
  for (const order of step.orders()) {
    ports.meter.count(METRICS.orders, 1, { account: accountId, state: order.state });
    if (!isUnresolved(order)) account.sentAtMs.delete(order.orderId);
    if (isTerminal(order.state)) account.cancelsTaken.delete(order.orderId);
    sayOrder(session, order, step.originOf(order));
  }
  for (const fill of step.fills()) {
    ports.meter.count(METRICS.fills, 1, { account: accountId, kind: fill.kind });
  }
  ports.meter.gauge(METRICS.unknown, state.unresolved().length, { account: accountId });
  ports.meter.gauge(METRICS.working, state.working().length, { account: accountId });
}

/** States that people should hear of; the rest is detail. */
const NOTABLE: readonly OrderState[] = ['denied', 'rejected', 'cancelled', 'expired', 'unknown'];

function sayOrder(session: OwnerSession, order: Order, origin: Origin): void {
  const { accountId, botId, symbol, orderId, state, side, quantity, reason } = order;
  // Its fills tell it.
  if (state === 'filled' || state === 'partiallyFilled') return;
  const what = { orderId, side, quantity, ...(reason === undefined ? {} : { reason }) };
  const level = NOTABLE.includes(state) ? 'info' : 'debug';
  const log = session.logOf(origin);
  log[level](`order ${state}`, { account: accountId, bot: botId, symbol, ...what });
}

/**
 * Sends orders, many at once. Immediately before each send the lease is looked at, then `refusal`; after the first unclear
 * answer nothing more is sent.
 * @returns an outcome for each order, in their order.
 * @throws EXECUTION.LEASE when the lease ended: what was sent, the next owner finds out.
 */
export async function sendOrders(
  account: Account,
  session: OwnerSession,
  orders: readonly Order[],
  refusal: (order: OrderTerms) => Refusal | undefined,
): Promise<readonly SendOutcome[]> {
  let leaseLost = false;
  let unclear: string | undefined;
  const outcomes = await atMost(LIMITS.concurrencyMax, orders, async (order) => {
    const refused = refusal(order);
    if (refused !== undefined) return { kind: 'withheld', refusal: refused } as const;
    if (unclear !== undefined) {
      const why = `it was not sent, as another order had no clear answer: ${unclear}`;
      return { kind: 'unclear', why } as const;
    }
    leaseLost ||= !session.held();
    if (leaseLost) return { kind: 'unclear', why: 'the lease has ended' } as const;
    const outcome = await sendOne(account, session, order);
    if (outcome.kind === 'unclear') unclear = outcome.why;
    return outcome;
  });
  if (!leaseLost) return outcomes;
  throw new AppError({
    code: 'EXECUTION.LEASE',
    why: `the lease of ${session.key} ended before all orders were sent.`,
    fix: 'The next owner asks the venue about every one of them.',
    retry: 'retryable',
  });
}

async function sendOne(
  account: Account,
  session: OwnerSession,
  order: Order,
): Promise<SendOutcome> {
  const { ports, settings, sentAtMs } = account;
  const { venue, clock, meter } = ports;
  const labels = { account: settings.accountId };
  const startMs = clock.monotonicMs();
  sentAtMs.set(order.orderId, startMs);
  try {
    const answer = await venue.submit(termsOf(order), session.headers);
    meter.observe(METRICS.submitSeconds, (clock.monotonicMs() - startMs) / 1_000, labels);
    return { kind: 'answered', answer };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    sentAtMs.set(order.orderId, clock.monotonicMs());
    meter.count(METRICS.unclear, 1, { ...labels, call: 'submit', code: error.code });
    session.log.warn('an order has no clear answer; it is unknown until the venue says', {
      ...labels,
      bot: order.botId,
      symbol: order.symbol,
      orderId: order.orderId,
      error,
    });
    return { kind: 'unclear', why: error.why };
  }
}

/** What of an order is for the venue. */
function termsOf(order: Order): OrderTerms {
  const { state, venueOrderId, filledQuantity, filledNotionalMicros, reason, ...rest } = order;
  const { version, updatedAtUs, ...terms } = rest;
  return terms;
}

/** Asks the venue about orders; what it cannot say now comes back as unreachable. */
export function findOrders(
  account: Account,
  orders: readonly Order[],
): Promise<readonly FindAnswer[]> {
  const { ports, settings } = account;
  return atMost(LIMITS.concurrencyMax, orders, async ({ orderId }): Promise<FindAnswer> => {
    try {
      const order = await ports.venue.find(settings.accountId, orderId);
      return order === undefined ? { kind: 'absent' } : { kind: 'found', order };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const labels = { account: settings.accountId, call: 'find', code: error.code };
      ports.meter.count(METRICS.unclear, 1, labels);
      return { kind: 'unreachable', why: error.why };
    }
  });
}

export type CancelOutcome = CancelAnswer | { readonly kind: 'unclear'; readonly why: string };

/** Asks the venue to cancel orders. Asking twice does no harm. */
export function cancelOrders(
  account: Account,
  orders: readonly Order[],
): Promise<readonly CancelOutcome[]> {
  const { ports, settings } = account;
  return atMost(LIMITS.concurrencyMax, orders, async ({ orderId }): Promise<CancelOutcome> => {
    try {
      const answer = await ports.venue.cancel(settings.accountId, orderId);
      if (answer.kind === 'requested') account.cancelsTaken.add(orderId);
      return answer;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const labels = { account: settings.accountId, call: 'cancel', code: error.code };
      ports.meter.count(METRICS.unclear, 1, labels);
      return { kind: 'unclear', why: error.why };
    }
  });
}

/** Runs `work` for each item, at most so many at once; the results stand in the items' order. */
async function atMost<Item, Result>(
  most: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const runner = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, runner));
  return results;
}
