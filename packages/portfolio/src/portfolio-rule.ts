import { AppError, EQUITY_FRACTION_MAX, FRACTION_MIN } from '@capstan/domain';
import { LOOKBACK_BARS_MAX, LOOKBACK_BARS_MIN, RANKED_MAX } from './limits.ts';

/** How the equity is shared among the symbols that the strategy has an opinion of. Lookbacks count bars of each symbol. */
export type WeightRule =
  /** The same for each. */
  | { readonly kind: 'equal' }
  /** In proportion to one over the volatility of the last returns. */
  | { readonly kind: 'inverseVolatility'; readonly lookbackBars: number }
  /**
   * The same for each of the `top` that moved most the way they are held, and nothing for the others. Only those whose move is
   * above `minReturnFraction` count, where it is given.
   */
  | {
      readonly kind: 'momentumRanking';
      readonly lookbackBars: number;
      readonly top: number;
      readonly minReturnFraction?: number;
    };

/** When weights are worked out anew. Days, weeks and months begin with their first slice by the calendar. */
export type RebalanceRule =
  | { readonly kind: 'onSignal' }
  | { readonly kind: 'everyBars'; readonly bars: number }
  | { readonly kind: 'daily' }
  | { readonly kind: 'weekly' }
  | { readonly kind: 'monthly' };

/** How an account is spread over several symbols. Fractions are of equity; six decimals count. */
export interface PortfolioRule {
  readonly weights: WeightRule;
  readonly rebalance: RebalanceRule;
  /** A position that is kept is left alone while its weight is off by no more than this. 0 unless given. */
  readonly driftFraction?: number;
  /** Never invested. 0 unless given. */
  readonly cashReserveFraction?: number;
  /** The most of one symbol; no cap of its own unless given. What is cut off goes to the others as far as they may take it. */
  readonly maxWeightFraction?: number;
  /** The most of all together, reserve included. 1 unless given; above 1 the limits must allow it. */
  readonly maxGrossFraction?: number;
}

/** Checks a portfolio rule. @throws PORTFOLIO.RULE naming the key that cannot be used. */
export function checkPortfolio(rule: PortfolioRule): void {
  const { weights, rebalance } = rule;
  if (weights.kind !== 'equal') {
    checkWhole('weights.lookbackBars', weights.lookbackBars, [
      LOOKBACK_BARS_MIN,
      LOOKBACK_BARS_MAX,
    ]);
  }
  if (weights.kind === 'momentumRanking') {
    checkWhole('weights.top', weights.top, [1, RANKED_MAX]);
    const least = weights.minReturnFraction ?? 0;
    if (!Number.isFinite(least)) throw badRule('weights.minReturnFraction', least, 'a number');
  }
  if (rebalance.kind === 'everyBars') {
    checkWhole('rebalance.bars', rebalance.bars, [1, LOOKBACK_BARS_MAX]);
  }
  const { driftFraction = 0, cashReserveFraction = 0, maxGrossFraction = 1 } = rule;
  checkWithin('driftFraction', driftFraction, [0, 1]);
  checkWithin('maxGrossFraction', maxGrossFraction, [FRACTION_MIN, EQUITY_FRACTION_MAX]);
  checkWithin('maxWeightFraction', rule.maxWeightFraction ?? 1, [
    FRACTION_MIN,
    EQUITY_FRACTION_MAX,
  ]);
  if (cashReserveFraction >= 0 && cashReserveFraction < maxGrossFraction) return;
  const bounds = `from 0 to less than maxGrossFraction, ${maxGrossFraction}`;
  throw badRule('cashReserveFraction', cashReserveFraction, bounds);
}

type Bounds = readonly [least: number, most: number];

function checkWhole(key: string, value: number, [least, most]: Bounds): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw badRule(key, value, `a whole number from ${least} to ${most}`);
}

function checkWithin(key: string, value: number, [least, most]: Bounds): void {
  if (!(value >= least && value <= most)) throw badRule(key, value, `from ${least} to ${most}`);
}

function badRule(key: string, value: number, rule: string): AppError {
  return new AppError({
    code: 'PORTFOLIO.RULE',
    why: `portfolio: ${key} is ${value}.`,
    fix: `It must be ${rule}.`,
  });
}
