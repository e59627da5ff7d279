import type { Timeframe } from '@capstan/domain';
import type { BotRecord, ParameterValue, ShutdownRule, SizingRule } from '@capstan/ports';

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
  readonly restartOnCrash: boolean;
  readonly onShutdown: ShutdownRule;
}

/** What of a bot decides its signals; a change of it is a new revision. */
function essence(bot: BotConfig): string {
  const { accountId, strategy, params, symbols, timeframe, feed, sizing } = bot;
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    accountId,
    strategy,
    sorted,
    [...symbols].sort(),
    timeframe,
    feed,
    sizing,
  ]);
}

/** Makes the record of a bot that is new. */
export function newBot(config: BotConfig, nowUs: BotRecord['updatedAtUs']): BotRecord {
  return {
    ...config,
    symbols: [...config.symbols].sort(),
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
  if (essence(stored) === essence(config)) return { ...stored, restartOnCrash, onShutdown };
  return {
    ...stored,
    ...config,
    symbols: [...config.symbols].sort(),
    configRevision: stored.configRevision + 1,
    updatedAtUs: nowUs,
  };
}
