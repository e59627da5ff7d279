import type { CashMicros, PriceNanos, Quantity, TimeUs } from '@capstan/domain';
import { mulDivRound, powerOfTen } from '@capstan/domain';
import { cashText, priceText, quantityText, utcText } from '../wire-text.ts';

export const ORDER_TYPES = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'] as const;
export type AlpacaOrderType = (typeof ORDER_TYPES)[number];

export const TIMES_IN_FORCE = ['day', 'gtc', 'opg', 'cls', 'ioc', 'fok'] as const;
export type AlpacaTimeInForce = (typeof TIMES_IN_FORCE)[number];

export const ORDER_CLASSES = ['simple', 'bracket', 'oco', 'oto', 'mleg'] as const;
export type AlpacaOrderClass = (typeof ORDER_CLASSES)[number];

export type AlpacaOrderStatus =
  | 'pending_new'
  | 'accepted'
  | 'new'
  | 'held'
  | 'partially_filled'
  | 'filled'
  | 'pending_cancel'
  | 'canceled'
  | 'expired'
  | 'pending_replace'
  | 'replaced'
  | 'rejected';

const ENDED: ReadonlySet<AlpacaOrderStatus> = new Set([
  'filled',
  'canceled',
  'expired',
  'replaced',
  'rejected',
]);

export type AlpacaAssetClass = 'us_equity' | 'us_option';

/** An order as Alpaca has it. Quantities have nine decimals, prices are nanos. */
export interface AlpacaOrder {
  readonly id: string;
  readonly clientOrderId: string;
  /** Empty for the parent of several legs. */
  readonly symbol: string;
  readonly assetId: string;
  readonly assetClass: AlpacaAssetClass;
  readonly orderClass: AlpacaOrderClass;
  readonly type: AlpacaOrderType;
  readonly side: 'buy' | 'sell';
  readonly timeInForce: AlpacaTimeInForce;
  readonly extendedHours: boolean;
  readonly positionIntent: string;
  /** Money to spend, where the order names no quantity. */
  readonly notionalMicros?: CashMicros;
  /** How many of it make one of an order with several legs. */
  readonly ratio?: number;
  readonly limitNanos?: PriceNanos;
  readonly stopNanos?: PriceNanos;
  readonly trailNanos?: PriceNanos;
  readonly trailPercent?: string;
  readonly createdAtUs: TimeUs;
  readonly replaces?: string;
  /** What predecessors of a replaced order filled: the quantity counts it, `filledQuantity` does not. */
  readonly carried: number;
  quantity: Quantity;
  status: AlpacaOrderStatus;
  filledQuantity: number;
  filledMicros: number;
  updatedAtUs: number;
  filledAtUs?: number;
  endedAtUs?: number;
  replacedBy?: string;
  hwmNanos?: number;
  parent?: AlpacaOrder;
  /** Children that wait for it, or work beside it. */
  legs: AlpacaOrder[];
  /** Orders of which one ends the others, itself among them. */
  group: AlpacaOrder[];
}

export function isOpen(order: AlpacaOrder): boolean {
  return !ENDED.has(order.status);
}

/**
 * Tells whether an order is a stop beside a take-profit that works. The shares stand behind one of them: the stop is shown as held until
 * its price is met, is not listed among the open orders, and its cancel is not told by the stream.
 */
export function isBesideTarget({ type, parent, group, filledQuantity }: AlpacaOrder): boolean {
  return parent !== undefined && type !== 'limit' && group.length > 1 && filledQuantity === 0;
}

/** Tells whether lists show an order as open. */
export function isListedOpen(order: AlpacaOrder): boolean {
  return isOpen(order) && (order.status === 'held' || shownStatus(order) !== 'held');
}

function shownStatus(order: AlpacaOrder): AlpacaOrderStatus {
  const { status, group } = order;
  if (!isBesideTarget(order) || (status !== 'new' && status !== 'accepted')) return status;
  return group.some((one) => one !== order && isOpen(one)) ? 'held' : status;
}

/** Returns what is still to be filled. */
export function remainingOf(order: AlpacaOrder): number {
  return order.quantity - order.carried - order.filledQuantity;
}

/** Writes an order as the API does. @param nested with its children in it. */
export function orderJson(order: AlpacaOrder, nested: boolean): Record<string, unknown> {
  const { assetClass, legs } = order;
  const scale = assetClass === 'us_option' ? 100 : 1;
  const ended = (status: AlpacaOrderStatus): string | null =>
    order.status === status ? atText(order.endedAtUs) : null;
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    created_at: utcText(order.createdAtUs),
    updated_at: utcText(order.updatedAtUs),
    submitted_at: utcText(order.createdAtUs),
    filled_at: atText(order.filledAtUs),
    expired_at: ended('expired'),
    canceled_at: ended('canceled'),
    failed_at: ended('rejected'),
    replaced_at: ended('replaced'),
    replaced_by: order.replacedBy ?? null,
    replaces: order.replaces ?? null,
    asset_id: order.assetId,
    symbol: order.symbol,
    asset_class: order.orderClass === 'mleg' && order.symbol === '' ? '' : assetClass,
    notional: order.notionalMicros === undefined ? null : cashText(order.notionalMicros),
    qty: order.notionalMicros === undefined ? quantityText(order.quantity) : null,
    filled_qty: quantityText(order.filledQuantity),
    filled_avg_price: averageText(order, scale),
    order_class: order.orderClass === 'simple' ? '' : order.orderClass,
    order_type: order.type,
    type: order.type,
    side: order.side,
    position_intent: order.positionIntent === '' ? null : order.positionIntent,
    time_in_force: order.timeInForce,
    limit_price: priceOrNull(order.limitNanos),
    stop_price: priceOrNull(order.stopNanos),
    status: shownStatus(order),
    extended_hours: order.extendedHours,
    legs: nested && legs.length > 0 ? legs.map((leg) => orderJson(leg, false)) : null,
    trail_percent: order.trailPercent ?? null,
    trail_price: priceOrNull(order.trailNanos),
    hwm: priceOrNull(order.hwmNanos),
    ...(order.ratio === undefined ? {} : { ratio_qty: String(order.ratio) }),
  };
}

function averageText({ filledQuantity, filledMicros }: AlpacaOrder, scale: number): string | null {
  if (filledQuantity === 0) return null;
  return priceText(mulDivRound(filledMicros, powerOfTen(9), filledQuantity * scale) * 1_000);
}

const atText = (us: number | undefined): string | null => (us === undefined ? null : utcText(us));
const priceOrNull = (nanos: number | undefined): string | null =>
  nanos === undefined ? null : priceText(nanos);
