import { join } from 'node:path';
import { startNats, startPostgres, UNSAFE_FAST_FLAGS, waitUntil } from '@capstan/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journaled, playedSoFar, publishedSlices } from './outcome.ts';
import { STACK_START_MS } from './service-process.ts';
import { Stack } from './stack.ts';
import { playPure, settled, stackConfig, type World } from './world.ts';

/** More slices than even a slow machine plays: the feed is stopped after the outages. */
const WORLD: World = { seed: 47, slices: 3_000, symbols: ['QQQ', 'SPY'] };
const SPEED = 600;
const WAIT_MS = 30_000;

describe('NATS and PostgreSQL stopped and started under a running stack', () => {
  let stack: Stack;
  const servers: { stop(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    stack = await Stack.start({ config: stackConfig(WORLD, SPEED) });
  }, STACK_START_MS);
  afterAll(async () => {
    await stack?.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const published = async (): Promise<number> => (await publishedSlices(stack.store)).length;

  const goesOn = async (slices = 5): Promise<boolean> => {
    const before = await published();
    return await waitUntil(async () => (await published()) > before + slices, WAIT_MS);
  };

  const allReady = (): Promise<boolean> =>
    waitUntil(async () => {
      const states = await Promise.all([...stack.services.values()].map((one) => one.readiness()));
      return states.every((state) => state?.ok === true);
    }, WAIT_MS);

  const says = (check: string): Promise<boolean> =>
    waitUntil(async () => {
      const readiness = await stack.service('risk').readiness();
      return readiness?.checks[check]?.ok === false;
    }, WAIT_MS);

  it('services say that NATS is away, and go on by themselves when it is back', async () => {
    expect(await goesOn(30)).toBe(true);
    const { port } = stack.servers.nats;
    await stack.servers.nats.stop();
    expect(await says('nats')).toBe(true);
    servers.push(await startNats({ dataDir: join(stack.folder, 'nats'), port }));
    expect(await allReady()).toBe(true);
    expect(await goesOn()).toBe(true);
  }, 120_000);

  it('services say that PostgreSQL is away, and go on by themselves when it is back', async () => {
    expect(await goesOn(30)).toBe(true);
    const { port } = stack.servers.postgres;
    await stack.servers.postgres.stop();
    expect(await says('postgres')).toBe(true);
    const dataDir = join(stack.folder, 'postgres');
    servers.push(await startPostgres({ dataDir, port, flags: UNSAFE_FAST_FLAGS }));
    expect(await allReady()).toBe(true);
    expect(await goesOn()).toBe(true);
  }, 120_000);

  it('no bar, order or fill is lost or doubled', async () => {
    const slices = await playedSoFar(stack, 90_000);
    const pure = playPure({ ...WORLD, slices });
    expect(pure.fills.length).toBeGreaterThan(10);
    expect(settled(await journaled(stack.store))).toEqual(settled(pure));
    expect(new Set(await publishedSlices(stack.store)).size).toBe(slices);
  }, 120_000);
});
