import type { Policy } from '../policy.ts';

/** Caps the orders that add in a trade date. */
export const tradesPerDayPolicy: Policy = {
  name: 'trades-per-day',
  denies: 'what adds once `maxTradesPerDay` adding orders were given in the trade date',
  advice: 'It trades again with the next trade date.',
  check: (intent, { tally }, { maxTradesPerDay: cap }, _now, scope) => {
    if (cap === undefined || intent.reducing) return undefined;
    if (tally === undefined) return { reason: 'the trades of the day are not known' };
    const trades = tally.trades(scope);
    if (trades < cap) return undefined;
    return { reason: `${trades} trades were opened today, at most ${cap} are allowed` };
  },
};
