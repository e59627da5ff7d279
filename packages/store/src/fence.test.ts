import { AppError, timeUs } from '@capstan/domain';
import { waitUntil } from '@capstan/embedded';
import type { Fence, OutboxMessage } from '@capstan/ports';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type PostgresStoreHandle } from './index.ts';
import { SILENT, startTestDatabase } from './test-database.ts';

let database: Awaited<ReturnType<typeof startTestDatabase>>;
let handle: PostgresStoreHandle;
let raw: pg.Client;

beforeAll(async () => {
  database = await startTestDatabase();
  handle = openStore({ url: database.url, log: SILENT });
  raw = new pg.Client({ connectionString: database.url });
  await raw.connect();
});
afterAll(async () => {
  await raw.end();
  await handle.close();
  await database.stop();
});

const fence = (key: string, token: number): Fence => ({ key, epochUs: timeUs(7), token });
const message = (producer: string, sequence: number): OutboxMessage => ({
  producer,
  sequence,
  subject: `trading.signal.${producer}`,
  headers: {},
  data: Uint8Array.of(sequence),
});
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'written',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );
const waitingForLock = async (): Promise<boolean> => {
  const { rows } = await raw.query<{ n: string }>(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
  );
  return rows[0]?.n === '1';
};

describe('the fence', () => {
  it('makes a step wait for a takeover in progress, and then refuses it', async () => {
    const mine = fence('waits/step', 1);
    await handle.store.takeOwnership(mine);
    await raw.query('BEGIN');
    await raw.query('UPDATE fences SET token = 2 WHERE key = $1', [mine.key]);
    const step = codeOf(handle.store.commit({ fence: mine, outbox: [message(mine.key, 1)] }));
    expect(await waitUntil(waitingForLock, 5_000)).toBe(true);
    await raw.query('COMMIT');
    expect(await step).toBe('STORE.FENCED');
    expect(await handle.store.outbox(mine.key, 0, 10)).toEqual([]);
  });

  it('lets a step go on when the takeover that it waited for was given up', async () => {
    const mine = fence('waits/back', 1);
    await handle.store.takeOwnership(mine);
    await raw.query('BEGIN');
    await raw.query('UPDATE fences SET token = 2 WHERE key = $1', [mine.key]);
    const step = codeOf(handle.store.commit({ fence: mine, outbox: [message(mine.key, 1)] }));
    expect(await waitUntil(waitingForLock, 5_000)).toBe(true);
    await raw.query('ROLLBACK');
    expect(await step).toBe('written');
  });

  it('makes a takeover wait for a step in progress, and then shows what it wrote', async () => {
    const mine = fence('waits/takeover', 1);
    await handle.store.takeOwnership(mine);
    await raw.query('BEGIN');
    await raw.query('SELECT 1 FROM fences WHERE key = $1 FOR SHARE', [mine.key]);
    await raw.query('UPDATE owners SET last_outbox_sequence = 9 WHERE key = $1', [mine.key]);
    const record = handle.store.takeOwnership(fence(mine.key, 2));
    expect(await waitUntil(waitingForLock, 5_000)).toBe(true);
    await raw.query('COMMIT');
    expect((await record).lastOutboxSequence).toBe(9);
  });

  it('never lets a stale owner write after a takeover, however they race', async () => {
    const successor = openStore({ url: database.url, log: SILENT });
    try {
      const outcomes = new Set<unknown>();
      for (let round = 0; round < 40; round += 1) {
        const key = `race/${round}`;
        await handle.store.takeOwnership(fence(key, 1));
        const steps = [1, 2, 3].map((sequence) =>
          codeOf(handle.store.commit({ fence: fence(key, 1), outbox: [message(key, sequence)] })),
        );
        const record = await successor.store.takeOwnership(fence(key, 2));
        const seen = await successor.store.outbox(key, 0, 10);
        for (const outcome of await Promise.all(steps)) outcomes.add(outcome);
        expect(seen).toHaveLength(record.lastOutboxSequence);
        expect(await successor.store.outbox(key, 0, 10)).toEqual(seen);
        expect(await codeOf(handle.store.commit({ fence: fence(key, 1) }))).toBe('STORE.FENCED');
      }
      expect([...outcomes].sort()).not.toContain('STORE.UNAVAILABLE');
    } finally {
      await successor.close();
    }
  });

  it('refuses what was sent before the same token took the key again', async () => {
    const mine = fence('again/same', 1);
    await handle.store.takeOwnership(mine);
    await raw.query('UPDATE fences SET taken = taken + 1 WHERE key = $1', [mine.key]);
    expect(await codeOf(handle.store.commit({ fence: mine }))).toBe('STORE.FENCED');
    await handle.store.takeOwnership(mine);
    expect(await codeOf(handle.store.commit({ fence: mine }))).toBe('written');
  });
});

describe('a refused step', () => {
  it('leaves its connection fit for the next, statements not yet prepared included', async () => {
    const { store, close } = openStore({ url: database.url, log: SILENT, poolMax: 1 });
    try {
      const mine = fence('refused/next', 1);
      const step = { fence: mine, outbox: [message(mine.key, 1)], state: Uint8Array.of(1) };
      for (let round = 0; round < 3; round += 1) {
        expect(await codeOf(store.commit(step))).toBe('STORE.FENCED');
      }
      await store.takeOwnership(mine);
      expect(await codeOf(store.commit(step))).toBe('written');
      expect(await codeOf(store.commit(step))).toBe('STORE.CONFLICT');
      expect((await store.takeOwnership(mine)).lastOutboxSequence).toBe(1);
    } finally {
      await close();
    }
  });
});
