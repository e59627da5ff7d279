import { Command } from 'commander';
import { reportFailure } from './failure.ts';
import type { Output } from './output.ts';
import type { CommandContext } from './program.ts';

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

/** Begins a command line: its options and its help, without commands. */
export function newProgram(context: CommandContext): Command {
  return new Command('capstan')
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
}

/** Builds a command line and runs it. @returns the exit code. */
export async function runProgram(
  args: readonly string[],
  output: Output,
  build: (context: CommandContext) => Command,
): Promise<number> {
  let code = 0;
  const program = build({
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
