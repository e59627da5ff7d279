import { availableParallelism } from 'node:os';
import type { Reproduction } from '@capstan/backtest';
import type { Command } from 'commander';
import colors from 'picocolors';
import type { CommandContext } from '../program.ts';
import { jsonOption } from './arguments.ts';
import { threadsArgument } from './backtest-options.ts';
import { differenceText } from './row-difference-text.ts';

/** What is over sooner shows no bar. */
const BAR_AFTER_MS = 500;

/** Adds `repro`. */
export function addReproCommand(program: Command, { output, exit }: CommandContext): void {
  program
    .command('repro')
    .description('run a stored run again, and require the same data and digest')
    .argument('<run>', 'a run directory')
    .option('-t, --threads <count>', 'worker threads of a sweep', threadsArgument)
    .addOption(jsonOption())
    .addHelpText('after', '\nExit code 0 where it came out the same, 1 where it did not.')
    .action(
      async (run: string, options: { readonly json?: boolean; readonly threads?: number }) => {
        const { reproduceRun } = await import('@capstan/backtest');
        const { ProgressBar } = await import('./progress-bar.ts');
        const bar = new ProgressBar(output.isTerminal, BAR_AFTER_MS);
        const threads = options.threads ?? availableParallelism();
        const reproduction = await reproduceRun(run, {
          threads,
          onProgress: (progress) => bar.show(progress),
        }).finally(() => bar.clear());
        output.out(
          options.json === true
            ? JSON.stringify(reproduction, null, 2)
            : reproductionText(reproduction),
        );
        if (!reproduction.same) exit(1);
      },
    );
}

/** Shows what running again showed. */
export function reproductionText(found: Reproduction): string {
  const { same, digest } = found;
  if (same) return colors.green(`The same: digest ${digest.now}`);
  const pairs = [
    ['data', found.dataFingerprint],
    ['configuration', found.configHash],
    ['engine', found.engineVersion],
    ['digest', digest],
  ] as const;
  const differing = pairs.filter(([, { stored, now }]) => stored !== now);
  return [
    colors.red('Not the same.'),
    ...differing.map(([name, { stored, now }]) => `${name}: was ${stored}, is ${now}`),
    ...(found.orders.length === 0
      ? []
      : ['The first orders that differ (A was, B is):', ...found.orders.map(differenceText)]),
    ...(found.fills.length === 0
      ? []
      : ['The first fills that differ (A was, B is):', ...found.fills.map(differenceText)]),
  ].join('\n');
}
