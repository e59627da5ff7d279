import type { InstrumentBook } from '@capstan/domain';
import type { Clock, Ids, Log, Meter, Store } from '@capstan/ports';
import type { Clients } from './clients.ts';

/** How a service is, as its own health page says. */
export interface ServiceHealth {
  readonly name: string;
  readonly state: 'ready' | 'notReady' | 'down';
  /** In words, where it is not ready. */
  readonly message?: string;
  readonly version?: string;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly message?: string;
  }[];
}

/** Asks a service for its health. Never rejects: a service that does not answer is `down`. */
export type HealthReader = (name: string, url: string) => Promise<ServiceHealth>;

/** What the gateway's logic works with. */
export interface GatewayPorts {
  readonly clients: Clients;
  readonly store: Pick<Store, 'token' | 'addAudit'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly meter: Meter;
  readonly health: HealthReader;
  /** SHA-256 of a token's text, lower-case hexadecimal. */
  readonly hashToken: (token: string) => string;
}

/** What the gateway's logic is told. */
export interface GatewaySettings {
  readonly runId: string;
  /** True where nothing reaches a broker. */
  readonly dryRun: boolean;
  /** Shown on the page: `dev`, `paper`, `live`. */
  readonly environment: string;
  readonly version: string;
  readonly instruments: InstrumentBook;
  /** Health pages by the name of the service. */
  readonly services: Readonly<Record<string, string>>;
  readonly auth: AuthSettings;
}

export interface AuthSettings {
  /** Requests from this machine are the operator's, without a token. */
  readonly localOperator: boolean;
  /** Host names under which the page may be asked for, beside this machine's own. */
  readonly hosts: readonly string[];
}
