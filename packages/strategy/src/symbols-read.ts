import { AppError, type Timeframe } from '@capstan/domain';
import { graphReferences } from './graph.ts';
import type { ParameterValue } from './parameter.ts';
import type { StrategyRegistry } from './registry.ts';
import { resolveParameters } from './resolve-parameters.ts';

/** What of a bot says whose bars it hears. */
export interface ReadingBot {
  readonly strategy: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
}

/**
 * Returns the symbols whose bars a bot hears: its own, and those that its strategy reads beside them. Sorted.
 * @throws STRATEGY.UNKNOWN, STRATEGY.PARAMETER_UNKNOWN and so on.
 */
export function symbolsRead(
  { strategy, params, symbols, timeframe }: ReadingBot,
  strategies: StrategyRegistry,
): readonly string[] {
  const known = strategies.get(strategy);
  const graph = known.indicators(resolveParameters(known, params));
  return [...new Set([...symbols, ...graphReferences(graph, timeframe).keys()])].sort();
}

/** As {@link symbolsRead}; of a bot that cannot be set up, its own symbols alone: it has a watermark all the same. */
export function symbolsHeard(bot: ReadingBot, strategies: StrategyRegistry): readonly string[] {
  try {
    return symbolsRead(bot, strategies);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return bot.symbols;
  }
}
