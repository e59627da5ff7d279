import type { Intent, TimeUs } from '@capstan/domain';
import type { PolicyName, RiskLimits, Scope } from './limits.ts';
import type { RiskView } from './risk-view.ts';

/** Why a policy refuses, in words and with the figures that decided. */
export interface Refusal {
  readonly reason: string;
}

/** One rule. It says whether an intent breaks it; it changes nothing. */
export interface Policy {
  readonly name: PolicyName;
  /** What it denies, in words. */
  readonly denies: string;
  /** What a person can do about a denial. */
  readonly advice: string;
  /** True where a smaller order may pass. */
  readonly resizes?: boolean;
  /** True where it is asked once, for the account: no limit of a bot or symbol has a part in it. */
  readonly ofAccount?: boolean;
  /** True where it also stops what reduces. */
  readonly stopsReducing?: boolean;
  /**
   * @param limits of the scope: what can only be set for an account is the same in all.
   * @param now the run's clock: event time in a playback.
   * @param scope what the limits are measured over; all of the account unless given.
   * @returns the refusal; `undefined` where the policy has nothing against the intent.
   */
  check(
    intent: Intent,
    view: RiskView,
    limits: RiskLimits,
    now: TimeUs,
    scope: Scope,
  ): Refusal | undefined;
}
