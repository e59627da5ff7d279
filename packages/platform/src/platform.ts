import { join } from 'node:path';
import { connectBus, connectionName } from '@capstan/bus';
import { type Calendar, CalendarBook } from '@capstan/calendar';
import {
  type GrpcService,
  type ServiceDefinition,
  serveOverBus,
  type UnaryImplementation,
} from '@capstan/contracts';
import { AppError, type InstrumentBook } from '@capstan/domain';
import { JOURNAL_INSTRUMENTS, OwnerHost, type OwnerPorts } from '@capstan/journal';
import type { Blobs, Bus, Kv, Requests, Store, WorkQueue } from '@capstan/ports';
import {
  checkPlatform,
  type HealthChecks,
  instrumentsOf,
  natsAccess,
  type PlatformConfig,
  postgresAddress,
  type ServiceContext,
  systemClock,
  type WiredService,
} from '@capstan/runtime';
import { openStore } from '@capstan/store';
import { INSTRUMENTS, measurePlatform } from './telemetry.ts';

/** What a service's wiring starts from: the adapters of the ports, and what the configuration says of the world. */
export interface Platform {
  readonly bus: Bus;
  readonly kv: Kv;
  readonly requests: Requests;
  readonly workQueue: WorkQueue;
  readonly blobs: Blobs;
  readonly store: Store;
  readonly ports: OwnerPorts;
  /** Runs the keys of this process. */
  readonly host: OwnerHost;
  readonly instruments: InstrumentBook;
  /** Finds a calendar by name; it keeps what it builds. */
  readonly calendarOf: (name: string) => Calendar;
  /** Serves a service's unary methods over the bus, until the platform closes. */
  serve<D extends ServiceDefinition>(
    definition: D,
    implementation: UnaryImplementation<D>,
  ): Promise<void>;
  /** Bus connected, store answering with the tables of this version, no key in trouble. */
  readonly checks: HealthChecks;
  /** Stops serving, stops the owners, closes the connections; once, however often it is called. */
  close(): Promise<void>;
}

/** What a service adds to the platform. */
export interface ServiceParts {
  /** Begins what the service does beside its owners. */
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
  readonly grpcServices?: readonly GrpcService[];
  readonly checks?: HealthChecks;
  readonly handleHttp?: WiredService['handleHttp'];
}

/**
 * Connects a service to everything it shares with the others.
 * @throws BUS.UNAVAILABLE when there is no NATS; CONFIG.INVALID when sections contradict each other.
 */
export async function openPlatform(context: ServiceContext<PlatformConfig>): Promise<Platform> {
  const { config, log, clock, meter, tracer, ids, name } = context;
  checkPlatform(config);
  const connection = await connectBus({
    ...natsAccess(config.nats),
    name: connectionName(name),
    onWait: ({ message }) => {
      context.health.addChecks({ nats: () => ({ ok: false, reason: message }) });
    },
    log,
  });
  const opened = openStore({
    url: postgresAddress(config.postgres),
    poolMax: config.postgres.poolMax,
    log,
  });
  // Said at once, as long may pass until something else asks it; readiness goes on saying so.
  opened.checkSchema().catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    log.warn('PostgreSQL cannot be used yet', { error: error.message });
  });
  const { bus, kv, requests, workQueue, blobs } = connection;
  const { store } = opened;
  const ports: OwnerPorts = { bus, kv, store, clock, log, meter, tracer, wall: systemClock };
  const host = new OwnerHost(ports, ids.incarnation());
  context.metering?.declare({ ...JOURNAL_INSTRUMENTS, ...INSTRUMENTS });
  context.metering?.beforePage(() => {
    host.measure();
    measurePlatform(meter, connection.status(), opened.connections());
  });
  host.failed.catch((error: unknown) => context.crash(error));
  const calendars = new CalendarBook();
  const served: { close(): Promise<void> }[] = [];
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    for (const one of served) await one.close();
    await host.stop();
    await connection.close();
    await opened.close();
  };
  return {
    bus,
    kv,
    requests,
    workQueue,
    blobs,
    store,
    ports,
    host,
    instruments: instrumentsOf(config),
    calendarOf: (calendar) => calendars.get(calendar),
    serve: async (definition, implementation) => {
      served.push(await serveOverBus(requests, definition, implementation));
    },
    checks: {
      nats: () => {
        const { connected, server } = connection.status();
        return connected
          ? { ok: true }
          : { ok: false, reason: `NATS at ${server} does not answer` };
      },
      postgres: async () => {
        await opened.checkSchema();
        return { ok: true };
      },
      owners: () => {
        const problems = host.problems();
        if (problems.length === 0) return { ok: true };
        return { ok: false, reason: problems.map(({ key, why }) => `${key}: ${why}`).join('; ') };
      },
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** The contracts' sources, so that clients can ask a server what it serves. */
const CONTRACT_SOURCES = {
  root: join(import.meta.dirname, '..', '..', '..', 'proto'),
  files: [
    'capstan/backtest/v1/backtest_service.proto',
    'capstan/execution/v1/execution_service.proto',
    'capstan/market/v1/market_service.proto',
    'capstan/position/v1/position_service.proto',
    'capstan/reporting/v1/reporting_service.proto',
    'capstan/risk/v1/risk_service.proto',
    'capstan/signal/v1/signal_service.proto',
  ],
} as const;

/** Puts a service together from the platform and its own parts. */
export function wired(platform: Platform, parts: ServiceParts = {}): WiredService {
  return {
    start: async () => {
      await parts.start?.();
    },
    drain: async () => {
      await parts.stop?.();
      await platform.close();
    },
    checks: { ...platform.checks, ...parts.checks },
    ...(parts.grpcServices === undefined
      ? {}
      : { grpcServices: parts.grpcServices, reflection: CONTRACT_SOURCES }),
    ...(parts.handleHttp === undefined ? {} : { handleHttp: parts.handleHttp }),
  };
}
