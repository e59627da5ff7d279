import type { RiskLimits, ScopeLimits } from './limits.ts';

/** What an account's session began with, and whether its loss has stopped it. */
export interface DailyLoss {
  /** Equity at the start of the session, with the cash that came and went since. Micros. */
  readonly startEquityMicros: number;
  /** True from the loss that reached the limit until the account may open again. */
  readonly isHalted: boolean;
}

/**
 * Returns the loss at which trading stops, in micros, above 0: the smaller one where a fraction and an amount are given.
 * @returns `undefined` where neither is, and where there is no equity to lose.
 */
export function dailyLossLimitMicros(
  limits: Pick<ScopeLimits, 'maxDailyLossFraction' | 'maxDailyLossMicros'>,
  startEquityMicros: number,
): number | undefined {
  const { maxDailyLossFraction: fraction, maxDailyLossMicros: amount } = limits;
  const share = fraction === undefined ? undefined : fraction * Math.max(0, startEquityMicros);
  if (share === undefined || amount === undefined) return share ?? amount;
  return Math.min(share, amount);
}

/** Tells whether limits of an account or a part of it stop adding by a loss of a session. */
export function limitsDailyLoss(limits: ScopeLimits): boolean {
  const { maxDailyLossFraction, maxDailyLossMicros, maxSymbolDailyLossMicros } = limits;
  return [maxDailyLossFraction, maxDailyLossMicros, maxSymbolDailyLossMicros].some(
    (limit) => limit !== undefined,
  );
}

/** Tells whether limits stop an account by its loss of a session. */
export function watchesDailyLoss(limits: RiskLimits): boolean {
  const { policies, maxDailyLossFraction, maxDailyLossMicros } = limits;
  if (!policies.includes('daily-loss')) return false;
  return maxDailyLossFraction !== undefined || maxDailyLossMicros !== undefined;
}
