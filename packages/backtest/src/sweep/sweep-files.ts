import { indexSessions, METRICS } from '@capstan/analytics';
import {
  metricColumn,
  renderSweep,
  type SweepInput,
  sweepNotebook,
  sweepOf,
} from '@capstan/reports';
import type { ReportFile } from '../directory/report-files.ts';
import type { RunStatement } from '../directory/write-run.ts';
import { REPORTED_COMBINATIONS_MAX } from '../limits.ts';
import { marketOf } from '../load/run-data.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { money } from '../run/spec-of.ts';
import type { SweepOutcome } from './run-sweep.ts';

/** Makes the files of a sweep for people: the page and the notebook. */
export function* sweepFiles(
  prepared: PreparedRun,
  outcome: SweepOutcome,
  statement: RunStatement,
): Generator<ReportFile> {
  const { strategy, grid, config, data } = prepared;
  const { rankBy } = config.run.metrics;
  const metric = METRICS.find(({ key }) => key === rankBy);
  const notebook = sweepNotebook(
    { title: strategy.title, symbols: data.symbols.map(({ instrument }) => instrument.symbol) },
    {
      axes: grid.axes.map(({ name }) => name),
      metricColumn: metricColumn(rankBy, metric?.unit ?? 'ratio'),
    },
  );
  yield { name: 'analysis.ipynb', content: notebook };
  // A page lists the values of each axis: one that is longer than the page's rows would not fit.
  if (grid.axes.some(({ length }) => length > REPORTED_COMBINATIONS_MAX)) return;
  const page = renderSweep(sweepOf(inputOf(prepared, outcome, statement)));
  yield { name: 'report.html', content: page };
}

function inputOf(
  { strategy, grid, config, data }: PreparedRun,
  outcome: SweepOutcome,
  statement: RunStatement,
): SweepInput {
  const { run } = config;
  const period = periodOf(data.symbols);
  const fixed = Object.entries(run.params).flatMap(([name, given]) =>
    typeof given === 'object' ? [] : [[name, given] as const],
  );
  return {
    strategy,
    symbols: data.symbols.map(({ instrument }) => instrument.symbol),
    timeframe: run.timeframe,
    ...(period === undefined ? {} : { period }),
    cashMicros: money(run.cash),
    currency: [...new Set(data.symbols.map(({ instrument }) => instrument.currency))].join(', '),
    axes: grid.axes.map(({ name, length, at }) => ({
      name,
      values: Array.from({ length }, (_, place) => at(place)),
    })),
    fixed: Object.fromEntries(fixed),
    rankBy: run.metrics.rankBy,
    rows: outcome.rows.filter(({ state }) => state === 'done'),
    count: grid.count,
    isComplete: outcome.complete,
    fillsAtSameClose: run.execution.fillAt === 'sameClose',
    provenance: {
      digest: statement.digest,
      dataFingerprint: statement.dataFingerprint,
      engineVersion: statement.engineVersion,
      configHash: statement.configHash,
    },
  };
}

function periodOf(symbols: PreparedRun['data']['symbols']): SweepInput['period'] {
  const { calendarOf } = marketOf([]);
  const dates = symbols.flatMap(({ series, instrument }) => {
    const all = indexSessions(series.bars.endUs, calendarOf(instrument.calendar)).dates;
    return [all[0], all.at(-1)].filter((date) => date !== undefined);
  });
  const [from] = dates.sort();
  const to = dates.at(-1);
  return from === undefined || to === undefined ? undefined : { from, to };
}
