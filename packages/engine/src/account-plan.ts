import {
  type CashMicros,
  cashMicros,
  type IdScheme,
  type Intent,
  movesNotionalCash,
  notionalMicros,
  quantity,
  type Signal,
  type TimeUs,
} from '@capstan/domain';
import { type Sizing, type SizingRule, sizeSignal } from '@capstan/portfolio';
import type { Reservation } from './account-reservations.ts';
import type { AccountView } from './account-view.ts';
import { addingOrders } from './adding-orders.ts';

/** What a signal is planned from. */
export interface PlanRequest {
  readonly signal: Signal;
  readonly sizing: SizingRule;
  readonly view: AccountView;
  /** What the bot has out in the symbol. */
  readonly out: readonly Reservation[];
  /** Tells whether an order was told to be cancelled before. */
  readonly isCancelled: (orderId: string) => boolean;
  /** Tells whether an order may work for long without being filled. */
  readonly rests: (orderId: string) => boolean;
  readonly decidedAtUs: TimeUs;
  readonly ids: IdScheme;
}

/** What a signal leads to now. */
export interface SignalPlan {
  readonly sizing: Sizing;
  /** Orders to be cancelled before anything is sent, those included that were told so before; sorted. */
  readonly cancelOrderIds: readonly string[];
}

/**
 * Plans a signal: sizes it, and where orders of its bot that may add work against it, cancels them. Until their end is known only what
 * reduces the confirmed position under every outcome goes out; the signal is to be planned again then. So what a wish to be flat leads
 * to only ever reduces.
 */
export function planSignal(request: PlanRequest): SignalPlan {
  const { out, isCancelled, view, signal } = request;
  if (out.length === 0) return { sizing: sizeWithout(request, out), cancelOrderIds: [] };
  const ending = out.filter(({ orderId }) => isCancelled(orderId));
  const wanted = sizeWithout(request, ending);
  if (wanted.kind === 'denied') return { sizing: wanted, cancelOrderIds: [] };
  const against = ordersAgainst(wanted, request).filter(({ orderId }) => !isCancelled(orderId));
  const gone = [...ending, ...against];
  if (gone.length === 0) return { sizing: wanted, cancelOrderIds: [] };
  const left = against.length === 0 ? wanted : sizeWithout(request, gone);
  const cancelOrderIds = gone.map(({ orderId }) => orderId).sort();
  const reducing = left.kind === 'intent' ? reducingPart(left.intent, view) : undefined;
  if (reducing !== undefined)
    return { sizing: { kind: 'intent', intent: reducing }, cancelOrderIds };
  const why = `${signal.symbol}: waits for the end of ${gone.length} orders against it`;
  return { sizing: { kind: 'none', why }, cancelOrderIds };
}

/** What may add on the other side; of a wish to be flat at the market also what was to close and waits for a price. */
function ordersAgainst(
  wanted: Sizing,
  { signal, view, out, rests }: PlanRequest,
): readonly Reservation[] {
  const { positionQuantity } = view.exposure(signal.botId, signal.symbol);
  const isFlat = signal.direction === 'flat';
  const sides = wanted.kind === 'intent' ? [OTHER[wanted.intent.side]] : isFlat ? SIDES : [];
  const adding = sides.flatMap((side) => addingOrders({ out, positionQuantity }, side));
  if (!isFlat || !isAtMarket(signal)) return adding;
  return out.filter((one) => adding.includes(one) || rests(one.orderId));
}

const isAtMarket = ({ limitPriceNanos, timeInForce = 'day' }: Signal): boolean =>
  limitPriceNanos === undefined && timeInForce !== 'onOpen' && timeInForce !== 'onClose';

const SIDES = ['buy', 'sell'] as const;
const OTHER = { buy: 'sell', sell: 'buy' } as const;

/** Why nothing can be sized yet; in the same words live and replayed, whatever else is known of the broker. */
const UNOPENED_ACCOUNT =
  "the account is not open yet, as its broker's cash is not booked (`capstan status` says what it waits for)";

/** Sizes the signal as though these orders were not out. */
function sizeWithout(request: PlanRequest, gone: readonly Reservation[]): Sizing {
  const { signal, sizing, view, decidedAtUs, ids } = request;
  const instrument = view.instrument(signal.symbol);
  const exposure = view.exposure(signal.botId, signal.symbol);
  const sum = (side: 'buy' | 'sell') =>
    gone.reduce((total, one) => total + (one.side === side ? one.openQuantity : 0), 0);
  const freed = movesNotionalCash(instrument)
    ? gone.filter(({ side, reducing }) => side === 'buy' && !reducing)
    : [];
  const freeCashMicros = freed.reduce<CashMicros>(
    (cash, one) => cashMicros(cash + notionalMicros(instrument, one.priceNanos, one.openQuantity)),
    view.freeCashMicros,
  );
  const sized = sizeSignal({
    ...{ signal, instrument, sizing, decidedAtUs, ids, freeCashMicros },
    positionQuantity: exposure.positionQuantity,
    openBuyQuantity: quantity(exposure.openBuyQuantity - sum('buy')),
    openSellQuantity: quantity(exposure.openSellQuantity - sum('sell')),
    equityMicros: view.equityMicros,
  });
  if (sized.kind !== 'denied' || !view.isUnopened) return sized;
  return { ...sized, reason: `${UNOPENED_ACCOUNT}: ${sized.reason}` };
}

/** Returns what of an intent reduces the confirmed position even if all that is out on its side fills. */
function reducingPart(intent: Intent, view: AccountView): Intent | undefined {
  const exposure = view.exposure(intent.botId, intent.symbol);
  const { positionQuantity, openBuyQuantity, openSellQuantity } = exposure;
  const reducible =
    intent.side === 'sell'
      ? positionQuantity - openSellQuantity
      : -positionQuantity - openBuyQuantity;
  const amount = Math.min(intent.quantity, reducible);
  if (amount <= 0) return undefined;
  const { exits: _, ...terms } = intent;
  return { ...terms, quantity: quantity(amount), reducing: true };
}
