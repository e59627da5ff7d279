import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { jsonOption } from './arguments.ts';

/** Options that say what a run is, which several commands have. */
export interface RunChoices {
  readonly config?: string;
  readonly strategy?: string;
  readonly set?: readonly string[];
  readonly param?: readonly string[];
  readonly json?: boolean;
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];

/** Adds the options that say what a run is. */
export function addRunChoices(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration of the run (configs/ has samples)')
    .option('-s, --strategy <name>', 'a strategy by name, or the file of your own')
    .addOption(
      new Option(
        '--set <key=value>',
        'put a value over the configuration, such as cash=50000',
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '-p, --param <name=value>',
        'a parameter: a value, a list (5,10,20) or a range (5:50:5)',
      ).argParser(collect),
    )
    .addOption(jsonOption());
}

/** Reads a number of threads. */
export function threadsArgument(text: string): number {
  const threads = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (threads >= 1 && threads <= 256) return threads;
  throw new InvalidArgumentError('It must be a whole number from 1 to 256.');
}

/** Where runs are kept unless told otherwise. */
export const OUTPUT_DIR = 'backtests';

/** Returns a folder of results as an absolute path. */
export function outputDirOf(dir: string | undefined): string {
  return resolve(dir ?? OUTPUT_DIR);
}
