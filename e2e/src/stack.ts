import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type BusConnection, connectBus, connectionName } from '@capstan/bus';
import { freePort, startTestServers, type TestServers } from '@capstan/embedded';
import { isOfProcess, releaseLeasesOf } from '@capstan/journal';
import type { Log, Requests, Store } from '@capstan/ports';
import { createLogger } from '@capstan/runtime';
import { applyMigrations, openStore, type PostgresStoreHandle } from '@capstan/store';
import { stringify } from 'yaml';
import { NatsGuard, WATCHER } from './nats-guard.ts';
import { SERVICES, type ServiceName, ServiceProcess } from './service-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What a stack is configured by, beside servers and ports. */
export type StackConfig = Readonly<Record<string, unknown>>;

export interface StackOptions {
  readonly config: StackConfig;
  /** All of them unless given. */
  readonly services?: readonly ServiceName[];
  /** Sections of the paper exchange. */
  readonly paperExchange?: Readonly<Record<string, unknown>>;
  /** Servers to run on, which the stack stops with itself; without them a test's own, whose PostgreSQL does not wait for the disk. */
  readonly servers?: TestServers<{ nats: true; postgres: true }>;
  /** Makes NATS tell the services apart, as an installation does; `stop` throws where one did what it may not. */
  readonly guarded?: boolean;
  /** What a service's process is given in its environment. */
  readonly environmentOf?: (name: ServiceName) => Readonly<Record<string, string>>;
  /** What runs a service, `--config` left out: its source by this Node unless given. */
  readonly programOf?: (name: ServiceName) => readonly string[];
}

/** The whole platform as real processes over a real NATS and a real PostgreSQL, in one temporary folder. */
export class Stack {
  readonly servers: TestServers<{ nats: true; postgres: true }>;
  readonly folder: string;
  readonly configFile: string;
  readonly services: ReadonlyMap<ServiceName, ServiceProcess>;
  readonly store: Store;
  readonly guard: NatsGuard | undefined;
  readonly #opened: PostgresStoreHandle;
  readonly #bus: BusConnection;
  readonly #log: Log;

  private constructor(
    servers: TestServers<{ nats: true; postgres: true }>,
    configFile: string,
    services: readonly ServiceProcess[],
    parts: {
      readonly opened: PostgresStoreHandle;
      readonly bus: BusConnection;
      readonly log: Log;
      readonly guard: NatsGuard | undefined;
    },
  ) {
    this.servers = servers;
    this.folder = servers.folder;
    this.configFile = configFile;
    this.services = new Map(services.map((service) => [service.name, service]));
    this.#opened = parts.opened;
    this.#bus = parts.bus;
    this.#log = parts.log;
    this.guard = parts.guard;
    this.store = parts.opened.store;
  }

  /** Starts everything; resolves when every service is ready. */
  static async start(options: StackOptions): Promise<Stack> {
    const guard = options.guarded === true ? new NatsGuard() : undefined;
    const own = { nats: true, postgres: true, natsOptions: guard?.natsOptions } as const;
    const servers = options.servers ?? (await startTestServers(own));
    const exchangePort = await freePort();
    const url = servers.postgres.url('postgres');
    await applyMigrations(url, join(ROOT, 'prisma', 'migrations'));
    const logs = join(servers.folder, 'logs');
    await mkdir(logs);
    const configFile = join(servers.folder, 'capstan.yaml');
    const config = {
      nats: { url: servers.nats.url },
      postgres: { url, poolMax: 4 },
      paperExchange: {
        address: `127.0.0.1:${exchangePort}`,
        journal: join(servers.folder, 'exchange', 'journal.jsonl'),
        ...options.paperExchange,
      },
      ...options.config,
    };
    await writeFile(configFile, stringify(config));
    const names = options.services ?? SERVICES;
    const services = names.map((name) => {
      const environment = { ...guard?.environmentOf(name), ...options.environmentOf?.(name) };
      return new ServiceProcess(name, configFile, logs, environment, options.programOf?.(name));
    });
    const log = createLogger({ service: 'e2e', level: 'error', format: 'text', secrets: [] });
    const opened = openStore({ url, log });
    const credentials = guard === undefined ? undefined : WATCHER;
    // Asks as the gateway does: services answer nobody else.
    const name = connectionName('gateway');
    const bus = await connectBus({ servers: servers.nats.url, name, credentials, log });
    const stack = new Stack(servers, configFile, services, { opened, bus, log, guard });
    try {
      for (const service of services) {
        await service.start(service.name === 'paper-exchange' ? exchangePort : undefined);
      }
      await Promise.all(services.map((service) => service.ready()));
    } catch (error) {
      const tail = await stack.logs();
      await stack.stop();
      throw new Error(`the stack did not start:\n${tail}`, { cause: error });
    }
    return stack;
  }

  service(name: ServiceName): ServiceProcess {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`no service ${name} in this stack`);
    return service;
  }

  /** Where the services answer questions. */
  get requests(): Requests {
    return this.#bus.requests;
  }

  /** Kills a service as `kill -9` does, and hands its keys over at once, as the supervisor does that saw it end: returns them. */
  async kill(name: ServiceName): Promise<readonly string[]> {
    const service = this.service(name);
    const { pid } = service;
    if (pid === undefined) return [];
    await service.kill();
    const { kv } = this.#bus;
    return releaseLeasesOf({ kv, log: this.#log }, isOfProcess(hostname(), pid));
  }

  /** Returns the last lines of every service's log. */
  async logs(lines = 15): Promise<string> {
    const texts = [...this.services.values()].map(async ({ name, logFile }) => {
      const text = await readFile(logFile, 'utf8').catch(() => '');
      return `--- ${name}\n${text.split('\n').slice(-lines).join('\n')}`;
    });
    return (await Promise.all(texts)).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.stop()));
    await this.#bus.close();
    await this.#opened.close();
    await this.servers.stop();
    const refused = this.guard?.refused ?? [];
    if (refused.length > 0) throw new Error(`NATS refused services:\n${refused.join('\n')}`);
  }
}
