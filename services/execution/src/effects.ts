import {
  AppError,
  type Fill,
  isExit,
  isTerminal,
  type Order,
  type OrderState,
  type OrderTerms,
  timeUs,
  US_PER_SECOND,
} from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { CancelAnswer, Headers, SubmitAnswer } from '@capstan/ports';
import type { AccountDrifts } from './account-drifts.ts';
import { atMost } from './at-most.ts';
import type { AccountBreaker } from './breaker.ts';
import {
  ageRefusal,
  DRY_RUN,
  type FindAnswer,
  holdsExits,
  lateRefusal,
  type Refusal,
  type SendOutcome,
} from './decide.ts';
import type { KillSwitches } from './kill-switches.ts';
import { LIMITS } from './limits.ts';
import { restGuards } from './rest-guards.ts';
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
  readonly breaker: AccountBreaker;
  readonly drifts: AccountDrifts;
  readonly ticker: Ticker;
  /** Reads the venue's events again, after the last that was taken. */
  readonly readVenueAgain: () => Promise<void>;
  /** When each order may last have been sent, on the monotonic clock; for the rest, when this ownership began. */
  readonly sentAtMs: Map<string, number>;
  readonly beganAtMs: number;
  /** When each order came back that had been given up, likewise. */
  readonly backAtMs: Map<string, number>;
  /** Orders whose cancel the venue has taken, in this ownership. */
  readonly cancelsTaken: Set<string>;
  /** Replaces that the venue has taken, in this ownership, by order and count. */
  readonly replacesTaken: Set<string>;
  /** Trace headers of the last slices, by their end. */
  readonly traces: Map<number, Headers>;
  /** When the next round of flattening may begin, on the monotonic clock, and how long the one after waits. */
  readonly flattenPace: { nextAtMs: number; waitMs: number };
  /** When the next round of a flattening by command may begin, by command, as `flattenPace`. */
  readonly taskPace: Map<string, { nextAtMs: number; waitMs: number }>;
  /** Whether all that the venue had said was taken at some time of this ownership: until then exits may have closed what is held. */
  readonly heard: { isAll: boolean };
  /** Symbols whose count has changed as by a split: when the broker is looked at again, and whether people were told. */
  readonly doubts: Map<string, { readonly againUs: number; readonly isTold: boolean }>;
  /** What people were last told of the hard kill. */
  readonly killReport: { sinceUs: number; text: string };
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
  restGuards(state, ports.venue.capabilities, state.clockUs);
  const { accountId } = settings;
  const stream = venueStream(accountId);
  account.breaker.record(step);
  const moved = state.venueSequence > (session.position(stream)?.sequence ?? 0);
  await session.commit({
    ...step.draft(settings),
    state: state.encode(),
    ...(moved
      ? { sourcePositions: [{ stream, epochUs: VENUE_EPOCH, sequence: state.venueSequence }] }
      : {}),
  });
  account.breaker.tell(session.log);
  for (const order of step.orders()) {
    ports.meter.count(METRICS.orders, 1, { account: accountId, state: order.state });
    if (!isUnresolved(order)) account.sentAtMs.delete(order.orderId);
    if (isTerminal(order.state)) {
      account.cancelsTaken.delete(order.orderId);
      forgetReplaces(account, order);
    }
    sayOrder(session, order, step.originOf(order));
  }
  for (const fill of step.fills()) {
    ports.meter.count(METRICS.fills, 1, { account: accountId, kind: fill.kind });
    measureFill(account, fill);
  }
  ports.meter.gauge(METRICS.unknown, state.unresolved().length, { account: accountId });
  ports.meter.gauge(METRICS.working, state.working().length, { account: accountId });
}

function measureFill({ ports, settings, state }: Account, fill: Fill): void {
  const order = state.order(fill.orderId);
  if (fill.kind !== 'fill' || order === undefined) return;
  const seconds = Math.max(0, fill.eventAtUs - order.decidedAtUs) / US_PER_SECOND;
  ports.meter.observe(METRICS.fillSeconds, seconds, { account: settings.accountId });
}

/** States that people should hear of; the rest is detail. */
const NOTABLE: readonly OrderState[] = ['denied', 'rejected', 'cancelled', 'expired', 'unknown'];

/** A finished order's replaces need no answer any more. */
function forgetReplaces({ replacesTaken }: Account, { orderId, replaces }: Order): void {
  for (let count = 1; count <= (replaces?.count ?? 0); count += 1) {
    replacesTaken.delete(`${orderId}/${count}`);
  }
}

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
 * Sends orders: all in one call where the venue takes that, else many calls at once. Immediately before each call the lease is
 * looked at, then `refusal` for each of its orders; after the first unclear answer nothing more is sent.
 * @returns an outcome for each order, in their order.
 * @throws EXECUTION.LEASE when the lease ended: what was sent, the next owner finds out.
 */
export async function sendOrders(
  account: Account,
  session: OwnerSession,
  orders: readonly Order[],
  { refusal, unclear }: SendRules,
): Promise<readonly SendOutcome[]> {
  const { venue, throttle } = account.ports;
  const { batchSubmitMax } = venue.capabilities;
  const sending: Sending = { leaseLost: false, unclear, refusal };
  const callsMax = batchSubmitMax > 1 ? 1 : LIMITS.concurrencyMax;
  const most = Math.min(batchSubmitMax, throttle?.burst ?? batchSubmitMax);
  // Where there may be a wait, what reduces goes first.
  const inTurn = throttle === undefined ? orders : byUrgency(orders);
  const parts = await atMost(callsMax, inParts(inTurn, most), (part) =>
    sendPart(account, session, part, sending),
  );
  const answers = parts.flat();
  const outcomes = orders.map(
    (order): SendOutcome =>
      answers[inTurn.indexOf(order)] ?? { kind: 'unclear', why: 'it was not sent' },
  );
  if (!sending.leaseLost) return outcomes;
  throw new AppError({
    code: 'EXECUTION.LEASE',
    why: `the lease of ${session.key} ended before all orders were sent.`,
    fix: 'The next owner asks the venue about every one of them.',
    retry: 'retryable',
  });
}

const byUrgency = (orders: readonly Order[]): readonly Order[] => [
  ...orders.filter((order) => order.reducing),
  ...orders.filter((order) => !order.reducing),
];

/** What a sending goes by. */
export interface SendRules {
  /** Says why an order must not go out at this very moment. */
  readonly refusal: (order: OrderTerms) => Refusal | undefined;
  /** Why nothing is sent any more; `undefined` where nothing stands against it. */
  readonly unclear: string | undefined;
}

/** What the calls of one sending share. */
interface Sending {
  leaseLost: boolean;
  /** Why the first order without a clear answer has none. */
  unclear: string | undefined;
  readonly refusal: (order: OrderTerms) => Refusal | undefined;
}

/**
 * Waits for the turn of the orders of one call. What is refused while it waits, or has expired by then, is not sent: also the cancels
 * before it may have taken long. The clock of a playback stands while it is sent.
 * @returns what to ask immediately before the send.
 */
async function awaitTurn(
  { ports, settings, state }: Account,
  orders: readonly Order[],
  { refusal }: Sending,
): Promise<(order: Order) => Refusal | undefined> {
  const { throttle, clock } = ports;
  if (throttle === undefined) {
    if (settings.eventTime) return refusal;
    return (order) => refusal(order) ?? ageRefusal(order, clock.nowUs());
  }
  const urgency = orders.every((order) => order.reducing) ? 'reducing' : 'adding';
  const isOff = () => orders.every((order) => refusal(order) !== undefined);
  await throttle.orders(orders.length, urgency, isOff);
  const nowUs = settings.eventTime ? state.clockUs : clock.nowUs();
  return (order) => refusal(order) ?? lateRefusal(order, timeUs(nowUs));
}

/** Sends the orders of one call, those left out that are refused at this moment. */
async function sendPart(
  account: Account,
  session: OwnerSession,
  orders: readonly Order[],
  sending: Sending,
): Promise<readonly SendOutcome[]> {
  const refusal = await awaitTurn(account, orders, sending);
  const refusals = orders.map((order) => refusal(order));
  const wanted = orders.filter((_, index) => refusals[index] === undefined);
  const sent = wanted.length === 0 ? [] : await sendWanted(account, session, wanted, sending);
  let next = 0;
  return refusals.map((refused) => {
    if (refused !== undefined) return { kind: 'withheld', refusal: refused };
    next += 1;
    return sent[next - 1] ?? { kind: 'unclear', why: 'the venue did not answer it' };
  });
}

async function sendWanted(
  account: Account,
  session: OwnerSession,
  orders: readonly Order[],
  sending: Sending,
): Promise<readonly SendOutcome[]> {
  const unclear = (why: string): readonly SendOutcome[] =>
    orders.map(() => ({ kind: 'unclear', why }));
  if (sending.unclear !== undefined) return unsent(account, orders, sending.unclear);
  sending.leaseLost ||= !session.held();
  if (sending.leaseLost) return unclear('the lease has ended');
  const answers = await callVenue(account, session, orders);
  if (typeof answers !== 'string') {
    for (const [index, answer] of answers.entries()) countAnswer(account, answer, orders[index]);
    return answers.map((answer) => ({ kind: 'answered', answer }));
  }
  // Calls that were under way together fail together: that is one failure.
  if (sending.unclear === undefined) account.breaker.failed(answers);
  sending.unclear = answers;
  return unclear(answers);
}

/**
 * What was certainly not sent after an unclear answer. It is sent later where the venue refuses a second order of an id; elsewhere
 * nothing is ever sent again, so that it is denied rather than left unknown.
 */
function unsent(
  { ports }: Account,
  orders: readonly Order[],
  because: string,
): readonly SendOutcome[] {
  const why = `it was not sent, as what went before had no clear answer: ${because}`;
  const { enforcesClientOrderId } = ports.venue.capabilities;
  return orders.map(
    (): SendOutcome =>
      enforcesClientOrderId
        ? { kind: 'unclear', why }
        : { kind: 'withheld', refusal: { policy: 'venue', reason: why } },
  );
}

function countAnswer({ breaker }: Account, answer: SubmitAnswer, order: Order | undefined): void {
  if (answer.kind === 'rejected') {
    // What an exit that is placed later would protect is watched instead: nothing has failed.
    if (order !== undefined && isExit(order)) return;
    // Keys that are not taken are told by the venue's conditions, and come back by themselves.
    if (answer.noAccess === true) return;
    breaker.failed(`the venue rejected an order: ${answer.reason}`);
  } else {
    breaker.accepted();
  }
}

/** Submits orders in one call. @returns the answer to each, or why nothing is known of any. */
async function callVenue(
  account: Account,
  session: OwnerSession,
  orders: readonly Order[],
): Promise<readonly SubmitAnswer[] | string> {
  const { ports, settings } = account;
  const { venue, clock, meter } = ports;
  const labels = { account: settings.accountId };
  const startMs = clock.monotonicMs();
  const waited = session.inHandSeconds;
  if (waited !== undefined) meter.observe(METRICS.sendDelaySeconds, waited, labels);
  sentNow(account, orders);
  try {
    const terms = orders.map((order) => termsOf(account, order));
    const [first] = terms;
    const answers =
      terms.length === 1 && first !== undefined
        ? [await venue.submit(first, session.headers)]
        : await venue.submitAll(terms, session.headers);
    meter.observe(METRICS.submitSeconds, (clock.monotonicMs() - startMs) / 1_000, labels);
    return answers;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    sentNow(account, orders);
    const { code, why } = error;
    meter.count(METRICS.unclear, orders.length, { ...labels, call: 'submit', code });
    for (const { botId, symbol, orderId } of orders) {
      session.log.warn('an order has no clear answer; it is unknown until the venue says', {
        ...labels,
        bot: botId,
        symbol,
        orderId,
        error,
      });
    }
    return why;
  }
}

function sentNow({ ports, sentAtMs }: Account, orders: readonly Order[]): void {
  const nowMs = ports.clock.monotonicMs();
  for (const { orderId } of orders) sentAtMs.set(orderId, nowMs);
}

/**
 * Tells whether the venue is to make and keep an order's exits. One that keeps them goes by what it has seen its bot fill: of a bot that
 * has filled another's order that is not what it holds, so that its exits could stand for less, or for what is gone.
 */
export function venueKeepsExits({ ports, state }: Account, order: OrderTerms): boolean {
  const { exits } = order;
  if (exits === undefined || state.hasCrossed(order)) return false;
  const { venue } = ports;
  return holdsExits(venue.capabilities, exits) && (venue.keepsExits?.(order) ?? true);
}

/** What of an order is for the venue: exits that it does not keep are not. */
function termsOf(account: Account, order: Order): OrderTerms {
  const { state, venueOrderId, filledQuantity, filledNotionalMicros, reason, ...rest } = order;
  const { version, updatedAtUs, exits, ...terms } = rest;
  return exits !== undefined && venueKeepsExits(account, order) ? { ...terms, exits } : terms;
}

/** Asks the venue about orders; what it cannot say now comes back as unreachable. */
export function findOrders(
  account: Account,
  orders: readonly Order[],
): Promise<readonly FindAnswer[]> {
  const { ports, settings } = account;
  if (!ports.venue.capabilities.findsByClientOrderId) {
    return Promise.resolve(orders.map(() => ({ kind: 'mute' })));
  }
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
    if (settings.dryRun === true) return { kind: 'rejected', reason: DRY_RUN.reason };
    await ports.throttle?.cancel();
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

/** Asks the venue to replace orders, each by what it asks for. Asking twice does no harm. */
export function replaceOrders(
  account: Account,
  orders: readonly Order[],
): Promise<readonly CancelOutcome[]> {
  const { ports, settings } = account;
  return atMost(LIMITS.concurrencyMax, orders, async (order): Promise<CancelOutcome> => {
    const { orderId, replaces } = order;
    if (replaces?.asked === undefined) return { kind: 'rejected', reason: 'nothing is asked for' };
    if (settings.dryRun === true) return { kind: 'rejected', reason: DRY_RUN.reason };
    const { count, asked } = replaces;
    const urgency = order.reducing ? 'reducing' : 'adding';
    await ports.throttle?.orders(1, urgency, () => false);
    try {
      return await ports.venue.replace(settings.accountId, orderId, { count, ...asked });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const labels = { account: settings.accountId, call: 'replace', code: error.code };
      ports.meter.count(METRICS.unclear, 1, labels);
      return { kind: 'unclear', why: error.why };
    }
  });
}

/** Cuts a list into parts of at most `most`, in order. */
function inParts<Item>(items: readonly Item[], most: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, part) =>
    items.slice(part * most, (part + 1) * most),
  );
}
