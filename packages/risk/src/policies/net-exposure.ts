import { formatCash } from '@capstan/domain';
import type { Policy } from '../policy.ts';
import { netWith } from '../scoped-exposure.ts';

/** Caps exposure, longs against shorts, under the worst outcome of what is out. Reducing one side of a pair stays possible. */
export const netExposurePolicy: Policy = {
  name: 'net-exposure',
  denies:
    'what would bring the net exposure above `maxNetExposure` on either side, or leave it there',
  advice: 'Balance longs and shorts, size smaller, or raise the limit.',
  resizes: true,
  check: (intent, view, { maxNetExposureMicros: cap }, _now, scope) => {
    if (cap === undefined || intent.reducing) return undefined;
    const after = netWith(intent, view, scope);
    if (after <= cap) return undefined;
    return {
      reason: `net exposure could be ${formatCash(after)}, at most ${formatCash(cap)} is allowed`,
    };
  },
};
