import type { Policy } from '../policy.ts';

/** While trading in a symbol is halted nothing is added; an order that reduces waits at the exchange for the end of the halt. */
export const haltedSymbolPolicy: Policy = {
  name: 'halted-symbol',
  denies: 'what adds in one of `haltedSymbols`',
  advice: 'Wait for the end of the halt, and take the symbol out of `haltedSymbols`.',
  check: ({ symbol, reducing }, _view, { haltedSymbols }) => {
    if (reducing || haltedSymbols?.includes(symbol) !== true) return undefined;
    return { reason: `trading in ${symbol} is halted` };
  },
};
