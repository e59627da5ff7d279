import type { Order } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { CommandRecord, VenueAccount } from '@capstan/ports';
import { withinBroker } from '../broker-truth.ts';
import { type Account, commitStep } from '../effects.ts';
import { flattenOrders } from '../flatten.ts';
import { LIMITS } from '../limits.ts';
import {
  type FlattenTask,
  type Holding,
  isMeant,
  isUnresolved,
  type Origin,
  type Scope,
} from '../state.ts';
import { Step } from '../step.ts';
import { botHoldings, byMarket, caughtUp, decisionTime, placeFlattening } from './hard-kill.ts';
import { isSure } from './look-at-broker.ts';
import { opposedBy } from './met-exits.ts';
import { awaitedReturned } from './returned.ts';
import { isAskable, sendAndCommit } from './send-and-commit.ts';
import { done, type Verdict } from './verdict.ts';
import { pursueCancels } from './wanted-cancels.ts';

/** Cancels what works within a scope; what cannot be asked for yet is asked for as soon as it can. */
export async function cancelScope(
  account: Account,
  step: Step,
  command: CommandRecord,
  scope: Scope,
): Promise<Verdict> {
  const { state, ticker } = account;
  const targets = state.working().filter((order) => isMeant(scope, order));
  auditScope(account, step, command, scope);
  if (targets.length === 0) return done('nothing works there.');
  for (const { orderId } of targets) state.cancels.set(orderId, `cancelled by ${command.actor}`);
  await pursueCancels(account, step);
  const waiting = targets.filter(({ orderId }) => state.cancels.has(orderId)).length;
  if (waiting > 0) ticker.arm();
  const asked = `the venue was asked to cancel ${counted(targets.length - waiting, 'order')}`;
  return done(
    waiting === 0 ? `${asked}.` : `${asked}; ${waiting} are asked for as soon as it answers.`,
  );
}

/** Begins to flatten a scope: the rest is {@link pursueFlattens}. */
export function beginFlatten(
  account: Account,
  step: Step,
  command: CommandRecord,
  scope: Scope,
): Verdict {
  const { state } = account;
  const working = state.working().filter((order) => isMeant(scope, order)).length;
  const held = botHoldings(account).filter((holding) => isMeant(scope, holding)).length;
  auditScope(account, step, command, scope);
  if (working === 0 && held === 0) return done('nothing works and nothing is held there.');
  const { commandId, actor } = command;
  const task = { commandId, actor, ...scope, sinceUs: state.clockUs, round: 0, orderIds: [] };
  state.tasks = [...state.tasks, task];
  return done(
    `cancels ${counted(working, 'order')}, then closes ${counted(held, 'position')} by market orders; a bot that still wants the position may open it again: pause it to keep it flat.`,
  );
}

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;

function auditScope(account: Account, step: Step, command: CommandRecord, scope: Scope): void {
  step.audit({
    auditId: command.commandId,
    atUs: account.ports.clock.nowUs(),
    actor: command.actor,
    action: command.kind,
    subject: account.settings.accountId,
    details: JSON.stringify(scope),
  });
}

/**
 * Goes on with what people asked to be flattened, as far as it can go now: cancels what works there, and once that has ended and
 * all that the venue says of it is taken, brings the holdings to zero by market orders that are approved as reducing; then again
 * until nothing is held. A hard kill does all of that by itself.
 * @idempotent by ids that follow from the command and the round
 */
export async function pursueFlattens(account: Account, session: OwnerSession): Promise<void> {
  const { state, switches, settings, ticker } = account;
  if (state.tasks.length === 0) return;
  if (switches.get(settings.accountId).mode !== 'hard') {
    for (const { commandId } of state.tasks) await pursue(account, session, commandId);
  }
  if (state.tasks.length > 0) ticker.arm();
}

async function pursue(account: Account, session: OwnerSession, commandId: string): Promise<void> {
  const { state } = account;
  const task = state.tasks.find((one) => one.commandId === commandId);
  if (task === undefined) return;
  const origin: Origin = { correlationId: commandId, causationId: commandId, trace: {} };
  const meant = endedFirst(account, task);
  const others = meant.filter(({ orderId }) => !task.orderIds.includes(orderId));
  for (const { orderId, state: at } of others) {
    if (at !== 'cancelling') state.cancels.set(orderId, `${task.actor} flattens`);
  }
  const step = new Step(origin);
  await pursueCancels(account, step);
  await commitStep(account, session, step);
  const isBack = awaitedReturned(account).some((order) => isMeant(task, order));
  const moves =
    isBack ||
    endedFirst(account, task).some((order) => !isUnresolved(order) || isAskable(account, order));
  if (moves || state.inHand !== undefined) return;
  if (botHoldings(account).some((holding) => isMeant(task, holding))) {
    await sendRound(account, session, task, origin);
  } else {
    await finish(account, session, task, origin);
  }
}

/** What works in a scope, and other bots' exits for which the venue would refuse what closes there. */
function endedFirst(account: Account, task: FlattenTask): readonly Order[] {
  const held = botHoldings(account).filter((holding) => isMeant(task, holding));
  const opposed = held.flatMap((holding) =>
    opposedBy(account, { ...holding, side: holding.quantity > 0 ? 'sell' : 'buy' }),
  );
  const working = account.state.working().filter((order) => isMeant(task, order));
  return [...new Set([...working, ...opposed])];
}

async function finish(
  account: Account,
  session: OwnerSession,
  task: FlattenTask,
  origin: Origin,
): Promise<void> {
  const { state, settings, ports, taskPace } = account;
  const { commandId, actor, botId, symbol, round } = task;
  state.tasks = state.tasks.filter((one) => one.commandId !== commandId);
  taskPace.delete(commandId);
  const step = new Step(origin);
  step.audit({
    auditId: `${commandId}/flat`,
    atUs: ports.clock.nowUs(),
    actor,
    action: 'Flat',
    subject: settings.accountId,
    details: JSON.stringify({ botId, symbol, rounds: round }),
  });
  await commitStep(account, session, step);
  session.log.info('flat, as asked', { account: settings.accountId, bot: botId, symbol });
}

async function sendRound(
  account: Account,
  session: OwnerSession,
  task: FlattenTask,
  origin: Origin,
): Promise<void> {
  const { state, settings, ports, switches, taskPace } = account;
  const { commandId } = task;
  const nowMs = ports.clock.monotonicMs();
  const pace = taskPace.get(commandId) ?? { nextAtMs: 0, waitMs: LIMITS.flattenFirstMs };
  if (nowMs < pace.nextAtMs) return;
  const venueAccount = await caughtUp(account, session);
  if (venueAccount === undefined) return;
  const nowUs = decisionTime(account);
  const meant = closable(account, task, venueAccount);
  // What waits for its market is looked at again with each tick.
  const { open } = byMarket(settings, meant, nowUs);
  if (open.length === 0) return;
  const waitMs = Math.min(pace.waitMs * 2, LIMITS.flattenMaxMs);
  taskPace.set(commandId, { nextAtMs: nowMs + pace.waitMs, waitMs });
  const { sinceUs, round: before } = task;
  const round = { sinceUs, round: before + 1, orderIds: [] };
  const decided = flattenOrders({
    ...settings,
    holdings: open,
    working: state.mayFill(),
    killSwitch: switches.get(settings.accountId),
    flattening: round,
    journal: `command ${commandId}`,
    ...(task.cause === undefined ? {} : { cause: task.cause }),
    decidedAtUs: nowUs,
  });
  if (decided.length === 0) return;
  const step = new Step(origin);
  const orders = placeFlattening(account, session, step, decided);
  const orderIds = orders.map((order) => order.orderId);
  const next = { ...task, round: round.round, orderIds };
  state.tasks = state.tasks.map((one) => (one.commandId === commandId ? next : one));
  await commitStep(account, session, step);
  await sendAndCommit(account, session, orders, { atUs: state.clockUs, step: new Step(origin) });
}

/**
 * Returns what of a scope may be closed now. Where books and broker may count differently, as after a split that is not booked, nothing is
 * closed for its price, and for a person no more than the broker shows.
 */
function closable(
  account: Account,
  task: FlattenTask,
  venueAccount: VenueAccount,
): readonly Holding[] {
  const held = botHoldings(account);
  const unsure = held.filter(({ symbol }) => !isSure(account, symbol));
  const shown = task.cause === 'protection' ? [] : withinBroker(unsure, venueAccount);
  const sure = held.filter((holding) => !unsure.includes(holding));
  return [...sure, ...shown].filter((holding) => isMeant(task, holding));
}
