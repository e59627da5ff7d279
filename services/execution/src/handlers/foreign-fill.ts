import {
  AppError,
  deriveId,
  type Intent,
  intentId,
  newOrder,
  type Order,
  type VenueEvent,
} from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import type { VenueOrder } from '@capstan/ports';
import { advanced } from '../decide.ts';
import type { Account } from '../effects.ts';
import type { Step } from '../step.ts';
import type { ForeignTrade } from './take-event.ts';

type Filled = Extract<VenueEvent, { kind: 'filled' }>;

/**
 * Finds the order under which an execution of somebody else's order is booked where the account adopts those: one of the house for
 * each execution, whole and accepted. `undefined` where the account does not, or the venue does not say what was traded.
 */
export async function adoptForeign(
  account: Account,
  step: Step,
  event: VenueEvent,
): Promise<Order | undefined> {
  const { settings, state, ports } = account;
  if (settings.foreign !== 'adopt' || !('executionId' in event)) return undefined;
  const orderId = deriveId('adopted-order', settings.accountId, event.executionId);
  const known = state.order(orderId) ?? (await ports.store.order(orderId));
  if (known !== undefined || event.kind !== 'filled') return known;
  const found = await askVenue(account, event);
  return found === undefined ? undefined : adopted(account, step, event, found);
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

function adopted(
  account: Account,
  step: Step,
  event: Filled,
  { symbol, side, venueOrderId }: VenueOrder,
): Order | undefined {
  const { runId, accountId, instruments } = account.settings;
  const isListed = instruments.all().some((one) => one.symbol === symbol);
  if (side === undefined || !isListed) return undefined;
  const { executionId: causeId, quantity, priceNanos, eventAtUs } = event;
  const causeKind = 'adoption';
  const intent: Intent = {
    intentId: intentId({ runId, accountId, symbol, causeKind, causeId }),
    ...{ runId, accountId, botId: HOUSE, symbol, causeKind, causeId, side, quantity },
    ...{ type: 'market', timeInForce: 'day', reducing: false },
    ...{ referencePriceNanos: priceNanos, decidedAtUs: eventAtUs },
  };
  step.intent(intent);
  const order = newOrder(
    {
      orderId: deriveId('adopted-order', accountId, causeId),
      intentId: intent.intentId,
      ...{ runId, accountId, botId: HOUSE, symbol, side, quantity },
      ...{ type: 'market', timeInForce: 'day', reducing: false, leg: 0, attempt: 1 },
      ...{ decidedAtUs: eventAtUs, expiresAtUs: eventAtUs },
    },
    eventAtUs,
  );
  step.insert(order);
  account.ports.log.warn('a fill of an order that is not ours is booked to the house', {
    ...{ account: accountId, symbol, side, quantity, orderId: event.orderId },
  });
  return advanced(submitted(order), { kind: 'accept', venueOrderId }, eventAtUs);
}

const submitted = (order: Order): Order => advanced(order, { kind: 'submit' }, order.updatedAtUs);
