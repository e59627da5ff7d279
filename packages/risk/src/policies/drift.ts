import { driftReason } from '../drift.ts';
import type { Policy } from '../policy.ts';

/** While ledger and broker differ in a symbol, nothing adds to it. */
export const driftPolicy: Policy = {
  name: 'drift',
  denies:
    'everything that adds in a symbol in which ledger and broker differ; in every symbol where the broker has less cash',
  advice: 'See what differs with `capstan status`; it goes on by itself once that is explained.',
  ofAccount: true,
  check: (intent, { drifts }) => {
    if (intent.reducing || drifts === undefined) return undefined;
    const reason = driftReason(drifts, intent.symbol);
    return reason === undefined ? undefined : { reason };
  },
};
