import {
  EQUITY_FRACTION_MAX,
  FEE_BPS_MAX,
  FRACTION_MIN,
  INDICATOR_BARS_MAX,
  RISK_FRACTION_MAX,
  RISK_MULTIPLE_MAX,
  RISK_MULTIPLE_MIN,
  VOLATILITY_BARS_MIN,
  VOLATILITY_MAX,
} from './limits.ts';

/** How much a bot trades at full strength. Six decimals of a fraction count. */
export type SizingRule =
  /** At the instrument's quantity scale, whatever the equity. */
  | { readonly kind: 'fixedQuantity'; readonly quantity: number }
  /** So much notional, whatever the equity. */
  | { readonly kind: 'fixedNotional'; readonly notionalMicros: number }
  /** So much notional, as a fraction of the account's equity: 0.1 is a tenth. */
  | { readonly kind: 'equityFraction'; readonly fraction: number }
  /**
   * So much of the account's free cash, 0 to 1, less a commission of `feeBps` of what it buys: 1 is all in. Four decimals of
   * the basis points count.
   */
  | { readonly kind: 'cashFraction'; readonly fraction: number; readonly feeBps: number }
  | AtrRiskSizing
  | VolatilityTargetSizing;

/**
 * As much as loses a set amount when the price goes against it by one distance: the way to the signal's protective stop, or
 * where it has none `atrMultiple` × the average true range, the mean of the true ranges of the last `atrBars` bars. Never more
 * notional than `maxFraction` of equity.
 */
export interface AtrRiskSizing {
  readonly kind: 'atrRisk';
  /** What may be lost, of the account's equity. This or `riskMicros`. */
  readonly riskFraction?: number;
  /** What may be lost, in cash. This or `riskFraction`. */
  readonly riskMicros?: number;
  readonly atrBars: number;
  readonly atrMultiple: number;
  readonly maxFraction: number;
}

/**
 * As much as gives the position `annualVolatility` of the account's equity: equity × `annualVolatility` ÷ the realised volatility
 * of the instrument a year, measured over `lookbackBars` returns. Never more notional than `maxFraction` of equity.
 */
export interface VolatilityTargetSizing {
  readonly kind: 'volatilityTarget';
  /** As a fraction: 0.1 is ten percent a year. */
  readonly annualVolatility: number;
  readonly lookbackBars: number;
  readonly maxFraction: number;
}

export const SIZING_KINDS = [
  'fixedQuantity',
  'fixedNotional',
  'equityFraction',
  'cashFraction',
  'atrRisk',
  'volatilityTarget',
] as const satisfies readonly SizingRule['kind'][];

/** Which key of a sizing rule cannot be, and what it must be. */
export interface SizingProblem {
  readonly key: string;
  readonly value: unknown;
  /** Goes on from "it must be". */
  readonly rule: string;
}

/** Returns what is wrong with a rule, or `undefined`. */
export function sizingProblem(sizing: SizingRule): SizingProblem | undefined {
  switch (sizing.kind) {
    case 'fixedQuantity':
      return wholeAbove0(sizing, 'quantity', 'a whole number above 0, at the quantity scale');
    case 'fixedNotional':
      return wholeAbove0(sizing, 'notionalMicros', 'whole micros of cash, above 0');
    case 'equityFraction':
      return outside(sizing, 'fraction', [FRACTION_MIN, EQUITY_FRACTION_MAX]);
    case 'cashFraction':
      return outside(sizing, 'fraction', [FRACTION_MIN, 1]) ?? feeProblem(sizing.feeBps);
    case 'atrRisk':
      return (
        riskProblem(sizing) ??
        notBars(sizing, 'atrBars', 1) ??
        outside(sizing, 'atrMultiple', [RISK_MULTIPLE_MIN, RISK_MULTIPLE_MAX]) ??
        outside(sizing, 'maxFraction', [FRACTION_MIN, EQUITY_FRACTION_MAX])
      );
    case 'volatilityTarget':
      return (
        outside(sizing, 'annualVolatility', [FRACTION_MIN, VOLATILITY_MAX]) ??
        notBars(sizing, 'lookbackBars', VOLATILITY_BARS_MIN) ??
        outside(sizing, 'maxFraction', [FRACTION_MIN, EQUITY_FRACTION_MAX])
      );
  }
}

function riskProblem(sizing: AtrRiskSizing): SizingProblem | undefined {
  const { riskFraction, riskMicros } = sizing;
  if ((riskFraction === undefined) === (riskMicros === undefined)) {
    const rule = 'given either as a fraction of equity or as cash';
    return { key: 'riskFraction', value: riskFraction, rule };
  }
  return riskFraction === undefined
    ? wholeAbove0(sizing, 'riskMicros', 'whole micros of cash, above 0')
    : outside(sizing, 'riskFraction', [FRACTION_MIN, RISK_FRACTION_MAX]);
}

const FEE_DECIMALS = 10_000;
const FLOAT_SLACK = 1e-6;

function feeProblem(feeBps: number): SizingProblem | undefined {
  const parts = feeBps * FEE_DECIMALS;
  const isExact = Math.abs(parts - Math.round(parts)) < FLOAT_SLACK;
  if (feeBps >= 0 && feeBps <= FEE_BPS_MAX && isExact) return undefined;
  const rule = `from 0 to ${FEE_BPS_MAX} with at most four decimals`;
  return { key: 'feeBps', value: feeBps, rule };
}

type Numbers<Key extends string> = { readonly [Name in Key]?: number };

function wholeAbove0<Key extends string>(
  sizing: Numbers<Key>,
  key: Key,
  rule: string,
): SizingProblem | undefined {
  const value: number | undefined = sizing[key];
  return Number.isSafeInteger(value) && (value ?? 0) > 0 ? undefined : { key, value, rule };
}

function notBars<Key extends string>(
  sizing: Numbers<Key>,
  key: Key,
  least: number,
): SizingProblem | undefined {
  const value: number | undefined = sizing[key];
  const rule = `a whole number of bars from ${least} to ${INDICATOR_BARS_MAX}`;
  const fits =
    Number.isSafeInteger(value) && (value ?? 0) >= least && (value ?? 0) <= INDICATOR_BARS_MAX;
  return fits ? undefined : { key, value, rule };
}

function outside<Key extends string>(
  sizing: Numbers<Key>,
  key: Key,
  [least, most]: readonly [least: number, most: number],
): SizingProblem | undefined {
  const value: number | undefined = sizing[key];
  const fits = value !== undefined && value >= least && value <= most;
  return fits ? undefined : { key, value, rule: `from ${least} to ${most}` };
}
