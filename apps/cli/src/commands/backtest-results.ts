import { METRICS, type MetricKey } from '@capstan/analytics';
import type { PreparedRun, RunOutcome, WrittenSweep } from '@capstan/backtest';
import colors from 'picocolors';
import { renderTable } from '../console/table.ts';
import { grouped, metricText, metricTitle } from './metric-text.ts';

const TITLE_WIDTH = 24;
const BEST_SHOWN = 10;

/** Shows what a single run came to. */
export function singleText(prepared: PreparedRun, outcome: RunOutcome): string {
  const { config } = prepared;
  const { result, summary } = outcome;
  const rows = config.run.metrics.show.map(
    (key) =>
      `${metricTitle(key).padEnd(TITLE_WIDTH)}${metricText(key, summary.metrics[key]).padStart(16)}`,
  );
  return [
    headText(prepared),
    ...rows,
    ...warningsOf(outcome),
    `${grouped(result.orders.count)} orders, ${grouped(result.fills.count)} fills, digest ${result.digest()}`,
  ].join('\n');
}

/** Says what runs on what. */
export function headText({ strategy, data, config, first, grid }: PreparedRun): string {
  const symbols = data.symbols.map(({ instrument }) => instrument.symbol);
  const shown =
    symbols.length > 5
      ? `${symbols.slice(0, 5).join(', ')} and ${symbols.length - 5} more`
      : symbols.join(', ');
  const bars = data.symbols.reduce((sum, { series }) => sum + series.bars.endUs.length, 0);
  const days = spanText(data);
  const what = grid.isSweep ? `${grouped(grid.count)} combinations` : paramsText(first);
  return colors.bold(
    `${strategy.name}${what === '' ? '' : ` (${what})`} on ${shown} ${config.run.timeframe}, ${days}, ${grouped(bars)} bars`,
  );
}

function paramsText(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

/** The first and the last day of the bars. */
export function spanText({ symbols }: Pick<PreparedRun['data'], 'symbols'>): string {
  const day = (us: number) => new Date(us / 1_000).toISOString().slice(0, 10);
  const first = Math.min(...symbols.map(({ series }) => series.bars.startUs[0] ?? Number.NaN));
  const last = Math.max(...symbols.map(({ series }) => series.bars.endUs.at(-1) ?? Number.NaN));
  return `${day(first)} to ${day(last - 1)}`;
}

function warningsOf({ result, spec }: RunOutcome): readonly string[] {
  const warnings: string[] = [];
  if (spec.execution.fillAt === 'sameClose') {
    warnings.push(
      colors.red('Orders fill at the close that decided them, which no one can trade.'),
    );
  }
  if (result.denials.length > 0) {
    const [first] = result.denials;
    warnings.push(
      colors.yellow(
        `${grouped(result.denials.length)} orders denied, first: ${first?.reason ?? ''}`,
      ),
    );
  }
  const least = result.cashMicros.reduce((low, cash) => Math.min(low, cash), 0);
  if (least < 0) warnings.push(colors.yellow(`Cash was as low as ${grouped(least / 1e6, 2)}.`));
  if (result.halts.length > 0) {
    const what = spec.execution.haltFor === 'run' ? 'the run' : 'the session';
    const { length } = result.halts;
    const times = length === 1 ? 'once' : `${length} times`;
    warnings.push(colors.yellow(`The daily loss halted ${what} ${times}.`));
  }
  return warnings;
}

/** Shows what a sweep came to: the best combinations, and what was left out. */
export function sweepText(prepared: PreparedRun, { outcome, path }: WrittenSweep): string {
  const { grid, config } = prepared;
  const { rankBy, show } = config.run.metrics;
  const byIndex = new Map(outcome.rows.map((row) => [row.index, row]));
  const keys: readonly MetricKey[] = [rankBy, ...show.filter((key) => key !== rankBy)].slice(0, 5);
  const table = renderTable(
    [
      {
        title: '#',
        align: 'right',
        text: ({ index }: { readonly index: number }) => String(index),
      },
      ...grid.axes.map(({ name }) => ({
        title: name,
        align: 'right' as const,
        text: ({ index }: { readonly index: number }) => String(grid.at(index)[name] ?? ''),
      })),
      ...keys.map((key) => ({
        title: metricTitle(key),
        align: 'right' as const,
        text: ({ index, value }: { readonly index: number; readonly value: number }) =>
          key === rankBy
            ? metricText(key, value)
            : metricText(key, byIndex.get(index)?.metrics[metricAt(key)]),
      })),
    ],
    outcome.best.slice(0, BEST_SHOWN),
    'no combination has a value to rank by',
  );
  const counted = [
    `${grouped(outcome.done)} combinations run`,
    ...(outcome.skipped === 0
      ? []
      : [`${grouped(outcome.skipped)} left out: their parameters do not fit together`]),
    ...(outcome.failed === 0
      ? []
      : [colors.red(`${grouped(outcome.failed)} failed: metrics.csv says why`)]),
  ].join(', ');
  const tried = outcome.done > 20 ? [colors.yellow(triesWarning(outcome.done))] : [];
  return [
    headText(prepared),
    table,
    `${counted}.`,
    ...tried,
    `digest ${outcome.digest}`,
    path,
  ].join('\n');
}

function triesWarning(tries: number): string {
  return `The best of ${grouped(tries)} tries looks better than it is: trust it as far as its neighbours are good too.`;
}

function metricAt(key: MetricKey): number {
  return METRICS.findIndex((metric) => metric.key === key);
}

/** A single run for programs. */
export function singleJson(prepared: PreparedRun, { result, summary }: RunOutcome, path: string) {
  return {
    path,
    strategy: prepared.strategy.name,
    symbols: result.symbols,
    digest: result.digest(),
    dataFingerprint: prepared.data.fingerprint,
    orders: result.orders.count,
    fills: result.fills.count,
    denials: result.denials.length,
    metrics: Object.fromEntries(METRICS.map(({ key }) => [key, summary.metrics[key] ?? null])),
    notes: prepared.data.notes,
  };
}

/** A sweep for programs. */
export function sweepJson(prepared: PreparedRun, { outcome, path }: WrittenSweep) {
  const { complete, done, skipped, failed, digest, best } = outcome;
  return {
    path,
    strategy: prepared.strategy.name,
    symbols: prepared.data.symbols.map(({ instrument }) => instrument.symbol),
    dataFingerprint: prepared.data.fingerprint,
    complete,
    combinations: { count: prepared.grid.count, done, skipped, failed },
    digest,
    rankBy: prepared.config.run.metrics.rankBy,
    best: best.map((one) => ({ ...one, params: prepared.grid.at(one.index) })),
    notes: prepared.data.notes,
  };
}
