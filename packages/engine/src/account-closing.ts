import {
  deriveId,
  type IdScheme,
  type Intent,
  type Quantity,
  type TimeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import {
  closesByTime,
  limitsDailyLoss,
  limitsFor,
  MARKET_BEFORE_CLOSE_MINUTES,
  outsideWindow,
  type RiskLimits,
} from '@capstan/risk';
import type { Reservation } from './account-reservations.ts';
import type { AccountView } from './account-view.ts';
import { addingOrders } from './adding-orders.ts';
import type { ExitPlaces } from './exit-places.ts';

/** What closing is planned from. */
export interface ClosingRequest {
  readonly runId: string;
  readonly accountId: string;
  readonly sliceEndUs: TimeUs;
  readonly limits: RiskLimits;
  readonly view: AccountView;
  /** Whose holdings stay: nobody of Capstan has opened them. */
  readonly except: string;
  /** Where exits may stand at the venue. */
  readonly exits: Pick<ExitPlaces, 'has'>;
  /** What a bot has out in a symbol. */
  readonly outOf: (botId: string, symbol: string) => readonly Reservation[];
  /** Tells whether an order may work for long without being filled. */
  readonly rests: (orderId: string) => boolean;
  readonly ids: IdScheme;
}

/** What is closed now. */
export interface Closing {
  /** In the order (bot, symbol). */
  readonly intents: readonly Intent[];
  /** Orders that are cancelled: those that may add, and where something is closed those that wait for a price. */
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
 * Adding orders are cancelled then, and wherever a daily loss stops adding; so is what was to close and waits for a price. What is held and not on its
 * way out is sold or bought back, at the market or in the closing auction. What still fills, or was cancelled, is closed at the next slice.
 */
export function closingPlan(request: ClosingRequest): Closing {
  const intents: Intent[] = [];
  const cancelOrderIds: string[] = [];
  const { view, except, outOf, rests } = request;
  const exposures = [...view.exposures()].filter(({ botId }) => botId !== except);
  for (const { botId, symbol } of exposures.sort(byBotAndSymbol)) {
    const force = closingForce(request, botId, symbol);
    if (force === undefined && !isStopped(view, botId, symbol)) continue;
    const { positionQuantity } = view.exposure(botId, symbol);
    const own = { out: outOf(botId, symbol), positionQuantity };
    const adding = [...addingOrders(own, 'buy'), ...addingOrders(own, 'sell')];
    const late = own.out.filter((one) => force !== undefined && rests(one.orderId));
    const ending = new Set([...adding, ...late].map(({ orderId }) => orderId));
    cancelOrderIds.push(...ending);
    const intent = force && closingIntent(request, { botId, symbol, force });
    if (intent !== undefined) intents.push(intent);
  }
  return { intents, cancelOrderIds };
}

/**
 * Tells how a holding is closed now; `undefined` where it is not. The closing auction takes it where the limits say so, in time, and where
 * no exits stand at the venue: those could fire while it waits, and then it would be sold twice.
 */
function closingForce(
  request: ClosingRequest,
  botId: string,
  symbol: string,
): ClosingForce | undefined {
  const { view, limits, sliceEndUs, exits } = request;
  const calendar = view.calendar(view.instrument(symbol));
  if (!calendar.isOpen(sliceEndUs)) return undefined;
  if (limits.closeOnDailyLoss === true && view.dailyLoss?.isHalted === true) return 'day';
  if (!closesByHours(limits)) return undefined;
  const windows = limitsFor(limits, { botId, symbol })
    .map((one) => outsideWindow(one.limits, calendar, sliceEndUs))
    .filter((one) => one?.closes === true);
  if (windows.length === 0) return undefined;
  const lastUs = sliceEndUs + MARKET_BEFORE_CLOSE_MINUTES * US_PER_MINUTE;
  const inTime = windows.every((one) => lastUs < (one?.closeUs ?? 0));
  const isAuction = limits.flatBy === 'onClose' && inTime && !exits.has({ botId, symbol });
  return isAuction ? 'onClose' : 'day';
}

/** Tells whether the daily loss of the account, of the bot or of the symbol stops adding. */
function isStopped({ dailyLoss, tally }: AccountView, botId: string, symbol: string): boolean {
  if (dailyLoss?.isHalted === true) return true;
  return [{ botId }, { symbol }, { botId, symbol }].some((scope) => tally?.isStopped(scope));
}

function closingIntent(
  { runId, accountId, sliceEndUs, view, ids }: ClosingRequest,
  { botId, symbol, force }: Place & { readonly force: ClosingForce },
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
    timeInForce: force,
    reducing: true,
    referencePriceNanos: priceNanos,
    decidedAtUs: sliceEndUs,
  };
}

type ClosingForce = 'day' | 'onClose';

type Place = { readonly botId: string; readonly symbol: string };

const byBotAndSymbol = (a: Place, b: Place): number =>
  compare(a.botId, b.botId) || compare(a.symbol, b.symbol);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
