import { cashMicros, formatCash } from '@capstan/domain';
import { exposureMicros, exposureWith } from '../exposure.ts';
import type { Policy } from '../policy.ts';

/** Caps the exposure of all bots in one symbol, added up without netting. Reducing stays possible. */
export const symbolNotionalPolicy: Policy = {
  name: 'symbol-notional',
  check: (intent, view, { maxSymbolNotionalMicros: cap }) => {
    if (cap === undefined || intent.reducing) return undefined;
    const instrument = view.instrument(intent.symbol);
    const before = view.exposure(intent.botId, intent.symbol);
    const rise =
      exposureMicros(exposureWith(before, intent), instrument) - exposureMicros(before, instrument);
    const after = cashMicros(view.symbolMicros(intent.symbol) + rise);
    if (after <= cap) return undefined;
    return {
      reason: `exposure in ${intent.symbol} would be ${formatCash(after)}, at most ${formatCash(cap)} is allowed`,
    };
  },
};
