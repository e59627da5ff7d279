import { deriveId, type IdScheme, type Intent, type Quantity, type TimeUs } from '@capstan/domain';
import { closesByTime, limitsFor, outsideWindow, type RiskLimits } from '@capstan/risk';
import type { Reservation } from './account-reservations.ts';
import type { AccountView } from './account-view.ts';

/** What closing by time is planned from. */
export interface ClosingRequest {
  readonly runId: string;
  readonly accountId: string;
  readonly sliceEndUs: TimeUs;
  readonly limits: RiskLimits;
  readonly view: AccountView;
  /** Whose holdings stay: nobody of Capstan has opened them. */
  readonly except: string;
  /** What a bot has out in a symbol. */
  readonly outOf: (botId: string, symbol: string) => readonly Reservation[];
  readonly ids: IdScheme;
}

/** What is closed now. */
export interface Closing {
  /** In the order (bot, symbol). */
  readonly intents: readonly Intent[];
  /** Adding orders that are cancelled. */
  readonly cancelOrderIds: readonly string[];
}

/** Tells whether limits close anything by the time of day. */
export function closesAnything(limits: RiskLimits): boolean {
  if (!limits.policies.includes('session-window')) return false;
  return [limits, ...(limits.scopes ?? [])].some(closesByTime);
}

/** Names what closes a bot's holdings at a slice. */
export function closingId(
  names: { readonly runId: string; readonly accountId: string; readonly botId: string },
  sliceEndUs: TimeUs,
): string {
  return deriveId('closing', names.runId, names.accountId, names.botId, sliceEndUs);
}

/**
 * Plans what limits close by the time of day: past the kill time and shortly before the close, for as long as the market is open.
 * Adding orders are cancelled; what is held and not on its way out is sold or bought back at the market. What still fills is
 * closed at the next slice.
 */
export function closingPlan(request: ClosingRequest): Closing {
  const intents: Intent[] = [];
  const cancelOrderIds: string[] = [];
  const { view, except, outOf } = request;
  const exposures = [...view.exposures()].filter(({ botId }) => botId !== except);
  for (const { botId, symbol } of exposures.sort(byBotAndSymbol)) {
    if (!isClosing(request, botId, symbol)) continue;
    const adding = outOf(botId, symbol).filter((one) => !one.reducing);
    cancelOrderIds.push(...adding.map(({ orderId }) => orderId));
    const intent = closingIntent(request, botId, symbol);
    if (intent !== undefined) intents.push(intent);
  }
  return { intents, cancelOrderIds };
}

function isClosing(request: ClosingRequest, botId: string, symbol: string): boolean {
  const { view, limits, sliceEndUs } = request;
  const calendar = view.calendar(view.instrument(symbol));
  if (!calendar.isOpen(sliceEndUs)) return false;
  return limitsFor(limits, { botId, symbol }).some(
    (one) => outsideWindow(one.limits, calendar, sliceEndUs)?.closes === true,
  );
}

function closingIntent(
  { runId, accountId, sliceEndUs, view, ids }: ClosingRequest,
  botId: string,
  symbol: string,
): Intent | undefined {
  const exposure = view.exposure(botId, symbol);
  const { positionQuantity, openBuyQuantity, openSellQuantity, priceNanos } = exposure;
  const isLong = positionQuantity > 0;
  const left = isLong ? positionQuantity - openSellQuantity : -positionQuantity - openBuyQuantity;
  if (left <= 0) return undefined;
  const causeKind = 'schedule';
  const causeId = closingId({ runId, accountId, botId }, sliceEndUs);
  return {
    intentId: ids.intentId({ runId, accountId, symbol, causeKind, causeId }),
    ...{ runId, accountId, botId, symbol, causeKind, causeId },
    side: isLong ? 'sell' : 'buy',
    quantity: left as Quantity,
    type: 'market',
    timeInForce: 'day',
    reducing: true,
    referencePriceNanos: priceNanos,
    decidedAtUs: sliceEndUs,
  };
}

type Place = { readonly botId: string; readonly symbol: string };

const byBotAndSymbol = (a: Place, b: Place): number =>
  compare(a.botId, b.botId) || compare(a.symbol, b.symbol);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
