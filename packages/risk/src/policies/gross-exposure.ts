import { cashMicros, formatCash } from '@capstan/domain';
import { exposureMicros, exposureWith } from '../exposure.ts';
import type { Policy } from '../policy.ts';

/** Caps the exposure of the account, all bots and symbols added up without netting. Reducing stays possible. */
export const grossExposurePolicy: Policy = {
  name: 'gross-exposure',
  check: (intent, view, { maxGrossExposureMicros: cap }) => {
    if (cap === undefined || intent.reducing) return undefined;
    const instrument = view.instrument(intent.symbol);
    const before = view.exposure(intent.botId, intent.symbol);
    const rise =
      exposureMicros(exposureWith(before, intent), instrument) - exposureMicros(before, instrument);
    const after = cashMicros(view.grossMicros + rise);
    if (after <= cap) return undefined;
    return {
      reason: `gross exposure would be ${formatCash(after)}, at most ${formatCash(cap)} is allowed`,
    };
  },
};
