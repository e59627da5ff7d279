import type {
  BrokerVenue,
  LedgerCashRecord,
  LedgerPositionRecord,
  Store,
  VenueAccount,
  VenueOrder,
} from '@capstan/ports';

/** What the broker and the ledger say together. */
export interface BrokerLook {
  /** As the broker has the account, with the sequence up to which it tells of it here. */
  readonly account: VenueAccount;
  readonly working: readonly VenueOrder[];
  readonly ledger: {
    readonly positions: readonly LedgerPositionRecord[];
    readonly cash: readonly LedgerCashRecord[];
  };
  /** True where the account did not move while the rest was read. */
  readonly isStill: boolean;
  /** Names the state that the broker shows: one look from the next. */
  readonly mark: string;
}

type LookPorts = {
  readonly venue: Pick<BrokerVenue, 'account' | 'openOrders' | 'capabilities'>;
  readonly store: Pick<Store, 'ledger' | 'strays'>;
};

/**
 * Reads the broker, the ledger between two readings of the account. A venue that numbers events says by their numbers whether the account
 * moved; of others its cash and positions say it, and as sequence counts the last event of others that the journal has.
 * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE, STORE.UNAVAILABLE
 */
export async function lookAtBroker(
  { venue, store }: LookPorts,
  accountId: string,
): Promise<BrokerLook> {
  const before = await venue.account(accountId);
  const ledger = await store.ledger(accountId);
  const working = await venue.openOrders(accountId);
  const after = await venue.account(accountId);
  if (venue.capabilities.numbersEvents) {
    const isStill = before.sequence === after.sequence;
    return { account: after, working, ledger, isStill, mark: String(after.sequence) };
  }
  const [newest] = await store.strays({ accountId, limit: 1 });
  const account = { ...after, sequence: newest?.sequence ?? 0 };
  const shown = shownOf(after);
  return {
    ...{ account, working, ledger },
    isStill: shownOf(before) === shown,
    mark: `${shown} ${JSON.stringify(working)}`,
  };
}

const shownOf = ({ cashMicros, positions }: VenueAccount): string =>
  JSON.stringify([cashMicros, positions]);
