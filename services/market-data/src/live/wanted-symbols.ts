import type { BotRecord } from '@capstan/ports';
import { type ReadingBot, type StrategyRegistry, symbolsHeard } from '@capstan/strategy';

/** A bot of the configuration, as far as it matters here. */
export interface ConfiguredBot extends ReadingBot {
  readonly botId: string;
  readonly feed: string;
}

/** What a feed is configured by, as far as its symbols go. */
export interface WantedBy {
  readonly feed: string;
  /** Symbols that are wanted whoever reads them. */
  readonly symbols: readonly string[];
  readonly bots: readonly ConfiguredBot[];
  readonly strategies: StrategyRegistry;
}

/** Symbols of a feed, sorted, each with the bots that read it; none of one that the configuration alone asks for. */
export type WantedSymbols = ReadonlyMap<string, readonly string[]>;

/**
 * Returns the symbols that a feed is to have: those of its configuration, and those that its bots trade or read beside them. A bot that
 * was stopped reads none.
 * @param stored all bots there are.
 */
export function wantedSymbols(by: WantedBy, stored: readonly BotRecord[]): WantedSymbols {
  const { feed, symbols, bots, strategies } = by;
  const known = new Set(stored.map(({ botId }) => botId));
  const running: readonly ConfiguredBot[] = [
    ...stored.filter(({ state }) => state !== 'stopped'),
    ...bots.filter(({ botId }) => !known.has(botId)),
  ];
  const readers = new Map<string, string[]>(symbols.map((symbol) => [symbol, []]));
  for (const bot of running.filter((one) => one.feed === feed)) {
    for (const symbol of symbolsHeard(bot, strategies)) {
      readers.set(symbol, [...(readers.get(symbol) ?? []), bot.botId].sort());
    }
  }
  return new Map([...readers].sort(([a], [b]) => (a < b ? -1 : 1)));
}
