export { type StoredActions, writeStoredActions } from './action-store.ts';
export { type AddedBars, addBars, type BarsToAdd, sortedBars } from './add-bars.ts';
export {
  ANOMALIES,
  ANOMALY_ACTIONS,
  ANOMALY_KINDS,
  type AnomalyAction,
  type AnomalyExample,
  type AnomalyFinding,
  type AnomalyKind,
  type AnomalyRules,
  actionsOf,
  parseAnomalyRule,
} from './anomaly.ts';
export { type AskedSpans, readAsked, recordAsked } from './asked-spans.ts';
export { type BarFile, type BarFileOptions, readBarFile } from './bar-file.ts';
export { type BarPart, isWholePart, readBarParts, writeBarPart } from './bar-parts.ts';
export { type BarsReport, refusals } from './bars-report.ts';
export { checkSeries, type SeriesCheck } from './check-series.ts';
export {
  BAR_FIELDS,
  type BarField,
  type ColumnMapping,
  TIME_FORMATS,
  type TimeFormat,
} from './column-mapping.ts';
export {
  type CorporateAction,
  type DividendAction,
  requireRaw,
  type SplitAction,
  sortActions,
} from './corporate-action.ts';
export {
  diffTables,
  type RowDifference,
  type TableRow,
  type TablesToDiff,
} from './diff-tables.ts';
export { LAKE_ERRORS } from './error-codes.ts';
export { type ExportOptions, exportBars } from './export-bars.ts';
export { type BarsDescription, fingerprintBars, joinFingerprints } from './fingerprint.ts';
export type { GapRun, Gaps } from './gaps.ts';
export { type ImportedActions, importActions } from './import-actions.ts';
export {
  IMPORT_MODES,
  type ImportedSeries,
  type ImportMode,
  type ImportOptions,
  type ImportResult,
  importBars,
  requirePassed,
  settledAnomalies,
} from './import-bars.ts';
export { importTickers } from './import-tickers.ts';
export {
  defaultInstrument,
  InstrumentRegistry,
  type RegisteredInstrument,
  type TickerSpan,
  writeInstruments,
} from './instrument-registry.ts';
export { Lake, type ReadOptions, type SeriesQuery, type SeriesWithActions } from './lake.ts';
export {
  firstRowFrom,
  joinBars,
  LAKE_COLUMNS,
  type LakeBars,
  type LakeColumn,
  newLakeBars,
  takeRows,
  viewRows,
} from './lake-bars.ts';
export { LoadedSeries } from './loaded-series.ts';
export type { SeriesManifest, SeriesPart, SeriesSource, SettledAnomaly } from './manifest.ts';
export { type ActionsFile, readActionsFile } from './read-actions-file.ts';
export {
  type BarSeries,
  type BarSourceOptions,
  type FileBars,
  readBarsFromFile,
} from './read-bars-from-file.ts';
export {
  ADJUSTMENTS,
  type Adjustment,
  ALIGNMENTS,
  type Alignment,
  escapeName,
  type SeriesKey,
  seriesFolder,
  seriesText,
  timeframeOf,
} from './series-key.ts';
export { regularBars, sessionOpens } from './session-columns.ts';
export { type Hours, type SlicedBars, sliceBars } from './slices.ts';
export { TICK_KINDS, type TickKind, type TickRows } from './tick-files.ts';
export { type TickDay, type TickSeries, TickStore, type TicksToKeep } from './tick-store.ts';
export { joinSpans, type TimeSpan, withoutSpans } from './time-spans.ts';
export type { SeriesToWrite } from './write-series.ts';
export {
  type TableColumn,
  type TableToWrite,
  type TableValues,
  writeTable,
} from './write-table.ts';
