import { adx, minusDi, plusDi } from './adx.ts';
import { anchoredVwap, anchoredVwapLower, anchoredVwapUpper } from './anchored-vwap.ts';
import { atr } from './atr.ts';
import { bollingerLower, bollingerUpper } from './bollinger.ts';
import { donchianLower, donchianMiddle, donchianUpper } from './donchian.ts';
import { ema } from './ema.ts';
import { highest } from './highest.ts';
import type { Indicator } from './indicator.ts';
import { keltnerLower, keltnerUpper } from './keltner.ts';
import { lag } from './lag.ts';
import { logReturn } from './log-return.ts';
import { lowest } from './lowest.ts';
import { macdHistogram, macdLine, macdSignal } from './macd.ts';
import { onBalanceVolume } from './on-balance-volume.ts';
import { rateOfChange } from './rate-of-change.ts';
import { rsi } from './rsi.ts';
import { sessionVwap, sessionVwapLower, sessionVwapUpper } from './session-vwap.ts';
import { sma } from './sma.ts';
import { standardDeviation } from './standard-deviation.ts';
import { stochasticD, stochasticK } from './stochastic.ts';
import { trueRange } from './true-range.ts';
import { wma } from './wma.ts';
import { zScore } from './z-score.ts';

/** The indicators that come with Capstan, sorted by name. */
export const BUILT_IN_INDICATORS: readonly Indicator[] = [
  adx,
  anchoredVwap,
  anchoredVwapLower,
  anchoredVwapUpper,
  atr,
  bollingerLower,
  bollingerUpper,
  donchianLower,
  donchianMiddle,
  donchianUpper,
  ema,
  highest,
  keltnerLower,
  keltnerUpper,
  lag,
  logReturn,
  lowest,
  macdHistogram,
  macdLine,
  macdSignal,
  minusDi,
  onBalanceVolume,
  plusDi,
  rateOfChange,
  rsi,
  sessionVwap,
  sessionVwapLower,
  sessionVwapUpper,
  sma,
  standardDeviation,
  stochasticD,
  stochasticK,
  trueRange,
  wma,
  zScore,
];
