import { type PriceNanos, quantity } from '@capstan/domain';
import { CONTRACT_SIZE } from '../../exchange/lazy-instruments.ts';
import type { Offer } from '../../exchange/venue-matching.ts';
import { assetId } from '../assets.ts';
import { forbidden, type Refusal } from '../refusal.ts';
import { cashText } from '../wire-text.ts';
import { type FundsParts, fundsOf } from './funds.ts';
import type { AlpacaOrder } from './order.ts';
import { blank, intentOf, type OrderOrigin } from './order-making.ts';
import type { OrderRequest } from './order-request.ts';

/** What an account needs for orders of several legs. */
const SPREADS_LEVEL = 3;

/** Makes an order of several options, which fill together or not at all. */
export function makeMultiLeg(
  request: OrderRequest,
  origin: OrderOrigin,
  held: (symbol: string) => number,
): AlpacaOrder {
  const { type, timeInForce, limitNanos } = request;
  const whole = quantity(request.quantity ?? 0);
  const order: AlpacaOrder = {
    ...blank(origin, request.clientOrderId),
    ...{ type, timeInForce, assetClass: 'us_option', orderClass: 'mleg', extendedHours: false },
    ...(limitNanos === undefined ? {} : { limitNanos }),
    ...{ symbol: '', assetId: '', side: 'buy', positionIntent: '', quantity: whole },
  };
  order.legs = request.legs.map(({ symbol, side, ratio, positionIntent }, index) => ({
    ...blank({ ...origin, number: origin.number + index + 1 }, undefined),
    ...{ type, timeInForce, assetClass: 'us_option', orderClass: 'mleg', extendedHours: false },
    ...{ symbol, side, ratio, assetId: assetId(symbol), parent: order },
    positionIntent: positionIntent ?? intentOf(side, held(symbol)),
    quantity: quantity(whole * ratio),
  }));
  return order;
}

/** Says why an account may not place it; `undefined` where it may. A debit is paid with cash. */
export function multiLegRefusal(
  order: AlpacaOrder,
  level: number,
  parts: FundsParts,
): Refusal | undefined {
  if (level < SPREADS_LEVEL) {
    return forbidden('account not eligible to trade multi-leg option orders');
  }
  const price = order.limitNanos ?? netOf(order, (symbol) => parts.prices.last(symbol)) ?? 0;
  const costMicros = Math.round((price / 1_000) * (order.quantity / 1_000_000_000)) * CONTRACT_SIZE;
  const { cashPowerMicros } = fundsOf(parts);
  if (costMicros <= cashPowerMicros) return undefined;
  return forbidden('insufficient options buying power', {
    options_buying_power: cashText(cashPowerMicros),
    cost_basis: cashText(costMicros),
  });
}

/** Returns what one of an order costs by what is offered: positive is paid. `undefined` where a leg is not offered. */
export function netNanos(
  order: AlpacaOrder,
  offers: ReadonlyMap<string, Offer>,
): number | undefined {
  return netOf(order, (symbol) => offers.get(symbol)?.priceNanos);
}

function netOf(
  order: AlpacaOrder,
  priceOf: (symbol: string) => PriceNanos | undefined,
): number | undefined {
  let net = 0;
  for (const { symbol, side, ratio = 1 } of order.legs) {
    const price = priceOf(symbol);
    if (price === undefined) return undefined;
    net += (side === 'buy' ? price : -price) * ratio;
  }
  return net;
}
