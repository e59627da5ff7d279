import type { PriceNanos } from './numbers.ts';
import type { OrderTerms } from './order.ts';

/** How far a trailing stop stays behind the best price there was: an amount or a share of that price, never both. */
export interface Trail {
  readonly trailNanos?: PriceNanos;
  /** Above 0, below 10,000, at most four decimals. */
  readonly trailBps?: number;
}

/**
 * Protective exits of an entry order. Each becomes an order of its own as the entry fills: they share the quantity that the
 * entry opened, so that what one of them fills the others lose.
 */
export interface Exits extends Trail {
  /** Leave when the price gets as bad as this. */
  readonly stopPriceNanos?: PriceNanos;
  /** Leave when the price gets as good as this. */
  readonly takeProfitPriceNanos?: PriceNanos;
}

/** The legs of an intent that are exits; leg 0 is the order of the intent itself. */
export const EXIT_LEGS = { stop: 1, takeProfit: 2, trail: 3 } as const;

/** Tells whether an order is a protective exit of another one: it only ever reduces, so nothing is reserved for it. */
export function isExit(order: Pick<OrderTerms, 'leg'>): boolean {
  return order.leg !== 0;
}

/**
 * Returns what is wrong with exits, in words, or `undefined`.
 * @param entry the side of the entry, and the price against which the exits are meant where one is known.
 */
export function exitsProblem(
  exits: Exits,
  entry: { readonly side: OrderTerms['side']; readonly priceNanos?: PriceNanos },
): string | undefined {
  const { stopPriceNanos: stop, takeProfitPriceNanos: target } = exits;
  const sign = entry.side === 'buy' ? 1 : -1;
  const [bad, good] = entry.side === 'buy' ? ['below', 'above'] : ['above', 'below'];
  const apart = (a: number, b: number): boolean => sign * (b - a) > 0;
  if (stop !== undefined && target !== undefined && !apart(stop, target)) {
    return `the stop price is not ${bad} the take-profit price`;
  }
  const price = entry.priceNanos;
  if (price === undefined) return trailProblem(exits);
  if (stop !== undefined && !apart(stop, price)) {
    return `the stop price is not ${bad} the entry's price`;
  }
  if (target !== undefined && !apart(price, target)) {
    return `the take-profit price is not ${good} the entry's price`;
  }
  return trailProblem(exits);
}

const TRAIL_BPS_MAX = 10_000;
/** Trails are kept to four decimals of a basis point. */
const BPS_PARTS = 10_000;
const FLOAT_SLACK = 1e-6;

/** Returns what is wrong with a trail, in words, or `undefined`. No trail at all is right. */
export function trailProblem({ trailNanos, trailBps }: Trail): string | undefined {
  if (trailNanos !== undefined && trailBps !== undefined) {
    return 'the trail is given as an amount and as a fraction: give one';
  }
  if (trailNanos !== undefined && !(Number.isSafeInteger(trailNanos) && trailNanos > 0)) {
    return `the trail of ${trailNanos} nanos is not a positive whole number`;
  }
  if (trailBps === undefined) return undefined;
  const parts = trailBps * BPS_PARTS;
  if (
    trailBps > 0 &&
    trailBps < TRAIL_BPS_MAX &&
    Math.abs(parts - Math.round(parts)) <= FLOAT_SLACK
  )
    return undefined;
  return `the trail of ${trailBps} basis points is not above 0 and below ${TRAIL_BPS_MAX} with at most four decimals`;
}
