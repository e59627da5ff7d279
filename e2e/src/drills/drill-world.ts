import { freePort, waitUntil } from '@capstan/embedded';
import type { Store } from '@capstan/ports';
import { SERVICES, type ServiceName } from '../service-process.ts';
import { Stack } from '../stack.ts';
import { RUN_ID, stackConfig, type World } from '../world.ts';
import { Fleet, type Kit, type KitOf, OWNING } from './fleet.ts';
import { Line } from './line.ts';
import { DrillServers, type ServerName } from './servers.ts';

/** What is traded: four bots of three strategies on three symbols, which netted have orders on most slices. */
export const DRILL_WORLD: World = {
  seed: 31,
  // More than any drill plays: it ends by stopping the feed.
  slices: 100_000,
  symbols: ['IWM', 'QQQ', 'SPY'],
};
/** About ten slices a second. */
const SPEED = 600;
/** After a fault everything is ready and works again within this. */
const RECOVER_MS = 90_000;
const POLL_MS = 20;
const READY_POLL_MS = 200;

/** The platform under load, and the means to break it. */
export class DrillWorld {
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

  /** End of the last slice that went all the way, to its equity; 0 before the first. */
  async throughUs(): Promise<number> {
    const [newest] = await this.store.equity({ runId: RUN_ID, botId: '*', limit: 1 });
    return newest?.atUs ?? 0;
  }

  /** End of the last slice that a bot has stepped. */
  async steppedUs(): Promise<number> {
    const bots = await this.store.bots({});
    return Math.max(0, ...bots.map((bot) => bot.lastSliceEndUs ?? 0));
  }

  /**
   * Waits until so many slices after one have gone all the way. Of the first the feed may have told before; the second it told
   * after the first was done everywhere.
   * @returns false when the time passed first.
   */
  async comesThrough(afterUs: number, slices: number, timeoutMs = RECOVER_MS): Promise<boolean> {
    let seenUs = afterUs;
    let seen = 0;
    const isThrough = async (): Promise<boolean> => {
      const nowUs = await this.throughUs().catch(() => 0);
      if (nowUs > seenUs) {
        seenUs = nowUs;
        seen += 1;
      }
      return seen >= slices;
    };
    return await waitUntil(isThrough, timeoutMs, POLL_MS);
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

  /** Waits until every service is ready and slices go all the way again. @throws Error saying what is not well. */
  async recovered(): Promise<void> {
    let sick: readonly string[] = [];
    const isWell = async (): Promise<boolean> => {
      sick = await this.notReady();
      return sick.length === 0;
    };
    if (!(await waitUntil(isWell, RECOVER_MS, READY_POLL_MS))) {
      throw new Error(`not ready again after ${RECOVER_MS / 1_000} s: ${sick.join('; ')}`);
    }
    const fromUs = await this.throughUs();
    if (await this.comesThrough(fromUs, 3)) return;
    throw new Error(`nothing is traded any more: the last whole slice ended at ${fromUs}`);
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
