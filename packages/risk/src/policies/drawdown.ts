import { cashMicros, formatCash } from '@capstan/domain';
import { scopeText } from '../check-limits.ts';
import type { Policy, Refusal } from '../policy.ts';
import type { TallyView } from '../tally.ts';

/**
 * Once equity, or the profit of a bot or symbol, has fallen too far from its peak nothing is added there, until it has risen or a
 * person raises the limit.
 */
export const drawdownPolicy: Policy = {
  name: 'drawdown',
  denies:
    "what adds while equity, or a bot's or symbol's profit, is `maxDrawdownFraction` of the account's peak equity below its own peak",
  advice: 'Look at what went wrong; a person who wants to go on raises `maxDrawdownFraction`.',
  check: (intent, { tally, equityMicros }, { maxDrawdownFraction: limit }, _now, scope) => {
    if (limit === undefined || intent.reducing) return undefined;
    if (tally === undefined) return { reason: 'the peak of equity is not known' };
    const peak = Math.max(tally.peakEquityMicros, equityMicros);
    if (scope.botId !== undefined || scope.symbol !== undefined) {
      return profitFall(scopeText(scope), tally.fallMicros(scope), limit * peak);
    }
    if (peak - equityMicros < limit * peak) return undefined;
    return {
      reason: `equity is ${text(equityMicros)}, ${text(peak - equityMicros)} below its peak of ${text(peak)}; at most ${text(limit * peak)} may be`,
    };
  },
};

function profitFall(
  who: string,
  fall: ReturnType<TallyView['fallMicros']>,
  most: number,
): Refusal | undefined {
  if (fall === undefined) return { reason: `the peak of the profit of ${who} is not known` };
  if (fall < most) return undefined;
  return {
    reason: `the profit of ${who} is ${text(fall)} below its peak; at most ${text(most)} may be`,
  };
}

const text = (micros: number): string => formatCash(cashMicros(Math.round(micros)));
