import type { Order } from './api.ts';
import { formatScaled, parseScaled } from './format.ts';

/** What is asked of the gateway, or why it cannot be. */
export type OrderChange =
  | { readonly kind: 'body'; readonly body: Readonly<Record<string, string | number>> }
  | { readonly kind: 'problem'; readonly why: string };

/** The terms of an order as somebody writes them. */
export interface OrderTexts {
  readonly quantity: string;
  readonly limit: string;
  readonly stop: string;
}

/** Writes an order's terms into the fields of a form. */
export function textsOf(order: Order, scale: number): OrderTexts {
  const price = (nanos: number | undefined) => (nanos === undefined ? '' : plain(nanos, 9));
  return {
    quantity: plain(order.quantity, scale),
    limit: price(order.limitPriceNanos),
    stop: price(order.stopPriceNanos),
  };
}

/** Returns the request that replaces a working order: only what was changed is asked for. */
export function replaceOf(order: Order, scale: number, texts: OrderTexts): OrderChange {
  const quantity = parseScaled(texts.quantity, scale);
  if (quantity === undefined || quantity <= 0) return problem('The quantity is no number above 0.');
  const body: Record<string, string | number> = { account: order.accountId };
  if (quantity !== order.quantity) body.quantity = quantity;
  for (const [name, key] of [
    ['limit', 'limitPriceNanos'],
    ['stop', 'stopPriceNanos'],
  ] as const) {
    const before = order[key];
    if (before === undefined) continue;
    const price = parseScaled(texts[name], 9);
    if (price === undefined || price <= 0) return problem(`The ${name} price is no price.`);
    if (price !== before) body[key] = price;
  }
  return Object.keys(body).length === 1
    ? problem('Nothing of it is changed.')
    : { kind: 'body', body };
}

/** What the broker's own page says became of an unknown order. */
export interface Found {
  readonly as: 'absent' | 'filled';
  readonly quantity: string;
  readonly price: string;
}

/** Returns the request that says what became of an unknown order. */
export function resolveOf(order: Order, scale: number, found: Found): OrderChange {
  const { accountId: account } = order;
  if (found.as === 'absent') return { kind: 'body', body: { account, as: 'absent' } };
  const quantity = parseScaled(found.quantity, scale);
  const most = order.quantity - order.filledQuantity;
  if (quantity === undefined || quantity <= 0 || quantity > most) {
    return problem(`The quantity must be above 0 and at most ${plain(most, scale)}.`);
  }
  const priceNanos = parseScaled(found.price, 9);
  if (priceNanos === undefined || priceNanos <= 0) return problem('The price is no price.');
  return { kind: 'body', body: { account, as: 'filled', quantity, priceNanos } };
}

const problem = (why: string): OrderChange => ({ kind: 'problem', why });

/** Without groups, as {@link parseScaled} reads it. */
const plain = (value: number, scale: number): string =>
  formatScaled(value, { scale, min: 0, max: scale }).replaceAll(',', '');
