import { cashMicros, formatCash } from '@capstan/domain';
import type { Policy } from '../policy.ts';
import { grossIn, riseMicros } from '../scoped-exposure.ts';

/** Caps exposure, all bots and symbols added up without netting. Reducing stays possible. */
export const grossExposurePolicy: Policy = {
  name: 'gross-exposure',
  denies: 'more than `maxGrossExposure` in all, added up without netting',
  advice:
    'Close some of it, size smaller, raise the limit, or set `resize: true` to take what fits.',
  resizes: true,
  check: (intent, view, { maxGrossExposureMicros: cap }, _now, scope) => {
    if (cap === undefined || intent.reducing) return undefined;
    const after = cashMicros(grossIn(view, scope) + riseMicros(intent, view));
    if (after <= cap) return undefined;
    return {
      reason: `gross exposure would be ${formatCash(after)}, at most ${formatCash(cap)} is allowed`,
    };
  },
};
