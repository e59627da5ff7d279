import { US_PER_MINUTE } from '@capstan/domain';
import type { Policy } from '../policy.ts';
import { isInScope } from '../scoped-exposure.ts';

/** Caps the orders of any minute. Those that reduce count and are never held up. */
export const orderRatePolicy: Policy = {
  name: 'order-rate',
  denies: 'what adds once `maxOrdersPerMinute` were given in the last minute',
  advice: 'Look at why there are so many; if it is meant so, raise the limit.',
  check: (intent, { tally }, { maxOrdersPerMinute: cap }, now, scope) => {
    if (cap === undefined || intent.reducing) return undefined;
    if (tally === undefined) return { reason: 'the latest orders are not known' };
    const orders = tally.ordersAfter(now - US_PER_MINUTE);
    const given = orders.filter((one) => isInScope(one, scope)).length;
    if (given < cap) return undefined;
    return { reason: `${given} orders were given in the last minute, at most ${cap} are allowed` };
  },
};
