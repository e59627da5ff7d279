import type { Policy } from '../policy.ts';

/** Symbols that somebody does not want. What is held of them can be sold. */
export const blockedSymbolPolicy: Policy = {
  name: 'blocked-symbol',
  denies: 'what adds in one of `blockedSymbols`',
  advice: 'Take the symbol out of `blockedSymbols`, or out of the bot.',
  check: ({ symbol, reducing }, _view, { blockedSymbols }) => {
    if (reducing || blockedSymbols?.includes(symbol) !== true) return undefined;
    return { reason: `${symbol} is blocked` };
  },
};
