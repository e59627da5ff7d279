import { Command } from 'commander';
import { addBacktestCommand } from './commands/backtest.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addConfigCommands } from './commands/config.ts';
import { addDataCommands } from './commands/data.ts';
import { addDatabaseCommands } from './commands/database.ts';
import { addLookaheadCommand } from './commands/lookahead.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addReproCommand } from './commands/repro.ts';
import { addStackCommands } from './commands/stack.ts';
import { addStrategyCommands } from './commands/strategies.ts';
import { addTradingCommands } from './commands/trading.ts';
import { addUpCommand } from './commands/up.ts';
import { reportFailure } from './failure.ts';
import { type Output, STANDARD_OUTPUT } from './output.ts';

/** What every command is given. */
export interface CommandContext {
  readonly output: Output;
  /** Sets what the process ends with; 0 unless it is called. */
  exit(code: number): void;
}

const EXAMPLES = `
Examples:
  capstan up                          the demonstration: generated market, paper account, dashboard
  capstan up --bars day.csv           play one-minute bars from a file instead
  capstan up --env paper --detach     run in the background; returns when all is healthy
  capstan status                      exit code 0 only if everything is healthy
  capstan why trend                   what the bot decided last, and what was denied, in words
  capstan kill --reason 'news'        no order that adds exposure is sent any more
  capstan logs -f execution           follow one service
  capstan down                        stop the stack
  capstan data import spy.csv.gz --venue ARCX --timeframe 1d

Exit codes: 0 done, 1 it failed, 2 the call or the configuration is wrong.
Every command explains itself: capstan <command> --help`;

/** Builds the command line. */
export function buildProgram(context: CommandContext): Command {
  const program = new Command('capstan')
    .description('Algorithmic trading from research to live: runs the platform and talks to it.')
    .version('0.1.0', '-V, --version', 'show the version')
    .option('-v, --verbose', 'show stacks with errors, and more detail')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .showHelpAfterError('(capstan --help lists the commands, with examples)')
    .addHelpText('after', EXAMPLES)
    .configureOutput({
      writeOut: (text) => context.output.out(text.trimEnd()),
      writeErr: (text) => context.output.err(text.trimEnd()),
    })
    .exitOverride();
  program.commandsGroup('The stack:');
  addUpCommand(program, context);
  addStackCommands(program, context);
  program.commandsGroup('Trading:');
  addTradingCommands(program, context);
  addStrategyCommands(program, context);
  program.commandsGroup('Research:');
  addBacktestCommand(program, context);
  addPlanCommand(program, context);
  addCompareCommand(program, context);
  addReproCommand(program, context);
  addLookaheadCommand(program, context);
  addDataCommands(program, context);
  program.commandsGroup('Installation:');
  addDatabaseCommands(program, context);
  addConfigCommands(program, context);
  return program;
}

/** Runs the command line. @returns the exit code. */
export async function runCli(
  args: readonly string[],
  output: Output = STANDARD_OUTPUT,
): Promise<number> {
  let code = 0;
  const program = buildProgram({
    output,
    exit: (asked) => {
      code = asked;
    },
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    const verbose = args.some((argument) => argument === '-v' || argument === '--verbose');
    return reportFailure(error, output, verbose);
  }
}
