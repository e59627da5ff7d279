import type { Intent } from '@capstan/domain';
import { DEFAULT_LIMITS, type PolicyName, type RiskLimits, type Scope } from '../limits.ts';
import { intentOf, NOON, type ViewSpec, viewOf } from '../risk-view.fixture.ts';
import { POLICIES } from './all-policies.ts';

/** Asks one policy about an intent; returns its reason, `undefined` where it passes. */
export function reasonOf(
  name: PolicyName,
  intent: Partial<Intent>,
  spec: ViewSpec = {},
  limits: Partial<RiskLimits> = {},
  now = NOON,
  scope: Scope = {},
): string | undefined {
  const all = { ...DEFAULT_LIMITS, ...limits };
  return POLICIES[name].check(intentOf(intent), viewOf(spec), all, now, scope)?.reason;
}
