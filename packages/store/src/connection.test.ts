import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, timeUs } from '@capstan/domain';
import { freePort, startPostgres, waitUntil } from '@capstan/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from './database.ts';
import { applyMigrations, openStore } from './index.ts';
import { LIMITS } from './limits.ts';
import { MIGRATIONS, SILENT, startTestDatabase } from './test-database.ts';
import { startProxy } from './test-proxy.ts';

const fence = { key: 'bot/steady', epochUs: timeUs(7), token: 1 };
const step = (sequence: number) => ({
  fence,
  outbox: [
    {
      producer: fence.key,
      sequence,
      subject: 'trading.signal.steady',
      headers: { n: String(sequence) },
      data: new Uint8Array(5_000).fill(sequence),
    },
  ],
});
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const unavailable = expect.objectContaining({ code: 'STORE.UNAVAILABLE', retry: 'retryable' });

describe('a server that is killed', () => {
  it('keeps every step that was acknowledged, and the store goes on by itself', async () => {
    const dataDir = join(await mkdtemp(join(tmpdir(), 'capstan-kill-')), 'pg');
    const port = await freePort();
    let server = await startPostgres({ dataDir, port });
    const url = await server.createDatabase('capstan');
    await applyMigrations(url, MIGRATIONS);
    const { store, close } = openStore({ url, log: SILENT });
    try {
      await store.takeOwnership(fence);
      let acknowledged = 0;
      const writing = (async () => {
        for (;;) {
          await store.commit(step(acknowledged + 1));
          acknowledged += 1;
        }
      })();
      const stopped = failureOf(writing);
      expect(await waitUntil(() => acknowledged >= 20, 10_000)).toBe(true);
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      expect(await stopped).toEqual(unavailable);
      expect(await failureOf(store.orders({ limit: 1 }))).toEqual(unavailable);
      expect(await failureOf(store.bots({}))).toEqual(unavailable);
      expect(await failureOf(store.takeOwnership(fence))).toEqual(unavailable);

      server = await startPostgres({ dataDir, port });
      const record = await store.takeOwnership(fence);
      expect(record.lastOutboxSequence).toBeGreaterThanOrEqual(acknowledged);
      expect(record.lastOutboxSequence).toBeLessThanOrEqual(acknowledged + 1);
      const messages = await store.outbox(fence.key, 0, 100_000);
      expect(messages.map((one) => one.sequence)).toEqual(
        Array.from({ length: record.lastOutboxSequence }, (_, index) => index + 1),
      );
      expect(await store.orders({ limit: 1 })).toEqual([]);
      await store.commit(step(record.lastOutboxSequence + 1));
    } finally {
      await close();
      await server.stop();
      await rm(join(dataDir, '..'), { recursive: true, force: true });
    }
  });
});

describe('a connection', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.stop());
  const through = (port: number) => {
    const url = new URL(database.url);
    url.port = String(port);
    return url.href;
  };

  it('that loses the answer to a commit leaves it open whether it was written', async () => {
    const proxy = await startProxy(Number(new URL(database.url).port));
    const { store, close } = openStore({
      url: through(proxy.port),
      log: SILENT,
      answerTimeoutMs: 500,
    });
    try {
      await store.takeOwnership(fence);
      await store.commit(step(1));
      proxy.mute = true;
      expect(await failureOf(store.commit(step(2)))).toEqual(unavailable);
      expect(proxy.mutedBytes()).toBeGreaterThan(0);
      proxy.mute = false;
      expect((await store.takeOwnership(fence)).lastOutboxSequence).toBe(2);
      await store.commit(step(3));
    } finally {
      await close();
      await proxy.close();
    }
  });

  it('that is cut between steps is made anew', async () => {
    const proxy = await startProxy(Number(new URL(database.url).port));
    const { ping, close } = openStore({ url: through(proxy.port), log: SILENT });
    try {
      await ping();
      proxy.cut();
      const answered = async () => (await failureOf(ping())) === undefined;
      expect(await waitUntil(answered, 5_000)).toBe(true);
    } finally {
      await close();
      await proxy.close();
    }
  });

  it('carries a step in one round trip', async () => {
    const proxy = await startProxy(Number(new URL(database.url).port));
    const { store, close } = openStore({ url: through(proxy.port), log: SILENT });
    try {
      await store.takeOwnership(fence);
      const { lastOutboxSequence } = await store.takeOwnership(fence);
      const before = proxy.roundTrips();
      const state = Uint8Array.of(1);
      const positions = [{ stream: 'MARKET', epochUs: timeUs(1), sequence: 1 }];
      await store.commit({
        ...step(lastOutboxSequence + 1),
        state,
        positions,
        publishedThrough: 0,
      });
      expect(proxy.roundTrips() - before).toBe(1);
    } finally {
      await close();
      await proxy.close();
    }
  });

  it('lets the server end a step of which only a part arrives', async () => {
    const opened = new Database(database.url, LIMITS, SILENT);
    try {
      const statement = { name: 'shown', text: 'SHOW transaction_timeout', values: [] };
      const rows = await opened.query('asking', statement);
      expect(rows).toEqual([{ transaction_timeout: `${LIMITS.transactionTimeoutMs / 1_000}s` }]);
    } finally {
      await opened.close();
    }
  });

  it('to a server that says nothing is given up', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { store, ping, close } = openStore({
      url: through(port),
      log: SILENT,
      connectTimeoutMs: 200,
    });
    try {
      expect(await failureOf(ping())).toEqual(unavailable);
      expect(await failureOf(store.commit({ fence }))).toEqual(unavailable);
      expect(await failureOf(store.jobs(1))).toEqual(unavailable);
    } finally {
      await close();
      silent.close();
    }
  });

  it('to a database without the tables says which migrations are due', async () => {
    const url = new URL(database.url);
    url.pathname = '/postgres';
    const { store, close } = openStore({ url: url.href, log: SILENT });
    try {
      for (const call of [() => store.takeOwnership(fence), () => store.jobs(1)]) {
        const failure = await failureOf(call());
        expect(failure).toBeInstanceOf(AppError);
        expect(failure).toMatchObject({ code: 'STORE.SCHEMA' });
      }
    } finally {
      await close();
    }
  });
});
