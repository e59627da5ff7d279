import { AppError, type BotSchedule, sameSchedule, type Timeframe } from '@capstan/domain';
import type { BotRecord, ParameterValue, ShutdownRule, SizingRule } from '@capstan/ports';
import { type StrategyRegistry, symbolsRead } from '@capstan/strategy';
import { FEED_TIMEFRAME } from './bot-history.ts';

/** A bot as a person writes it down. */
export interface BotConfig {
  readonly botId: string;
  readonly accountId: string;
  readonly strategy: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
  readonly feed: string;
  readonly sizing: SizingRule;
  /** When it may open; always unless given. */
  readonly schedule?: BotSchedule | undefined;
  readonly restartOnCrash: boolean;
  readonly onShutdown: ShutdownRule;
}

/** What a bot can be made of. */
export interface BotCatalogue {
  readonly strategies: StrategyRegistry;
  readonly feeds: readonly string[];
  /** Returns the symbols of a feed; `undefined` where only its bars will tell. */
  readonly symbolsOf?: (feed: string) => readonly string[] | undefined;
  readonly accounts: readonly string[];
  /** Bots of the configuration: nothing but that changes them. */
  readonly configured?: readonly string[];
}

/** Returns why a bot cannot be, in words; `undefined` where it can. */
export function botProblem(config: BotConfig, catalogue: BotCatalogue): string | undefined {
  const { accountId, feed, symbols, timeframe, strategy, params } = config;
  const { strategies, accounts, feeds } = catalogue;
  if (symbols.length === 0) return 'it has no symbols.';
  if (timeframe !== FEED_TIMEFRAME)
    return `its timeframe is ${timeframe}, and feeds carry ${FEED_TIMEFRAME} bars.`;
  if (!accounts.includes(accountId))
    return `there is no account '${accountId}'. Known: ${accounts.join(', ')}.`;
  if (!feeds.includes(feed)) return `there is no feed '${feed}'. Known: ${feeds.join(', ')}.`;
  try {
    const read = symbolsRead({ strategy, params, symbols, timeframe }, strategies);
    return notCarried(config, read, catalogue.symbolsOf?.(feed));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message;
  }
}

/** Says which symbol its feed does not carry: without its bars a bot would wait for ever, and say nothing. */
function notCarried(
  { feed, symbols }: BotConfig,
  read: readonly string[],
  carried: readonly string[] | undefined,
): string | undefined {
  const missing = read.find((symbol) => carried !== undefined && !carried.includes(symbol));
  if (missing === undefined || carried === undefined) return undefined;
  const whose = symbols.includes(missing) ? '' : ', which its strategy reads';
  return `feed '${feed}' does not carry ${missing}${whose}. It carries: ${carried.join(', ')}.`;
}

/**
 * Checks the bots of the configuration, which a person can correct before anything has begun.
 * @throws SIGNAL.BOT naming the bot and what is wrong with it.
 */
export function checkBots(bots: readonly BotConfig[], catalogue: BotCatalogue): void {
  for (const bot of bots) {
    const problem = botProblem(bot, catalogue);
    if (problem === undefined) continue;
    throw new AppError({
      code: 'SIGNAL.BOT',
      why: `bot '${bot.botId}' of the configuration cannot run: ${problem}`,
      fix: 'Correct it under `bots`.',
    });
  }
}

/**
 * What of a bot decides its signals, its schedule apart; a change of it is a new revision. A store may give keys back in another order.
 */
function essence(bot: BotConfig): string {
  const { accountId, strategy, params, symbols, timeframe, feed, sizing } = bot;
  const sorted = (values: object) => Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    accountId,
    strategy,
    sorted(params),
    [...symbols].sort(),
    timeframe,
    feed,
    sorted(sizing),
  ]);
}

/** Makes the record of a bot that is new. */
export function newBot(config: BotConfig, nowUs: BotRecord['updatedAtUs']): BotRecord {
  const { schedule, ...rest } = config;
  return {
    ...rest,
    ...(schedule === undefined ? {} : { schedule }),
    symbols: [...new Set(config.symbols)].sort(),
    configRevision: 1,
    state: 'starting',
    restarts: 0,
    updatedAtUs: nowUs,
  };
}

/**
 * Returns the stored bot as the configuration now wants it: a new revision where it decides differently, the same record where
 * nothing changed.
 */
export function reconfigured(
  stored: BotRecord,
  config: BotConfig,
  nowUs: BotRecord['updatedAtUs'],
): BotRecord {
  const { restartOnCrash, onShutdown } = config;
  const isSame =
    essence(stored) === essence(config) && sameSchedule(stored.schedule, config.schedule);
  if (isSame) return { ...stored, restartOnCrash, onShutdown };
  const { schedule, ...rest } = config;
  const { schedule: _, ...kept } = stored;
  return {
    ...kept,
    ...rest,
    ...(schedule === undefined ? {} : { schedule }),
    symbols: [...new Set(config.symbols)].sort(),
    configRevision: stored.configRevision + 1,
    updatedAtUs: nowUs,
  };
}
