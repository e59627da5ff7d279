import { AppError } from '@capstan/domain';
import {
  checkAlertSecrets,
  createLogger,
  type Environment,
  readEnvironment,
} from '@capstan/runtime';
import { type Command, Option } from 'commander';
import { withBars } from '../config/bars-feed.ts';
import { withEmulatedAlpaca } from '../config/emulated-venue.ts';
import { loadStack, type StackOptions, type StackPlan } from '../config/stack-config.ts';
import { VENUE_CHOICES, type VenueChoice } from '../config/venue-choices.ts';
import { liveConsole, plainConsole } from '../console/stack-console.ts';
import type { CliErrorCode } from '../error-codes.ts';
import type { CommandContext } from '../program.ts';
import { LogFile } from '../supervisor/log-file.ts';
import { runStack } from '../supervisor/run-stack.ts';
import { logPath } from '../supervisor/supervisor.ts';
import { portArgument, speedArgument } from './arguments.ts';
import { startDetached } from './detach.ts';

interface UpOptions extends StackOptions {
  readonly bars?: readonly string[];
  readonly symbol?: string;
  readonly detach?: boolean;
  readonly venue?: VenueChoice;
}

const HELP = `
Everything runs on this machine: NATS and PostgreSQL (embedded, unless nats.url or postgres.url is given), each
service as a process of its own, and the dashboard. What crashes is started again.

Ctrl-C, like 'capstan down', runs each bot's onShutdown rule (leave, the default, cancel or flatten) for at most
supervisor.shutdownRuleMs (10 s), then drains and stops it all. A second Ctrl-C drains at once, a third kills; SIGTERM
only drains. The next start goes on where it was, with all bots that were not stopped before.

Examples:
  capstan up                                   the demonstration
  capstan up --venue configured                the demonstration on the paper exchange alone
  capstan up --bars spy.csv qqq.csv.gz         play files; columns are found by their names
  capstan up --bars aapl.csv --symbol AAPL     a file without a symbol column
  capstan up --bars day.csv --speed max        as fast as the platform goes
  capstan up --env paper --http-port 9000      another environment, another port for the dashboard
  capstan up --config my.yaml --detach         a configuration of your own, in the background`;

/** Adds `capstan up`. */
export function addUpCommand(program: Command, context: CommandContext): void {
  program
    .command('up')
    .description('start everything and watch over it')
    .option('--env <name>', 'the environment: dev, paper or live (default: dev)')
    .option('--config <file>', "a configuration file in place of the environment's")
    .addOption(
      new Option(
        '--venue <name>',
        "where accounts trade: as they say, or at an Alpaca on this machine (default: 'supervisor.venue')",
      ).choices(VENUE_CHOICES),
    )
    .option('--bars <file...>', 'play these bar files (CSV, may be gzip) in place of the feeds')
    .option('--symbol <symbol>', 'the symbol of bar files that have no symbol column')
    .option(
      '--speed <n>',
      "how many times faster than the market, or 'max' (60: a minute bar a second)",
      speedArgument,
    )
    .option('--data-dir <dir>', 'where all data are kept (default: .capstan/<run>)')
    .option('--http-port <n>', 'the port of the dashboard; 0 takes any free one', portArgument)
    .option('--detach', 'run in the background; return when all is healthy')
    .option('--no-restart', 'leave services and bots that crash down')
    .option('--json-logs', 'write the logs as JSON lines')
    .option('-v, --verbose', 'show stacks with errors, and more detail')
    .addHelpText('after', HELP)
    .action(async (options: UpOptions, command: Command) => {
      const environment = readEnvironment();
      const plan = await planOf(options, environment);
      if (options.detach === true) {
        const args = command.parent?.args ?? [];
        await startDetached(
          plan,
          args.filter((argument) => argument !== '--detach'),
          context,
        );
        return;
      }
      context.exit(await runHere(plan, options, environment, context));
    });
}

/** Reads the configuration and lays the command line over it. */
export async function planOf(options: UpOptions, environment: Environment): Promise<StackPlan> {
  const plan = loadStack(options, environment);
  checkAlertSecrets(plan.config.alerts, environment);
  const venue = options.venue ?? plan.config.supervisor.venue;
  if (options.bars === undefined) {
    return venue === 'alpaca-emulator' ? withEmulatedAlpaca(plan, options) : plan;
  }
  if (options.venue === 'alpaca-emulator') throw bothGiven();
  return withBars(plan, { ...options, bars: options.bars });
}

function bothGiven(): AppError {
  return new AppError({
    code: 'CLI.USAGE' satisfies CliErrorCode,
    why: "Both --bars and '--venue alpaca-emulator' were given: the emulator has a market of its own.",
    fix: 'Give one of them.',
  });
}

async function runHere(
  plan: StackPlan,
  options: UpOptions,
  environment: Environment,
  { output }: CommandContext,
): Promise<number> {
  // A terminal that closes, or a pipe whose reader ends, must not keep the stack from draining.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const isLive = output.isTerminal && options.jsonLogs !== true;
  const own = new LogFile(logPath(plan.dataDir, 'capstan'));
  const log = createLogger({
    service: 'capstan',
    level: 'info',
    format: options.jsonLogs === true ? 'json' : 'text',
    write: (line) => own.write(line.trimEnd()),
  });
  return runStack({
    plan,
    environment,
    restart: options.restart !== false,
    jsonLogs: options.jsonLogs === true || plan.config.log.format === 'json',
    console: isLive
      ? liveConsole(process.stdout)
      : plainConsole((text) => output.out(text.trimEnd())),
    isTerminal: output.isTerminal,
    log,
  });
}
