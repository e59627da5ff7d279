import colors from 'picocolors';
import { cashText } from '../bot-status.ts';
import type { BotStatus, ProcessStatus, StackStatus } from '../supervisor/stack-status.ts';
import { problemsOf } from '../supervisor/stack-status.ts';
import { type Column, durationText, renderTable, timeText } from './table.ts';

const STATE_COLORS: Readonly<Record<string, (text: string) => string>> = {
  ready: colors.green,
  running: colors.green,
  starting: colors.yellow,
  unready: colors.yellow,
  waiting: colors.yellow,
  stopping: colors.yellow,
  paused: colors.yellow,
  failed: colors.red,
  crashed: colors.red,
};

/** Colours the name of a state. */
export function stateText(state: string): string {
  return (STATE_COLORS[state] ?? ((text: string): string => text))(state);
}

const PROCESS_COLUMNS: readonly Column<ProcessStatus>[] = [
  { title: 'service', text: ({ name }) => name },
  { title: 'state', text: ({ state }) => stateText(state) },
  { title: 'pid', align: 'right', text: ({ pid }) => String(pid ?? '') },
  {
    title: 'uptime',
    align: 'right',
    text: ({ uptimeMs }) => (uptimeMs === undefined ? '' : durationText(uptimeMs)),
  },
  {
    title: 'restarts',
    align: 'right',
    text: ({ restarts }) => (restarts === 0 ? '0' : colors.yellow(String(restarts))),
  },
  { title: 'health', text: ({ state, problem }) => (state === 'ready' ? 'ok' : problem) },
];

const BOT_COLUMNS: readonly Column<BotStatus>[] = [
  { title: 'bot', text: ({ botId }) => botId },
  { title: 'state', text: ({ state }) => stateText(state) },
  { title: 'schedule', text: ({ schedule }) => schedule },
  { title: 'last slice (UTC)', text: ({ lastSliceEndUs }) => timeText(lastSliceEndUs) },
  {
    title: 'position',
    text: ({ position, error }) => error ?? (position === '' ? 'flat' : position),
  },
  { title: 'P/L', align: 'right', text: ({ profitMicros }) => profitText(profitMicros) },
];

function profitText(micros: number | undefined): string {
  if (micros === undefined) return '';
  const text = cashText(micros);
  return micros > 0 ? colors.green(`+${text}`) : micros < 0 ? colors.red(text) : text;
}

/** Writes the services as a table. */
export function renderProcesses(processes: readonly ProcessStatus[]): string {
  return renderTable(PROCESS_COLUMNS, processes);
}

function renderBots(bots: readonly BotStatus[]): string {
  return renderTable(BOT_COLUMNS, bots, 'no bots');
}

/** Writes the bots as a table that also says how much each trades. */
export function renderBotList(bots: readonly BotStatus[]): string {
  const at = BOT_COLUMNS.findIndex(({ title }) => title === 'schedule') + 1;
  const sizing = { title: 'sizing', text: (bot: BotStatus) => bot.sizing };
  return renderTable(BOT_COLUMNS.toSpliced(at, 0, sizing), bots, 'no bots');
}

/** Writes the whole status: a headline, the services, the bots, the dashboard's address. */
export function renderStack(status: StackStatus): string {
  const problems = problemsOf(status);
  const health =
    problems.length === 0
      ? colors.green('healthy')
      : colors.yellow(status.phase === 'running' ? 'not healthy' : status.phase);
  const title = `${colors.bold('Capstan')} ${status.environment} · run ${status.runId} · ${health}`;
  return [
    title,
    '',
    renderProcesses(status.processes),
    '',
    status.bots === undefined ? colors.dim('bots: not known yet') : renderBots(status.bots),
    '',
    `Dashboard  ${colors.bold(colors.cyan(status.dashboardUrl))}`,
  ].join('\n');
}
