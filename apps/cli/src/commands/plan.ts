import { availableParallelism } from 'node:os';
import type { PreparedRun, RunDescription } from '@capstan/backtest';
import type { Command } from 'commander';
import { renderTable } from '../console/table.ts';
import type { CommandContext } from '../program.ts';
import { runOptions } from './backtest.ts';
import { addRunChoices, type RunChoices, threadsArgument } from './backtest-options.ts';
import { grouped } from './metric-text.ts';
import { durationText } from './progress-line.ts';

/** Adds `plan`. */
export function addPlanCommand(program: Command, { output }: CommandContext): void {
  addRunChoices(
    program.command('plan').description('say what a backtest would run: data, limits, size, time'),
  )
    .option('-t, --threads <count>', 'worker threads of a sweep', threadsArgument)
    .action(async (choices: RunChoices & { readonly threads?: number }) => {
      const { checkConfig, describeRun, prepareRun } = await import('@capstan/backtest');
      const prepared = await prepareRun(await checkConfig(await runOptions(choices)), false);
      const description = describeRun(prepared, choices.threads ?? availableParallelism());
      output.out(
        choices.json === true
          ? JSON.stringify({ ...description, notes: prepared.data.notes }, null, 2)
          : planText(prepared, description),
      );
    });
}

const SYMBOLS_SHOWN = 40;

/** Shows what would run. */
export function planText(prepared: PreparedRun, plan: RunDescription): string {
  const { config, strategy, data, first } = prepared;
  const { run } = config;
  const day = (us: number) => new Date(us / 1_000).toISOString().slice(0, 10);
  const symbols = renderTable(
    [
      { title: 'symbol', text: ({ symbol }) => symbol },
      { title: 'bars', align: 'right', text: ({ bars }) => grouped(bars) },
      { title: 'from', text: ({ firstUs }) => day(firstUs) },
      { title: 'to', text: ({ lastUs }) => day(lastUs - 1) },
      { title: 'actions', align: 'right', text: ({ actions }) => grouped(actions) },
      { title: 'calendar', text: ({ calendar }) => calendar },
    ],
    plan.symbols.slice(0, SYMBOLS_SHOWN),
  );
  const axes = plan.axes.map(({ name, length }) => `${grouped(length)} of ${name}`).join(' × ');
  const params = Object.entries(first).map(([name, value]) => `${name}=${String(value)}`);
  const rows = (named: readonly (readonly [string, string])[]) => {
    const wide = Math.max(...named.map(([name]) => name.length));
    return named.map(([name, text]) => `${name.padEnd(wide)}  ${text}`);
  };
  return [
    ...rows([
      ['strategy', `${strategy.name}${params.length === 0 ? '' : ` (${params.join(' ')})`}`],
      ['combinations', `${grouped(plan.combinations)}${axes === '' ? '' : `: ${axes}`}`],
      [
        'data',
        `${run.provider}, ${run.timeframe}, ${grouped(plan.bars)} bars, fingerprint ${plan.dataFingerprint}`,
      ],
    ]),
    symbols,
    ...data.notes.slice(0, SYMBOLS_SHOWN).map(({ symbol, text }) => `note: ${symbol}: ${text}`),
    ...rows([
      ['cash', String(run.cash)],
      ...plan.settings.map(({ name, value }) => [name.toLowerCase(), value] as const),
      ['path', `${plan.plan.path}: ${plan.plan.why}`],
      ...(plan.sweep === undefined
        ? []
        : [['sweep', `${plan.sweep.path}: ${plan.sweep.why}`] as const]),
      [
        'time',
        `about ${timeText(plan.seconds)} on ${plan.threads} ${plan.threads === 1 ? 'thread' : 'threads'} (${grouped(plan.secondsEach * 1_000, 1)} ms a combination)`,
      ],
    ]),
  ].join('\n');
}

const timeText = (seconds: number): string =>
  seconds < 1 ? `${grouped(seconds * 1_000)} ms` : durationText(seconds);
