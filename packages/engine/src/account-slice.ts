import type { BotSlice, CashMicros, Denial, Intent, InternalCross, TimeUs } from '@capstan/domain';
import type { SizingRule } from '@capstan/portfolio';
import type {
  ApprovedOrder,
  Breaker,
  DailyLoss,
  KillSwitch,
  KnownConditions,
  OpenDrifts,
} from '@capstan/risk';

/** A slice to be decided. */
export interface SliceRequest {
  readonly sliceEndUs: TimeUs;
  /** The run's clock: `sliceEndUs` in a playback. */
  readonly nowUs: TimeUs;
  /** At most one a bot, in any order. */
  readonly slices: readonly BotSlice[];
  /** How a bot is sized; `undefined` for one that is not known. */
  readonly sizingOf: (botId: string) => SizingRule | undefined;
  readonly killSwitch: KillSwitch;
  /** Dividends earned and not paid yet, signed: equity counts them. 0 unless given. */
  readonly accruedMicros?: CashMicros;
  /** How the session goes, where the limits watch its loss. */
  readonly dailyLoss?: DailyLoss;
  /** Absent where it is not known. */
  readonly breaker?: Breaker;
  /** Absent where nobody compares the ledger with a broker. */
  readonly drifts?: OpenDrifts;
  /** Absent where the venue says nothing of them. */
  readonly conditions?: KnownConditions;
  /** How far our clock and the market's are apart, from 0; absent where nobody measures it. */
  readonly clockOffsetUs?: number;
}

/** What was decided, in the order (bot, symbol). */
export interface SliceDecision {
  /** Also those that were denied. */
  readonly intents: readonly Intent[];
  readonly denials: readonly Denial[];
  readonly orders: readonly ApprovedOrder[];
  /** Working orders to be cancelled before any of the orders is sent, sorted. */
  readonly cancelOrderIds: readonly string[];
  /** Pairs of the orders that fill each other and are not sent, in the order in which they fill. */
  readonly crosses: readonly InternalCross[];
}
