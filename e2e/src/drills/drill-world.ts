import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@capstan/embedded';
import type { Bus, Store } from '@capstan/ports';
import { SERVICES, type ServiceName } from '../service-process.ts';
import { Stack } from '../stack.ts';
import { stackConfig } from '../world.ts';
import { comesThrough, recovered, throughUs } from './coming-through.ts';
import type { Scene } from './evidence.ts';
import { Fleet, type Kit, type KitOf, OWNING } from './fleet.ts';
import { Line } from './line.ts';
import { DrillServers, type ServerName } from './servers.ts';
import { DRILL_WORLD } from './trading-world.ts';

/** About ten slices a second. */
const SPEED = 600;
/** After a fault everything is ready and works again within this. */
const RECOVER_MS = 90_000;

/** The platform under load, and the means to break it. */
export class DrillWorld implements Scene {
  readonly stack: Stack;
  readonly servers: DrillServers;
  readonly line: Line;
  readonly fleet: Fleet;

  private constructor(parts: {
    readonly stack: Stack;
    readonly servers: DrillServers;
    readonly line: Line;
    readonly fleet: Fleet;
  }) {
    this.stack = parts.stack;
    this.servers = parts.servers;
    this.line = parts.line;
    this.fleet = parts.fleet;
  }

  /** Starts everything; resolves when it trades. */
  static async start(): Promise<DrillWorld> {
    const servers = await DrillServers.start();
    const exchangePort = await freePort();
    const line = await Line.open(exchangePort);
    const kitOf = kitMaker(servers, exchangePort);
    const services = [...SERVICES, 'gateway'] as const;
    const kits = new Map<ServiceName, Kit>();
    for (const name of services) kits.set(name, await kitOf(name));
    const stack = await Stack.start({
      ...{ servers, services },
      environmentOf: (name) => kits.get(name)?.environment ?? {},
      paperExchange: { address: `127.0.0.1:${line.port}` },
      config: stackConfig(DRILL_WORLD, SPEED),
    });
    const fleet = await Fleet.of(stack, kits, kitOf);
    const world = new DrillWorld({ stack, servers, line, fleet });
    await world.recovered();
    return world;
  }

  get store(): Store {
    return this.stack.store;
  }

  get bus(): Bus {
    return this.fleet.bus.bus;
  }

  get venueAddress(): string {
    return `127.0.0.1:${this.line.port}`;
  }

  endFeed(): Promise<void> {
    return this.fleet.working('market-data').stop();
  }

  exchangeJournal(): Promise<string> {
    return readFile(join(this.stack.folder, 'exchange', 'journal.jsonl'), 'utf8');
  }

  throughUs(): Promise<number> {
    return throughUs(this.store);
  }

  /** End of the last slice that a bot has stepped. */
  async steppedUs(): Promise<number> {
    const bots = await this.store.bots({});
    return Math.max(0, ...bots.map((bot) => bot.lastSliceEndUs ?? 0));
  }

  /** See {@link comesThrough}. */
  comesThrough(afterUs: number, slices: number, timeoutMs = RECOVER_MS): Promise<boolean> {
    return comesThrough(this, afterUs, slices, timeoutMs);
  }

  /** Names of the services that are not ready, with what they say. */
  async notReady(): Promise<readonly string[]> {
    const pages = await Promise.all(
      this.fleet.all.map(async (one) => ({ name: one.name, page: await one.readiness() })),
    );
    return pages
      .filter(({ page }) => page?.ok !== true)
      .map(({ name, page }) => `${name}: ${JSON.stringify(page?.checks ?? 'does not answer')}`);
  }

  /** See {@link recovered}. */
  recovered(): Promise<void> {
    return recovered(this, RECOVER_MS);
  }

  /** Starts a service that has ended; resolves at once. */
  async restart(name: ServiceName): Promise<void> {
    await this.fleet.working(name).start();
  }

  /** Kills a service as `kill -9` does. @returns its process id. */
  async kill(name: ServiceName): Promise<number> {
    const service = this.fleet.working(name);
    const { pid } = service;
    if (pid === undefined) throw new Error(`${name} does not run`);
    await service.kill();
    return pid;
  }

  /** Starts a server that was ended. */
  again(name: ServerName): Promise<void> {
    return this.servers.again(name);
  }

  async stop(): Promise<void> {
    await this.fleet.stop();
    await this.stack.stop();
    await this.line.close();
  }
}

/** The exchange answers where the line to it leads; whoever owns keys has a line to PostgreSQL of its own. */
function kitMaker(servers: DrillServers, exchangePort: number): KitOf {
  return async (name) => {
    if (name === 'paper-exchange')
      return { environment: { CAPSTAN_SERVER__GRPC_PORT: String(exchangePort) } };
    if (!OWNING.includes(name)) return { environment: {} };
    const database = await Line.open(servers.postgres.port);
    const url = new URL(servers.postgres.url());
    url.port = String(database.port);
    return { environment: { CAPSTAN_POSTGRES__URL: url.href }, database };
  };
}
