import type { Session } from '@capstan/calendar';
import { AppError, assert, newOrder, type Order, quantity, type TimeUs } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { VenueAccount } from '@capstan/ports';
import { costPrice, withinBroker } from '../broker-truth.ts';
import { advance, howToResolve } from '../decide.ts';
import { type Account, cancelOrders, commitStep } from '../effects.ts';
import { type FlattenOrder, FOREIGN_BOT, flattenOrders } from '../flatten.ts';
import { isCancellable } from '../kill-brake.ts';
import type { StandingSwitch } from '../kill-switches.ts';
import { LIMITS } from '../limits.ts';
import { awaitedSession, type Markets, queuedText } from '../market-times.ts';
import { type Holding, isFlattening, isUnresolved, type Origin } from '../state.ts';
import { Step } from '../step.ts';
import { awaitedReturned, outText } from './returned.ts';
import { isAskable, sendAndCommit, submitting } from './send-and-commit.ts';
import { update } from './update-order.ts';

/**
 * Goes on with a hard kill, as far as it can go now: cancels what works, and once everything has ended, and all that the
 * venue says of it is taken, flattens what the account's bots hold, and where the kill says so all else that the venue shows;
 * then again until nothing is held. Does nothing without one.
 * @idempotent by ids that follow from the kill and the round
 */
export async function pursueKill(account: Account, session: OwnerSession): Promise<void> {
  const { state, settings, switches, ticker } = account;
  const killSwitch = switches.get(settings.accountId);
  if (killSwitch.mode !== 'hard') {
    // What it sent works on: until that has ended, nothing else closes the same holding.
    if (!state.working().some((order) => isFlattening(state, order))) state.flattening = undefined;
    return;
  }
  begin(account, session, killSwitch);
  const id = `kill/${settings.accountId}/${killSwitch.sinceUs}`;
  const origin: Origin = { correlationId: id, causationId: id, trace: {} };
  await cancelWorking(account, session, origin);
  const moving =
    awaitedReturned(account).length > 0 ||
    state.working().some((order) => !isUnresolved(order) || isAskable(account, order));
  let held: readonly Holding[] | undefined = botHoldings(account);
  if (moving || state.inHand !== undefined) {
    report(account, killSwitch, waitText(account));
  } else if (held.length > 0 || killSwitch.foreign) {
    held = await flatten(account, session, killSwitch, origin);
  } else {
    report(account, killSwitch, withOut(account, 'nothing is held'));
  }
  if (state.working().length > 0 || held === undefined || held.length > 0) ticker.arm();
}

function begin(account: Account, session: OwnerSession, killSwitch: StandingSwitch): void {
  const { state, settings, flattenPace } = account;
  const { sinceUs, actor, reason } = killSwitch;
  if (state.flattening?.sinceUs === sinceUs) return;
  state.flattening = { sinceUs, round: 0, orderIds: [] };
  flattenPace.nextAtMs = 0;
  flattenPace.waitMs = LIMITS.flattenFirstMs;
  session.log.warn('hard kill: cancels all orders and flattens', {
    account: settings.accountId,
    actor,
    reason,
  });
}

/** Says what it waits for. */
function waitText({ state }: Account): string {
  const back = [...state.returned.keys()];
  const waits = `waits for ${state.working().length + back.length} orders to end`;
  const [first] = back;
  if (first === undefined) return waits;
  return `${waits}, given up and there after all: ${back.join(', ')}; ${howToResolve(first)}`;
}

/** Says how far it is, and what is left alone, as orders are out of which nobody knows the end. */
function withOut(account: Account, text: string): string {
  const out = outText(account);
  return out === '' ? text : `${text}; ${out}`;
}

/** Tells people how far it is, where that has changed. */
function report(account: Account, { sinceUs }: StandingSwitch, text: string): void {
  if (account.killReport.text === text && account.killReport.sinceUs === sinceUs) return;
  account.killReport.text = text;
  account.killReport.sinceUs = sinceUs;
  account.ports.log.warn(`hard kill: ${text}`, { account: account.settings.accountId });
  void account.switches.report(account.settings.accountId, sinceUs, text);
}

/** Cancels every order that works and is no part of the flattening; those first, the journal after. */
async function cancelWorking(
  account: Account,
  session: OwnerSession,
  origin: Origin,
): Promise<void> {
  const { state, cancelsTaken } = account;
  const ours = new Set(state.flattening?.orderIds);
  const works = state.working().filter((order) => isCancellable(order) && !ours.has(order.orderId));
  // What the brake asks for already is not asked for twice.
  const taken = works.filter((order) => cancelsTaken.has(order.orderId));
  const targets = works.filter((order) => !cancelsTaken.has(order.orderId));
  const answers = await cancelOrders(account, targets);
  const asked = [...taken, ...targets.filter((_, index) => answers[index]?.kind === 'requested')];
  const step = new Step(origin);
  for (const order of asked) {
    const next = advance(order, { kind: 'requestCancel', reason: 'hard kill' }, state.clockUs);
    if (next !== order) update(account, step, next);
  }
  await commitStep(account, session, step);
}

/**
 * Sends a round of flattening orders, where it is time for one.
 * @returns what there is to flatten; `undefined` where the venue does not say.
 */
async function flatten(
  account: Account,
  session: OwnerSession,
  killSwitch: StandingSwitch,
  origin: Origin,
): Promise<readonly Holding[] | undefined> {
  const { state, settings, ports, flattenPace } = account;
  const nowMs = ports.clock.monotonicMs();
  const ours = botHoldings(account);
  if (nowMs < flattenPace.nextAtMs) return ours;
  const venueAccount = await caughtUp(account, session);
  if (venueAccount === undefined) return undefined;
  const cut = withinBroker(ours, venueAccount);
  const foreign = killSwitch.foreign ? knownForeign(account, session, ours, venueAccount) : [];
  const holdings = [...cut, ...foreign];
  const nowUs = decisionTime(account);
  const { open, queued } = byMarket(settings, holdings, nowUs);
  if (open.length === 0) {
    report(account, killSwitch, withOut(account, queuedText(queued) || 'nothing is held'));
    return holdings;
  }
  flattenPace.nextAtMs = nowMs + flattenPace.waitMs;
  flattenPace.waitMs = Math.min(flattenPace.waitMs * 2, LIMITS.flattenMaxMs);
  const { flattening } = state;
  assert(flattening !== undefined, 'a hard kill has begun');
  const round = { ...flattening, round: flattening.round + 1 };
  const decided = flattenOrders({
    ...settings,
    holdings: open,
    working: state.mayFill(),
    killSwitch,
    flattening: round,
    journal: 'kill',
    decidedAtUs: nowUs,
  });
  if (decided.length === 0) {
    report(account, killSwitch, withOut(account, 'flattens nothing'));
    return holdings;
  }
  const step = new Step(origin);
  const orders = placeFlattening(account, session, step, decided);
  state.flattening = { ...round, orderIds: orders.map((order) => order.orderId) };
  const symbols = [...new Set(orders.map((order) => order.symbol))].join(', ');
  const rest = queuedText(queued);
  const text = `round ${round.round} flattens ${symbols}`;
  report(account, killSwitch, withOut(account, rest === '' ? text : `${text}; ${rest}`));
  await commitStep(account, session, step);
  await sendAndCommit(account, session, orders, { atUs: state.clockUs, step: new Step(origin) });
  return holdings;
}

/** The run's clock, by which sessions are found and decisions grow old. */
export function decisionTime({ settings, state, ports }: Account): TimeUs {
  return settings.eventTime ? state.clockUs : ports.clock.nowUs();
}

/** What the bots hold: what was flattened for nobody's bot stands in no bot's way. */
export function botHoldings({ state }: Account): readonly Holding[] {
  return state.holdings().filter((holding) => holding.botId !== FOREIGN_BOT);
}

/** Tells what can be sent now from what waits for its market. */
export function byMarket(
  markets: Markets,
  holdings: readonly Holding[],
  nowUs: TimeUs,
): { readonly open: readonly Holding[]; readonly queued: ReadonlyMap<string, Session> } {
  const open: Holding[] = [];
  const queued = new Map<string, Session>();
  for (const holding of holdings) {
    const session = awaitedSession(markets, holding.symbol, nowUs);
    if (session === undefined) open.push(holding);
    else queued.set(holding.symbol, session);
  }
  return { open, queued };
}

/** Writes what was approved as about to be sent, and says what was not. */
export function placeFlattening(
  account: Account,
  session: OwnerSession,
  step: Step,
  decided: readonly FlattenOrder[],
): readonly Order[] {
  const { state } = account;
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
  return orders;
}

/** What the venue holds for the account beyond what its bots hold. */
export function foreignHoldings(
  holdings: readonly Holding[],
  { positions }: Pick<VenueAccount, 'positions'>,
): readonly Holding[] {
  return positions.flatMap((position): Holding[] => {
    const { symbol } = position;
    const ours = holdings
      .filter((one) => one.symbol === symbol)
      .reduce((sum, one) => sum + one.quantity, 0);
    const rest = quantity(position.quantity - ours);
    if (rest === 0) return [];
    return [{ botId: FOREIGN_BOT, symbol, quantity: rest, priceNanos: costPrice(position) }];
  });
}

/**
 * Leaves out, aloud, what no list of instruments has: nobody knows in what units it is sold. Where an order is out of which nobody knows
 * the end, what differs from the books may be its fill.
 */
function knownForeign(
  { settings, state }: Account,
  session: OwnerSession,
  ours: readonly Holding[],
  venueAccount: VenueAccount,
): readonly Holding[] {
  const known = new Set(settings.instruments.all().map((one) => one.symbol));
  const out = new Set(state.mayFill().map((order) => order.symbol));
  return foreignHoldings(ours, venueAccount).filter(({ symbol }) => {
    if (out.has(symbol)) return false;
    if (known.has(symbol)) return true;
    const fix = 'list it under `instruments`, or close it at the broker';
    session.log.error('hard kill: a foreign position cannot be flattened', { symbol, fix });
    return false;
  });
}

/** Reads the broker again. @returns `undefined` unless all of its events have been taken. */
export async function caughtUp(
  account: Account,
  session: OwnerSession,
): Promise<VenueAccount | undefined> {
  const { ports, settings, state } = account;
  try {
    const venueAccount = await ports.venue.account(settings.accountId);
    if (venueAccount.sequence > state.venueSequence) return undefined;
    account.heard.isAll = true;
    return venueAccount;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    session.log.warn(
      'nothing is closed or protected anew: the venue does not say where the account stands',
      {
        account: settings.accountId,
        error,
      },
    );
    return undefined;
  }
}
