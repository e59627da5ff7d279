import {
  AppError,
  cashMicros,
  deriveId,
  type Intent,
  intentId,
  mulDivRound,
  newOrder,
  type Order,
  openQuantity,
  quantity,
  type VenueEvent,
} from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import type { VenueOrder } from '@capstan/ports';
import { advanced } from '../decide.ts';
import type { Account } from '../effects.ts';
import { type Share, sharesOfTrade } from '../shares-of-trade.ts';
import type { Step } from '../step.ts';
import { takeCorrection, takeFill } from './executions.ts';
import { type ForeignTrade, type Taking, unwant } from './take-event.ts';

type Filled = Extract<VenueEvent, { kind: 'filled' }>;
type Executed = Extract<VenueEvent, { executionId: string }>;

/**
 * Books an execution of somebody else's order, or the venue's later word on one, where the account adopts those: first against what
 * it closes of the house's and of the bots' positions, the rest to the house. Each share has an order of its own, whole and accepted.
 * @returns false where nothing is booked: the account does not adopt, or the venue does not say what was traded.
 */
export async function takeAdopted(
  account: Account,
  taking: Taking,
  event: VenueEvent,
): Promise<boolean> {
  if (account.settings.foreign !== 'adopt' || !('executionId' in event)) return false;
  const known = await adoptedOrders(account, event);
  if (event.kind !== 'filled') {
    for (const [order, word] of wordsOf(account, known, event)) {
      await takeCorrection(account, taking, order, word);
    }
    return known.length > 0;
  }
  const orders = known.length > 0 ? known : await adopt(account, taking.step, event);
  const total = orders.reduce((sum, order) => sum + order.quantity, 0);
  let feeLeft: number = event.feeMicros;
  for (const [index, order] of orders.entries()) {
    const isLast = index === orders.length - 1;
    const fee = isLast ? feeLeft : mulDivRound(event.feeMicros, order.quantity, total);
    feeLeft -= fee;
    const executionId = partId(account, event, index);
    const of = { quantity: order.quantity, feeMicros: cashMicros(fee), executionId };
    await takeFill(account, taking, order, { ...event, ...of });
  }
  if (known.length === 0) for (const order of orders) forgoUncovered(account, taking, order);
  return orders.length > 0;
}

/** Asks the venue what somebody else traded. Other events than fills say it of none, as what they speak of is known or not. */
export async function foreignTrade(account: Account, event: VenueEvent): Promise<ForeignTrade> {
  const found = event.kind === 'filled' ? await askVenue(account, event) : undefined;
  if (found === undefined) return {};
  const { symbol, side } = found;
  return { symbol, ...(side === undefined ? {} : { side }) };
}

/** What the venue cannot tell is not adopted: the position then drifts, and its symbol is held. */
async function askVenue(account: Account, event: Filled): Promise<VenueOrder | undefined> {
  const { ports, settings } = account;
  if (!ports.venue.capabilities.findsByClientOrderId) return undefined;
  try {
    return await ports.venue.find(settings.accountId, event.orderId);
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('VENUE.')) throw error;
    return undefined;
  }
}

/** The orders under which an execution is booked, in the order of its shares. */
async function adoptedOrders(account: Account, event: Executed): Promise<readonly Order[]> {
  const orders: Order[] = [];
  for (;;) {
    const orderId = adoptedId(account, event, orders.length);
    const order = account.state.order(orderId) ?? (await account.ports.store.order(orderId));
    if (order === undefined) return orders;
    orders.push(order);
  }
}

function adoptedId({ settings }: Account, { executionId }: Executed, index: number): string {
  const { accountId } = settings;
  return index === 0
    ? deriveId('adopted-order', accountId, executionId)
    : deriveId('adopted-order', accountId, executionId, index);
}

/** Names the share of an execution; the first goes by the venue's own id. */
function partId({ settings }: Account, { executionId }: Executed, index: number): string {
  if (index === 0) return executionId;
  return deriveId('adopted-execution', settings.accountId, executionId, index);
}

async function adopt(account: Account, step: Step, event: Filled): Promise<readonly Order[]> {
  const found = await askVenue(account, event);
  const { instruments, accountId } = account.settings;
  const isListed = instruments.all().some(({ symbol }) => symbol === found?.symbol);
  if (found?.side === undefined || !isListed) return [];
  const { symbol, side } = found;
  const trade = { symbol, side, quantity: event.quantity };
  const shares = sharesOfTrade(account.state.holdings(), trade, HOUSE);
  account.ports.log.warn('a fill of an order that is not ours is booked', {
    ...{ account: accountId, orderId: event.orderId, ...trade },
    shares: shares.map((one) => `${one.botId} ${one.quantity}`),
  });
  return shares.map((share, index) => {
    const { venueOrderId } = found;
    return adoptedOrder(account, step, { event, share, index, symbol, side, venueOrderId });
  });
}

interface Adoption extends Pick<Order, 'symbol' | 'side'> {
  readonly event: Filled;
  readonly share: Share;
  readonly index: number;
  readonly venueOrderId: string;
}

function adoptedOrder(
  account: Account,
  step: Step,
  { event, share, index, symbol, side, venueOrderId }: Adoption,
): Order {
  const { runId, accountId } = account.settings;
  const { priceNanos, eventAtUs } = event;
  const causeId = partId(account, event, index);
  const causeKind = 'adoption';
  const intent: Intent = {
    intentId: intentId({ runId, accountId, symbol, causeKind, causeId }),
    ...{ runId, accountId, symbol, causeKind, causeId, side, ...share },
    ...{ type: 'market', timeInForce: 'day', reducing: false },
    ...{ referencePriceNanos: priceNanos, decidedAtUs: eventAtUs },
  };
  step.intent(intent);
  const order = newOrder(
    {
      orderId: adoptedId(account, event, index),
      intentId: intent.intentId,
      ...{ runId, accountId, symbol, side, ...share },
      ...{ type: 'market', timeInForce: 'day', reducing: false, leg: 0, attempt: 1 },
      ...{ decidedAtUs: eventAtUs, expiresAtUs: eventAtUs },
    },
    eventAtUs,
  );
  step.insert(order);
  return advanced(submitted(order), { kind: 'accept', venueOrderId }, eventAtUs);
}

const submitted = (order: Order): Order => advanced(order, { kind: 'submit' }, order.updatedAtUs);

/** Shares out the venue's later word on an execution: the first shares keep what they had as far as it goes. */
function wordsOf(
  account: Account,
  orders: readonly Order[],
  event: Exclude<Executed, Filled>,
): readonly (readonly [Order, Exclude<Executed, Filled>])[] {
  let left = event.kind === 'corrected' ? event.quantity : 0;
  let feeLeft: number = event.kind === 'corrected' ? event.feeMicros : 0;
  return orders.map((order, index) => {
    const executionId = partId(account, event, index);
    const isLast = index === orders.length - 1;
    const amount = isLast ? left : Math.min(left, order.filledQuantity);
    left = quantity(left - amount);
    if (event.kind === 'busted' || amount === 0) {
      const { sequence, accountId, orderId, eventAtUs } = event;
      const head = { sequence, accountId, orderId, eventAtUs };
      return [order, { ...head, kind: 'busted', executionId }];
    }
    const fee = left === 0 ? feeLeft : mulDivRound(event.feeMicros, amount, event.quantity);
    feeLeft -= fee;
    const of = { quantity: quantity(amount), feeMicros: cashMicros(fee), executionId };
    return [order, { ...event, ...of }];
  });
}

/** What a bot has working to close shares that it does not hold any more would open the other side: its cancel is asked for. */
function forgoUncovered(account: Account, taking: Taking, { botId, symbol, side }: Order): void {
  if (botId === HOUSE) return;
  const holding = account.state
    .holdings()
    .find((one) => one.botId === botId && one.symbol === symbol);
  const held = Math.max(0, side === 'sell' ? (holding?.quantity ?? 0) : -(holding?.quantity ?? 0));
  const uncovered = account.state
    .working()
    .filter((one) => one.botId === botId && one.symbol === symbol && one.side === side)
    .filter((one) => openQuantity(one) > held);
  for (const one of uncovered) unwant(account, taking, one, 'its bot does not hold so much');
}
