import { join } from 'node:path';
import { startNats, startPostgres, UNSAFE_FAST_FLAGS, waitUntil } from '@capstan/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journaled, playedThrough } from './outcome.ts';
import { STACK_START_MS } from './service-process.ts';
import { Stack } from './stack.ts';
import { playPure, settled, stackConfig, type World } from './world.ts';

const WORLD: World = { seed: 47, slices: 240, symbols: ['QQQ', 'SPY'] };
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

  const publishedSlices = async (): Promise<number> => {
    const outbox = await stack.store.outbox('feed/demo', 0, 100_000);
    return outbox.filter((one) => one.subject.startsWith('market.closed.')).length;
  };

  const goesOn = async (): Promise<boolean> => {
    const before = await publishedSlices();
    return await waitUntil(async () => (await publishedSlices()) > before + 5, WAIT_MS);
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
    expect(await goesOn()).toBe(true);
    const { port } = stack.servers.nats;
    await stack.servers.nats.stop();
    expect(await says('nats')).toBe(true);
    servers.push(await startNats({ dataDir: join(stack.folder, 'nats'), port }));
    expect(await allReady()).toBe(true);
    expect(await goesOn()).toBe(true);
  }, 120_000);

  it('services say that PostgreSQL is away, and go on by themselves when it is back', async () => {
    const { port } = stack.servers.postgres;
    await stack.servers.postgres.stop();
    expect(await says('postgres')).toBe(true);
    const dataDir = join(stack.folder, 'postgres');
    servers.push(await startPostgres({ dataDir, port, flags: UNSAFE_FAST_FLAGS }));
    expect(await allReady()).toBe(true);
    expect(await goesOn()).toBe(true);
  }, 120_000);

  it('no bar, order or fill is lost or doubled', async () => {
    await playedThrough(stack, WORLD.slices, 90_000);
    expect(settled(await journaled(stack))).toEqual(settled(playPure(WORLD)));
    expect(await publishedSlices()).toBe(WORLD.slices + 1);
  }, 120_000);
});
