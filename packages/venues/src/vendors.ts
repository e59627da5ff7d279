import type { InstrumentBook } from '@capstan/domain';
import type { Clock, Log } from '@capstan/ports';
import { AlpacaBroker } from './alpaca/alpaca-broker.ts';
import { alpacaEndpoints } from './alpaca/connection.ts';
import { readAlpacaCredentials } from './alpaca/credentials.ts';
import type {
  EndpointAccount,
  TradingMode,
  VendorEndpoints,
  VenueConnection,
} from './endpoints.ts';
import { PaperVenue, type PaperVenueSettings } from './paper/paper-venue.ts';
import { RequestBudget } from './requests/request-budget.ts';
import type { Environment } from './secret-source.ts';

export interface VendorPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Where keys and addresses of vendors are read. */
  readonly environment: Environment;
}

export interface VendorSettings {
  readonly paper: PaperVenueSettings;
  readonly alpaca: {
    /** What the account's plan grants. */
    readonly requestsPerMinute: number;
    /** This process's share of it, in (0, 1]: others ask by the same keys. */
    readonly share: number;
    /** Whether working orders are given new terms by Alpaca's own replace; not unless said. */
    readonly replaces?: boolean;
  };
  readonly instruments: InstrumentBook;
}

/** The vendors that there are, each with its endpoints: none is made, and no key is read, before an account asks for it. */
export function brokerVendors(
  { clock, log, environment }: VendorPorts,
  { paper, alpaca, instruments }: VendorSettings,
): Readonly<Record<'paper' | 'alpaca', VendorEndpoints>> {
  const perMinute = Math.max(1, Math.floor(alpaca.requestsPerMinute * alpaca.share));
  const atAlpaca =
    (mode: TradingMode) =>
    ({ credentials, extendedHours = false }: EndpointAccount): VenueConnection =>
      new AlpacaBroker(
        { clock, log, budget: new RequestBudget(clock, { perMinute }) },
        {
          endpoints: alpacaEndpoints(environment, mode, credentials),
          credentials: readAlpacaCredentials(environment, credentials),
          ...{ instruments, extendedHours, replaces: alpaca.replaces ?? false },
        },
      );
  return {
    paper: { paper: () => new PaperVenue({ clock, log }, paper) },
    alpaca: { paper: atAlpaca('paper'), live: atAlpaca('live') },
  };
}
