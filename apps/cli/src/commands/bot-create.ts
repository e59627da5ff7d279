import { AppError, SCHEDULE_DAYS, SCHEDULE_ENDS, TIME_ZONES, TIMEFRAMES } from '@capstan/domain';
import { SHUTDOWN_RULES } from '@capstan/ports';
import { resolveParameters, StrategyRegistry } from '@capstan/strategy';
import { type Command, Option } from 'commander';
import type { CliErrorCode } from '../error-codes.ts';
import { listIn } from '../gateway-client.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { countArgument, dataDirOption, minutesArgument } from './arguments.ts';
import { type ScheduleOptions, scheduleOf } from './bot-schedule.ts';
import { type SizingOptions, sizingOf } from './bot-sizing.ts';

interface CreateOptions extends ScheduleOptions, SizingOptions {
  readonly dataDir?: string;
  readonly account?: string;
  readonly feed?: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  readonly param?: readonly string[];
  readonly timeframe: string;
  readonly onShutdown: string;
  readonly restart: boolean;
}

const HELP = `
Example:
  capstan bots create fast-spy --strategy ma-cross --symbols SPY --param fast=5 slow=20 --fraction 0.1
  capstan bots create careful-spy --strategy ma-cross --symbols SPY --risk-fraction 0.01 --atr-multiple 3
  capstan bots create day-spy --strategy ma-cross --symbols SPY --days mon tue wed thu fri --start 09:35 --end 15:55`;

/** Adds `bots create`. */
export function addBotCreate(bots: Command, { output }: CommandContext): void {
  bots
    .command('create')
    .description('create a bot and start it')
    .argument('<bot>', 'the id it gets')
    .requiredOption('--strategy <name>', "its strategy; 'capstan strategies' lists them")
    .requiredOption('--symbols <symbol...>', 'what it trades')
    .option('--param <name=value...>', 'parameters of the strategy that are not the default')
    .option('--account <id>', 'its account (default: the only one)')
    .option('--feed <name>', 'where its bars come from (default: the only one)')
    .addOption(
      new Option('--timeframe <t>', 'the bars it decides on').choices(TIMEFRAMES).default('1m'),
    )
    .option('--fraction <f>', "trade a fraction of the account's equity (default: 0.1)")
    .option('--quantity <n>', 'trade a fixed quantity, in units of the instrument', countArgument)
    .option('--notional <money>', 'trade a fixed amount of money')
    .option('--cash-fraction <f>', 'trade a fraction of the free cash: 1 is all in')
    .option('--fee-bps <bps>', 'with --cash-fraction: keep so much free for a commission')
    .option('--risk-fraction <f>', 'trade what may lose so much of the equity: 0.01 is one percent')
    .option('--risk <money>', 'trade what may lose so much money')
    .option('--atr-bars <n>', 'with --risk…: bars of the average true range (default: 14)')
    .option(
      '--atr-multiple <x>',
      'with --risk…: ranges that it may lose, where the strategy sets no stop (default: 2)',
    )
    .option('--volatility <f>', 'trade what moves so much of the equity a year: 0.1 is ten percent')
    .option('--lookback-bars <n>', 'with --volatility: bars to measure it over (default: 20)')
    .option(
      '--max-fraction <f>',
      'with --risk… and --volatility: at most so much equity (default: 1)',
    )
    .addOption(
      new Option('--on-shutdown <rule>', 'what a stop does to its positions')
        .choices(SHUTDOWN_RULES)
        .default('leave'),
    )
    .addOption(new Option('--days <day...>', 'open on these days only').choices(SCHEDULE_DAYS))
    .option('--start <HH:MM>', 'open from this time of day on')
    .option('--end <HH:MM>', 'open before this time of day only')
    .addOption(
      new Option('--time-zone <zone>', "the clock of these (default: each exchange's)").choices(
        TIME_ZONES,
      ),
    )
    .option('--after-open <minutes>', 'open so long after the session has', minutesArgument)
    .option('--before-close <minutes>', 'open until so long before its close', minutesArgument)
    .addOption(
      new Option('--at-end <rule>', 'what the end of this schedule does to positions').choices(
        SCHEDULE_ENDS,
      ),
    )
    .option('--no-restart', 'stay down after a crash')
    .addOption(dataDirOption())
    .addHelpText('after', HELP)
    .action(async (botId: string, _own: CreateOptions, command: Command) => {
      const options: CreateOptions = command.optsWithGlobals();
      const gateway = openGateway(options.dataDir);
      const params = parametersOf(options);
      const needsOverview = options.account === undefined || options.feed === undefined;
      const overview = needsOverview ? await gateway.get('/api/overview') : {};
      const only = (key: string, field: string): string =>
        onlyOne(
          listIn(overview, key).map((one) => String(one[field])),
          key,
        );
      const answer = await gateway.post('/api/bots', {
        botId,
        accountId: options.account ?? only('accounts', 'accountId'),
        feed: options.feed ?? only('feeds', 'feed'),
        strategy: options.strategy,
        params,
        symbols: options.symbols,
        timeframe: options.timeframe,
        sizing: sizingOf(options),
        schedule: scheduleOf(options),
        restartOnCrash: options.restart,
        onShutdown: options.onShutdown,
      });
      output.out(String(answer.message || `${botId} was created.`));
    });
}

/** Reads `name=value` pairs and checks them against the strategy. @throws CLI.USAGE, STRATEGY.* */
export function parametersOf(
  options: Pick<CreateOptions, 'strategy' | 'param'>,
): Readonly<Record<string, number | string | boolean>> {
  const params = parameterPairs(options.param ?? []);
  resolveParameters(new StrategyRegistry().get(options.strategy), params);
  return params;
}

/** Reads `name=value` pairs. @throws CLI.USAGE */
export function parameterPairs(
  pairs: readonly string[],
): Readonly<Record<string, number | string | boolean>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usage(`'${pair}' is not of the form name=value.`, 'Write it as fast=10.');
      return [pair.slice(0, at), parameterValue(pair.slice(at + 1))] as const;
    }),
  );
}

function parameterValue(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function onlyOne(names: readonly string[], what: string): string {
  const [first, ...others] = names;
  if (first !== undefined && others.length === 0) return first;
  const option = what === 'feeds' ? '--feed' : '--account';
  throw usage(
    first === undefined ? `The stack has no ${what}.` : `The stack has several ${what}.`,
    first === undefined
      ? 'Add one to the configuration.'
      : `Name one with ${option}: ${names.join(', ')}.`,
  );
}

function usage(why: string, fix: string): AppError {
  return new AppError({ code: 'CLI.USAGE' satisfies CliErrorCode, why, fix });
}
