import { breakerReason } from '../breaker.ts';
import type { Policy } from '../policy.ts';

/** While the account's breaker is open, nothing adds exposure; with `requireBreaker` also while it is not known. */
export const breakerPolicy: Policy = {
  name: 'breaker',
  denies:
    "everything that adds while the account's breaker is open; with `requireBreaker` also while that is not known",
  advice: 'Mend what failed; then `capstan breaker reset`.',
  ofAccount: true,
  check: (intent, { breaker }, { requireBreaker }) => {
    if (intent.reducing) return undefined;
    if (breaker?.open === true) return { reason: breakerReason(breaker) };
    if (breaker !== undefined || requireBreaker !== true) return undefined;
    return { reason: 'it is not known whether the breaker is open' };
  },
};
