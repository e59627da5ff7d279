import { AppError } from '@capstan/domain';
import { EXIT } from '@capstan/runtime/exit-codes';
import { CommanderError } from 'commander';
import colors from 'picocolors';
import type { Output } from './output.ts';

/** Codes that say that the call itself, or the configuration it names, is wrong. */
const USAGE =
  /^(CLI\.USAGE|CLI\.LIVE|CONFIG\.[A-Z_]+|LAKE\.[A-Z_]+|FETCH\.[A-Z_]+|STRATEGY\.[A-Z_]+|NUMBER\.FORMAT|RUN\.(?!DISK|WRITE|THREAD)[A-Z_]+)$/;
/** Codes of the lake that say that a well-formed call did not succeed. */
const LAKE_FAILED = /^LAKE\.(BUSY|CONFLICT|DAMAGED|DISK|EXISTS|REFUSED|WRITE)$/;

/** Says what went wrong in one clear line, with the stack only where it is asked for. @returns the exit code. */
export function reportFailure(error: unknown, output: Output, verbose: boolean): number {
  if (error instanceof CommanderError) {
    // The parser has already said what is wrong, or shown the help that was asked for.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  const red = (text: string): string => (output.isTerminal ? colors.red(text) : text);
  if (error instanceof AppError) {
    output.err(`${red('error:')} ${error.message} [${error.code}]`);
    if (verbose && error.stack !== undefined) output.err(error.stack);
    if (verbose && error.cause !== undefined) output.err(`caused by: ${textOf(error.cause)}`);
    const wrongCall = USAGE.test(error.code) && !LAKE_FAILED.test(error.code);
    return wrongCall ? EXIT.usage : EXIT.failed;
  }
  const message = error instanceof Error ? error.message : String(error);
  output.err(`${red('error:')} this is a bug: ${message}${verbose ? '' : ' (-v shows where)'}`);
  if (verbose) output.err(textOf(error));
  return EXIT.bug;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
