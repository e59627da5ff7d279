import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type {
  CheckedRun,
  Override,
  PreparedRun,
  RunFileOptions,
  RunWatchProgress,
  SweepProgress,
} from '@capstan/backtest';
import { readEnvironment } from '@capstan/runtime/environment';
import type { Command } from 'commander';
import type { CommandContext } from '../program.ts';
import {
  addRunChoices,
  outputDirOf,
  type RunChoices,
  threadsArgument,
} from './backtest-options.ts';
import { INTERRUPTED, Interrupts } from './interrupts.ts';
import { ProgressBar } from './progress-bar.ts';

const EXAMPLES = `
Examples:
  capstan backtest --config configs/single.yaml
  capstan backtest --config configs/single.yaml --param fast=5,10,20 --param slow=50:200:10
  capstan backtest --config configs/single.yaml --set cash=50000 --set commission.kind=none
  capstan backtest --config configs/single.yaml --strategy ./my-strategy.ts

A list or a range makes a sweep, which runs on all cores. Ctrl-C keeps what a sweep has done, and nothing of a single run;
a second one ends it at once.`;

/** A run that is over sooner shows no bar. */
const BAR_AFTER_MS = 500;

interface BacktestChoices extends RunChoices {
  readonly outputDir?: string;
  readonly threads?: number;
  readonly yes?: boolean;
  readonly resume?: string;
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
    .option('--resume <dir>', 'go on with an interrupted sweep')
    .addHelpText('after', EXAMPLES)
    .action(async (choices: BacktestChoices, command: Command) => {
      const verbose = command.optsWithGlobals<{ readonly verbose?: boolean }>().verbose === true;
      const job = new BacktestJob(context, choices, verbose);
      await job.run();
    });
}

class BacktestJob {
  readonly #context: CommandContext;
  readonly #choices: BacktestChoices;
  readonly #verbose: boolean;
  readonly #startedAt = new Date();
  readonly #startMs = performance.now();

  constructor(context: CommandContext, choices: BacktestChoices, verbose: boolean) {
    this.#context = context;
    this.#choices = choices;
    this.#verbose = verbose;
  }

  async run(): Promise<void> {
    const { checkConfig, prepareRun } = await import('@capstan/backtest');
    const checked = await checkConfig(await runOptions(this.#choices));
    if (!(await this.#isWanted(checked))) return;
    const prepared = await prepareRun(checked, checked.grid.isSweep);
    if (checked.grid.isSweep) await this.#sweep(prepared);
    else await this.#single(prepared);
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  /** Says the size of a very large sweep, and asks. */
  async #isWanted(checked: CheckedRun): Promise<boolean> {
    const { CONFIRM_COMBINATIONS, estimateSweep, prepareRun } = await import('@capstan/backtest');
    const { output } = this.#context;
    if (checked.grid.count < CONFIRM_COMBINATIONS || this.#choices.yes === true) return true;
    const prepared = await prepareRun(checked, false);
    const { sweepSizeText, unconfirmed } = await import('./sweep-size.ts');
    const size = sweepSizeText(prepared, estimateSweep(prepared, this.#threads));
    if (!output.isTerminal || !process.stdin.isTTY) throw unconfirmed(size);
    const { confirm } = await import('./confirm.ts');
    return confirm(`${size} Start?`);
  }

  get #threads(): number {
    return this.#choices.threads ?? availableParallelism();
  }

  /** Notes on the data go to the error output, so that a pipe gets results alone. */
  #tell({ data }: PreparedRun): void {
    const { output } = this.#context;
    const shown = this.#verbose ? data.notes : data.notes.slice(0, NOTES_SHOWN);
    for (const { symbol, text } of shown) output.err(`note: ${symbol}: ${text}`);
    const more = data.notes.length - shown.length;
    if (more > 0) output.err(`note: ${more} more (-v shows them)`);
    if (this.#verbose) {
      output.err(`data ${data.fingerprint}, read after ${Math.round(this.#elapsedMs)} ms`);
    }
  }

  async #single(prepared: PreparedRun): Promise<void> {
    const { output } = this.#context;
    const interrupts = new Interrupts();
    this.#tell(prepared);
    try {
      if (await this.#runSingle(prepared, interrupts.signal)) return;
      output.err('stopped: nothing was kept.');
      this.#context.exit(INTERRUPTED);
    } finally {
      interrupts.end();
    }
  }

  /** @returns false where it was stopped. */
  async #runSingle(prepared: PreparedRun, signal: AbortSignal): Promise<boolean> {
    const { Runner, runWatched, writeRun } = await import('@capstan/backtest');
    const { output } = this.#context;
    const { config, strategy, data, first } = prepared;
    const bar = new ProgressBar(output.isTerminal, BAR_AFTER_MS);
    const runner = new Runner({ run: config.run, strategy, ...data });
    const onProgress = (progress: RunWatchProgress) => bar.show({ ...progress, unit: 'bars' });
    const outcome = await runWatched(runner, first, { data, signal, onProgress }).finally(() =>
      bar.clear(),
    );
    if (outcome === undefined) return false;
    const durationMs = this.#elapsedMs;
    const { singleJson, singleText } = await import('./backtest-results.ts');
    const isJson = this.#choices.json === true;
    if (!isJson) output.out(singleText(prepared, outcome));
    const path = await writeRun({
      ...{ prepared, outcome, durationMs, signal, threads: 1 },
      outputDir: outputDirOf(this.#choices.outputDir),
      startedAt: this.#startedAt,
    });
    if (path === undefined) return false;
    output.out(isJson ? JSON.stringify(singleJson(prepared, outcome, path), null, 2) : path);
    if (this.#verbose) {
      output.err(
        `run after ${Math.round(durationMs)} ms, written after ${Math.round(this.#elapsedMs)} ms`,
      );
    }
    return true;
  }

  async #sweep(prepared: PreparedRun): Promise<void> {
    const { writeSweep } = await import('@capstan/backtest');
    const { sweepJson, sweepText } = await import('./backtest-results.ts');
    const { output } = this.#context;
    const { resume } = this.#choices;
    const bar = new ProgressBar(output.isTerminal);
    const interrupts = new Interrupts();
    this.#tell(prepared);
    try {
      const written = await writeSweep({
        prepared,
        outputDir: outputDirOf(this.#choices.outputDir),
        threads: this.#threads,
        startedAt: this.#startedAt,
        elapsedMs: () => this.#elapsedMs,
        signal: interrupts.signal,
        onProgress: (progress: SweepProgress) => bar.show(progress),
        ...(resume === undefined ? {} : { resume }),
      });
      bar.clear();
      output.out(
        this.#choices.json === true
          ? JSON.stringify(sweepJson(prepared, written), null, 2)
          : sweepText(prepared, written),
      );
      if (written.outcome.complete) return;
      output.err(
        `stopped: what is done is kept. Go on with the same command and --resume ${written.path}`,
      );
      this.#context.exit(INTERRUPTED);
    } finally {
      bar.clear();
      interrupts.end();
    }
  }
}

/** Notes on the data that are shown without --verbose. */
const NOTES_SHOWN = 3;

/** Returns where a run is read from, as the command line says it. */
export async function runOptions(choices: RunChoices): Promise<RunFileOptions> {
  const { parseOverride, parseParameterOverride } = await import('@capstan/backtest');
  const { CAPSTAN_LAKE: lake } = readEnvironment();
  const { strategy } = choices;
  const named: readonly Override[] =
    strategy === undefined
      ? []
      : [{ path: ['strategy'], value: strategy, origin: `--strategy ${strategy}` }];
  return {
    ...(choices.config === undefined ? {} : { file: choices.config }),
    ...(lake === undefined ? {} : { lake }),
    overrides: [
      ...named,
      ...(choices.set ?? []).map((text) => parseOverride(text)),
      ...(choices.param ?? []).map((text) => parseParameterOverride(text)),
    ],
  };
}
