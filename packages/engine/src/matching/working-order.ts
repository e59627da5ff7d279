import type { CashMicros, OrderTerms, Quantity, TimeUs } from '@capstan/domain';

/** An order that the matcher holds, as plain data. */
export interface WorkingOrder {
  readonly terms: OrderTerms;
  /** 0 to less than the order's quantity. */
  readonly filledQuantity: Quantity;
  /** Sum over its fills, without fees. */
  readonly filledNotionalMicros: CashMicros;
  /** Charged so far. */
  readonly feeMicros: CashMicros;
  /** True once the stop price has traded; from the start for orders without one. */
  readonly triggered: boolean;
  /** When the session ends that day and ioc orders live in; absent for gtc. */
  readonly sessionCloseUs?: TimeUs;
}

/** The state of a matcher as plain data, safe for JSON. */
export interface MatcherSnapshot {
  readonly version: 1;
  /** In matching order. */
  readonly orders: readonly WorkingOrder[];
  /** End of the last bar seen, sorted by symbol. */
  readonly seenUntil: readonly { readonly symbol: string; readonly endUs: TimeUs }[];
}

/** Orders come to a bar by the time they were decided at, then by id. */
export function byPriority(a: WorkingOrder, b: WorkingOrder): number {
  const earlier = a.terms.decidedAtUs - b.terms.decidedAtUs;
  if (earlier !== 0) return earlier;
  return a.terms.orderId < b.terms.orderId ? -1 : 1;
}
