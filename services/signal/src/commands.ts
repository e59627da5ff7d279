import { deriveId, type TimeUs } from '@capstan/domain';
import type { AuditRecord, BotRecord, CommandRecord } from '@capstan/ports';
import {
  type BotCatalogue,
  type BotConfig,
  botProblem,
  newBot,
  reconfigured,
} from './bot-config.ts';

/** What a command comes to. */
export type CommandOutcome =
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'done';
      readonly message: string;
      readonly bot: BotRecord;
      /** True where the bot has to be set up anew. */
      readonly reload: boolean;
      /** What it does from now on until its process ends; absent where that stays as it is. */
      readonly winding?: WindingDown;
    };

/** What a bot does while the platform is being stopped. */
export interface WindingDown {
  /** It gives no signals of its own any more. */
  readonly silent: boolean;
  /** At the next slice it closes what is open. */
  readonly closes: boolean;
}

/** What a bot is made from. */
interface NewBot extends BotConfig {
  readonly paused?: boolean;
}

const refused = (message: string): CommandOutcome => ({ kind: 'refused', message });

/** Decides what a command does to a bot. Pure. */
export function applyCommand(
  bot: BotRecord | undefined,
  command: CommandRecord,
  nowUs: TimeUs,
  catalogue: BotCatalogue,
): CommandOutcome {
  if (command.kind === 'CreateBot') return create(bot, command, nowUs, catalogue);
  if (bot === undefined) return refused('there is no such bot.');
  if (command.kind === 'ChangeBot') return change(bot, command, nowUs, catalogue);
  const to = (state: BotRecord['state'], message: string, reload: boolean): CommandOutcome => {
    const { error: _, ...rest } = bot;
    return { kind: 'done', message, bot: { ...rest, state, updatedAtUs: nowUs }, reload };
  };
  switch (command.kind) {
    case 'PauseBot':
      if (bot.state === 'paused') return refused('it is paused already.');
      return bot.state === 'running'
        ? to('paused', 'paused: it goes on watching and gives no signals.', false)
        : refused(`it is ${bot.state}; only a running bot can be paused.`);
    case 'ResumeBot':
      if (bot.state === 'running') return refused('it is running already.');
      if (bot.state === 'paused') return to('running', 'running again.', false);
      return startAgain(bot, nowUs);
    case 'StopBot':
      return bot.state === 'stopped' ? refused('it is stopped already.') : stop(bot, nowUs);
    default:
      return refused(`a bot knows no command ${command.kind}.`);
  }
}

/** What passed while it was stopped is past: a bot that was begins like a new one. */
function startAgain(bot: BotRecord, nowUs: TimeUs): CommandOutcome {
  const { error: _, lastSliceEndUs, ...rest } = bot;
  const through = bot.state === 'stopped' || lastSliceEndUs === undefined ? {} : { lastSliceEndUs };
  const starting: BotRecord = { ...rest, ...through, state: 'starting', updatedAtUs: nowUs };
  const message = `was ${bot.state}; it starts again.`;
  return { kind: 'done', message, bot: starting, reload: true };
}

/** A stop is a revision of its own, so that its last signals are told from those of the same bar. */
function stop(bot: BotRecord, nowUs: TimeUs): CommandOutcome {
  const { error: _, ...rest } = bot;
  const configRevision = bot.configRevision + 1;
  const stopped: BotRecord = { ...rest, state: 'stopped', configRevision, updatedAtUs: nowUs };
  return {
    kind: 'done',
    message: `stopped; its position: ${bot.onShutdown}.`,
    bot: stopped,
    reload: true,
  };
}

function create(
  bot: BotRecord | undefined,
  command: CommandRecord,
  nowUs: TimeUs,
  catalogue: BotCatalogue,
): CommandOutcome {
  if (bot !== undefined) return refused('there is a bot of this name already.');
  const { paused = false, ...config } = JSON.parse(command.payload) as NewBot;
  const problem = botProblem(config, catalogue);
  if (problem !== undefined) return refused(problem);
  const made = newBot(config, nowUs);
  return paused
    ? { kind: 'done', message: 'created, paused.', bot: { ...made, state: 'paused' }, reload: true }
    : { kind: 'done', message: 'created.', bot: made, reload: true };
}

function change(
  bot: BotRecord,
  command: CommandRecord,
  nowUs: TimeUs,
  catalogue: BotCatalogue,
): CommandOutcome {
  const config = JSON.parse(command.payload) as BotConfig;
  if (catalogue.configured?.includes(bot.botId) === true)
    return refused('it stands in the configuration: change it there.');
  if (config.accountId !== bot.accountId)
    return refused(
      `it trades for ${bot.accountId}, and what it holds is there: make another bot for ${config.accountId}.`,
    );
  const problem = botProblem(config, catalogue);
  if (problem !== undefined) return refused(problem);
  const changed = reconfigured(bot, config, nowUs);
  const isSame = changed.configRevision === bot.configRevision;
  const message = isSame ? 'it decides as before.' : `changed: revision ${changed.configRevision}.`;
  return { kind: 'done', message, bot: changed, reload: !isSame };
}

/** Makes the record of who asked for what, and what came of it. */
export function auditOf(command: CommandRecord, details: string, atUs: TimeUs): AuditRecord {
  const { commandId, actor, kind, key } = command;
  return {
    auditId: deriveId('audit', commandId),
    atUs,
    actor,
    action: kind,
    subject: key,
    details,
  };
}
