import type { Command } from 'commander';
import colors from 'picocolors';
import { renderTable, timeText } from '../console/table.ts';
import { type Answer, type GatewayClient, listIn, textsIn } from '../gateway-client.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { dataDirOption, jsonOption } from './arguments.ts';

interface Options {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly channel?: string;
}

const open = (options: Options): GatewayClient => openGateway(options.dataDir);

/** Adds what shows alerts and tries their channels. */
export function addAlerts(program: Command, { output, exit }: CommandContext): void {
  const alerts = program
    .command('alerts')
    .description('show what people were told of late, or try the channels')
    .addHelpText(
      'after',
      '\nChannels are configured under `alerts:`.\n\nExamples:\n  capstan alerts ls\n  capstan alerts test\n  capstan alerts test --channel ops',
    );
  alerts
    .command('ls')
    .description('show the latest alerts, and how the channels are')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const answer = await open(options).get('/api/alerts');
      if (options.json === true) return output.out(JSON.stringify(answer, null, 2));
      for (const line of alertLines(answer)) output.out(line);
    });
  alerts
    .command('test')
    .description('send a test, whatever the level and the hour; ends with 1 where one fails')
    .option('--channel <name>', 'only to this channel')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const { channel } = options;
      const answer = await open(options).post('/api/alerts/test', { channel });
      const results = listIn(answer, 'results');
      if (options.json === true) output.out(JSON.stringify(answer, null, 2));
      else for (const one of results) output.out(resultLine(one));
      if (results.some(({ problem }) => problem !== '')) exit(1);
    });
}

/** Writes the latest alerts, newest first, and a line for each channel. */
export function alertLines(answer: Answer): readonly string[] {
  const columns = [
    { title: 'UTC', text: (one: Answer) => timeText(one.atUs) },
    { title: 'level', text: ({ level }: Answer) => levelText(String(level)) },
    { title: 'alert', text: titleText },
    { title: 'sent to', text: (one: Answer) => textsIn(one, 'sentTo').join(', ') || '-' },
  ];
  const table = renderTable(columns, listIn(answer, 'alerts'), 'no alerts');
  const channels = listIn(answer, 'channels').map(channelLine);
  return [table, ...(channels.length === 0 ? ['no channels: see docs/alerts.md'] : channels)];
}

/** Says what came of a test. */
export function resultLine({ channel, problem }: Answer): string {
  return `${channel}: ${problem === '' ? colors.green('sent') : colors.red(String(problem))}`;
}

function channelLine({ channel, pending, failures, problem, sentAtUs, dropped }: Answer): string {
  const waits = pending === 0 ? '' : `, ${pending} wait`;
  const lost = dropped === 0 ? '' : `, ${dropped} given up`;
  const last = sentAtUs === 0 ? 'nothing sent yet' : `last sent ${timeText(sentAtUs)} UTC`;
  const word =
    problem === ''
      ? `${colors.green('well')}, ${last}`
      : `${colors.red('fails')} (${failures} in a row): ${problem}`;
  return `${channel}: ${word}${waits}${lost}`;
}

const titleText = ({ title, count }: Answer): string =>
  count === 1 ? String(title) : `${title} (and ${Number(count) - 1} more)`;

function levelText(level: string): string {
  if (level === 'critical') return colors.red(level);
  return level === 'warning' ? colors.yellow(level) : level;
}
