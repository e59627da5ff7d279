import type { BrokerVenue } from '@capstan/ports';
import { DRY_RUN } from './decide.ts';

/** A venue that is looked at and never asked for anything: the last door of a dry run. */
export function dryVenue(venue: BrokerVenue): BrokerVenue {
  const conditions = venue.conditions?.bind(venue);
  const refused = { kind: 'rejected', reason: DRY_RUN.reason } as const;
  return {
    capabilities: venue.capabilities,
    ...(conditions === undefined ? {} : { conditions }),
    submit: () => Promise.resolve(refused),
    submitAll: (orders) => Promise.resolve(orders.map(() => refused)),
    cancel: () => Promise.resolve(refused),
    replace: () => Promise.resolve(refused),
    find: (accountId, orderId) => venue.find(accountId, orderId),
    openOrders: (accountId) => venue.openOrders(accountId),
    account: (accountId) => venue.account(accountId),
    activities: (accountId, after) => venue.activities(accountId, after),
    updates: (accountId, afterSequence, past) => venue.updates(accountId, afterSequence, past),
  };
}
