import { cashMicros, formatCash } from '@capstan/domain';
import type { Policy } from '../policy.ts';

/** Once equity has fallen too far from its peak nothing is added, until it has risen or a person raises the limit. */
export const drawdownPolicy: Policy = {
  name: 'drawdown',
  denies: 'what adds while equity is `maxDrawdownFraction` below its peak',
  advice: 'Look at what went wrong; a person who wants to go on raises `maxDrawdownFraction`.',
  ofAccount: true,
  check: (intent, { tally, equityMicros }, { maxDrawdownFraction: limit }) => {
    if (limit === undefined || intent.reducing) return undefined;
    if (tally === undefined) return { reason: 'the peak of equity is not known' };
    const peak = Math.max(tally.peakEquityMicros, equityMicros);
    if (peak - equityMicros < limit * peak) return undefined;
    const text = (micros: number) => formatCash(cashMicros(Math.round(micros)));
    return {
      reason: `equity is ${text(equityMicros)}, ${text(peak - equityMicros)} below its peak of ${text(peak)}; at most ${text(limit * peak)} may be`,
    };
  },
};
