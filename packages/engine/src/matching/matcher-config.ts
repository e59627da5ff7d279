import type { CashMicros } from '@capstan/domain';
import { type CommissionModel, commissionOf, type FilledSoFar } from './commission.ts';
import { partsFromFraction } from './exact-rate.ts';
import { type SlippageModel, slippageOf } from './slippage.ts';

/** What has to trade before a resting limit order fills: one tick beyond its price, or its price. */
export const LIMIT_FILLS = ['through', 'touch'] as const;
export type LimitFill = (typeof LIMIT_FILLS)[number];

/** How a simulated venue fills and charges. */
export interface MatcherConfig {
  readonly limitFill: LimitFill;
  /** Share of a bar's volume that all orders may take together, to six decimals; absent: no cap. */
  readonly maxVolumeFraction?: number;
  readonly commission: CommissionModel;
  readonly slippage: SlippageModel;
}

/** Fills one tick through, without a cap, commission or slippage. */
export const PLAIN_MATCHER_CONFIG: MatcherConfig = {
  limitFill: 'through',
  commission: { kind: 'none' },
  slippage: { kind: 'none' },
};

/** A configuration, checked and in integers. */
export interface MatcherRules {
  readonly limitFill: LimitFill;
  /** In 1e-6. */
  readonly capParts: number | undefined;
  readonly commissionMicros: (filled: FilledSoFar) => CashMicros;
  readonly slippageNanos: (priceNanos: number, tickNanos: number) => number;
}

/** Checks a configuration and turns its rates into integers. @throws ENGINE.MATCHER_CONFIG naming the key. */
export function matcherRules(config: MatcherConfig): MatcherRules {
  const fraction = config.maxVolumeFraction;
  return {
    limitFill: config.limitFill,
    capParts: fraction === undefined ? undefined : partsFromFraction('maxVolumeFraction', fraction),
    commissionMicros: commissionOf(config.commission),
    slippageNanos: slippageOf(config.slippage),
  };
}
