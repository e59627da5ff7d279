import {
  type InstrumentBook,
  notionalMicros,
  type PriceNanos,
  priceNanos,
  quantity,
} from '@capstan/domain';
import { CONTRACT_SIZE } from '../../exchange/lazy-instruments.ts';
import { parseOption } from '../../market/option-chain.ts';
import { forbidden, type Refusal } from '../refusal.ts';
import { cashText, quantityText } from '../wire-text.ts';
import type { AccountBook } from './account-book.ts';
import { type AlpacaOrder, isOpen, remainingOf } from './order.ts';
import type { OrderStore } from './order-store.ts';

/** Prices by which orders are judged and positions are valued. */
export interface Prices {
  /** The last trade; 0 where there was none. */
  readonly last: (symbol: string) => PriceNanos;
  readonly ask: (symbol: string) => PriceNanos;
}

export interface FundsParts {
  readonly book: AccountBook;
  readonly orders: OrderStore;
  readonly instruments: InstrumentBook;
  readonly prices: Prices;
  /** How often what is owned may be borrowed on: 1 for a cash account. */
  readonly multiplier: number;
}

export interface Funds {
  readonly longMicros: number;
  /** Negative. */
  readonly shortMicros: number;
  readonly equityMicros: number;
  /** What open orders that add are worth. */
  readonly ordersMicros: number;
  readonly buyingPowerMicros: number;
  /** Without borrowing. */
  readonly cashPowerMicros: number;
}

/** What an order without a limit is taken to cost more than the market. */
const MARKET_MARGIN_PARTS = 103;

/** Adds up what an account owns and may still spend. */
export function fundsOf(parts: FundsParts): Funds {
  const { book, prices, multiplier } = parts;
  let longMicros = 0;
  let shortMicros = 0;
  for (const [symbol] of book.open()) {
    const worth = book.worthMicros(symbol, prices.last(symbol));
    if (worth > 0) longMicros += worth;
    else shortMicros += worth;
  }
  const equityMicros = book.cashMicros + longMicros + shortMicros;
  const ordersMicros = openCostMicros(parts);
  const power = multiplier * equityMicros - longMicros + shortMicros - ordersMicros;
  const cashPower = equityMicros - longMicros + shortMicros - ordersMicros;
  return {
    ...{ longMicros, shortMicros, equityMicros, ordersMicros },
    buyingPowerMicros: Math.max(0, power),
    cashPowerMicros: Math.max(0, cashPower),
  };
}

/** Returns how much of what is held no open order is about to close. */
export function availableQuantity(parts: FundsParts, symbol: string): number {
  const held = parts.book.held(symbol);
  const closing = held > 0 ? 'sell' : 'buy';
  return Math.abs(held) - workingQuantity(parts.orders.openOf(symbol), closing);
}

/** Says why an account may not place an order; `undefined` where it may. */
export function fundsRefusal(
  parts: FundsParts,
  order: AlpacaOrder,
  rules: { readonly shortable: boolean },
): Refusal | undefined {
  const { symbol, side } = order;
  const held = parts.book.held(symbol);
  const closes = held !== 0 && held > 0 === (side === 'sell');
  if (closes) return availableRefusal(parts, order);
  if (side === 'sell' && order.assetClass === 'us_equity') {
    if (!rules.shortable || parts.multiplier === 1) {
      return forbidden(`asset "${symbol}" cannot be sold short`);
    }
    if (order.notionalMicros !== undefined || order.quantity % 1_000_000_000 !== 0) {
      return forbidden('fractional orders cannot be sold short');
    }
  }
  if (order.assetClass === 'us_option' && side === 'sell') return coverRefusal(parts, order);
  const costMicros = orderCostMicros(parts, order);
  const funds = fundsOf(parts);
  const power = order.assetClass === 'us_option' ? funds.cashPowerMicros : funds.buyingPowerMicros;
  if (costMicros <= power) return undefined;
  const kind = order.assetClass === 'us_option' ? 'options buying power' : 'buying power';
  return forbidden(`insufficient ${kind}`, {
    buying_power: cashText(power),
    cost_basis: cashText(costMicros),
  });
}

/** An option is written on shares that are held, or on cash that could buy them. */
function coverRefusal(parts: FundsParts, order: AlpacaOrder): Refusal | undefined {
  const option = parseOption(order.symbol);
  if (option === undefined) return undefined;
  const shares = order.quantity * CONTRACT_SIZE;
  if (option.right === 'call') {
    return availableQuantity(parts, option.underlying) >= shares
      ? undefined
      : forbidden('account not eligible to trade uncovered option contracts');
  }
  const costMicros = (option.strikeE4 * 100 * shares) / 1_000_000_000;
  const { cashPowerMicros } = fundsOf(parts);
  if (costMicros <= cashPowerMicros) return undefined;
  return forbidden('insufficient options buying power for cash-secured put', {
    options_buying_power: cashText(cashPowerMicros),
    cost_basis: cashText(costMicros),
  });
}

/**
 * Says that an order may trade with one of the account's own; orders of several legs may stand on both sides.
 */
export function washRefusal(orders: OrderStore, order: AlpacaOrder): Refusal | undefined {
  if (order.orderClass !== 'simple') return undefined;
  for (const other of orders.openOf(order.symbol)) {
    if (other.side === order.side || other.status === 'held' || other === order) continue;
    const isPriced = other.type === 'limit' && order.type === 'limit';
    const [bid, ask] = order.side === 'buy' ? [order, other] : [other, order];
    if (isPriced && (bid.limitNanos ?? 0) < (ask.limitNanos ?? 0)) continue;
    return forbidden('potential wash trade detected. use complex orders', {
      existing_order_id: other.id,
      reject_reason: `opposite side ${other.type === 'limit' ? 'limit' : 'market/stop'} order exists`,
    });
  }
  return undefined;
}

/** What closes a position is never more than is held: a further order turns it. */
function availableRefusal(parts: FundsParts, order: AlpacaOrder): Refusal | undefined {
  const available = availableQuantity(parts, order.symbol);
  const wanted =
    order.notionalMicros === undefined
      ? order.quantity
      : notionalQuantity(order.notionalMicros, parts.prices.last(order.symbol));
  if (wanted <= available) return undefined;
  const held = Math.abs(parts.book.held(order.symbol));
  const related = parts.orders.openOf(order.symbol).filter(({ side }) => side === order.side);
  const asked = quantityText(wanted);
  return forbidden(
    `insufficient qty available for order (requested: ${asked}, available: ${quantityText(Math.max(0, available))})`,
    {
      available: quantityText(Math.max(0, available)),
      existing_qty: quantityText(held),
      held_for_orders: quantityText(held - available),
      symbol: order.symbol,
      related_orders: related.map(({ id }) => id),
    },
  );
}

/** Returns how many shares an amount of money buys at a price, rounded down. */
export function notionalQuantity(notional: number, price: number): number {
  if (price === 0) return 0;
  return Number((BigInt(notional) * 1_000_000_000_000n) / BigInt(price));
}

function openCostMicros(parts: FundsParts): number {
  let cost = 0;
  const seen = new Set<AlpacaOrder>();
  for (const order of parts.orders.open()) {
    if (order.status === 'held' || seen.has(order) || order.symbol === '') continue;
    for (const other of order.group) seen.add(other);
    const held = parts.book.held(order.symbol);
    const closes = held !== 0 && held > 0 === (order.side === 'sell');
    if (!closes) cost += orderCostMicros(parts, order);
  }
  return cost;
}

function orderCostMicros({ instruments, prices }: FundsParts, order: AlpacaOrder): number {
  if (order.notionalMicros !== undefined) return order.notionalMicros;
  const { symbol, side, limitNanos, stopNanos } = order;
  const market = priceNanos(Math.round((prices.ask(symbol) * MARKET_MARGIN_PARTS) / 100));
  const own = limitNanos ?? (side === 'buy' ? stopNanos : undefined);
  const price = side === 'buy' ? (own ?? market) : priceNanos(Math.max(own ?? 0, market));
  return notionalMicros(instruments.get(symbol), price, quantity(remainingOf(order)));
}

/** What open orders of a side may still trade; of orders that end each other the largest. */
function workingQuantity(orders: readonly AlpacaOrder[], side: 'buy' | 'sell'): number {
  let sum = 0;
  const seen = new Set<AlpacaOrder>();
  for (const order of orders) {
    if (order.side !== side || seen.has(order) || !isOpen(order)) continue;
    if (order.status === 'held' && order.parent !== undefined && isOpen(order.parent)) continue;
    for (const other of order.group) seen.add(other);
    sum += Math.max(...[order, ...order.group].filter(isOpen).map(remainingOf));
  }
  return sum;
}
