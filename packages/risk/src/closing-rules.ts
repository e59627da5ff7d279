import type { KillRule } from '@capstan/calendar';
import type { RiskLimits, Scope } from './limits.ts';

/** A part of an account that is to be closed at some time of each day. */
export interface ClosingRule {
  /** The whole account where it names nothing. */
  readonly scope: Scope;
  readonly rule: KillRule;
}

/** Returns what of an account limits close, and when: by `killTime` and `flatBeforeCloseMinutes`, where the policy is asked. */
export function closingRules(limits: RiskLimits): readonly ClosingRule[] {
  if (!limits.policies.includes('session-window')) return [];
  return [{ ...limits, botId: undefined, symbol: undefined }, ...(limits.scopes ?? [])].flatMap(
    ({ botId, symbol, killTime, flatBeforeCloseMinutes }) => {
      const scope: Scope = {
        ...(botId === undefined ? {} : { botId }),
        ...(symbol === undefined ? {} : { symbol }),
      };
      const rules: KillRule[] = [];
      if (killTime !== undefined) rules.push({ kind: 'at', time: killTime });
      if (flatBeforeCloseMinutes !== undefined) {
        rules.push({ kind: 'beforeClose', minutes: flatBeforeCloseMinutes });
      }
      return rules.map((rule) => ({ scope, rule }));
    },
  );
}
