import { cashMicros, formatCash } from '@capstan/domain';
import type { Policy } from '../policy.ts';
import { grossIn, riseMicros } from '../scoped-exposure.ts';

/** Caps the exposure of all bots in one symbol, added up without netting. Reducing stays possible. */
export const symbolNotionalPolicy: Policy = {
  name: 'symbol-notional',
  denies: 'more than `maxSymbolNotional` in a symbol, bots added up without netting',
  advice:
    'Close some of it, size smaller, raise the limit, or set `resize: true` to take what fits.',
  resizes: true,
  check: (intent, view, { maxSymbolNotionalMicros: cap }, _now, scope) => {
    if (cap === undefined || intent.reducing) return undefined;
    const { symbol } = intent;
    const after = cashMicros(grossIn(view, { ...scope, symbol }) + riseMicros(intent, view));
    if (after <= cap) return undefined;
    return {
      reason: `exposure in ${symbol} would be ${formatCash(after)}, at most ${formatCash(cap)} is allowed`,
    };
  },
};
