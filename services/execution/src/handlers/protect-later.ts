import {
  EXIT_LEGS,
  type Intent,
  isExit,
  newOrder,
  type Order,
  type OrderTerms,
  priceNanos,
  quantity,
  timeUs,
} from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import { approveReduction, driftReason, type ReducingOrder } from '@capstan/risk';
import { type Account, commitStep, venueKeepsExits } from '../effects.ts';
import {
  heldOnSide,
  needsGuards,
  openExits,
  type Protected,
  quantityAtVenue,
} from '../exits-at-venue.ts';
import { reductionView } from '../flatten.ts';
import { type Guard, type PlacedLater, watches } from '../guard.ts';
import { LIMITS } from '../limits.ts';
import { originOfSlice } from '../origin.ts';
import type { AccountState } from '../state.ts';
import { Step } from '../step.ts';
import { caughtUp, decisionTime } from './hard-kill.ts';
import { isSure } from './look-at-broker.ts';
import { sendAndCommit, submitting } from './send-and-commit.ts';
import { isClosing } from './send-view.ts';
import { killed } from './stopped.ts';
import { pursueCancels } from './wanted-cancels.ts';

/**
 * Brings what stands at the venue in line with what is held: exits that protect another quantity are cancelled, and what only a guard
 * watches is protected by orders of ours where the venue takes them. Until they stand the guard goes on watching.
 * @idempotent by ids that follow from the entry and the round, which is stored with the order
 */
export async function protectAtVenue(account: Account, session: OwnerSession): Promise<void> {
  const { state, ports, ticker } = account;
  const { capabilities } = ports.venue;
  if (!needsGuards(capabilities)) return;
  const origin = originOfSlice(account, state.feed, state.clockUs);
  const step = new Step(origin);
  if (await wantMisfitsGone(account, session)) await pursueCancels(account, step);
  const wanted = capabilities.exitsLater ? await placeable(account, session) : [];
  const orders = wanted.map(({ guard, terms }) => place(account, step, guard, terms));
  await commitStep(account, session, step);
  if (state.cancels.size > 0) ticker.arm();
  if (orders.length === 0) return;
  for (const { orderId, botId, symbol, type } of orders) {
    const labels = { account: account.settings.accountId, bot: botId, symbol };
    session.log.info('places its exits at the venue', { ...labels, orderId, type });
  }
  for (const { guard } of wanted) sayUnkept(account, session, guard);
  await sendAndCommit(account, session, orders, { atUs: state.clockUs, step: new Step(origin) });
}

/** Says, once in a row, that a venue ends or refuses what it is given to protect by. */
function sayUnkept({ settings }: Account, session: OwnerSession, { botId, symbol, later }: Guard) {
  if (later?.tries !== LIMITS.triesTold) return;
  const labels = { account: settings.accountId, bot: botId, symbol };
  const why =
    'the venue keeps no exits for what is held: they are watched here, and placed ever more seldom';
  session.log.warn(why, labels);
}

interface Wanted {
  readonly guard: Guard;
  readonly terms: ReducingOrder;
}

/**
 * Returns the exits that are to be placed now: none before all that the venue says is taken, as exits that it made, or that have filled
 * while nobody owned the account, may not be told yet.
 */
async function placeable(account: Account, session: OwnerSession): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for (const guard of account.state.guards) {
    const terms = await placedLater(account, guard);
    if (terms !== undefined) wanted.push({ guard, terms });
  }
  if (wanted.length === 0 || (await caughtUp(account, session)) !== undefined) return wanted;
  account.ticker.arm();
  return [];
}

/**
 * Wants exits gone that stand for another quantity than is held, once nothing else is about to change that, and all that the venue says is
 * taken. They stay while it is the books that may be behind: after a split that is not booked, or where they protect no more than the broker holds.
 */
async function wantMisfitsGone(account: Account, session: OwnerSession): Promise<boolean> {
  const { state } = account;
  const misfits = state.working().filter((order) => isMisfit(account, order));
  if (misfits.length === 0) return false;
  if ((await caughtUp(account, session)) === undefined) {
    account.ticker.arm();
    return false;
  }
  const why = 'it protects another quantity than is held';
  for (const { orderId } of misfits) state.cancels.set(orderId, why);
  return true;
}

function isMisfit(account: Account, exit: Order): boolean {
  const { state } = account;
  if (!isExit(exit) || exit.state === 'cancelling' || state.cancels.has(exit.orderId)) return false;
  const of: Protected = { ...exit, side: exit.side === 'buy' ? 'sell' : 'buy' };
  const standing = quantityAtVenue(state, of);
  if (standing === 0 || standing === heldOnSide(state, of)) return false;
  return isSure(account, exit.symbol) && !isBacked(account, exit) && !isBusy(account, of);
}

/** Tells whether the broker is known to hold something else than the books say, and as much as all exits on a side would close there. */
function isBacked({ state, drifts }: Account, { symbol, side }: OrderTerms): boolean {
  if (drifts.open === 'unreadable') return true;
  const drift = drifts.open.find((one) => one.symbol === symbol);
  if (drift === undefined) return false;
  const exits = state
    .working()
    .filter((one) => isExit(one) && one.symbol === symbol && one.side === side);
  const across = side === 'sell' ? 'buy' : 'sell';
  const bots = new Set(exits.map(({ botId }) => botId));
  const standing = [...bots].reduce(
    (sum, botId) => sum + quantityAtVenue(state, { botId, symbol, side: across }),
    0,
  );
  return standing <= (side === 'sell' ? drift.broker : -drift.broker);
}

/** Tells whether something other than its exits may change what a bot holds of a symbol. */
function isBusy(account: Account, of: Protected): boolean {
  const { state } = account;
  const isOf = (one: OrderTerms) => one.botId === of.botId && one.symbol === of.symbol;
  const exits = new Set(openExits(state, of).map(({ orderId }) => orderId));
  return (
    state.releases.some(({ terms }) => isOf(terms)) ||
    state.mayFill().some((order) => isOf(order) && !exits.has(order.orderId)) ||
    isClosing(account, of)
  );
}

/** Returns the order that is to protect what a guard watches; `undefined` where it goes on watching alone. */
async function placedLater(account: Account, guard: Guard): Promise<ReducingOrder | undefined> {
  const { state, ports, settings, switches } = account;
  const nowUs = decisionTime(account);
  const isTime = nowUs >= (guard.later?.afterUs ?? 0) || hasEndedBeside(state, guard);
  if (!watches(guard) || !isTime || !isAlone(account, guard)) return undefined;
  const { entryOrderId } = guard;
  const entry = state.order(entryOrderId) ?? (await ports.store.order(entryOrderId));
  const terms = entry === undefined ? undefined : pairOf(guard);
  if (entry === undefined || terms === undefined) return undefined;
  const { leg, ...rest } = terms;
  const intent: Intent = {
    ...{ intentId: entry.intentId, runId: entry.runId, accountId: entry.accountId },
    ...{ botId: guard.botId, symbol: guard.symbol, causeKind: 'protection' },
    ...{ causeId: entryOrderId, side: guard.side === 'buy' ? 'sell' : 'buy', reducing: true },
    ...{ quantity: quantity(heldOnSide(state, guard)), timeInForce: 'gtc', decidedAtUs: nowUs },
    referencePriceNanos: guard.armed?.bestPriceNanos ?? priceNanos(0),
    ...rest,
  };
  const holdings = state.holdings();
  const killSwitch = switches.get(settings.accountId);
  const view = reductionView({ ...settings, holdings, working: state.mayFill(), killSwitch });
  const attempt = entry.attempt + LIMITS.attemptsApart * ((guard.later?.rounds ?? 0) + 1);
  const verdict = approveReduction(intent, view, settings.limits, { leg, attempt });
  if (verdict.kind === 'denied' || !isTaken(account, verdict.order)) return undefined;
  return verdict.order;
}

/** Other bots' orders that could trade with the exits of what a guard stands for: a venue may refuse these for them. */
function besideOf(state: AccountState, { botId, symbol, side }: Guard): readonly string[] {
  return state
    .working()
    .filter((order) => order.botId !== botId && order.symbol === symbol && order.side === side)
    .map(({ orderId }) => orderId);
}

/** Tells whether all that may have had the last exits refused has ended. */
function hasEndedBeside(state: AccountState, guard: Guard): boolean {
  const beside = guard.later?.beside ?? [];
  const working = new Set(besideOf(state, guard));
  return beside.length > 0 && !beside.some((orderId) => working.has(orderId));
}

/** Tells whether nothing but the guard closes what it stands for, and it is there at the venue as it is in the books. */
function isAlone(account: Account, guard: Guard): boolean {
  const { state, drifts } = account;
  const { symbol, side } = guard;
  const sign = side === 'buy' ? 1 : -1;
  const isOpposed = state
    .holdings()
    .some((one) => one.symbol === symbol && one.quantity * sign < 0);
  return (
    !isOpposed &&
    !state.hasCrossed(guard) &&
    isSure(account, symbol) &&
    driftReason(drifts.open, symbol) === undefined &&
    openExits(state, guard).length === 0 &&
    !isBusy(account, guard)
  );
}

/** A stop, a target, or a target that names the stop; a trail is nothing that stands. */
function pairOf({
  exits: { stopPriceNanos, takeProfitPriceNanos: limitPriceNanos, trailNanos, trailBps },
}: Guard):
  | Pick<OrderTerms, 'leg' | 'type' | 'stopPriceNanos' | 'limitPriceNanos' | 'exits'>
  | undefined {
  if (trailNanos !== undefined || trailBps !== undefined) return undefined;
  if (limitPriceNanos === undefined) {
    if (stopPriceNanos === undefined) return undefined;
    return { leg: EXIT_LEGS.stop, type: 'stop', stopPriceNanos };
  }
  const exits = stopPriceNanos === undefined ? {} : { exits: { stopPriceNanos } };
  return { leg: EXIT_LEGS.takeProfit, type: 'limit', limitPriceNanos, ...exits };
}

/** Tells whether the venue takes such an order, and nothing stops it now. */
function isTaken(account: Account, order: OrderTerms): boolean {
  const { venue } = account.ports;
  const { orderTypes, timesInForce } = venue.capabilities;
  const keeps =
    order.exits === undefined
      ? (venue.keepsExits?.(order) ?? true)
      : venueKeepsExits(account, order);
  return (
    keeps &&
    orderTypes.includes(order.type) &&
    timesInForce.includes(order.timeInForce) &&
    killed(account, order) === undefined
  );
}

/** Writes an exit as about to be sent, and when the next one may follow where this one does not come to stand. */
function place(account: Account, step: Step, guard: Guard, terms: ReducingOrder): Order {
  const { state } = account;
  const { rounds = 0, tries = 0 } = guard.later ?? {};
  const waitUs = Math.min(LIMITS.protectAgainUs * 2 ** tries, LIMITS.protectAgainUsMax);
  const afterUs = timeUs(terms.decidedAtUs + waitUs);
  const beside = besideOf(state, guard);
  const later: PlacedLater = {
    ...{ rounds: rounds + 1, tries: tries + 1, afterUs },
    ...(beside.length === 0 ? {} : { beside }),
  };
  state.guards = state.guards.map((one) => (one === guard ? { ...guard, later } : one));
  const order = newOrder(terms, state.clockUs);
  step.insert(order);
  const next = submitting(account, step, order, state.clockUs);
  step.tell(next);
  return next;
}
