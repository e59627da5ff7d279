import type { Command } from 'commander';
import colors from 'picocolors';
import { askBots } from '../bot-status.ts';
import { renderBotList } from '../console/stack-view.ts';
import { timeText } from '../console/table.ts';
import { type Answer, type GatewayClient, listIn, pathOf, textsIn } from '../gateway-client.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { addAlerts } from './alerts.ts';
import { countArgument, dataDirOption, jsonOption } from './arguments.ts';
import { addBotCreate } from './bot-create.ts';
import { addBreaker } from './breaker.ts';
import { addCash, renderForeign } from './foreign.ts';
import { addHalt } from './halt.ts';
import { addKill } from './kill.ts';
import { addLimits } from './limits.ts';
import { addOrderChanges } from './order-changes.ts';
import { addPaper } from './paper.ts';
import { addReplay } from './replay.ts';
import { renderFills, renderOrders, renderPositions, scalesIn } from './trading-tables.ts';

interface Options {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly bot?: string;
  readonly account?: string;
  readonly limit?: number;
  readonly open?: boolean;
}

const open = (options: Options): GatewayClient => openGateway(options.dataDir);

/** Adds what looks at trading and what changes it. */
export function addTradingCommands(program: Command, context: CommandContext): void {
  addBots(program, context);
  addLists(program, context);
  addCash(program, context);
  addPaper(program, context);
  addWhy(program, context);
  addKill(program, context);
  addBreaker(program, context);
  addLimits(program, context);
  addHalt(program, context);
  addAlerts(program, context);
  addReplay(program, context);
}

function addBots(program: Command, context: CommandContext): void {
  const { output } = context;
  const bots = program
    .command('bots')
    .description('list the bots, or pause, resume, stop or create one')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  capstan bots\n  capstan bots pause trend\n  capstan bots create --help',
    )
    .action(async (options: Options) => {
      const gateway = open(options);
      if (options.json === true) return print(output, await gateway.get('/api/bots'));
      return output.out(renderBotList(await askBots(gateway)));
    });
  const change = (verb: 'pause' | 'resume' | 'stop', description: string): void => {
    bots
      .command(verb)
      .description(description)
      .argument('<bot>', 'its id')
      .addOption(dataDirOption())
      .action(async (botId: string, _options: Options, command: Command) => {
        const answer = await open(command.optsWithGlobals()).post(pathOf('bots', botId, verb));
        output.out(String(answer.message || `${botId}: ${verb} done.`));
      });
  };
  change('pause', 'let it look on without deciding; its positions stay');
  change('resume', 'let it decide again, also after a crash or a stop');
  change('stop', 'stop it for good; its on-shutdown rule says what happens to its positions');
  addBotCreate(bots, context);
}

function print(output: CommandContext['output'], answer: Answer): void {
  output.out(JSON.stringify(answer, null, 2));
}

function withListOptions(command: Command): Command {
  return command
    .option('--bot <id>', 'only this bot')
    .option('--account <id>', 'only this account')
    .option('--limit <n>', 'how many, the latest first', countArgument, 50)
    .addOption(dataDirOption())
    .addOption(jsonOption());
}

function addLists(program: Command, context: CommandContext): void {
  const { output } = context;
  const list = (
    command: Command,
    path: string,
    render: (answer: Answer, scales: ReadonlyMap<string, number>) => string,
    foreign?: 'orders' | 'positions',
  ): void => {
    command.action(async (options: Options) => {
      const gateway = open(options);
      const { bot, account, limit } = options;
      const query = { bot, account, limit, open: options.open };
      const [answer, overview, others] = await Promise.all([
        gateway.get(path, query),
        gateway.get('/api/overview'),
        foreign === undefined ? {} : gateway.get('/api/foreign', { account }),
      ]);
      if (options.json === true) {
        return print(output, foreign === undefined ? answer : { ...answer, foreign: others });
      }
      const scales = scalesIn(overview);
      output.out(render(answer, scales));
      const beside = foreign === undefined ? '' : renderForeign(others, foreign, scales);
      return beside === '' ? undefined : output.out(`\n${beside}`);
    });
  };
  const orders = program
    .command('orders')
    .description('list orders, the latest first; or change one');
  list(
    withListOptions(orders).option('--open', 'only working ones'),
    '/api/orders',
    renderOrders,
    'orders',
  );
  addOrderChanges(program, orders, context);
  const fills = program.command('fills').description('list fills, the latest first');
  list(withListOptions(fills), '/api/fills', renderFills);
  const positions = program
    .command('positions')
    .description('list positions and what accounts are worth');
  positions
    .option('--account <id>', 'only this account')
    .addOption(dataDirOption())
    .addOption(jsonOption());
  list(positions, '/api/positions', renderPositions, 'positions');
}

const KIND_COLORS: Readonly<Record<string, (text: string) => string>> = {
  denied: colors.yellow,
  fill: colors.green,
  signal: colors.cyan,
};

function addWhy(program: Command, { output }: CommandContext): void {
  program
    .command('why')
    .description('tell in words what a bot decided last, and what became of it')
    .argument('<bot>', 'its id')
    .option('--limit <n>', 'how many steps', countArgument, 20)
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (botId: string, options: Options) => {
      const answer = await open(options).get(pathOf('why', botId), { limit: options.limit });
      if (options.json === true) return print(output, answer);
      for (const line of textsIn(answer, 'standing')) output.out(colors.red(`! ${line}`));
      const entries = listIn(answer, 'entries');
      if (entries.length === 0) output.out(`${botId} has not decided anything yet.`);
      for (const entry of entries) output.out(whyLine(entry));
    });
}

/** Writes one step: time, kind, what happened, and why. */
export function whyLine(entry: Answer): string {
  const kind = String(entry.kind);
  const colour = KIND_COLORS[kind] ?? ((text: string): string => text);
  const reason =
    typeof entry.reason === 'string' && entry.reason !== '' ? ` — ${entry.reason}` : '';
  const fix = typeof entry.fix === 'string' ? colors.dim(` (${entry.fix})`) : '';
  return `${colors.dim(timeText(entry.atUs))}  ${colour(kind.padEnd(6))}  ${entry.symbol}: ${entry.text}${reason}${fix}`;
}
