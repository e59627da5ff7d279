import {
  executedQuantity,
  type Instrument,
  mulDivRound,
  type Order,
  type OrderRevision,
  type PriceNanos,
  priceNanos,
  revisionOf,
  roundToTick,
  type TimeUs,
} from '@capstan/domain';

/** Parts of a whole that basis points count. */
const BPS_PARTS = 10_000;

/** What becomes of a limit order that does not fill. Without a rule it waits. */
export interface UnfilledRule {
  /** How long it may wait, and again after each new price, in the run's time. */
  readonly afterUs: number;
  readonly action: 'cancel' | 'reprice' | 'market';
  /** How far from the price that risk approved it may be bought higher or sold lower. */
  readonly collarBps: number;
  /** New prices before it is cancelled. */
  readonly repricesMax: number;
}

export interface UnfilledView {
  readonly nowUs: TimeUs;
  readonly instrument: Instrument;
  /** The last price that is known; `undefined` where none is. */
  readonly markNanos: PriceNanos | undefined;
  /** What risk keeps free of an open order's notional for the price moving. */
  readonly bufferBps: number;
}

/** What is to be done with a working order. */
export type UnfilledAction =
  | { readonly kind: 'wait' }
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'reprice'; readonly revision: OrderRevision }
  | { readonly kind: 'market' };

const WAIT: UnfilledAction = { kind: 'wait' };

/** Tells whether a rule has something to say of an order by now. */
export function isDue(order: Order, rule: UnfilledRule, nowUs: TimeUs): boolean {
  const { state, type, timeInForce, leg, exits } = order;
  const works = state === 'accepted' || state === 'partiallyFilled';
  const stays = timeInForce === 'day' || timeInForce === 'gtc';
  if (!works || type !== 'limit' || !stays || leg !== 0 || exits !== undefined) return false;
  return nowUs >= order.decidedAtUs + rule.afterUs * (1 + replacesHere(order));
}

/** Replaces of this attempt: the attempts before are counted too, one each. */
function replacesHere({ replaces, attempt }: Order): number {
  return Math.max(0, (replaces?.count ?? 0) - (attempt - 1));
}

/** Decides what becomes of an order that is due. It is never made worse for whoever trades than it is. */
export function decideUnfilled(
  order: Order,
  rule: UnfilledRule,
  view: UnfilledView,
): UnfilledAction {
  const seconds = rule.afterUs / 1_000_000;
  if (rule.action === 'cancel') return { kind: 'cancel', reason: `unfilled for ${seconds} s` };
  const { markNanos } = view;
  if (markNanos === undefined) return WAIT;
  const bound = boundOf(order, rule, view);
  if (rule.action === 'market') {
    const isBeyond = order.side === 'buy' ? markNanos > bound : markNanos < bound;
    if (!isBeyond) return { kind: 'market' };
    return {
      kind: 'cancel',
      reason: `unfilled for ${seconds} s, and the market is beyond its collar`,
    };
  }
  if ((order.replaces?.count ?? 0) >= rule.repricesMax) {
    return { kind: 'cancel', reason: `unfilled after ${rule.repricesMax} new prices` };
  }
  return repriced(order, markNanos, bound, view.instrument);
}

/** The highest price at which it may be bought, or the lowest at which it may be sold. */
function boundOf(order: Order, rule: UnfilledRule, { bufferBps }: UnfilledView): PriceNanos {
  const approved = (order.replaces?.approved ?? revisionOf(order)).limitPriceNanos ?? priceNanos(0);
  const isDearer = order.side === 'buy' && !order.reducing;
  const collarBps = isDearer ? Math.min(rule.collarBps, bufferBps) : rule.collarBps;
  const parts = order.side === 'buy' ? BPS_PARTS + collarBps : BPS_PARTS - collarBps;
  return priceNanos(mulDivRound(approved, parts, BPS_PARTS));
}

function repriced(
  order: Order,
  mark: PriceNanos,
  bound: PriceNanos,
  instrument: Instrument,
): UnfilledAction {
  const { side, limitPriceNanos: now = mark } = order;
  const wished = side === 'buy' ? Math.min(mark, bound) : Math.max(mark, bound);
  const price = roundToTick(instrument, priceNanos(wished), side === 'buy' ? 'down' : 'up');
  const isNearer = side === 'buy' ? price > now : price < now;
  if (!isNearer || price <= 0 || order.quantity <= executedQuantity(order)) return WAIT;
  return { kind: 'reprice', revision: { ...revisionOf(order), limitPriceNanos: price } };
}
