import { deriveId, type IdScheme, type Intent, type Quantity, type TimeUs } from '@capstan/domain';
import {
  closesByTime,
  limitsDailyLoss,
  limitsFor,
  outsideWindow,
  type RiskLimits,
} from '@capstan/risk';
import type { Reservation } from './account-reservations.ts';
import type { AccountView } from './account-view.ts';

/** What closing is planned from. */
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

/** Tells whether limits close or cancel anything of themselves: by the time of day, or by the loss of one. */
export function closesAnything(limits: RiskLimits): boolean {
  return closesByHours(limits) || stopsByLoss(limits);
}

const closesByHours = ({ policies, scopes = [], ...limits }: RiskLimits): boolean =>
  policies.includes('session-window') && [limits, ...scopes].some(closesByTime);

const stopsByLoss = ({ policies, scopes = [], ...limits }: RiskLimits): boolean =>
  policies.includes('daily-loss') && [limits, ...scopes].some(limitsDailyLoss);

/** Names what closes a bot's holdings at a slice. */
export function closingId(
  names: { readonly runId: string; readonly accountId: string; readonly botId: string },
  sliceEndUs: TimeUs,
): string {
  return deriveId('closing', names.runId, names.accountId, names.botId, sliceEndUs);
}

/**
 * Plans what limits close, while the market is open: by the time of day past the kill time and shortly before the close, and by the
 * account's daily loss where they say so.
 * Adding orders are cancelled then, and wherever a daily loss stops adding; what is held and not on its way out is sold or bought back at the market. What still fills is
 * closed at the next slice.
 */
export function closingPlan(request: ClosingRequest): Closing {
  const intents: Intent[] = [];
  const cancelOrderIds: string[] = [];
  const { view, except, outOf } = request;
  const exposures = [...view.exposures()].filter(({ botId }) => botId !== except);
  for (const { botId, symbol } of exposures.sort(byBotAndSymbol)) {
    const closes = isClosing(request, botId, symbol);
    if (!closes && !isStopped(view, botId, symbol)) continue;
    const held = view.exposure(botId, symbol).positionQuantity;
    const adding = outOf(botId, symbol).filter((one) => !one.reducing || !reduces(one, held));
    cancelOrderIds.push(...adding.map(({ orderId }) => orderId));
    const intent = closes ? closingIntent(request, botId, symbol) : undefined;
    if (intent !== undefined) intents.push(intent);
  }
  return { intents, cancelOrderIds };
}

/** Tells whether an order takes from what is held now: what was turned since by another is added to by what was to reduce it. */
const reduces = ({ side }: Reservation, held: number): boolean =>
  side === 'sell' ? held > 0 : held < 0;

function isClosing(request: ClosingRequest, botId: string, symbol: string): boolean {
  const { view, limits, sliceEndUs } = request;
  const calendar = view.calendar(view.instrument(symbol));
  if (!calendar.isOpen(sliceEndUs)) return false;
  if (limits.closeOnDailyLoss === true && view.dailyLoss?.isHalted === true) return true;
  if (!closesByHours(limits)) return false;
  return limitsFor(limits, { botId, symbol }).some(
    (one) => outsideWindow(one.limits, calendar, sliceEndUs)?.closes === true,
  );
}

/** Tells whether the daily loss of the account, of the bot or of the symbol stops adding. */
function isStopped({ dailyLoss, tally }: AccountView, botId: string, symbol: string): boolean {
  if (dailyLoss?.isHalted === true) return true;
  return [{ botId }, { symbol }, { botId, symbol }].some((scope) => tally?.isStopped(scope));
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
