import { AppError } from '@capstan/domain';
import type { BrokerVenue } from '@capstan/ports';

/** Whether money is at stake. */
export type TradingMode = 'paper' | 'live';

/** A connection to a venue that can be ended. */
export interface VenueConnection extends BrokerVenue {
  close(): void;
}

/** Makes the connection to one endpoint of a vendor, and with it whatever can reach it. */
export type VenueFactory = (account: EndpointAccount) => VenueConnection;

/** The endpoints of a vendor that there are. */
export type VendorEndpoints = Readonly<Partial<Record<TradingMode, VenueFactory>>>;

/** What an account says of where it trades. */
export interface EndpointAccount {
  readonly accountId: string;
  readonly venue: string;
  readonly mode: TradingMode;
  /** Where the names of the variables with its keys begin; the venue's own unless given. */
  readonly credentials?: string | undefined;
  /** Whether its limit orders may fill before and after the session, where the venue has that; not unless said. */
  readonly extendedHours?: boolean | undefined;
}

/**
 * The endpoints of an installation. A live one takes two keys: the account's `mode: live` and the installation's `allowLive: true`.
 * With either missing its factory is not called, so that nothing in the process can reach it. An endpoint is made once for
 * all accounts that use it by the same keys in the same way.
 */
export class VenueEndpoints {
  readonly #vendors: Readonly<Record<string, VendorEndpoints>>;
  readonly #allowLive: boolean;
  readonly #open = new Map<string, VenueConnection>();

  /** @param vendors factories by vendor. @param allowLive the installation's key. */
  constructor(vendors: Readonly<Record<string, VendorEndpoints>>, allowLive: boolean) {
    this.#vendors = vendors;
    this.#allowLive = allowLive;
  }

  /** @throws VENUE.LIVE_LOCKED without the installation's key; VENUE.NO_ENDPOINT where the vendor has none of that mode. */
  of(account: EndpointAccount): VenueConnection {
    const { accountId, venue, mode, credentials = '', extendedHours = false } = account;
    if (mode === 'live' && !this.#allowLive) {
      throw new AppError({
        code: 'VENUE.LIVE_LOCKED',
        why: `account ${accountId} says 'mode: live', and this installation does not allow live money.`,
        fix: "Set 'installation.allowLive: true' as well, or 'mode: paper' for the account.",
      });
    }
    const key = `${venue} ${mode} ${credentials} ${extendedHours}`;
    const open = this.#open.get(key) ?? this.#make(account);
    this.#open.set(key, open);
    return open;
  }

  #make(account: EndpointAccount): VenueConnection {
    const { accountId, venue, mode } = account;
    const vendor = Object.hasOwn(this.#vendors, venue) ? this.#vendors[venue] : undefined;
    const factory = vendor?.[mode];
    if (factory !== undefined) return factory(account);
    const modes = Object.keys(vendor ?? {});
    throw new AppError({
      code: 'VENUE.NO_ENDPOINT',
      why: `account ${accountId}: the venue '${venue}' has no ${mode} endpoint.`,
      fix:
        modes.length === 0
          ? `Known venues: ${Object.keys(this.#vendors).join(', ')}.`
          : `It has: ${modes.join(', ')}.`,
    });
  }

  /** Ends all connections. */
  close(): void {
    for (const one of this.#open.values()) one.close();
    this.#open.clear();
  }
}
