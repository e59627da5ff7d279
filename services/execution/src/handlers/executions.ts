import {
  assert,
  deriveId,
  executedQuantity,
  type Fill,
  isTerminal,
  notionalMicros,
  type Order,
  type VenueEvent,
} from '@capstan/domain';
import { advance } from '../decide.ts';
import type { Account } from '../effects.ts';
import { LIMITS } from '../limits.ts';
import { originOfEvent } from '../origin.ts';
import type { Word } from '../state.ts';
import { changeByWord } from './change-by-word.ts';
import { resolvedFillId } from './resolve-order.ts';
import { standingExecution } from './standing-execution.ts';
import { setAside, type Taking, take } from './take-event.ts';
import { guardFill } from './watch-exits.ts';

/** Journals a fill and counts it for its order. */
export async function takeFill(
  account: Account,
  taking: Taking,
  order: Order,
  event: Extract<VenueEvent, { kind: 'filled' }>,
): Promise<void> {
  const { executionId } = event;
  if (await wasTold(account, order, executionId)) {
    setAside(account, taking, event, `execution ${executionId} was told before`);
    return;
  }
  const before = await withoutPersonsFill(account, taking, order, event);
  const fill = fillOf(account, order, event, { fillId: executionId, kind: 'fill' });
  const next = advance(before, { kind: 'fill', ...traded(account, fill) }, fill.eventAtUs);
  take(account, taking, next, order, event);
  journal(account, taking, order, fill, signed(fill, fill.quantity));
  guardFill(account, order, fill);
  for (const word of account.state.takeWords(executionId)) {
    const standing = await standingExecution(account.ports.store, order, word, taking.step.fills());
    const current = account.state.order(order.orderId) ?? next;
    if (standing.kind === 'stands') await takeWord(account, taking, current, word, standing.fill);
  }
}

/** The venue's own fill takes the place of the one by which a person closed the order. */
async function withoutPersonsFill(
  account: Account,
  taking: Taking,
  order: Order,
  event: Extract<VenueEvent, { kind: 'filled' }>,
): Promise<Order> {
  const executionId = resolvedFillId(order.orderId);
  if (!isTerminal(order.state) || !(await wasTold(account, order, executionId))) return order;
  const word = { ...event, kind: 'busted', executionId } as const;
  const standing = await standingExecution(account.ports.store, order, word, taking.step.fills());
  if (standing.kind !== 'stands') return order;
  await takeWord(account, taking, order, word, standing.fill);
  return account.state.order(order.orderId) ?? order;
}

/** An execution that was told before is among the last ones, or among the order's in the store. */
async function wasTold(account: Account, order: Order, executionId: string): Promise<boolean> {
  const { state, ports } = account;
  if (state.executions.has(executionId)) return true;
  if (executedQuantity(order) === 0 || state.executions.size < LIMITS.executionsMax) return false;
  const { accountId, orderId } = order;
  const query = { accountId, orderId, limit: LIMITS.fillsOfOrderMax };
  return (await ports.store.fills(query)).some((fill) => fill.fillId === executionId);
}

/**
 * Takes the venue's later word on an execution: the latest by the venue's time stands, and a bust for good. A word that comes
 * before its execution is kept until that is told.
 */
export async function takeCorrection(
  account: Account,
  taking: Taking,
  order: Order,
  event: Word,
): Promise<void> {
  const { executionId } = event;
  const fresh = taking.step.fills();
  const standing = await standingExecution(account.ports.store, order, event, fresh);
  if (standing.kind === 'stands') {
    await takeWord(account, taking, order, event, standing.fill);
    return;
  }
  if (standing.kind === 'untold') account.state.keepWord(event);
  setAside(account, taking, event, `execution ${executionId} ${WHY_NOT[standing.kind]}`);
}

const WHY_NOT = {
  untold: 'was not told yet: the word is kept until it is',
  busted: 'was busted before',
  settled: 'stands by a later word, or by this very one',
} as const;

async function takeWord(
  account: Account,
  taking: Taking,
  order: Order,
  event: Word,
  standing: Fill,
): Promise<void> {
  const fillId = deriveId('venue-word', order.accountId, event.sequence, event.executionId);
  const kind = event.kind === 'busted' ? 'bust' : 'correction';
  const said = event.kind === 'busted' ? { ...event, ...figuresOf(standing) } : event;
  const word = fillOf(account, order, said, { fillId, kind, refersTo: event.executionId });
  const taken = advance(order, { kind: 'unfill', ...traded(account, standing) }, word.eventAtUs);
  const again = { kind: 'fill', ...traded(account, word), corrects: true } as const;
  const after = kind === 'bust' ? taken : advance(taken, again, word.eventAtUs);
  take(account, taking, after, order, event);
  const now = kind === 'bust' ? 0 : word.quantity;
  const plain = signed(word, now - standing.quantity);
  const change = await changeByWord(account, word, plain, taking.step.fills());
  journal(account, taking, order, word, change);
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

function traded(account: Account, { symbol, priceNanos, quantity }: Fill) {
  const instrument = account.settings.instruments.get(symbol);
  return { quantity, notionalMicros: notionalMicros(instrument, priceNanos, quantity) };
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
