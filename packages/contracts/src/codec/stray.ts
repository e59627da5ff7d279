import type { StrayRecord } from '@capstan/ports';
import { OrderSide } from '../gen/capstan/common/v1/common.ts';
import type * as wire from '../gen/capstan/execution/v1/execution_service.ts';
import { orderSides } from './enums.ts';
import { int64, present } from './wire.ts';

export function strayToWire(stray: StrayRecord): wire.Stray {
  return {
    accountId: stray.accountId,
    sequence: int64.of(stray.sequence),
    orderId: stray.orderId,
    kind: stray.kind,
    why: stray.why,
    foreign: stray.isForeign,
    eventAtUs: int64.of(stray.eventAtUs),
    executionId: stray.executionId,
    quantity: int64.optional(stray.quantity),
    priceNanos: int64.optional(stray.priceNanos),
    feeMicros: int64.optional(stray.feeMicros),
    symbol: stray.symbol,
    side:
      stray.side === undefined ? OrderSide.ORDER_SIDE_UNSPECIFIED : orderSides.toWire(stray.side),
  };
}

export function strayFromWire(stray: wire.Stray): StrayRecord {
  const { executionId, quantity, priceNanos, feeMicros, symbol } = stray;
  return {
    accountId: stray.accountId,
    sequence: int64.number(stray.sequence),
    orderId: stray.orderId,
    kind: stray.kind,
    why: stray.why,
    isForeign: stray.foreign,
    eventAtUs: int64.time(stray.eventAtUs),
    ...present({
      executionId,
      quantity: quantity === undefined ? undefined : int64.quantity(quantity),
      priceNanos: priceNanos === undefined ? undefined : int64.price(priceNanos),
      feeMicros: feeMicros === undefined ? undefined : int64.cash(feeMicros),
      symbol,
      side: orderSides.optionalFromWire(stray.side),
    }),
  };
}
