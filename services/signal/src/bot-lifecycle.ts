import { AppError } from '@capstan/domain';
import type { BotCore } from '@capstan/engine';
import type { BotRecord, Log } from '@capstan/ports';

/** Thrown by an owner that is to begin anew from what is stored. */
export function reload(key: string): AppError {
  return new AppError({ code: 'SIGNAL.RELOAD', why: `${key} begins anew.`, retry: 'retryable' });
}

/** A paused bot steps in silence. */
export function emits(bot: BotRecord): boolean {
  return bot.state === 'running' || bot.state === 'starting';
}

/** Logs that a bot is warmed up, and what it still waits for before it can decide. */
export function logReady(
  log: Log,
  { botId, strategy, lastSliceEndUs }: BotRecord,
  core: BotCore,
): void {
  const { awaitedSymbols: symbols } = core;
  if (symbols.length > 0)
    log.warn('bot waits for more bars of symbols that its strategy reads', { bot: botId, symbols });
  log.info('bot is ready', { bot: botId, strategy, warmed_through: lastSliceEndUs });
}
