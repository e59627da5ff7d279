import { atr } from './atr.ts';
import { ema } from './ema.ts';
import type { Indicator } from './indicator.ts';
import { sessionVwap } from './session-vwap.ts';
import { sma } from './sma.ts';
import { trueRange } from './true-range.ts';

/** The indicators that come with Capstan, sorted by name. */
export const BUILT_IN_INDICATORS: readonly Indicator[] = [atr, ema, sessionVwap, sma, trueRange];
