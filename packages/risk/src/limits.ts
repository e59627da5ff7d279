import { AppError, type CashMicros, US_PER_SECOND } from '@capstan/domain';

/** The policies there are, in the order in which they are asked unless told otherwise. */
export const POLICY_NAMES = [
  'kill-switch',
  'decision-age',
  'market-hours',
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

/** Checks limits. @throws RISK.LIMITS naming the key that cannot be used. */
export function checkLimits(limits: RiskLimits): void {
  for (const [index, name] of limits.policies.entries()) {
    if (!POLICY_NAMES.includes(name)) {
      throw bad('policies', name, `made of: ${POLICY_NAMES.join(', ')}`);
    }
    if (limits.policies.indexOf(name) !== index) throw bad('policies', name, 'without repetition');
  }
  checkCap('maxSymbolNotionalMicros', limits.maxSymbolNotionalMicros);
  checkCap('maxGrossExposureMicros', limits.maxGrossExposureMicros);
  if (!isWhole(limits.bufferBps, 0, BPS_PARTS)) {
    throw bad('bufferBps', limits.bufferBps, `a whole number from 0 to ${BPS_PARTS}`);
  }
  if (!ENTRY_TIMINGS.includes(limits.entryTiming)) {
    throw bad('entryTiming', limits.entryTiming, `one of: ${ENTRY_TIMINGS.join(', ')}`);
  }
  if (!isWhole(limits.maxDecisionAgeUs, 1, Number.MAX_SAFE_INTEGER)) {
    throw bad(
      'maxDecisionAgeUs',
      limits.maxDecisionAgeUs,
      'a whole number of microseconds above 0',
    );
  }
}

function checkCap(key: string, cap: number | undefined): void {
  if (cap === undefined || isWhole(cap, 0, Number.MAX_SAFE_INTEGER)) return;
  throw bad(key, cap, 'a whole number of micros, 0 or more');
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function bad(key: string, value: string | number, rule: string): AppError {
  return new AppError({
    code: 'RISK.LIMITS',
    why: `limits: ${key} is ${value}.`,
    fix: `It must be ${rule}.`,
  });
}
