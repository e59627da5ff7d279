import { join } from 'node:path';
import { connectBus } from '@capstan/bus';
import {
  busClient,
  type Client,
  connectGrpc,
  grpcService,
  reportingService,
  type UnaryImplementation,
} from '@capstan/contracts';
import { AppError, InvariantError } from '@capstan/domain';
import { startTestServers, type TestServers, waitUntil } from '@capstan/embedded';
import type { OwnerLogic } from '@capstan/journal';
import type { Log } from '@capstan/ports';
import {
  createHealth,
  createSystemIds,
  createTracer,
  defineConfig,
  loadConfig,
  type PlatformConfig,
  platformSections,
  type ServiceContext,
  startGrpc,
  systemClock,
} from '@capstan/runtime';
import { applyMigrations } from '@capstan/store';
import { MemoryLog, nullMeter } from '@capstan/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPlatform, type Platform, wired } from './platform.ts';

type Definition = typeof reportingService.ReportingServiceDefinition;
const DEFINITION = reportingService.ReportingServiceDefinition;
const WAIT_MS = 15_000;
const MIGRATIONS = join(import.meta.dirname, '../../../prisma/migrations');

let servers: TestServers<{ nats: true; postgres: true }>;
let platform: Platform;
let crashes: unknown[];

beforeAll(async () => {
  servers = await startTestServers({ nats: true, postgres: true });
});
afterAll(async () => {
  await servers.stop();
});

function context(): ServiceContext<PlatformConfig> {
  const { config } = loadConfig(defineConfig(platformSections));
  const log: Log = new MemoryLog();
  return {
    name: 'reporting',
    config: {
      ...config,
      nats: { ...config.nats, url: servers.nats.url },
      postgres: { ...config.postgres, url: servers.postgres.url('postgres') },
    },
    log: log as ServiceContext<PlatformConfig>['log'],
    meter: nullMeter,
    tracer: createTracer('test'),
    clock: systemClock,
    ids: createSystemIds(),
    health: createHealth(),
    environment: {},
    configFile: undefined,
    httpPort: 0,
    crash: (error) => {
      crashes.push(error);
    },
  };
}

beforeEach(async () => {
  crashes = [];
  platform = await openPlatform(context());
});
afterEach(async () => {
  await platform.close();
});

const implementation: UnaryImplementation<Definition> = {
  getEquity: async ({ accountId }) => {
    await Promise.resolve();
    if (accountId === '')
      throw new AppError({ code: 'REPORT.X', why: 'ohne „Konto“.', fix: 'So.' });
    if (accountId === 'crash') throw new Error('hunter2');
    return { points: [] };
  },
  getDays: async ({ accountId, botId }) => {
    await Promise.resolve();
    const day = { accountId, botId, tradeDate: '2026-03-02', pnlMicros: -(2n ** 52n) };
    return { days: [{ ...day, feesMicros: 1n, fills: 2, endEquityMicros: 3n }] };
  },
  listAlerts: async () => ({ alerts: [], channels: [] }),
  testAlerts: async () => ({ results: [] }),
  replayDay: async () => ({ tradeDate: '', bots: [], tradeDates: [], note: '' }),
  listReplays: async () => ({ replays: [] }),
  listSessions: async () => ({ sessions: [] }),
};

const logic = (load: () => Promise<void>): OwnerLogic => ({
  inputs: [],
  load,
  onMessage: () => Promise.resolve(),
});

it('answers the same over the bus and over gRPC', async () => {
  await platform.serve(DEFINITION, implementation);
  const service = grpcService(DEFINITION, reportingService.ReportingServiceService, implementation);
  const server = await startGrpc({
    host: '127.0.0.1',
    port: 0,
    services: [service],
    healthState: createHealth(),
  });
  const grpc = connectGrpc(`127.0.0.1:${server.port}`, DEFINITION);
  const outcomes = async (client: Client<Definition>): Promise<unknown[]> => {
    const asked = [
      client.getDays({ accountId: 'a', botId: '*' }),
      ...['a', '', 'crash'].map((accountId) =>
        client.getEquity({ accountId, botId: '', afterUs: 0n, limit: 1 }),
      ),
    ];
    return (await Promise.allSettled(asked)).map((one) => {
      if (one.status === 'fulfilled') return one.value;
      const { code, why, fix, retry } = one.reason as AppError;
      return { code, why, fix, retry };
    });
  };
  const overBus = await outcomes(busClient(platform.requests, DEFINITION));
  expect(overBus).toEqual(await outcomes(grpc.client));
  expect(overBus).toMatchObject([
    { days: [{ tradeDate: '2026-03-02', pnlMicros: -(2n ** 52n) }] },
    { points: [] },
    { code: 'REPORT.X', why: 'ohne „Konto“.', fix: 'So.', retry: 'final' },
    { code: 'RPC.INTERNAL' },
  ]);
  expect(JSON.stringify(overBus[3])).not.toContain('hunter2');
  grpc.close();
  await server.stop(500);
});

it('gives up over the bus in time, and says when nobody is there', async () => {
  const never = { ...implementation, getDays: () => new Promise<never>(() => undefined) };
  const server = await connectBus({
    servers: servers.nats.url,
    name: 'slow',
    log: new MemoryLog(),
  });
  const client = busClient(platform.requests, DEFINITION);
  const ask = () => client.getDays({ accountId: 'a', botId: 'b' }, { timeoutMs: 100 });
  await expect(ask()).rejects.toMatchObject({ code: 'RPC.UNAVAILABLE' });
  await server.requests.serve('rpc.capstan.reporting.v1.ReportingService.GetDays', 'q', async () =>
    never.getDays(),
  );
  await expect(ask()).rejects.toMatchObject({ code: 'RPC.TIMEOUT', retry: 'retryable' });
  await server.close();
});

describe('the health of a platform', () => {
  const check = (name: string) => platform.checks[name]?.();

  it('is good while the servers answer and no key is in trouble', async () => {
    for (const name of ['nats', 'owners']) expect(await check(name)).toEqual({ ok: true });
  });

  it('names the keys that are in trouble', async () => {
    // The database has no schema: no key can be taken.
    platform.host.add('risk/paper', () => logic(() => Promise.resolve()));
    const troubled = await waitUntil(async () => (await check('owners'))?.ok === false, WAIT_MS);
    expect(troubled).toBe(true);
    expect(await check('owners')).toMatchObject({
      reason: expect.stringMatching(/^risk\/paper: /),
    });
  });

  it('is bad without the tables of this version, and heals by itself when they come', async () => {
    platform.host.add('risk/paper', () => logic(() => Promise.resolve()));
    const troubled = await waitUntil(async () => (await check('owners'))?.ok === false, WAIT_MS);
    expect(troubled).toBe(true);
    await expect(check('postgres')).rejects.toMatchObject({
      code: 'STORE.SCHEMA',
      fix: expect.stringContaining('capstan db migrate'),
    });
    await applyMigrations(servers.postgres.url('postgres'), MIGRATIONS);
    expect(await check('postgres')).toEqual({ ok: true });
    const healed = await waitUntil(async () => (await check('owners'))?.ok === true, WAIT_MS);
    expect(healed).toBe(true);
  });

  it('says that NATS is gone once the connection is closed', async () => {
    await platform.close();
    expect(await check('nats')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('NATS'),
    });
  });
});

it('ends the process by the bug of any key', async () => {
  platform.store.takeOwnership = () => Promise.reject(new InvariantError('impossible'));
  platform.host.add('risk/paper', () => logic(() => Promise.resolve()));
  expect(await waitUntil(() => crashes.length > 0, WAIT_MS)).toBe(true);
  expect(crashes).toEqual([new InvariantError('impossible')]);
});

it('finds the calendars that it keeps, and the instruments of the configuration', () => {
  expect(platform.calendarOf('XNYS')).toBe(platform.calendarOf('XNYS'));
  expect(platform.instruments).toBeDefined();
});

it('is put together with what a service adds, and ends with it', async () => {
  const steps: string[] = [];
  const service = wired(platform, {
    start: async () => void steps.push('start'),
    stop: async () => void steps.push('stop'),
    checks: { disk: () => ({ ok: true }) },
    grpcServices: [],
  });
  await service.start();
  expect(Object.keys(service.checks ?? {})).toEqual(['nats', 'postgres', 'owners', 'disk']);
  expect(service.grpcServices).toEqual([]);
  expect(service.handleHttp).toBeUndefined();
  await service.drain();
  expect(steps).toEqual(['start', 'stop']);
  expect((await service.checks?.nats?.())?.ok).toBe(false);
  await wired(platform).start();
});

it('is not opened over a configuration that contradicts itself', async () => {
  const broken = context();
  const bot = { botId: 'b', accountId: 'nobody', feed: 'none', symbols: ['SPY'] };
  const config = { ...broken.config, bots: [bot] } as unknown as PlatformConfig;
  await expect(openPlatform({ ...broken, config })).rejects.toMatchObject({
    code: 'CONFIG.INVALID',
  });
});
