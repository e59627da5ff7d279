import type {
  CashMicros,
  OrderSide,
  OrderTerms,
  PriceNanos,
  Quantity,
  TimeUs,
} from '@capstan/domain';

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
  /** When the session ends that it lives in; absent for gtc. */
  readonly sessionCloseUs?: TimeUs;
  /** Of `onOpen`: the open of the session whose first bar it waits for. */
  readonly sessionOpenUs?: TimeUs;
  /** Of `trailingStop`: the best price of the bars before; absent until it has met one. */
  readonly bestPriceNanos?: PriceNanos;
  /** Of an exit: the entry that it protects. */
  readonly parentOrderId?: string;
  /** Of an entry: true once its exits were made; they are made once. */
  readonly hasExits?: true;
}

/** The exits of one entry: orders that share what of the entry they protect. Plain data. */
export interface Bracket {
  readonly parentOrderId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  /** Of the exits. */
  readonly side: OrderSide;
  readonly decidedAtUs: TimeUs;
  /** What is protected: what the entry opened, less what was closed since. From 0. */
  readonly quantity: Quantity;
  /** Ids of the exits that work, by leg. */
  readonly exitIds: readonly string[];
}

/** What a bot holds by the fills of the matcher. Signed. */
export interface Holding {
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly quantity: Quantity;
}

/** The state of a matcher as plain data, safe for JSON. */
export interface MatcherSnapshot {
  readonly version: 2;
  /** In matching order. */
  readonly orders: readonly WorkingOrder[];
  /** In matching order. */
  readonly brackets: readonly Bracket[];
  /** Sorted by symbol, bot, account; flat ones left out. */
  readonly holdings: readonly Holding[];
  /** End of the last bar seen, and what of it was taken where there is a cap; sorted by symbol. */
  readonly seenUntil: readonly {
    readonly symbol: string;
    readonly endUs: TimeUs;
    readonly takenQuantity?: number;
  }[];
}

/** Orders come to a bar by the time they were decided at, then by id. */
export function byPriority(a: WorkingOrder, b: WorkingOrder): number {
  const earlier = a.terms.decidedAtUs - b.terms.decidedAtUs;
  if (earlier !== 0) return earlier;
  return a.terms.orderId < b.terms.orderId ? -1 : 1;
}

/** Brackets come to a bar as their entries would. */
export function byEntry(a: Bracket, b: Bracket): number {
  const earlier = a.decidedAtUs - b.decidedAtUs;
  if (earlier !== 0) return earlier;
  return a.parentOrderId < b.parentOrderId ? -1 : 1;
}
