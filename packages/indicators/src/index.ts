export { atr } from './atr.ts';
export { BUILT_IN_INDICATORS } from './built-ins.ts';
export { ema } from './ema.ts';
export {
  INDICATOR_DUPLICATE,
  INDICATOR_ERRORS,
  INDICATOR_PARAMETER,
  INDICATOR_STATE,
  INDICATOR_UNKNOWN,
} from './error-codes.ts';
export { type BarColumns, barAt, fillFromBars, fillFromValues } from './fill.ts';
export {
  type BarIndicator,
  checkParameters,
  defineBarIndicator,
  defineValueIndicator,
  type Indicator,
  type IndicatorParameter,
  type IndicatorParameters,
  PERIOD,
  type ValueIndicator,
} from './indicator.ts';
export type { BarKernel, IndicatorBar, Kernel, ValueKernel } from './kernel.ts';
export { type KernelState, numberOf, numberOrNone, numbersOf } from './kernel-state.ts';
export { PERIOD_MAX } from './limits.ts';
export { IndicatorRegistry } from './registry.ts';
export { sessionVwap } from './session-vwap.ts';
export { sma } from './sma.ts';
export { SmoothedMean } from './smoothed-mean.ts';
export { trueRange } from './true-range.ts';
export { WindowMean } from './window-mean.ts';
