export { adx, minusDi, plusDi } from './adx.ts';
export { anchoredVwap, anchoredVwapLower, anchoredVwapUpper } from './anchored-vwap.ts';
export { atr } from './atr.ts';
export { type BarColumns, barAt } from './bar-columns.ts';
export { bollingerLower, bollingerUpper } from './bollinger.ts';
export { BUILT_IN_INDICATORS } from './built-ins.ts';
export { blocksOf, inBlocks, type RowRange, wholeMagnitude } from './column-facts.ts';
export { composeKernel, type KernelComposition, type Stateful } from './compose-kernel.ts';
export { donchianLower, donchianMiddle, donchianUpper } from './donchian.ts';
export { ema } from './ema.ts';
export {
  INDICATOR_DUPLICATE,
  INDICATOR_ERRORS,
  INDICATOR_PARAMETER,
  INDICATOR_STATE,
  INDICATOR_UNKNOWN,
} from './error-codes.ts';
export {
  type AppliedToBars,
  type AppliedToValues,
  fillBarColumn,
  fillFromBars,
  fillFromValues,
  fillValueColumn,
} from './fill.ts';
export { highest } from './highest.ts';
export {
  type BarIndicator,
  checkParameters,
  defineBarIndicator,
  defineValueIndicator,
  type Indicator,
  type IndicatorParameter,
  type IndicatorParameters,
  MULTIPLE,
  PERIOD,
  type ValueIndicator,
} from './indicator.ts';
export { keltnerLower, keltnerUpper } from './keltner.ts';
export type { BarKernel, IndicatorBar, Kernel, ValueKernel } from './kernel.ts';
export {
  joinStates,
  type KernelState,
  numberOf,
  numberOrNone,
  numbersOf,
  stateOf,
} from './kernel-state.ts';
export { lag } from './lag.ts';
export { PERIOD_MAX } from './limits.ts';
export { logReturn } from './log-return.ts';
export { lowest } from './lowest.ts';
export { macdHistogram, macdLine, macdSignal } from './macd.ts';
export { onBalanceVolume } from './on-balance-volume.ts';
export { Previous } from './previous.ts';
export { rateOfChange } from './rate-of-change.ts';
export { IndicatorRegistry } from './registry.ts';
export { rsi } from './rsi.ts';
export { sessionVwap, sessionVwapLower, sessionVwapUpper } from './session-vwap.ts';
export { sma } from './sma.ts';
export { fillSmoothed, SmoothedMean, type Smoothing, wilder } from './smoothed-mean.ts';
export { standardDeviation } from './standard-deviation.ts';
export { stochasticD, stochasticK } from './stochastic.ts';
export { trueRange } from './true-range.ts';
export { Window } from './window.ts';
export { WindowExtreme } from './window-extreme.ts';
export { WindowMean } from './window-mean.ts';
export { wma } from './wma.ts';
export { zScore } from './z-score.ts';
