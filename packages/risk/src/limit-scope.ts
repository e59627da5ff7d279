import type { RiskLimits, Scope, ScopedLimits } from './limits.ts';

/** Limits and what they are measured over. */
export interface AppliedLimits {
  readonly limits: RiskLimits;
  readonly scope: Scope;
}

/**
 * Returns the limits that apply to a bot in a symbol, the account's first: all of them must hold, each measured over its own
 * scope. What can only be set for an account is the same in all.
 */
export function limitsFor(
  limits: RiskLimits,
  { botId, symbol }: Required<Scope>,
): readonly AppliedLimits[] {
  const applied: AppliedLimits[] = [{ limits, scope: {} }];
  for (const part of limits.scopes ?? []) {
    if (part.botId !== undefined && part.botId !== botId) continue;
    if (part.symbol !== undefined && part.symbol !== symbol) continue;
    applied.push({ limits: partLimits(limits, part), scope: scopeOf(part) });
  }
  return applied;
}

function scopeOf({ botId, symbol }: ScopedLimits): Scope {
  return {
    ...(botId === undefined ? {} : { botId }),
    ...(symbol === undefined ? {} : { symbol }),
  };
}

function partLimits(limits: RiskLimits, { botId: _, symbol: __, ...part }: ScopedLimits) {
  const { policies, bufferBps, entryTiming, maxDecisionAgeUs } = limits;
  return { policies, bufferBps, entryTiming, maxDecisionAgeUs, ...part };
}
