import { cashMicros, type PriceNanos, quantity, timeUs } from '@capstan/domain';
import { derivedUuid } from '../wire-text.ts';
import type { AlpacaAssetClass, AlpacaOrder, AlpacaOrderType } from './order.ts';
import type { OrderRequest, PatchRequest } from './order-request.ts';

/** Whom an order belongs to and what its ids follow from. */
export interface OrderOrigin {
  readonly accountId: string;
  /** Counts the account's orders. */
  readonly number: number;
  readonly atUs: number;
  /** Signed: what is held as the order comes in. */
  readonly held: number;
}

export interface OrderedAsset {
  readonly id: string;
  readonly assetClass: AlpacaAssetClass;
}

/** Makes the order of a request, without its legs. */
export function makeOrder(
  request: OrderRequest,
  asset: OrderedAsset,
  origin: OrderOrigin,
): AlpacaOrder {
  const { notionalMicros, limitNanos, stopNanos, trailNanos, trailPercent } = request;
  const side = request.side ?? 'buy';
  const isOco = request.orderClass === 'oco';
  const price = isOco ? (limitNanos ?? request.takeProfitNanos) : limitNanos;
  return {
    ...blank(origin, request.clientOrderId),
    symbol: request.symbol,
    assetId: asset.id,
    assetClass: asset.assetClass,
    orderClass: request.orderClass,
    type: request.type,
    side,
    timeInForce: request.timeInForce,
    extendedHours: request.extendedHours,
    positionIntent: request.positionIntent ?? intentOf(side, origin.held),
    quantity: quantity(request.quantity ?? 0),
    ...(notionalMicros === undefined ? {} : { notionalMicros: cashMicros(notionalMicros) }),
    ...(price === undefined ? {} : { limitNanos: price }),
    ...(stopNanos === undefined ? {} : { stopNanos }),
    ...(trailNanos === undefined ? {} : { trailNanos }),
    ...(trailPercent === undefined ? {} : { trailPercent }),
  };
}

/**
 * Makes the exits of a request: they wait for their parent, and one ends the other. The stop of an `oco` works beside its parent,
 * which is the take-profit.
 * @param origin of the first of them.
 */
export function makeLegs(
  request: OrderRequest,
  parent: AlpacaOrder,
  origin: OrderOrigin,
): readonly AlpacaOrder[] {
  const { takeProfitNanos, stopLoss, orderClass } = request;
  const isOco = orderClass === 'oco';
  const side = isOco === (parent.side === 'sell') ? 'sell' : 'buy';
  const { limitNanos, stopNanos, ...shared } = parent;
  const legs: AlpacaOrder[] = [];
  const add = (
    type: AlpacaOrderType,
    prices: { limitNanos?: PriceNanos; stopNanos?: PriceNanos },
  ) => {
    legs.push({
      ...shared,
      ...blank({ ...origin, number: origin.number + legs.length }, undefined),
      ...{ type, side, parent, status: isOco ? 'pending_new' : 'held' },
      positionIntent: side === 'sell' ? 'sell_to_close' : 'buy_to_close',
      quantity: parent.quantity,
      ...prices,
    });
  };
  if (takeProfitNanos !== undefined && !isOco) add('limit', { limitNanos: takeProfitNanos });
  if (stopLoss !== undefined)
    add(stopLoss.limitNanos === undefined ? 'stop' : 'stop_limit', stopLoss);
  const group = isOco ? [parent, ...legs] : legs;
  for (const one of group) one.group = group.length > 1 ? group : [];
  parent.legs = legs;
  return legs;
}

/** Makes the successor of an order that is replaced. */
export function makeSuccessor(
  order: AlpacaOrder,
  patch: PatchRequest,
  origin: OrderOrigin,
): AlpacaOrder {
  const trails = patch.trail === undefined ? {} : trailOf(order, patch.trail);
  return {
    ...order,
    ...blank(origin, patch.clientOrderId),
    quantity: quantity(patch.quantity ?? order.quantity),
    timeInForce: patch.timeInForce ?? order.timeInForce,
    ...(patch.limitNanos === undefined ? {} : { limitNanos: patch.limitNanos }),
    ...(patch.stopNanos === undefined ? {} : { stopNanos: patch.stopNanos }),
    ...trails,
    replaces: order.id,
    carried: order.carried + order.filledQuantity,
    legs: order.legs,
    group: order.group,
    ...(order.hwmNanos === undefined ? {} : { hwmNanos: order.hwmNanos }),
  };
}

function trailOf(order: AlpacaOrder, trail: string) {
  if (order.trailPercent !== undefined) return { trailPercent: trail };
  return { trailNanos: Math.round(Number(trail) * 1_000_000_000) as PriceNanos };
}

/** Says what an order does to what is held. @param held signed. */
export function intentOf(side: 'buy' | 'sell', held: number): string {
  if (side === 'buy') return held < 0 ? 'buy_to_close' : 'buy_to_open';
  return held > 0 ? 'sell_to_close' : 'sell_to_open';
}

/** Returns what every order begins with. */
export function blank({ accountId, number, atUs }: OrderOrigin, clientOrderId: string | undefined) {
  const id = derivedUuid('order', accountId, number);
  return {
    id,
    clientOrderId: clientOrderId ?? derivedUuid('client', accountId, number),
    createdAtUs: timeUs(atUs),
    updatedAtUs: atUs,
    carried: 0,
    status: 'pending_new' as AlpacaOrder['status'],
    filledQuantity: 0,
    filledMicros: 0,
    legs: [] as AlpacaOrder[],
    group: [] as AlpacaOrder[],
  };
}
