import type { Timeframe } from './bar.ts';
import type { Exits, Trail } from './exits.ts';
import type { CauseKind } from './ids.ts';
import type { PriceNanos, Quantity, TimeUs } from './numbers.ts';
import type { OrderSide, OrderType, TimeInForce } from './order.ts';

export const DIRECTIONS = ['long', 'short', 'flat'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A strategy's opinion of one symbol, given when it changes. */
export interface Signal extends Trail {
  readonly signalId: string;
  readonly runId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly configRevision: number;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly barEndUs: TimeUs;
  readonly inputRevision: number;
  readonly direction: Direction;
  /** 0 to 1: how much of the bot's full size. */
  readonly strength: number;
  readonly limitPriceNanos?: PriceNanos;
  readonly stopPriceNanos?: PriceNanos;
  readonly takeProfitPriceNanos?: PriceNanos;
  readonly timeInForce?: TimeInForce;
  /** Enter once this price trades, as a stop order; with a limit, as a stop-limit order. */
  readonly entryStopPriceNanos?: PriceNanos;
  /** The close of the deciding bar. */
  readonly referencePriceNanos: PriceNanos;
  /** The mean true range that the bot's sizing goes by, in nanos, rounded up; absent where it asks for none or has none yet. */
  readonly atrNanos?: PriceNanos;
  /**
   * The sample standard deviation of the log returns from bar to bar that the bot's sizing goes by; absent where it asks for none
   * or has none yet.
   */
  readonly barVolatility?: number;
  /** In words, for people: which values led to it. */
  readonly reason: string;
}

/** The last known price of a symbol as of a slice. */
export interface Mark {
  readonly symbol: string;
  readonly priceNanos: PriceNanos;
  readonly barEndUs: TimeUs;
}

export const BOT_STATES = ['starting', 'running', 'paused', 'crashed', 'stopped'] as const;
export type BotState = (typeof BOT_STATES)[number];

/** What one bot has to say of one slice; also its watermark, sent when it has nothing to say. */
export interface BotSlice {
  readonly runId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
  readonly state: BotState;
  /** Sorted by symbol. */
  readonly signals: readonly Signal[];
  /** The bot's symbols with their last close, sorted by symbol. */
  readonly marks: readonly Mark[];
}

/** A sized desired change of one bot's position, before limits. */
export interface Intent {
  readonly intentId: string;
  readonly runId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly causeKind: CauseKind;
  readonly causeId: string;
  readonly side: OrderSide;
  /** Positive, at the instrument's scale. */
  readonly quantity: Quantity;
  readonly type: OrderType;
  readonly limitPriceNanos?: PriceNanos;
  readonly stopPriceNanos?: PriceNanos;
  /** Protective exits of what it opens. */
  readonly exits?: Exits;
  readonly timeInForce: TimeInForce;
  /** True where it can only bring the bot's position nearer to zero. */
  readonly reducing: boolean;
  readonly referencePriceNanos: PriceNanos;
  readonly decidedAtUs: TimeUs;
}

/** Our own refusal: risk or execution would not let an intent become an order. */
export interface Denial {
  readonly denialId: string;
  readonly runId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  /** Absent where sizing already refused, before there was an intent. */
  readonly intentId?: string;
  readonly causeKind: CauseKind;
  readonly causeId: string;
  /** The policy's name, such as `market-hours`. */
  readonly policy: string;
  /** In words, with the figures that decided. */
  readonly reason: string;
  readonly decidedAtUs: TimeUs;
}
