export type { AccountConfig, AccountRows, AccountState } from './account-config.ts';
export { AccountCore, HOUSE } from './account-core.ts';
export { denySignal } from './account-denial.ts';
export {
  REBALANCE_STEPS,
  type RebalanceRequest,
  type RebalanceStep,
  rebalanceId,
} from './account-rebalance.ts';
export { type Reservation, type ReservationState, Reservations } from './account-reservations.ts';
export type { SliceDecision, SliceRequest } from './account-slice.ts';
export { AccountView, type AccountViewParts } from './account-view.ts';
export {
  ASSUMPTION_KINDS,
  type AssumptionKind,
  EXECUTION_ASSUMPTIONS,
  type ExecutionAssumption,
} from './assumptions.ts';
export { BotCore, type BotCoreOptions, type BotStep, type IgnoredBar } from './bot-core.ts';
export {
  type AccountEquity,
  DecisionCore,
  type RunAccount,
  type RunBot,
  type RunOptions,
  type RunStep,
  type RunWord,
} from './decision-core.ts';
export { ENGINE_ERRORS } from './error-codes.ts';
export {
  checkBehaviour,
  type ExchangeBehaviour,
  PLAIN_EXCHANGE,
} from './exchange-behaviour.ts';
export {
  type ExchangeAccount,
  type ExchangeAccountSettings,
  type ExchangeAnswer,
  ExchangeCore,
  type ExchangeInput,
  type ExchangeOrder,
  type ExchangeOrderState,
  type ExchangeSettings,
} from './exchange-core.ts';
export { planRun } from './kernels/plan-run.ts';
export { run, runSteps } from './kernels/run.ts';
export { type KernelOutcome, runKernel } from './kernels/run-kernel.ts';
export type { CrossRun } from './kernels/sweep/cross-run.ts';
export { type CrossRule, CrossSweep, crossSweep } from './kernels/sweep/cross-sweep.ts';
export type { SweepTotals } from './kernels/sweep/cross-totals.ts';
export { declaredCrossing } from './kernels/sweep/declared-crossing.ts';
export {
  type SweepRoom,
  type SweepRoomSize,
  type SweepSeat,
  sweepRoom,
} from './kernels/sweep/sweep-room.ts';
export {
  findLookahead,
  LOOKAHEAD_TRIALS,
  type LookaheadLeak,
  type LookaheadOptions,
  type LookaheadReport,
  type LookaheadTrial,
} from './lookahead/find-lookahead.ts';
export type { SplitRatio } from './matching/adjust-for-split.ts';
export type { CommissionModel } from './matching/commission.ts';
export { MATCHER_CONFIG, MATCHER_SNAPSHOT } from './matching/errors.ts';
export { Matcher } from './matching/matcher.ts';
export {
  LIMIT_FILLS,
  type LimitFill,
  type MatcherConfig,
  PLAIN_MATCHER_CONFIG,
} from './matching/matcher-config.ts';
export { END_REASONS, type EndReason, type MatcherEvent } from './matching/matcher-event.ts';
export { orderProblem } from './matching/order-problem.ts';
export type { SlippageModel } from './matching/slippage.ts';
export type { Bracket, Holding, MatcherSnapshot, WorkingOrder } from './matching/working-order.ts';
export type { StrategyOf } from './replay/bot-replay.ts';
export {
  DIFFERENCE_CAUSES,
  DIFFERENCE_KINDS,
  type Difference,
  type DifferenceCause,
  type DifferenceKind,
  isUnexplained,
} from './replay/difference.ts';
export {
  Replay,
  type ReplayEvent,
  type ReplaySettings,
  type ReplayState,
} from './replay/replay.ts';
export { BarResampler } from './resample/bar-resampler.ts';
export {
  type ResampledColumns,
  resampleColumns,
  type SpannedColumns,
} from './resample/resample-columns.ts';
export type { ResampleTarget } from './resample/session-bucket.ts';
export type {
  BacktestOptions,
  BacktestResult,
  RunCashEvent,
  RunDenial,
  RunHalt,
  RunPosition,
} from './run/backtest-result.ts';
export {
  type BacktestSpec,
  type ExecutionRules,
  FILL_TIMES,
  type FillTime,
  HALT_SPANS,
  type HaltSpan,
  INDICATOR_ADJUSTMENTS,
  type IndicatorAdjustment,
  PLAIN_EXECUTION,
  type RunNames,
  runNames,
} from './run/backtest-spec.ts';
export type { CorporateAction, DividendAction, SplitAction } from './run/corporate-action.ts';
export type { Sha256 } from './run/digest.ts';
export { holdingFactor } from './run/holding-worth.ts';
export {
  type FillColumns,
  LEGS,
  ORDER_CAUSES,
  ORDER_ENDS,
  ORDER_TYPE_CODES,
  type OrderCause,
  type OrderColumns,
  type OrderEnd,
  TIME_IN_FORCE_CODES,
} from './run/order-columns.ts';
export { PORTFOLIO_POLICY } from './run/portfolio-desk.ts';
export { backtestSteps, runBacktest } from './run/run-backtest.ts';
export { RunIds } from './run/run-ids.ts';
export { RUN_PATHS, type RunPath, type RunPlan } from './run/run-plan.ts';
export { inOnePiece, type RunProgress, type RunSteps } from './run/run-steps.ts';
export { runWarmup } from './run/run-warmup.ts';
export {
  type BacktestSeries,
  columnsOfBars,
  PRICE_BASES,
  type PriceBasis,
  type ReferenceSeries,
  type SeriesColumns,
  warmupRowsOf,
} from './run/series-columns.ts';
export { type SignalColumns, type SignalsInput, signalsOf } from './run/signals.ts';
export { SliceAssembler, type SliceClosing } from './slice-assembler.ts';
export { utcText } from './utc-text.ts';
