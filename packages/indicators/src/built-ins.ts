import { atr } from './atr.ts';
import { bollingerLower, bollingerUpper } from './bollinger.ts';
import { donchianLower, donchianMiddle, donchianUpper } from './donchian.ts';
import { ema } from './ema.ts';
import { highest } from './highest.ts';
import type { Indicator } from './indicator.ts';
import { lag } from './lag.ts';
import { lowest } from './lowest.ts';
import { macdHistogram, macdLine, macdSignal } from './macd.ts';
import { rateOfChange } from './rate-of-change.ts';
import { rsi } from './rsi.ts';
import { sessionVwap } from './session-vwap.ts';
import { sma } from './sma.ts';
import { standardDeviation } from './standard-deviation.ts';
import { trueRange } from './true-range.ts';
import { wma } from './wma.ts';
import { zScore } from './z-score.ts';

/** The indicators that come with Capstan, sorted by name. */
export const BUILT_IN_INDICATORS: readonly Indicator[] = [
  atr,
  bollingerLower,
  bollingerUpper,
  donchianLower,
  donchianMiddle,
  donchianUpper,
  ema,
  highest,
  lag,
  lowest,
  macdHistogram,
  macdLine,
  macdSignal,
  rateOfChange,
  rsi,
  sessionVwap,
  sma,
  standardDeviation,
  trueRange,
  wma,
  zScore,
];
