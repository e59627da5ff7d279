import type { Calendar } from '@capstan/calendar';
import { AppError, type InstrumentBook, type TimeUs, timeUs } from '@capstan/domain';
import { BotCore, type ReplayEvent, type RunBot } from '@capstan/engine';
import type { BotRecord, Store } from '@capstan/ports';
import { historyBars, type StrategyRegistry } from '@capstan/strategy';
import { LIMITS } from '../limits.ts';

/** What bots are made of beside their own setup. */
export interface BotWorld {
  readonly runId: string;
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  readonly strategies: StrategyRegistry;
}

/**
 * Returns how a bot began: from the newest bars that there were, as many as its warm-up asks for. Nothing for one that could not
 * be set up: live's could not either.
 */
export async function beginningOf(
  store: Pick<Store, 'bars'>,
  world: BotWorld,
  bot: BotRecord,
  throughUs: TimeUs,
): Promise<readonly ReplayEvent[]> {
  const made = madeOf(world, bot);
  if (made === undefined) return [];
  const { setup, core } = made;
  const { feed, timeframe } = setup;
  const symbols = [...new Set([...setup.symbols, ...core.referenceSymbols])].sort();
  const bars = await store.bars({
    ...{ runId: world.runId, feed, symbols, timeframe, afterUs: timeUs(0), throughUs },
    limit: Math.min(historyBars(core.warmupBars) * symbols.length, LIMITS.replayHistory),
  });
  const history = [...Map.groupBy(bars, (bar) => bar.endUs)]
    .sort(([a], [b]) => a - b)
    .map(([endUs, ofSlice]) => ({ feed, endUs, bars: ofSlice }));
  return [{ kind: 'begin', setup, history }];
}

function madeOf(
  { runId, instruments, calendarOf, strategies }: BotWorld,
  bot: BotRecord,
): { readonly setup: RunBot; readonly core: BotCore } | undefined {
  const { botId, accountId, configRevision, feed, params, symbols, timeframe, sizing } = bot;
  try {
    const setup: RunBot = {
      ...{ botId, accountId, configRevision, feed, params, symbols, timeframe, sizing },
      strategy: strategies.get(bot.strategy),
      ...(bot.schedule === undefined ? {} : { schedule: bot.schedule }),
    };
    const ofSymbol = (symbol: string) => calendarOf(instruments.get(symbol).calendar);
    return { setup, core: new BotCore({ ...setup, runId, calendarOf: ofSymbol }) };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
