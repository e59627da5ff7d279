import type { Calendar } from '@capstan/calendar';
import type { BotSchedule, CashMicros, InstrumentBook, Timeframe } from '@capstan/domain';
import type { PortfolioRule, SizingRule } from '@capstan/portfolio';
import type { RiskLimits } from '@capstan/risk';
import type { Strategy } from '@capstan/strategy';
import type { MatcherConfig } from '../matching/matcher-config.ts';

/** Where a market order that is decided at the close of a bar fills: at the open of the symbol's next bar, or at that close. */
export const FILL_TIMES = ['nextOpen', 'sameClose'] as const;
export type FillTime = (typeof FILL_TIMES)[number];

/**
 * What a daily loss of the account does: `session` as live, it adds nothing until the next trade date, and closes where the limits say
 * so; `run` as an operator who kills for good, it closes everything and nothing is added any more.
 */
export const HALT_SPANS = ['run', 'session'] as const;
export type HaltSpan = (typeof HALT_SPANS)[number];

/** What of its corporate actions an indicator sees, always as of the time of the decision. */
export const INDICATOR_ADJUSTMENTS = ['splits', 'splitsAndDividends'] as const;
export type IndicatorAdjustment = (typeof INDICATOR_ADJUSTMENTS)[number];

/** Choices of a backtest that live trading does not have. */
export interface ExecutionRules {
  readonly fillAt: FillTime;
  /** Sells everything at the last close. */
  readonly closeAtEnd: boolean;
  /** `session` unless given. */
  readonly haltFor?: HaltSpan;
  /** `splits` unless given. */
  readonly indicatorsSee?: IndicatorAdjustment;
}

/** What a strategy decides at the close and fills at the next open; final equity marks to the last close. */
export const PLAIN_EXECUTION: ExecutionRules = { fillAt: 'nextOpen', closeAtEnd: false };

/** One bot on one account over one period: everything that its result follows from, beside the bars. */
export interface BacktestSpec {
  /** Goes into every id. */
  readonly runId: string;
  /** `bot` unless given. Goes into every id. */
  readonly botId?: string;
  /** `backtest` unless given. Goes into every id. */
  readonly accountId?: string;
  /** 1 unless given. Goes into every id. */
  readonly configRevision?: number;
  readonly strategy: Strategy;
  /** Parameters that differ from the defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The timeframe at whose closes the strategy decides. */
  readonly timeframe: Timeframe;
  /** When the bot may open, by the sessions of each symbol; always unless given. */
  readonly schedule?: BotSchedule;
  /** The account's opening cash. */
  readonly cashMicros: CashMicros;
  readonly sizing: SizingRule;
  /**
   * How the account is spread over the symbols. Where it is given, opinions become weights by it and nothing is sized by
   * `sizing`; a strength above 0 is full, and an opinion with a limit or a protective exit is refused.
   */
  readonly portfolio?: PortfolioRule;
  readonly limits: RiskLimits;
  readonly matcher: MatcherConfig;
  readonly execution: ExecutionRules;
  readonly instruments: InstrumentBook;
  /** Finds a calendar by name; it should keep what it builds. */
  readonly calendarOf: (name: string) => Calendar;
}

/** The ids that a spec gives to what it leads to. */
export interface RunNames {
  readonly runId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly configRevision: number;
}

/** Returns the names of a run, defaults included. */
export function runNames(spec: BacktestSpec): RunNames {
  const { runId, botId = 'bot', accountId = 'backtest', configRevision = 1 } = spec;
  return { runId, botId, accountId, configRevision };
}
