import {
  cashMicros,
  type Denial,
  type Fill,
  formatCash,
  formatDecimal,
  formatPrice,
  type Instrument,
  type Intent,
  isInternalFill,
  type Order,
  type Signal,
  type TimeUs,
} from '@capstan/domain';
import { adviceOn } from './standing.ts';

/** What is known of a bot's latest decisions. */
export interface Decisions {
  readonly signals: readonly Signal[];
  readonly intents: readonly Intent[];
  readonly denials: readonly Denial[];
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
}

export type WhyKind = 'signal' | 'denied' | 'order' | 'fill';

/** One step of a decision, in words. */
export interface WhyEntry {
  readonly atUs: TimeUs;
  readonly kind: WhyKind;
  readonly symbol: string;
  /** What happened. */
  readonly text: string;
  /** Why, where somebody said it. */
  readonly reason: string;
  /** What a person can do about it, where that is known. */
  readonly fix?: string;
  /** The same for all steps of one decision: what caused it. */
  readonly causeId: string;
  /** The signal, denial, order or fill itself. */
  readonly id: string;
}

/** At one time, what caused comes before what it caused. */
const RANK: Readonly<Record<WhyKind, number>> = { signal: 0, denied: 1, order: 2, fill: 3 };

/** Tells the latest decisions step by step, the latest first; steps of one moment from effect back to cause. Pure. */
export function tellWhy(
  decisions: Decisions,
  instruments: ReadonlyMap<string, Instrument>,
  limit: number,
): readonly WhyEntry[] {
  const amount = (symbol: string, value: number): string =>
    formatDecimal(value, instruments.get(symbol)?.quantityScale ?? 0);
  const causeOfIntent = new Map(decisions.intents.map((one) => [one.intentId, one.causeId]));
  const causeOfOrder = new Map(
    decisions.orders.map((one) => [one.orderId, causeOfIntent.get(one.intentId) ?? one.intentId]),
  );
  const entries = [
    ...decisions.signals.map(signalEntry),
    ...decisions.denials.map(denialEntry),
    ...decisions.orders.map((order) =>
      orderEntry(order, causeOfOrder.get(order.orderId) ?? order.intentId, amount),
    ),
    ...decisions.fills.map((fill) =>
      fillEntry(fill, causeOfOrder.get(fill.orderId) ?? fill.orderId, amount),
    ),
  ];
  return entries
    .sort(
      (a, b) =>
        b.atUs - a.atUs ||
        RANK[b.kind] - RANK[a.kind] ||
        (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0) ||
        (a.id < b.id ? -1 : 1),
    )
    .slice(0, limit);
}

function signalEntry(signal: Signal): WhyEntry {
  const whole = signal.strength === 1 || signal.direction === 'flat';
  const strength = whole ? '' : ` at strength ${signal.strength}`;
  const exits = [
    signal.entryStopPriceNanos === undefined
      ? ''
      : `, entry stop ${formatPrice(signal.entryStopPriceNanos)}`,
    signal.limitPriceNanos === undefined ? '' : `, limit ${formatPrice(signal.limitPriceNanos)}`,
    signal.stopPriceNanos === undefined ? '' : `, stop ${formatPrice(signal.stopPriceNanos)}`,
    signal.takeProfitPriceNanos === undefined
      ? ''
      : `, target ${formatPrice(signal.takeProfitPriceNanos)}`,
  ].join('');
  const reference = formatPrice(signal.referencePriceNanos);
  return {
    atUs: signal.barEndUs,
    kind: 'signal',
    symbol: signal.symbol,
    text: `Wants ${signal.direction} ${signal.symbol}${strength}, close ${reference}${exits}`,
    reason: signal.reason,
    causeId: signal.signalId,
    id: signal.signalId,
  };
}

function fixOf(policy: string): { readonly fix?: string } {
  const fix = adviceOn(policy);
  return fix === undefined ? {} : { fix };
}

function denialEntry(denial: Denial): WhyEntry {
  return {
    atUs: denial.decidedAtUs,
    kind: 'denied',
    symbol: denial.symbol,
    text: `Denied by ${denial.policy}: ${denial.symbol}`,
    reason: denial.reason,
    ...fixOf(denial.policy),
    causeId: denial.causeId,
    id: denial.denialId,
  };
}

type Amount = (symbol: string, value: number) => string;

const STATE_WORDS: Readonly<Record<Order['state'], string>> = {
  approved: 'approved, not sent yet',
  submitting: 'being sent',
  unknown: 'unknown: the broker is being asked',
  accepted: 'working',
  partiallyFilled: 'partly filled',
  cancelling: 'being cancelled',
  replacing: 'working, its new terms asked for',
  filled: 'filled',
  cancelled: 'cancelled',
  rejected: 'rejected by the broker',
  expired: 'expired',
  denied: 'denied before it was sent',
};

function orderEntry(order: Order, causeId: string, amount: Amount): WhyEntry {
  const side = order.side === 'buy' ? 'Buy' : 'Sell';
  const price = [
    order.limitPriceNanos === undefined ? '' : ` limit ${formatPrice(order.limitPriceNanos)}`,
    order.stopPriceNanos === undefined ? '' : ` stop ${formatPrice(order.stopPriceNanos)}`,
  ].join('');
  const terms = price === '' ? ` at ${order.type}` : price;
  const partly =
    order.filledQuantity > 0 && order.filledQuantity < order.quantity
      ? ` (${amount(order.symbol, order.filledQuantity)} of it filled)`
      : '';
  const quantity = amount(order.symbol, order.quantity);
  return {
    atUs: order.decidedAtUs,
    kind: 'order',
    symbol: order.symbol,
    text: `${side} ${quantity} ${order.symbol}${terms}: ${STATE_WORDS[order.state]}${partly}`,
    reason: order.reason ?? '',
    causeId,
    id: order.orderId,
  };
}

function fillEntry(fill: Fill, causeId: string, amount: Amount): WhyEntry {
  const verb = {
    fill: fill.side === 'buy' ? 'Bought' : 'Sold',
    bust: 'Busted',
    correction: 'Corrected',
  };
  const fee = fill.feeMicros === 0 ? '' : `, fee ${formatCash(cashMicros(fill.feeMicros))}`;
  const what = `${amount(fill.symbol, fill.quantity)} ${fill.symbol}`;
  const inside = isInternalFill(fill) ? ', internal: by another bot of the account' : '';
  return {
    atUs: fill.eventAtUs,
    kind: 'fill',
    symbol: fill.symbol,
    text: `${verb[fill.kind]} ${what} at ${formatPrice(fill.priceNanos)}${fee}${inside}`,
    reason: '',
    causeId,
    id: fill.fillId,
  };
}
