import { formatDecimal } from '@capstan/domain';
import type { Policy } from '../policy.ts';

/** Two bots of an account do not trade with each other: what adds is denied while another has the other side out. */
export const wouldCrossPolicy: Policy = {
  name: 'would-cross',
  denies:
    'what adds while another bot has an order of the other side out in the symbol, unless `crossing: allow`, or with `crossing: internal` the two fill each other',
  advice:
    "Wait for the other bot's order to end, or give the bots symbols or accounts of their own.",
  ofAccount: true,
  check: ({ botId, symbol, side, reducing }, view, { crossing }) => {
    // What is crossed is asked about by its account as if this were allowed: `internal` alone lets nothing out.
    if (reducing || crossing === 'allow') return undefined;
    let first: { readonly botId: string; readonly out: number } | undefined;
    for (const other of view.exposures()) {
      if (other.symbol !== symbol || other.botId === botId) continue;
      const out = side === 'buy' ? other.openSellQuantity : other.openBuyQuantity;
      if (out === 0 || (first !== undefined && first.botId < other.botId)) continue;
      first = { botId: other.botId, out };
    }
    if (first === undefined) return undefined;
    const size = formatDecimal(first.out, view.instrument(symbol).quantityScale);
    const its = side === 'buy' ? 'sell' : 'buy';
    return {
      reason: `${first.botId} has a ${its} of ${size} ${symbol} out: the account would trade with itself`,
    };
  },
};
