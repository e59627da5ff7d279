import { assert, isTerminal, type Order, type OrderRevision, revisionOf } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { CommandRecord } from '@capstan/ports';
import { type ReplaceView, replaceProblem } from '../decide-replace.ts';
import { type Account, commitStep } from '../effects.ts';
import { originOfCommand } from '../origin.ts';
import { Step } from '../step.ts';
import { findOpenOrder } from './find-order.ts';
import { pursueReplaces, replaceKey, requestReplace } from './pursue-replaces.ts';
import { killed } from './stopped.ts';
import { done, refused, type Verdict } from './verdict.ts';

/**
 * Replaces a working order as a person asks: written as `replacing` before the venue is asked.
 * @idempotent by the terms asked for: an order that already asks for them is asked about again
 */
export async function replaceOrder(
  account: Account,
  session: OwnerSession,
  command: CommandRecord,
  fields: Readonly<Record<string, unknown>>,
): Promise<Verdict> {
  const found = await findOpenOrder(account, String(fields.orderId ?? ''));
  if ('message' in found) return found;
  const to = revised(found, fields);
  const isAsked = sameTerms(found.replaces?.asked, to);
  if (!isAsked) {
    const problem = replaceProblem(found, to, replaceView(account, found));
    if (problem !== undefined) return refused(`${problem}.`);
    const written = new Step(originOfCommand(command));
    requestReplace(account, written, found, to, `${command.actor} replaces it`);
    await commitStep(account, session, written);
  }
  const step = new Step(originOfCommand(command));
  await pursueReplaces(account, step);
  await commitStep(account, session, step);
  const now = account.state.order(found.orderId);
  assert(now !== undefined, 'an order that was just working is known');
  if (now.state === 'replacing') {
    return account.replacesTaken.has(replaceKey(now))
      ? done('the venue was asked to replace it.')
      : done('the venue gave no clear answer; it is asked again until it does.');
  }
  return isTerminal(now.state) || now.reason === undefined
    ? done(`it is ${now.state}.`)
    : refused(`the venue did not replace it: ${now.reason}.`);
}

/** Returns what a replace of the order is judged by at this very moment. */
export function replaceView(account: Account, order: Order): ReplaceView {
  const { ports, settings } = account;
  return {
    capabilities: ports.venue.capabilities,
    instrument: settings.instruments.get(order.symbol),
    bufferBps: settings.limits.bufferBps,
    stopped: killed(account, order)?.reason,
  };
}

function revised(order: Order, fields: Readonly<Record<string, unknown>>): OrderRevision {
  const given = ['quantity', 'limitPriceNanos', 'stopPriceNanos'].filter(
    (key) => typeof fields[key] === 'number',
  );
  const changes = Object.fromEntries(given.map((key) => [key, fields[key]]));
  return { ...revisionOf(order), ...changes };
}

function sameTerms(a: OrderRevision | undefined, b: OrderRevision): boolean {
  return (
    a?.quantity === b.quantity &&
    a.limitPriceNanos === b.limitPriceNanos &&
    a.stopPriceNanos === b.stopPriceNanos
  );
}
