import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectGrpc, executionService } from '@capstan/contracts';
import { deriveId, type OrderTerms, priceNanos, quantity, timeUs } from '@capstan/domain';
import { startNats, startPostgres, UNSAFE_FAST_FLAGS, waitUntil } from '@capstan/embedded';
import type { VenueOrder } from '@capstan/ports';
import { createLogger, systemClock } from '@capstan/runtime';
import { PaperVenue } from '@capstan/venues';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { STACK_START_MS } from './service-process.ts';
import { Stack } from './stack.ts';
import { ACCOUNT_ID, RUN_ID, stackConfig, type World } from './world.ts';

const WORLD: World = { seed: 31, slices: 3_000, symbols: ['QQQ', 'SPY'] };
/** About ten slices a second. */
const SPEED = 600;
const WAIT_MS = 30_000;
/** A kill counts and its cancels are out within this. */
const KILL_MS = 1_000;

const { ExecutionServiceDefinition, KillMode } = executionService;

describe('a hard kill while something is down', () => {
  let stack: Stack;
  let venue: PaperVenue;
  let resting = 0;
  const servers: { stop(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    stack = await Stack.start({
      config: stackConfig(WORLD, SPEED),
      services: ['paper-exchange', 'market-data', 'signal', 'risk', 'execution'],
    });
    const log = createLogger({ service: 'test', level: 'error', format: 'text', secrets: [] });
    const address = `127.0.0.1:${stack.service('paper-exchange').grpcPort}`;
    venue = new PaperVenue({ clock: systemClock, log }, { address, timeoutMs: 2_000 });
  }, STACK_START_MS);
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.error(await stack.logs(25));
  });
  afterAll(async () => {
    venue?.close();
    await stack?.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const execution = () =>
    connectGrpc(`127.0.0.1:${stack.service('execution').grpcPort}`, ExecutionServiceDefinition);

  /** Throws the switch over execution's gRPC, as the command line does where the gateway is no way. */
  const kill = async (): Promise<executionService.KillSwitch | undefined> => {
    const { client, close } = execution();
    const request = { accountId: ACCOUNT_ID, actor: 'e2e', reason: 'a drill', foreign: false };
    const mode = KillMode.KILL_MODE_HARD;
    const startMs = performance.now();
    const { switches } = await client.kill({ ...request, mode }, { timeoutMs: 10_000 });
    const [one] = switches;
    expect(one).toMatchObject({ accountId: ACCOUNT_ID, mode });
    expect(performance.now() - startMs).toBeLessThan(2 * KILL_MS);
    close();
    return one;
  };

  const unkill = async (): Promise<void> => {
    const { client, close } = execution();
    await client.unkill({ accountId: ACCOUNT_ID, actor: 'e2e' }, { timeoutMs: 10_000 });
    close();
  };

  const held = async (): Promise<ReadonlyMap<string, number>> => {
    const { positions } = await venue.account(ACCOUNT_ID);
    return new Map(
      positions.filter((one) => one.quantity !== 0).map((one) => [one.symbol, one.quantity]),
    );
  };
  const open = async (): Promise<readonly VenueOrder[]> =>
    (await venue.openOrders(ACCOUNT_ID)).filter(({ state }) => state === 'working');

  /** Waits until the bots hold something, and lets an order rest beside it that no bar reaches. */
  const traded = async (): Promise<string> => {
    expect(await waitUntil(async () => (await held()).size > 0, WAIT_MS)).toBe(true);
    resting += 1;
    const orderId = deriveId('resting', resting);
    const terms: OrderTerms = {
      ...{ orderId, intentId: deriveId('resting intent', resting), runId: RUN_ID },
      ...{ accountId: ACCOUNT_ID, botId: 'ma-fast', symbol: 'SPY', side: 'buy' },
      ...{ quantity: quantity(1), type: 'limit', limitPriceNanos: priceNanos(1_000_000_000) },
      ...{ timeInForce: 'gtc', reducing: false, leg: 0, attempt: 1 },
      ...{ decidedAtUs: timeUs(0), expiresAtUs: timeUs(0) },
    };
    expect(await venue.submit(terms)).toMatchObject({ kind: 'accepted' });
    return orderId;
  };

  const isCancelled = async (orderId: string): Promise<boolean> =>
    (await venue.find(ACCOUNT_ID, orderId))?.state === 'cancelled';

  /** Waits until the broker shows nothing, and the journal says the same. */
  const flat = async (): Promise<void> => {
    expect(await waitUntil(async () => (await held()).size === 0, WAIT_MS)).toBe(true);
    const agrees = async () => {
      const fills = await stack.store.fills({ accountId: ACCOUNT_ID, limit: 100_000 });
      const net = new Map<string, number>();
      for (const { symbol, side, quantity: amount } of fills)
        net.set(symbol, (net.get(symbol) ?? 0) + (side === 'buy' ? amount : -amount));
      const { sequence } = await venue.account(ACCOUNT_ID);
      return sequence > 0 && [...net.values()].every((amount) => amount === 0);
    };
    expect(await waitUntil(agrees, WAIT_MS)).toBe(true);
  };

  let nats: { readonly port: number; stop(): Promise<unknown> };
  let postgres: typeof nats;
  const stopNats = async (): Promise<void> => {
    nats ??= stack.servers.nats;
    await nats.stop();
  };
  const againNats = async (): Promise<void> => {
    nats = await startNats({ dataDir: join(stack.folder, 'nats'), port: nats.port });
    servers.push(nats);
  };
  const stopPostgres = async (): Promise<void> => {
    postgres ??= stack.servers.postgres;
    await postgres.stop();
  };
  const againPostgres = async (): Promise<void> => {
    const dataDir = join(stack.folder, 'postgres');
    postgres = await startPostgres({ dataDir, port: postgres.port, flags: UNSAFE_FAST_FLAGS });
    servers.push(postgres);
  };
  const leasesLost = async (): Promise<number> =>
    (await readFile(stack.service('execution').logFile, 'utf8')).split('lost its lease').length;

  it('risk: cancels, and flattens', async () => {
    const orderId = await traded();
    await stack.kill('risk');
    const startMs = performance.now();
    await kill();
    expect(await waitUntil(() => isCancelled(orderId), KILL_MS, 10)).toBe(true);
    console.info('risk down: cancelled after (ms)', Math.round(performance.now() - startMs));
    // No bar comes without risk: what flattens waits at the exchange for the next one.
    const symbols = async () => new Set((await open()).map((one) => one.symbol));
    const isAsked = async () => [...(await held()).keys()].every((one) => asked.has(one));
    let asked = await symbols();
    const flattens = async () => {
      asked = await symbols();
      return isAsked();
    };
    expect(await waitUntil(flattens, WAIT_MS)).toBe(true);
    await stack.service('risk').start();
    await flat();
    await unkill();
  }, 120_000);

  it('PostgreSQL: cancels and flattens without the journal, which takes it in once, when it is back', async () => {
    const orderId = await traded();
    const before = await held();
    await stopPostgres();
    const startMs = performance.now();
    await kill();
    expect(await waitUntil(() => isCancelled(orderId), KILL_MS, 10)).toBe(true);
    console.info('PostgreSQL down: cancelled after (ms)', Math.round(performance.now() - startMs));
    const isFlattening = async () => {
      const orders = await open();
      return [...(await held()).keys()].every((one) =>
        orders.some((order) => order.symbol === one),
      );
    };
    expect(await waitUntil(isFlattening, WAIT_MS)).toBe(true);
    const sent = await open();
    expect(before.size).toBeGreaterThan(0);
    expect(sent.length).toBeGreaterThan(0);
    await againPostgres();
    await flat();
    for (const one of sent) {
      const journaled = async () => (await stack.store.order(one.orderId))?.state === 'filled';
      expect(await waitUntil(journaled, WAIT_MS)).toBe(true);
    }
    await unkill();
  }, 150_000);

  it('NATS: cancels only, over gRPC, until leases can be had again; then it flattens', async () => {
    const orderId = await traded();
    const lost = await leasesLost();
    await stopNats();
    expect(await waitUntil(async () => (await leasesLost()) > lost, WAIT_MS)).toBe(true);
    const before = await held();
    const startMs = performance.now();
    expect((await kill())?.unsaved).toBe(true);
    expect(await waitUntil(() => isCancelled(orderId), KILL_MS, 10)).toBe(true);
    console.info('NATS down: cancelled after (ms)', Math.round(performance.now() - startMs));
    expect(await waitUntil(async () => (await open()).length === 0, WAIT_MS)).toBe(true);
    expect(await held()).toEqual(before);
    await againNats();
    await flat();
    const { client, close } = execution();
    const { switches } = await client.getKillSwitch({}, { timeoutMs: 5_000 });
    close();
    expect(switches).toMatchObject([{ mode: KillMode.KILL_MODE_HARD, unsaved: false }]);
  }, 150_000);

  it('both: cancels only; then it flattens', async () => {
    await unkill();
    const orderId = await traded();
    await Promise.all([stopNats(), stopPostgres()]);
    const before = await held();
    await kill();
    expect(await waitUntil(() => isCancelled(orderId), KILL_MS, 10)).toBe(true);
    expect(await waitUntil(async () => (await open()).length === 0, WAIT_MS)).toBe(true);
    expect(await held()).toEqual(before);
    await Promise.all([againNats(), againPostgres()]);
    await flat();
    await unkill();
  }, 150_000);

  it('PostgreSQL, and execution is started anew: it knows the kill from the bus and positions from the broker', async () => {
    const orderId = await traded();
    await stopPostgres();
    const service = stack.service('execution');
    await stack.kill('execution');
    await service.start();
    const killed = async () => kill().then(Boolean, () => false);
    expect(await waitUntil(killed, WAIT_MS)).toBe(true);
    expect(await waitUntil(() => isCancelled(orderId), WAIT_MS, 10)).toBe(true);
    const isFlattening = async () => {
      const orders = await open();
      return [...(await held()).keys()].every((one) =>
        orders.some((order) => order.symbol === one),
      );
    };
    expect(await waitUntil(isFlattening, WAIT_MS)).toBe(true);
    await againPostgres();
    await flat();
  }, 150_000);

  it('and nothing of it was doubled: each order has filled at most what it asked for', async () => {
    const orders = await stack.store.orders({ accountId: ACCOUNT_ID, limit: 100_000 });
    expect(orders.length).toBeGreaterThan(0);
    for (const order of orders) expect(order.filledQuantity).toBeLessThanOrEqual(order.quantity);
    expect(await held()).toEqual(new Map());
  });
});
