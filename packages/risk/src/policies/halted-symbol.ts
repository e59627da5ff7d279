import type { Policy } from '../policy.ts';

/** Symbols whose trading is halted, by the limits or by the venue's word. What is held of them can be offered for sale. */
export const haltedSymbolPolicy: Policy = {
  name: 'halted-symbol',
  denies: 'what adds in a symbol that the venue says is halted, or in one of `haltedSymbols`',
  advice:
    'Wait for the end of the halt; one that a person set ends by `capstan unhalt`, or out of `haltedSymbols`.',
  check: ({ symbol, reducing }, { conditions }, { haltedSymbols }) => {
    if (reducing) return undefined;
    if (haltedSymbols?.includes(symbol) === true)
      return { reason: `trading in ${symbol} is halted` };
    if (conditions === 'unreadable') {
      return { reason: 'what the venue says of its symbols cannot be read' };
    }
    if (conditions?.halted.includes(symbol) !== true) return undefined;
    return { reason: `the venue says that trading in ${symbol} is halted` };
  },
};
