import { AppError, nearestName } from '@capstan/domain';
import type { Command } from 'commander';
import colors from 'picocolors';
import { renderTable, timeText } from '../console/table.ts';
import type { CliErrorCode } from '../error-codes.ts';
import { type Answer, type GatewayClient, listIn, textsIn } from '../gateway-client.ts';
import { REPLAY_TIMEOUT_MS } from '../limits.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { dataDirOption, jsonOption } from './arguments.ts';

interface Options {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly bot?: string;
  readonly day?: string;
}

/** Adds what replays a session. */
export function addReplay(program: Command, { output, exit }: CommandContext): void {
  program
    .command('replay')
    .description('run a session again by what live was given, and tell every difference')
    .option('--bot <id>', 'only what is of this bot; its account is replayed whole all the same')
    .option('--day <date>', 'YYYY-MM-DD; the last session that has ended unless given')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nEnds with 1 where a difference is unexplained.\n\nExamples:\n  capstan replay\n  capstan replay --bot trend --day 2026-03-03\n  capstan replay --json',
    )
    .action(async (options: Options) => {
      const gateway = openGateway(options.dataDir);
      const answer = await askReplay(gateway, options);
      if (options.json === true) output.out(JSON.stringify(answer, null, 2));
      else for (const line of replayLines(answer)) output.out(line);
      if (sumOf(answer, 'unexplained') > 0) exit(1);
    });
}

/** Asks for a replay. @throws CLI.USAGE for a bot or a day that is not there, naming those that are. */
export async function askReplay(
  gateway: GatewayClient,
  { bot, day }: Pick<Options, 'bot' | 'day'>,
): Promise<Answer> {
  if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day))
    throw usage(`'${day}' is no day.`, 'Write it as 2026-03-03.');
  if (bot !== undefined) await checkBot(gateway, bot);
  const answer = await gateway.get('/api/replay', { bot, day }, REPLAY_TIMEOUT_MS);
  if (answer.tradeDate !== '') return answer;
  const known = textsIn(answer, 'tradeDates');
  throw usage(
    day === undefined ? 'no session has begun yet.' : `there is nothing to replay of ${day}.`,
    known.length === 0 ? 'Ask again once a session has ended.' : `There are ${daysText(known)}.`,
  );
}

async function checkBot(gateway: GatewayClient, bot: string): Promise<void> {
  const bots = listIn(await gateway.get('/api/bots'), 'bots').map(({ botId }) => String(botId));
  if (bots.includes(bot)) return;
  const near = nearestName(bot, bots);
  const known = bots.length === 0 ? 'There are none.' : `Known: ${bots.join(', ')}.`;
  throw usage(`there is no bot '${bot}'.`, near === undefined ? known : `Did you mean '${near}'?`);
}

const usage = (why: string, fix: string): AppError =>
  new AppError({ code: 'CLI.USAGE' satisfies CliErrorCode, why, fix });

/** Days that are named one by one; of more, the first and the last are. */
const DAYS_NAMED = 10;

function daysText(days: readonly string[]): string {
  if (days.length <= DAYS_NAMED) return days.join(', ');
  return `${days.length} days from ${days[0]} to ${days.at(-1)}`;
}

const isUnexplained = ({ cause }: Answer): boolean => cause === 'unexplained';

const differencesIn = (answer: Answer): readonly Answer[] =>
  listIn(answer, 'bots').flatMap((bot) => listIn(bot, 'differences'));

const sumOf = (answer: Answer, key: 'found' | 'unexplained'): number =>
  listIn(answer, 'bots').reduce((sum, bot) => sum + Number(bot[key]), 0);

/** Writes what was compared of each bot, every difference, and the count of them. */
export function replayLines(answer: Answer): readonly string[] {
  const bots = listIn(answer, 'bots');
  const compared = renderTable(
    [
      { title: 'bot', text: ({ botId }: Answer) => String(botId) },
      { title: 'account', text: ({ accountId }: Answer) => String(accountId) },
      ...(['slices', 'signals', 'orders', 'fills'] as const).map((key) => ({
        ...{ title: key, align: 'right' as const, text: (bot: Answer) => String(bot[key]) },
      })),
      { title: 'differences', align: 'right', text: (bot: Answer) => String(bot.found) },
    ],
    bots,
    'no bot has traded',
  );
  const all = differencesIn(answer);
  const { note = '' } = answer;
  const notes = note === '' ? [] : [`! ${String(note)}`];
  const table = all.length === 0 ? [] : ['', differenceTable(all)];
  return [compared, ...table, '', sumText(answer), ...notes];
}

function differenceTable(differences: readonly Answer[]): string {
  const text = (key: string) => (one: Answer) => String(one[key] ?? '');
  const sorted = differences.toSorted((a, b) => Number(a.atUs) - Number(b.atUs));
  return renderTable(
    [
      { title: 'UTC', text: (one: Answer) => timeText(one.atUs) },
      { title: 'bot', text: text('botId') },
      { title: 'symbol', text: text('symbol') },
      { title: 'kind', text: text('kind') },
      { title: 'live', text: text('live') },
      { title: 'replay', text: text('replay') },
      { title: 'cause', text: causeText },
    ],
    sorted,
  );
}

function causeText(one: Answer): string {
  if (isUnexplained(one)) return colors.red('unexplained');
  return one.why === '' ? String(one.cause) : `${one.cause}: ${one.why}`;
}

function sumText(answer: Answer): string {
  const [found, unexplained] = [sumOf(answer, 'found'), sumOf(answer, 'unexplained')];
  const shown = differencesIn(answer).length;
  const rest = shown < found ? ` (the first ${shown} are shown)` : '';
  return `replay of ${answer.tradeDate}: ${countText(found, unexplained)}${rest}`;
}

/** Writes what the replay of an account's last session found. */
export function lastReplayLine({ accountId, tradeDate, ...found }: Answer): string {
  const { differences, unexplained } = found;
  return `${accountId}, ${tradeDate}: ${countText(Number(differences), Number(unexplained))}`;
}

/** Writes how much differed: `3 differences, 1 unexplained`. */
export function countText(differences: number, unexplained: number): string {
  const text = `${differences} difference${differences === 1 ? '' : 's'}, ${unexplained} unexplained`;
  return unexplained > 0 ? colors.red(text) : colors.green(text);
}
