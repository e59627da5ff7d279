import type { InstrumentBook } from '@capstan/domain';
import { EMULATOR_KEYS } from '@capstan/emulators';
import type { OwnerHost, OwnerPorts } from '@capstan/journal';
import type { Clock, Log, Store } from '@capstan/ports';
import {
  AlpacaBroker,
  alpacaEndpoints,
  RequestBudget,
  readAlpacaCredentials,
} from '@capstan/venues';
import { ExecutionAccount } from '../../services/execution/src/execution-account.ts';
import { KillBrake } from '../../services/execution/src/kill-brake.ts';
import { KillSwitches } from '../../services/execution/src/kill-switches.ts';
import { PositionOwner } from '../../services/position-sync/src/position-owner.ts';
import { RiskAccount } from '../../services/risk/src/risk-account.ts';
import type { RiskAccountSettings } from '../../services/risk/src/settings.ts';

/** Requests a minute that stand in no test's way. */
export const REQUESTS_PER_MINUTE = 20_000;

/** What a process has in its environment that is to reach an emulated Alpaca. */
export function emulatedEnvironment(url: string) {
  return {
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
    ALPACA_BASE_URL: url,
    ALPACA_DATA_URL: url,
    ALPACA_DATA_STREAM_URL: url.replace('http', 'ws'),
  };
}

/**
 * Opens the account of an emulated Alpaca by the vendor's own client.
 * @param of.secretFile where its secret key is mounted, if it is.
 */
export function emulatedBroker(
  ports: { readonly clock: Clock; readonly log: Log },
  of: {
    readonly url: string;
    readonly instruments: InstrumentBook;
    readonly secretFile?: string | undefined;
  },
): AlpacaBroker {
  const { url, instruments, secretFile } = of;
  const mounted = { ALPACA_SECRET_KEY: '', ALPACA_SECRET_KEY_FILE: secretFile };
  const environment = {
    ...emulatedEnvironment(url),
    ...(secretFile === undefined ? {} : mounted),
  };
  const budget = new RequestBudget(ports.clock, { perMinute: REQUESTS_PER_MINUTE });
  const endpoints = alpacaEndpoints(environment, 'paper');
  const credentials = readAlpacaCredentials(environment);
  return new AlpacaBroker(
    { ...ports, budget },
    { instruments, lookEveryMs: 500, endpoints, credentials },
  );
}

/** The two clients that the processes of an account have: execution's, and that of who compares. */
export interface AccountVenues {
  readonly trading: AlpacaBroker;
  readonly looking: AlpacaBroker;
}

/** Adds the owners of an account at a broker: risk, execution and position-sync, which looks so often. */
export function addAccount(
  host: OwnerHost,
  ports: OwnerPorts,
  of: {
    readonly risk: RiskAccountSettings;
    readonly venues: AccountVenues;
    readonly everyMs: number;
  },
): KillSwitches {
  const { risk, venues, everyMs } = of;
  const { runId, accountId, instruments, calendarOf, limits } = risk;
  host.add(`risk/${accountId}`, () => new RiskAccount(ports, risk));
  const trading = { ...ports, venue: venues.trading };
  const switches = new KillSwitches(ports);
  const brake = new KillBrake(trading, accountId, switches);
  const settings = {
    ...{ runId, accountId, instruments, calendarOf, limits },
    ...{ eventTime: false, breakerFailuresMax: 5 },
  };
  host.add(
    `execution/${accountId}`,
    () => new ExecutionAccount(trading, settings, switches, brake),
  );
  const options = { everyMs, snapshotDays: 1, foreign: 'hold', instruments, opening: {} } as const;
  const looking = { ...ports, venue: venues.looking };
  host.add(`position/${accountId}`, () => new PositionOwner(looking, accountId, options));
  return switches;
}

/** What is held by symbol, and the cash, in micros. */
export interface Holdings {
  readonly held: readonly (readonly [string, number])[];
  readonly cash: number;
}

/** Returns what the bots and the house of an account have together. */
export async function inLedger(store: Store, accountId: string): Promise<Holdings> {
  const { positions, cash } = await store.ledger(accountId);
  const held = positions.filter(({ quantity }) => quantity !== 0);
  return {
    held: held.map(({ symbol, quantity }) => [symbol, quantity] as const),
    cash: cash.reduce((sum, one) => sum + one.cashMicros, 0),
  };
}
