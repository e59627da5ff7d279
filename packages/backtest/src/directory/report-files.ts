import {
  equityCsv,
  type ReportInput,
  renderPlot,
  renderReport,
  reportOf,
  runNotebook,
  tradesCsv,
} from '@capstan/reports';
import { resolveParameters } from '@capstan/strategy';
import { configHash } from './config-record.ts';
import type { OutcomeToWrite } from './write-run.ts';

const RUN_NAME_LENGTH = 12;

/** A file of a run directory. */
export interface ReportFile {
  readonly name: string;
  readonly content: string;
}

/** Makes the files for people: trades, equity, and pages. */
export function* reportFiles(parts: OutcomeToWrite): Generator<ReportFile> {
  const { outcome, prepared } = parts;
  const run = outcome.result.digest().slice(0, RUN_NAME_LENGTH);
  const instruments = prepared.data.symbols.map(({ instrument }) => instrument);
  const symbols = instruments.map(({ symbol }) => symbol);
  const notebook = runNotebook({ title: prepared.strategy.title, symbols });
  yield { name: 'analysis.ipynb', content: notebook };
  yield { name: 'trades.csv', content: tradesCsv(outcome.trips, instruments) };
  yield { name: `equity_${run}.csv`, content: equityCsv(outcome.result) };
  const report = reportOf(reportInput(parts));
  yield { name: `plot_${run}.html`, content: renderPlot(report) };
  yield { name: 'report.html', content: renderReport(report) };
}

/** Makes what a report is made of. */
function reportInput({ prepared, outcome, record, statement }: OutcomeToWrite): ReportInput {
  const { strategy, data } = prepared;
  const { result, spec, summary, trips } = outcome;
  return {
    strategy,
    params: resolveParameters(strategy, outcome.params),
    spec,
    symbols: data.symbols,
    result,
    trips,
    summary,
    ...(data.benchmark === undefined ? {} : { benchmark: data.benchmark }),
    notes: data.notes,
    provenance: {
      digest: result.digest(),
      dataFingerprint: statement.dataFingerprint,
      engineVersion: statement.engineVersion,
      configHash: configHash(record),
    },
  };
}
