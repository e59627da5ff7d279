import type { Policy } from '../policy.ts';

/** While the account's venue does not take its keys, nobody knows what becomes of an order: nothing adds exposure. */
export const venueAccessPolicy: Policy = {
  name: 'venue-access',
  denies: "everything that adds while the account's venue does not take its keys",
  advice: 'Give the account keys that its venue takes: `capstan venues check` says which it has.',
  ofAccount: true,
  check: (intent, { conditions }) => {
    if (intent.reducing || conditions === undefined || conditions === 'unreadable')
      return undefined;
    if (conditions.keysRefused !== true) return undefined;
    return { reason: "the account's venue does not take its keys" };
  },
};
