import type { BotRecord, CommandRecord } from '@capstan/ports';
import type { CommandOutcome, WindingDown } from './commands.ts';

/** The wish that a bot run its rule before the whole platform is stopped. */
export const WIND_DOWN = 'WindDownBot';

/**
 * Decides what a bot does where the platform is to be stopped. Unlike a stop, it lasts until the process ends: the next one finds a
 * bot that runs, of a new revision, so that it begins again from history and says anew what it thinks. Pure.
 */
export function windDown(
  bot: BotRecord | undefined,
  command: CommandRecord,
  now: {
    readonly nowUs: BotRecord['updatedAtUs'];
    /** When this ownership began. */
    readonly sinceUs: BotRecord['updatedAtUs'];
    readonly feedEnded: boolean;
  },
): CommandOutcome {
  const refused = (message: string) => ({ kind: 'refused', message }) as const;
  if (bot === undefined) return refused('there is no such bot.');
  if (bot.state === 'stopped') return refused('it is stopped already.');
  // A wish that nobody heard must not strike the bot when the platform is started again.
  if (command.createdAtUs < now.sinceUs) return refused('the stop that it was for is over.');
  const { onShutdown } = bot;
  const revision = { configRevision: bot.configRevision + 1, updatedAtUs: now.nowUs };
  const done = (message: string, winding: WindingDown): CommandOutcome => ({
    kind: 'done',
    message,
    bot: winding.silent ? { ...bot, ...revision } : bot,
    reload: false,
    winding,
  });
  if (onShutdown === 'leave') return done('left as it is.', { silent: false, closes: false });
  if (onShutdown === 'cancel') {
    return done('its orders are cancelled.', { silent: true, closes: false });
  }
  return now.feedEnded
    ? done('its feed has ended: nothing trades any more.', { silent: true, closes: false })
    : done('closes what is open at the next slice.', { silent: true, closes: true });
}
