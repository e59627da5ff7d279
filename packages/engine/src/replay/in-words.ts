import {
  type Denial,
  formatDecimal,
  formatPrice,
  type InstrumentBook,
  type Intent,
  type OrderTerms,
  type PriceNanos,
  type Signal,
} from '@capstan/domain';

/** What an execution is compared by. */
export interface Trade {
  readonly quantity: number;
  readonly priceNanos: PriceNanos;
}

const at = (word: string, price: PriceNanos | undefined): string =>
  price === undefined ? '' : ` ${word} ${formatPrice(price)}`;

/** Writes a signal: `long 0.50 limit 99.5 (reason)`. */
export function signalText(signal: Signal): string {
  const { direction, strength, reason } = signal;
  const much = direction === 'flat' ? '' : ` ${strength.toFixed(2)}`;
  const prices = [
    at('entry stop', signal.entryStopPriceNanos),
    at('limit', signal.limitPriceNanos),
    at('stop', signal.stopPriceNanos),
    at('target', signal.takeProfitPriceNanos),
  ].join('');
  return `${direction}${much}${prices} (${reason})`;
}

/** Writes an order or an intent: `buy 100 limit at 99.5`. */
export function orderText(
  order: Pick<
    OrderTerms | Intent,
    'symbol' | 'side' | 'quantity' | 'type' | 'limitPriceNanos' | 'stopPriceNanos'
  >,
  instruments: InstrumentBook,
): string {
  const { symbol, side, quantity, type, limitPriceNanos, stopPriceNanos } = order;
  const amount = amountText(symbol, quantity, instruments);
  return `${side} ${amount} ${type}${at('stop', stopPriceNanos)}${at('limit', limitPriceNanos)}`;
}

/** Writes a refusal: `denied by kill-switch: reason`. */
export const denialText = ({ policy, reason }: Denial): string => `denied by ${policy}: ${reason}`;

/** Writes a quantity of a symbol. */
export function amountText(symbol: string, amount: number, instruments: InstrumentBook): string {
  const known = instruments.all().find((one) => one.symbol === symbol);
  return formatDecimal(amount, known?.quantityScale ?? 0);
}

/** Writes an execution: `100 at 412.5`. */
export const tradeText = (
  symbol: string,
  { quantity, priceNanos }: Trade,
  instruments: InstrumentBook,
): string => `${amountText(symbol, quantity, instruments)} at ${formatPrice(priceNanos)}`;

/** Tells whether two plain values are the same, in whatever order their keys are. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)));
  });
}
