import {
  cashMicros,
  deriveId,
  executedQuantity,
  notionalMicros,
  type Order,
  priceNanos,
  quantity,
} from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { CommandRecord } from '@capstan/ports';
import { advance } from '../decide.ts';
import { type Account, findOrders } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import { originOfCommand } from '../origin.ts';
import { isUnresolved } from '../state.ts';
import type { Step } from '../step.ts';
import { findOpenOrder } from './find-order.ts';
import { release } from './returned.ts';
import { finishSlice } from './send-and-commit.ts';
import { update } from './update-order.ts';
import { done, refused, type Verdict } from './verdict.ts';

/** The id of the fill by which a person closed an unknown order. The venue's own word on the order takes its place. */
export const resolvedFillId = (orderId: string): string => deriveId('resolved-fill', orderId);

/**
 * Takes a person's word on an unknown order, that the venue filled it, or never had it; and on one that was given up and came
 * back, that it has ended, with something filled of the rest or nothing. A venue that can be asked is asked first: its word
 * counts, not the person's.
 * @idempotent by the order's state: a resolved order is not resolved again
 */
export async function resolveOrder(
  account: Account,
  session: OwnerSession,
  into: { readonly step: Step; readonly command: CommandRecord },
  fields: Readonly<Record<string, unknown>>,
): Promise<Verdict> {
  const { step, command } = into;
  const orderId = String(fields.orderId ?? '');
  const back = account.state.returned.get(orderId);
  const found = back ?? (await findOpenOrder(account, orderId));
  if ('message' in found) return found;
  if (back === undefined && !isUnresolved(found)) {
    return refused(`it is ${found.state}: only an unknown order is resolved by a person.`);
  }
  const objection = (await askFirst(account, found)) ?? (await bookedBefore(account, fields, back));
  if (objection !== undefined) return refused(objection);
  const verdict =
    fields.as === 'filled'
      ? resolveAsFilled(account, session, into, found, fields)
      : resolveAsAbsent(account, step, command, found);
  if (verdict.state === 'refused') return verdict;
  step.audit({
    auditId: command.commandId,
    atUs: account.ports.clock.nowUs(),
    actor: command.actor,
    action: command.kind,
    subject: found.orderId,
    details: command.payload,
  });
  finishSlice(account, step);
  return verdict;
}

async function askFirst(account: Account, order: Order): Promise<string | undefined> {
  const [answer] = await findOrders(account, [order]);
  if (answer?.kind === 'absent' || answer?.kind === 'mute') return undefined;
  if (answer?.kind === 'found' && account.state.returned.has(order.orderId)) {
    return answer.order.state === 'working'
      ? 'the venue shows that it works, and is asked to cancel it: cancel it on its own page, and its end is taken.'
      : `the venue shows it as ${answer.order.state}, and is about to say what it filled.`;
  }
  if (answer?.kind === 'found') return 'the venue has it and is about to say what became of it.';
  return `the venue can be asked about it and does not answer now: ${answer?.why ?? 'no answer'}`;
}

/** One that came back again after a person had said that it was filled: that fill stands, or the venue's took its place. */
async function bookedBefore(
  { ports, settings }: Account,
  { as }: Readonly<Record<string, unknown>>,
  back: Order | undefined,
): Promise<string | undefined> {
  if (back === undefined || as !== 'filled') return undefined;
  const { orderId } = back;
  const query = { accountId: settings.accountId, orderId, limit: LIMITS.fillsOfOrderMax };
  const fills = await ports.store.fills(query);
  if (!fills.some(({ fillId }) => fillId === resolvedFillId(orderId))) return undefined;
  return 'a fill of it was booked by a person before, and the venue told its own since: say `absent`, and what it tells counts.';
}

function resolveAsAbsent(
  account: Account,
  step: Step,
  { actor }: CommandRecord,
  order: Order,
): Verdict {
  const reason = `closed as absent by ${actor}`;
  if (account.state.returned.has(order.orderId)) {
    release(account, step, order, reason);
    return done('it counts as ended with what is told of it; what waited for it goes on.');
  }
  const event = { kind: 'confirmAbsent', reason } as const;
  const unknown = known(account, order);
  update(account, step, advance(unknown, event, account.state.clockUs));
  return done('it counts as never taken by the venue; its symbol is free.');
}

/** A predecessor's `submitting` is unknown as soon as anybody looks. */
function known(account: Account, order: Order): Order {
  if (order.state === 'unknown') return order;
  const event = { kind: 'timeout', reason: 'no answer came' } as const;
  return advance(order, event, account.state.clockUs);
}

function resolveAsFilled(
  account: Account,
  session: OwnerSession,
  { step, command }: { readonly step: Step; readonly command: CommandRecord },
  order: Order,
  fields: Readonly<Record<string, unknown>>,
): Verdict {
  const { state, settings } = account;
  const isBack = state.returned.has(order.orderId);
  const open = isBack ? order.quantity - executedQuantity(order) : order.quantity;
  const amount = typeof fields.quantity === 'number' ? fields.quantity : open;
  if (typeof fields.priceNanos !== 'number' || fields.priceNanos <= 0) {
    return refused('say at what price it was filled.');
  }
  if (amount <= 0 || amount > open) {
    const what = isBack ? 'what is open of it' : 'its quantity';
    return refused(`say how much of ${what}, ${open}, was filled.`);
  }
  const { orderId, runId, accountId, botId, symbol, side } = order;
  const fill = {
    ...({
      fillId: resolvedFillId(orderId),
      kind: 'fill',
      orderId,
      runId,
      accountId,
      botId,
    } as const),
    ...{ symbol, side, feeMicros: NO_FEE, eventAtUs: state.clockUs },
    ...{ quantity: quantity(amount), priceNanos: priceNanos(fields.priceNanos) },
    accountSequence: state.nextAccountSequence,
  };
  const instrument = settings.instruments.get(symbol);
  const notional = notionalMicros(instrument, fill.priceNanos, fill.quantity);
  const traded = { quantity: fill.quantity, notionalMicros: notional };
  const reason = `closed as filled by ${command.actor}`;
  if (isBack) {
    // It is no word of the venue's on what was executed: should that come, only its own decides whether the order has ended.
    const counted = { kind: 'fill', ...traded, corrects: true } as const;
    release(account, step, advance(order, counted, state.clockUs), reason);
  } else {
    const filled = advance(order, { kind: 'fill', ...traded }, state.clockUs);
    update(account, step, advance(filled, { kind: 'cancel', reason }, state.clockUs));
  }
  state.nextAccountSequence += 1;
  state.count(fill, side === 'buy' ? amount : -amount);
  step.fill(fill, originOfCommand(command));
  session.log.warn('an unknown order was closed by a person', { orderId, as: 'filled', amount });
  return done(
    'its fill is in the ledger; should the venue tell its own, that takes the place of this one.',
  );
}

const NO_FEE = cashMicros(0);
