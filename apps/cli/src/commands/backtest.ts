import { performance } from 'node:perf_hooks';
import type { Override, RunFileOptions } from '@capstan/backtest';
import type { Command } from 'commander';
import type { CommandContext } from '../program.ts';
import {
  addRunChoices,
  outputDirOf,
  type RunChoices,
  threadsArgument,
} from './backtest-options.ts';

const EXAMPLES = `
Examples:
  capstan backtest --config configs/single.yaml
  capstan backtest --config configs/single.yaml --param fast=5,10,20 --param slow=50:200:10
  capstan backtest --config configs/single.yaml --set cash=50000 --set commission.kind=none
  capstan backtest --strategy ./my-strategy.ts --config configs/single.yaml

A list or a range makes a sweep, which runs on all cores. Ctrl-C keeps what is done.`;

interface BacktestChoices extends RunChoices {
  readonly outputDir?: string;
  readonly threads?: number;
  readonly yes?: boolean;
}

/** Adds `backtest`. */
export function addBacktestCommand(program: Command, context: CommandContext): void {
  addRunChoices(program.command('backtest').description('run a strategy over history'))
    .option('-o, --output-dir <dir>', 'where runs are kept (default: backtests)')
    .option(
      '-t, --threads <count>',
      'worker threads of a sweep (default: all cores)',
      threadsArgument,
    )
    .option('-y, --yes', 'start a large sweep without asking')
    .addHelpText('after', EXAMPLES)
    .action(async (choices: BacktestChoices) => {
      const startedAt = new Date();
      const start = performance.now();
      const backtest = await import('@capstan/backtest');
      const checked = await backtest.checkConfig(await runOptions(choices));
      const prepared = await backtest.prepareRun(checked, false);
      const outcome = new backtest.Runner(inputsOf(prepared)).run(checked.first);
      const path = await backtest.writeRun({
        prepared,
        outcome,
        outputDir: outputDirOf(choices.outputDir),
        startedAt,
        durationMs: performance.now() - start,
        threads: 1,
      });
      context.output.out(path);
    });
}

function inputsOf(prepared: import('@capstan/backtest').PreparedRun) {
  const { config, strategy, data } = prepared;
  return { run: config.run, strategy, symbols: data.symbols, benchmark: data.benchmark };
}

/** Returns where a run is read from, as the command line says it. */
export async function runOptions(choices: RunChoices): Promise<RunFileOptions> {
  const { parseOverride, parseParameterOverride } = await import('@capstan/backtest');
  const overrides: Override[] = [
    ...(choices.strategy === undefined
      ? []
      : [
          {
            path: ['strategy'],
            value: choices.strategy,
            origin: `--strategy ${choices.strategy}`,
          },
        ]),
    ...(choices.set ?? []).map((text) => parseOverride(text)),
    ...(choices.param ?? []).map((text) => parseParameterOverride(text)),
  ];
  return { ...(choices.config === undefined ? {} : { file: choices.config }), overrides };
}
