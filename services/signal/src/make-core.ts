import { AppError } from '@capstan/domain';
import { BotCore } from '@capstan/engine';
import type { BotRecord } from '@capstan/ports';
import { FEED_TIMEFRAME } from './bot-history.ts';
import type { BotSettings } from './bot-settings.ts';

/** Makes what decides for a bot. @throws SIGNAL.BOT, STRATEGY.UNKNOWN and what {@link BotCore} throws of parameters. */
export function makeCore(settings: BotSettings, bot: BotRecord): BotCore {
  const { runId, calendarOf, catalogue } = settings;
  const { botId, accountId, configRevision, feed, params, schedule, sizing, symbols, timeframe } =
    bot;
  if (timeframe !== FEED_TIMEFRAME) {
    throw new AppError({
      code: 'SIGNAL.BOT',
      why: `bot ${botId} decides on ${timeframe} bars, and feeds carry ${FEED_TIMEFRAME} bars.`,
      fix: `Set its timeframe to ${FEED_TIMEFRAME}.`,
    });
  }
  const strategy = catalogue.strategies.get(bot.strategy);
  return new BotCore({
    runId,
    botId,
    accountId,
    configRevision,
    feed,
    strategy,
    params,
    symbols,
    timeframe,
    sizing,
    ...(schedule === undefined ? {} : { schedule }),
    calendarOf,
  });
}
