import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BusConnection, connectBus } from '@capstan/bus';
import { backtestService, subjects } from '@capstan/contracts';
import { type EmbeddedNats, freePort, startNats } from '@capstan/embedded';
import type { Bus, Clock } from '@capstan/ports';
import { systemClock } from '@capstan/runtime';
import { MemoryLog, MemoryStore, nullMeter } from '@capstan/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SPEC_JSON, worldOf } from './backtest-world.fixture.ts';
import { BacktestService } from './service.ts';
import { WORK_CLASS, Worker } from './worker.ts';

const ACK_WAIT_MS = 400;
const SUBJECT = subjects.backtestWork(WORK_CLASS);

let folder: string;
let server: EmbeddedNats;
const connections: BusConnection[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-worker-'));
  server = await startNats({ dataDir: folder, port: await freePort() });
});
afterAll(async () => {
  for (const connection of connections) await connection.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

async function connected(): Promise<BusConnection> {
  const connection = await connectBus({
    servers: server.url,
    name: 'backtest-worker',
    work: { ackWaitMs: ACK_WAIT_MS, maxDeliver: 5 },
    log: new MemoryLog(),
  });
  connections.push(connection);
  return connection;
}

/** A worker whose first look up within a run lasts until it is let go. */
async function heldWorker(store: MemoryStore) {
  const { bus, workQueue: queue } = await connected();
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms, signal) => {
      if (ms > 0) return systemClock.sleep(ms, signal);
      held.resolve();
      await release.promise;
    },
  };
  const ports = { store, bus, queue, clock, log: new MemoryLog(), meter: nullMeter };
  const settings = { heartbeatMs: ACK_WAIT_MS / 4, lookUpMs: 0, progressMs: 0 };
  const worker = new Worker(ports, async () => worldOf(50), settings);
  return { worker, queue, bus, held: held.promise, release: () => release.resolve() };
}

async function submitted(store: MemoryStore, queue: BusConnection['workQueue'], runFor: string) {
  const service = new BacktestService({ store, queue, clock: systemClock });
  const specJson = JSON.stringify({ ...JSON.parse(SPEC_JSON), cash: runFor });
  const { job } = await service.submitJob({ specJson, actor: 'ana' });
  return job?.jobId ?? '';
}

/** Reads what is said of a job, up to a state. */
async function statesUntil(bus: Bus, jobId: string, last: string): Promise<readonly string[]> {
  const filters = [subjects.backtestEvent(jobId)];
  const events = await bus.subscribe({ stream: 'BACKTEST_EVENTS', filters, afterSequence: 0 });
  const states: string[] = [];
  while (!states.includes(last)) {
    for (const { data } of await events.next()) {
      states.push(backtestService.BacktestEvent.decode(data).state);
    }
  }
  await events.close();
  return states;
}

it('keeps a job within a run for longer than the queue waits, tells how far it is, and ends it', async () => {
  const store = new MemoryStore();
  const { worker, queue, bus, held, release } = await heldWorker(store);
  const jobId = await submitted(store, queue, '1000');
  const running = worker.run();
  await held;
  const other = await connected();
  expect(await other.workQueue.take({ subject: SUBJECT, max: 1, waitMs: 4 * ACK_WAIT_MS })).toEqual(
    [],
  );
  release();
  const states = await statesUntil(bus, jobId, 'done');
  expect(states.length).toBeGreaterThan(1);
  expect(new Set(states.slice(0, -1))).toEqual(new Set(['running']));
  expect((await store.job(jobId))?.state).toBe('done');
  await worker.stop();
  await running;
});

it('gives a job back that it is told to stop within a run, and another computes it', async () => {
  const store = new MemoryStore();
  const { worker, queue, held, release } = await heldWorker(store);
  const jobId = await submitted(store, queue, '2000');
  const running = worker.run();
  await held;
  const stopping = worker.stop();
  release();
  await Promise.all([stopping, running]);
  expect((await store.job(jobId))?.state).toBe('running');
  const other = await heldWorker(store);
  other.release();
  const again = other.worker.run();
  expect((await statesUntil(other.bus, jobId, 'done')).at(-1)).toBe('done');
  expect((await store.job(jobId))?.state).toBe('done');
  await other.worker.stop();
  await again;
});
