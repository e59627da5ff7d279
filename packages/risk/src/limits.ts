import { AppError, type CashMicros, US_PER_SECOND } from '@capstan/domain';

/** The policies there are, in the order in which they are asked unless told otherwise. */
export const POLICY_NAMES = [
  'kill-switch',
  'decision-age',
  'market-hours',
  'daily-loss',
  'symbol-notional',
  'gross-exposure',
  'buying-power',
] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** What a decision at the close of a session means: nothing, or an order for the next session's open. */
export const ENTRY_TIMINGS = ['deny', 'nextOpen'] as const;
export type EntryTiming = (typeof ENTRY_TIMINGS)[number];

/** The limits of an account. */
export interface RiskLimits {
  /** Asked in this order; the first refusal counts. A policy that is not listed does not apply. */
  readonly policies: readonly PolicyName[];
  /** Most exposure in one symbol, all bots added up without netting; no cap where absent. */
  readonly maxSymbolNotionalMicros?: CashMicros;
  /** Most exposure of the account, all bots and symbols added up without netting; no cap where absent. */
  readonly maxGrossExposureMicros?: CashMicros;
  /** Loss of a session, as a fraction of the equity at its start, that stops trading; above 0, at most 1. No limit where absent. */
  readonly maxDailyLossFraction?: number;
  /** Loss of a session that stops trading; above 0. No limit where absent. */
  readonly maxDailyLossMicros?: CashMicros;
  /** Kept free of each open order's notional for fees and for the price moving before it fills, in basis points. */
  readonly bufferBps: number;
  readonly entryTiming: EntryTiming;
  /** A decision older than this adds no exposure, and its order must not be sent any more. Microseconds. */
  readonly maxDecisionAgeUs: number;
}

/** Limits that ask every policy and cap nothing but buying power. */
export const DEFAULT_LIMITS: RiskLimits = {
  policies: POLICY_NAMES,
  bufferBps: 50,
  entryTiming: 'deny',
  maxDecisionAgeUs: 60 * US_PER_SECOND,
};

/** Parts of a whole that basis points count. */
export const BPS_PARTS = 10_000;

/**
 * Checks limits.
 * @param where names them in the message.
 * @throws RISK.LIMITS naming the key that cannot be used.
 */
export function checkLimits(limits: RiskLimits, where = 'limits'): void {
  const problem = limitsProblem(limits);
  if (problem === undefined) return;
  const { key, value, rule } = problem;
  throw new AppError({
    code: 'RISK.LIMITS',
    why: `${where}: ${key} is ${value}.`,
    fix: `It must be ${rule}.`,
  });
}

interface Problem {
  readonly key: string;
  readonly value: string | number;
  readonly rule: string;
}

function limitsProblem(limits: RiskLimits): Problem | undefined {
  const { policies, bufferBps, entryTiming, maxDecisionAgeUs } = limits;
  for (const [index, value] of policies.entries()) {
    const key = 'policies';
    if (!POLICY_NAMES.includes(value)) {
      return { key, value, rule: `made of: ${POLICY_NAMES.join(', ')}` };
    }
    if (policies.indexOf(value) !== index) return { key, value, rule: 'without repetition' };
  }
  for (const key of ['maxSymbolNotionalMicros', 'maxGrossExposureMicros'] as const) {
    const value = limits[key];
    if (value !== undefined && !isWhole(value, 0, Number.MAX_SAFE_INTEGER)) {
      return { key, value, rule: 'a whole number of micros, 0 or more' };
    }
  }
  const { maxDailyLossFraction: fraction, maxDailyLossMicros: amount } = limits;
  if (fraction !== undefined && !(fraction > 0 && fraction <= 1)) {
    return { key: 'maxDailyLossFraction', value: fraction, rule: 'above 0 and at most 1' };
  }
  if (amount !== undefined && !isWhole(amount, 1, Number.MAX_SAFE_INTEGER)) {
    const rule = 'a whole number of micros above 0';
    return { key: 'maxDailyLossMicros', value: amount, rule };
  }
  if (!isWhole(bufferBps, 0, BPS_PARTS)) {
    const rule = `a whole number from 0 to ${BPS_PARTS}`;
    return { key: 'bufferBps', value: bufferBps, rule };
  }
  if (!ENTRY_TIMINGS.includes(entryTiming)) {
    const rule = `one of: ${ENTRY_TIMINGS.join(', ')}`;
    return { key: 'entryTiming', value: entryTiming, rule };
  }
  if (!isWhole(maxDecisionAgeUs, 1, Number.MAX_SAFE_INTEGER)) {
    const rule = 'a whole number of microseconds above 0';
    return { key: 'maxDecisionAgeUs', value: maxDecisionAgeUs, rule };
  }
  return undefined;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
