import type { Intent, TimeUs } from '@capstan/domain';
import type { PolicyName, RiskLimits } from './limits.ts';
import type { RiskView } from './risk-view.ts';

/** Why a policy refuses, in words and with the figures that decided. */
export interface Refusal {
  readonly reason: string;
}

/** One rule. It says whether an intent breaks it; it changes nothing. */
export interface Policy {
  readonly name: PolicyName;
  /**
   * @param now the run's clock: event time in a playback.
   * @returns the refusal; `undefined` where the policy has nothing against the intent.
   */
  check(intent: Intent, view: RiskView, limits: RiskLimits, now: TimeUs): Refusal | undefined;
}
