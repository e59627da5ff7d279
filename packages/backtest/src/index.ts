export {
  compareRuns,
  type KeyDifference,
  type MetricPair,
  type RunComparison,
  type TradeRow,
} from './compare/compare-runs.ts';
export { type Reproduction, reproduceRun } from './compare/reproduce-run.ts';
export {
  type ConfigSource,
  type Override,
  parseOverride,
  parseParameterOverride,
  parseSource,
} from './config/config-source.ts';
export { type GivenParameters, Grid, gridOf } from './config/grid.ts';
export { keyIssues } from './config/key-issues.ts';
export { type RunConfig, type RunFileOptions, readRunFile } from './config/read-run.ts';
export { type RunFile, runJsonSchema } from './config/run-schema.ts';
export type { RunStatement } from './directory/write-run.ts';
export { type RunToWrite, writeRun } from './directory/write-run.ts';
export { ENGINE_VERSION } from './engine-version.ts';
export { BACKTEST_ERRORS } from './error-codes.ts';
export { CONFIRM_COMBINATIONS } from './limits.ts';
export { loadData } from './load/load-data.ts';
export { barCount, type DataNote, marketOf, type RunData } from './load/run-data.ts';
export { describeRun, type RunDescription } from './run/describe-run.ts';
export { type CheckedRun, checkConfig, type PreparedRun, prepareRun } from './run/prepare.ts';
export { type RunInputs, Runner, type RunOutcome } from './run/run-one.ts';
export { type RunWatchOptions, type RunWatchProgress, runWatched } from './run/run-watched.ts';
export { specOf } from './run/spec-of.ts';
export { openStrategy } from './strategy-file.ts';
export { type CombinationRow, ROW_STATES, type RowState } from './sweep/combination-row.ts';
export { SWEEP_PATHS, type SweepPath, type SweepPlan } from './sweep/combination-runner.ts';
export { estimateSweep, type SweepEstimate } from './sweep/estimate-sweep.ts';
export { runSweep, type SweepOutcome, type SweepProgress } from './sweep/run-sweep.ts';
export { type SweepToWrite, type WrittenSweep, writeSweep } from './sweep/write-sweep.ts';
