import {
  AppError,
  assert,
  deriveId,
  type Fill,
  formatPrice,
  notionalMicros,
  type Order,
  type OrderEvent,
  revisionOf,
  type VenueEvent,
} from '@capstan/domain';
import type { OpenStep, OwnerSession } from '@capstan/journal';
import type { Log, VenueUpdate } from '@capstan/ports';
import { advance } from '../decide.ts';
import { type Account, cancelOrders, commitStep } from '../effects.ts';
import { originOfEvent, originOfSlice } from '../origin.ts';
import { Step } from '../step.ts';
import { METRICS } from '../telemetry.ts';
import { finishSlice } from './approved-slice.ts';
import { standingExecution } from './standing-execution.ts';

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
  const taking: Taking = { session, step, unwanted: [], fills: [] };
  for (const update of updates) {
    if (update.kind === 'slice') takeSliceReport(account, step, update);
    else await takeEvent(account, taking, update.event);
  }
  finishSlice(account, step);
  await commitStep(account, session, step);
  for (const { step: own, fill } of taking.fills) {
    sayFill(own.log, fill);
    own.end();
  }
  await cancelOrders(account, taking.unwanted);
}

/** What the events that came together lead to. */
interface Taking {
  readonly session: OwnerSession;
  readonly step: Step;
  /** Orders to be cancelled after the commit. */
  readonly unwanted: Order[];
  /** Fills, each a step under what led to its order; they end with the commit. */
  readonly fills: { readonly step: OpenStep; readonly fill: Fill }[];
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
  { feed, sliceEndUs }: Extract<VenueUpdate, { kind: 'slice' }>,
): void {
  const { state } = account;
  if (sliceEndUs <= (state.venueSlices.get(feed) ?? -1)) return;
  state.venueSlices.set(feed, sliceEndUs);
  state.hear(sliceEndUs);
  step.venueSlice(feed, sliceEndUs);
}

async function takeEvent(account: Account, taking: Taking, event: VenueEvent): Promise<void> {
  const { state, ports, settings } = account;
  const { session } = taking;
  if (event.sequence <= state.venueSequence) return;
  if (event.sequence > state.venueSequence + 1) throw gap(account, event.sequence);
  state.venueSequence = event.sequence;
  state.hear(event.eventAtUs);
  const order = state.order(event.orderId) ?? (await ports.store.order(event.orderId));
  if (order === undefined || order.accountId !== settings.accountId) {
    setAside(account, session, event, 'no order of ours has this id');
    return;
  }
  if (event.kind === 'accepted' && order.state === 'rejected') {
    setAside(account, session, event, 'it was given up as never taken; its cancel is asked for');
    taking.unwanted.push(order);
  }
  switch (event.kind) {
    case 'filled':
      return takeFill(account, taking, order, event);
    case 'busted':
    case 'corrected':
      return await takeCorrection(account, taking, order, event);
    default:
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

function takeFill(
  account: Account,
  taking: Taking,
  order: Order,
  event: Extract<VenueEvent, { kind: 'filled' }>,
): void {
  const { state } = account;
  if (state.executions.has(event.executionId)) {
    const why = `execution ${event.executionId} was told before`;
    setAside(account, taking.session, event, why);
    return;
  }
  const fill = fillOf(account, order, event, { fillId: event.executionId, kind: 'fill' });
  take(account, taking, filled(account, order, fill), order, event);
  journal(account, taking, order, fill, signed(fill, fill.quantity));
}

async function takeCorrection(
  account: Account,
  taking: Taking,
  order: Order,
  event: Extract<VenueEvent, { kind: 'busted' | 'corrected' }>,
): Promise<void> {
  const { settings, ports } = account;
  const { accountId } = settings;
  const fresh = taking.step.fills();
  const standing = await standingExecution(ports.store, accountId, event.executionId, fresh);
  if (standing === undefined || standing.orderId !== order.orderId) {
    const why = `execution ${event.executionId} does not stand`;
    setAside(account, taking.session, event, why);
    return;
  }
  const fillId = deriveId('venue-word', accountId, event.sequence);
  const kind = event.kind === 'busted' ? 'bust' : 'correction';
  const said = event.kind === 'busted' ? { ...event, ...figuresOf(standing) } : event;
  const word = fillOf(account, order, said, { fillId, kind, refersTo: event.executionId });
  const taken = unfilled(account, order, standing);
  const after = kind === 'bust' ? taken : filled(account, taken, word);
  take(account, taking, after, order, event);
  const now = kind === 'bust' ? 0 : word.quantity;
  journal(account, taking, order, word, signed(word, now - standing.quantity));
}

const figuresOf = ({ quantity, priceNanos, feeMicros }: Fill) => ({
  quantity,
  priceNanos,
  feeMicros,
});

const signed = (fill: Fill, amount: number): number => (fill.side === 'buy' ? amount : -amount);

function fillOf(
  account: Account,
  order: Order,
  event: Pick<Fill, 'quantity' | 'priceNanos' | 'feeMicros' | 'eventAtUs'>,
  what: Pick<Fill, 'fillId' | 'kind' | 'refersTo'>,
): Fill {
  const { quantity, priceNanos, feeMicros, eventAtUs } = event;
  const { orderId, runId, accountId, botId, symbol, side } = order;
  return {
    ...what,
    ...{ orderId, runId, accountId, botId, symbol, side },
    ...{ quantity, priceNanos, feeMicros, eventAtUs },
    accountSequence: account.state.nextAccountSequence,
  };
}

function filled(account: Account, order: Order, fill: Fill): Order {
  return advance(order, { kind: 'fill', ...traded(account, fill) }, fill.eventAtUs);
}

function unfilled(account: Account, order: Order, fill: Fill): Order {
  return advance(order, { kind: 'unfill', ...traded(account, fill) }, fill.eventAtUs);
}

function traded(account: Account, { symbol, priceNanos, quantity }: Fill) {
  const instrument = account.settings.instruments.get(symbol);
  return { quantity, notionalMicros: notionalMicros(instrument, priceNanos, quantity) };
}

function take(
  account: Account,
  { session, step }: Taking,
  next: Order,
  before: Order,
  event: VenueEvent,
): void {
  if (next === before) return;
  account.state.put(next);
  if (event.kind === 'rejected')
    account.breaker.failed(`the venue rejected an order: ${event.reason}`);
  const origin = originOfEvent(account, next, event.sequence);
  step.tell(next, origin);
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

function journal(
  account: Account,
  { session, step, fills }: Taking,
  order: Order,
  fill: Fill,
  change: number,
): void {
  const { state } = account;
  assert(fill.accountSequence === state.nextAccountSequence, 'fills are numbered without gaps');
  state.nextAccountSequence += 1;
  state.count(fill, change);
  const origin = originOfEvent(account, order, state.venueSequence);
  const own = session.open(fill.kind, origin);
  fills.push({ step: own, fill });
  step.fill(fill, { ...origin, trace: own.trace });
}

/** Keeps an event aside for people; it changes no order and no ledger. */
function setAside(account: Account, session: OwnerSession, event: VenueEvent, why: string): void {
  const { sequence, orderId, kind } = event;
  const labels = { account: account.settings.accountId, kind };
  account.state.setAside({ sequence, orderId, kind, why });
  account.ports.meter.count(METRICS.strangeEvents, 1, labels);
  session.log.warn('set a venue event aside', { ...labels, sequence, orderId, why });
}

function gap(account: Account, sequence: number): AppError {
  return new AppError({
    code: 'VENUE.GAP',
    why: `account ${account.settings.accountId}: venue event ${sequence} follows ${account.state.venueSequence}.`,
    fix: 'The stream is opened again after the last event that was taken.',
    retry: 'retryable',
  });
}
