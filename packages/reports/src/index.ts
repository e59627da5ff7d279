export { EQUITY_COLUMNS, equityCsv } from './equity-csv.ts';
export {
  type MetricsRow,
  metricColumn,
  metricsCsv,
  metricsHeader,
  metricsLine,
} from './metrics-csv.ts';
export { type NotebookParts, runNotebook, sweepNotebook } from './notebook.ts';
export { renderPlot } from './render-plot.ts';
export { renderReport } from './render-report.ts';
export { renderSweep } from './render-sweep.ts';
export type { Provenance, ReportedSymbol, ReportInput, ReportNote } from './report-input.ts';
export { reportOf } from './report-of.ts';
export type { ReportSetting, ReportWarning, RunReport, WarningLevel } from './run-report.ts';
export { settingsOf } from './settings-of.ts';
export { sweepOf } from './sweep-of.ts';
export type { SweepAxis, SweepInput, SweepReport, SweepRow } from './sweep-report.ts';
export { TRADE_COLUMNS, tradesCsv } from './trades-csv.ts';
