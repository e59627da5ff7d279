import { AppError, type VenueActivity } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { CommandRecord } from '@capstan/ports';
import { KILL_MODES, type KillMode } from '@capstan/risk';
import { advance } from '../decide.ts';
import { type Account, cancelOrders, commitStep } from '../effects.ts';
import { parseFields } from '../kill-switches.ts';
import { originOfCommand } from '../origin.ts';
import { isUnresolved } from '../state.ts';
import { Step } from '../step.ts';
import { bookActivity } from './book-activity.ts';
import { resetBreaker } from './breaker.ts';
import { findOpenOrder } from './find-order.ts';
import { beginFlatten, cancelScope } from './flatten-scope.ts';
import { replaceOrder } from './replaces.ts';
import { resolveOrder } from './resolve-order.ts';
import { update } from './update-order.ts';
import { done, refused, type Verdict } from './verdict.ts';

/**
 * Applies a command and answers it in the same commit. Kinds: `CancelOrder {orderId}`, `CancelOrders {botId, symbol}`,
 * `Flatten {botId, symbol}`, `ReplaceOrder {orderId, quantity, limitPriceNanos, stopPriceNanos}`, `ResolveOrder {orderId, as,
 * priceNanos, quantity}`, `Kill {mode, reason}`, `Unkill {}`, `ResetBreaker {force}`, `ReadVenueAgain {}`, `BookActivity
 * {activity}`.
 * @subject control.command.execution/<account>
 * @idempotent by the command's row: an answered one does not come again
 */
export async function takeCommand(
  account: Account,
  session: OwnerSession,
  command: CommandRecord,
): Promise<void> {
  const step = new Step(originOfCommand(command));
  const verdict = await apply(account, session, step, command);
  step.answer(command.commandId, verdict.state, verdict.message);
  await commitStep(account, session, step);
}

async function apply(
  account: Account,
  session: OwnerSession,
  step: Step,
  command: CommandRecord,
): Promise<Verdict> {
  const fields = parseFields(command.payload) ?? {};
  const scope = { botId: String(fields.botId ?? ''), symbol: String(fields.symbol ?? '') };
  switch (command.kind) {
    case 'CancelOrder':
      return await cancel(account, step, String(fields.orderId ?? ''));
    case 'CancelOrders':
      return await cancelScope(account, step, command, scope);
    case 'Flatten':
      return beginFlatten(account, step, command, scope);
    case 'ReplaceOrder':
      return await replaceOrder(account, session, command, fields);
    case 'ResolveOrder':
      return await resolveOrder(account, session, { step, command }, fields);
    case 'Kill': {
      const mode = KILL_MODES.find((one) => one === fields.mode && one !== 'off');
      if (mode === undefined) return refused('say how: soft or hard.');
      return await setSwitch(account, step, command, { mode, reason: String(fields.reason ?? '') });
    }
    case 'Unkill':
      return await setSwitch(account, step, command, { mode: 'off', reason: '' });
    case 'ResetBreaker':
      return await reset(account, step, command, fields.force === true);
    case 'BookActivity':
      return await book(account, step, fields.activity);
    case 'ReadVenueAgain':
      await account.readVenueAgain();
      return done(`the venue's events after ${account.state.venueSequence} are read again.`);
    default:
      return refused(`an account's execution knows no command ${command.kind}.`);
  }
}

/** Books what position-sync has read of the venue. What the venue cannot say now is asked for again. */
async function book(account: Account, step: Step, activity: unknown): Promise<Verdict> {
  if (typeof activity !== 'object' || activity === null) return refused('say which activity.');
  try {
    return await bookActivity(account, step, activity as VenueActivity);
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('VENUE.')) throw error;
    return refused(`the venue does not answer: ${error.why}`);
  }
}

async function reset(
  account: Account,
  step: Step,
  command: CommandRecord,
  force: boolean,
): Promise<Verdict> {
  const { isReset, message } = await resetBreaker(account, force);
  step.audit({
    auditId: command.commandId,
    atUs: account.ports.clock.nowUs(),
    actor: command.actor,
    action: command.kind,
    subject: account.settings.accountId,
    details: JSON.stringify({ force, isReset, message }),
  });
  return isReset ? done(message) : refused(message);
}

async function cancel(account: Account, step: Step, orderId: string): Promise<Verdict> {
  const order = await findOpenOrder(account, orderId);
  if ('message' in order) return order;
  if (isUnresolved(order)) {
    return refused('it is not known whether the venue has it; ask again when that is resolved.');
  }
  const [answer] = await cancelOrders(account, [order]);
  if (answer?.kind !== 'requested') {
    const why = answer?.kind === 'rejected' ? answer.reason : (answer?.why ?? 'no answer');
    return refused(`the venue did not take the cancel: ${why}`);
  }
  const next = advance(order, { kind: 'requestCancel' }, account.state.clockUs);
  if (next !== order) update(account, step, next);
  return done('the venue was asked to cancel it.');
}

async function setSwitch(
  account: Account,
  step: Step,
  command: CommandRecord,
  to: { readonly mode: KillMode; readonly reason: string },
): Promise<Verdict> {
  const { switches, settings } = account;
  const { accountId } = settings;
  const standing = await switches.set(accountId, { ...to, actor: command.actor });
  step.audit({
    auditId: command.commandId,
    atUs: standing.sinceUs,
    actor: command.actor,
    action: command.kind,
    subject: accountId,
    details: JSON.stringify(to),
  });
  return done(to.mode === 'off' ? 'trading goes on.' : `the ${to.mode} kill switch is thrown.`);
}
