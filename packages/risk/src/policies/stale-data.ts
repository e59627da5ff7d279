import { US_PER_SECOND } from '@capstan/domain';
import type { Policy } from '../policy.ts';

/** A symbol whose last price is too old, or that has none, is not added to. */
export const staleDataPolicy: Policy = {
  name: 'stale-data',
  denies:
    'what adds in a symbol whose last price is older than `maxDataAgeSeconds`, or that has none',
  advice: 'See whether its feed is alive: `capstan status`.',
  check: ({ symbol, reducing }, view, { maxDataAgeUs }, now) => {
    if (maxDataAgeUs === undefined || reducing) return undefined;
    const mark = view.mark(symbol);
    if (mark === undefined) return { reason: `${symbol} has no price yet` };
    const ageUs = now - mark.barEndUs;
    if (ageUs <= maxDataAgeUs) return undefined;
    const seconds = (us: number) => `${us / US_PER_SECOND} s`;
    return {
      reason: `the last price of ${symbol} is ${seconds(ageUs)} old, at most ${seconds(maxDataAgeUs)} are allowed`,
    };
  },
};
