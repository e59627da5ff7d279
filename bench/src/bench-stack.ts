import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceName, Stack } from '@capstan/e2e';
import { startNats, startPostgres, type TestServers } from '@capstan/embedded';
import { type BarPlan, writeBars } from './bar-file.ts';
import type { RunOptions } from './benchmark.ts';
import { profiled } from './profiled.ts';

export const FEED = 'bench';
export const VENUE = 'BENCH';
export const ACCOUNT = 'paper';
/** More than streams ask for, which all services may make at once. Unless told, NATS takes a share of what is free on the disk, which may be too little. */
const STORE_BYTES_MAX = 32 * 1024 ** 3;

/** The services that a bar passes on its way, and those that only read. */
const SERVICES: readonly ServiceName[] = [
  'paper-exchange',
  'market-data',
  'signal',
  'risk',
  'execution',
  'position-sync',
  'reporting',
];

/** What is played and who trades on it. */
export interface Workload {
  readonly plan: BarPlan;
  /** Symbols of the plan, from its first on, that bots trade. */
  readonly trading: number;
  readonly symbolsPerBot: number;
  /** Slices a second at most, or as fast as they complete. */
  readonly slicesPerSecond: number | 'max';
}

/** Runs `use` beside a stack that plays a workload: real processes, a NATS and a PostgreSQL that keep what they acknowledge. */
export async function withWorkload<T>(
  workload: Workload,
  options: RunOptions,
  use: (stack: Stack) => Promise<T>,
): Promise<T> {
  const servers = await durableServers();
  const collector = await startCollector();
  try {
    const path = join(servers.folder, 'bars.csv');
    await writeBars(path, workload.plan);
    const stack = await Stack.start({
      servers,
      services: SERVICES,
      config: configOf(workload, path, collector.url),
      environmentOf: (name) => profiled(name, options),
    });
    try {
      return await use(stack);
    } finally {
      await stack.stop();
    }
  } finally {
    await servers.stop();
    await collector.close();
  }
}

/** Servers with the settings of an installation: PostgreSQL waits for the disk at every commit. Stopping twice does no harm. */
export async function durableServers(): Promise<TestServers<{ nats: true; postgres: true }>> {
  const folder = await mkdtemp(join(tmpdir(), 'capstan-bench-'));
  const nats = await startNats({ dataDir: join(folder, 'nats'), storeBytesMax: STORE_BYTES_MAX });
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
  let stopped: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    await Promise.all([nats.stop(), postgres.stop()]);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const stop = (): Promise<void> => {
    stopped ??= end();
    return stopped;
  };
  return { folder, nats, postgres, stop };
}

/** Takes traces and forgets them, so that services pay for sending them. */
async function startCollector(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

function configOf(workload: Workload, path: string, otlpEndpoint: string) {
  const { plan, trading, symbolsPerBot, slicesPerSecond } = workload;
  const traded = plan.symbols.slice(0, trading);
  const bots = Array.from({ length: Math.ceil(trading / symbolsPerBot) }, (_, index) => ({
    botId: `bot-${String(index).padStart(3, '0')}`,
    accountId: ACCOUNT,
    strategy: 'ma-cross',
    params: { fast: 1, slow: 2 },
    symbols: traded.slice(index * symbolsPerBot, (index + 1) * symbolsPerBot),
    feed: FEED,
    sizing: { kind: 'fixedQuantity', quantity: 10 },
  }));
  return {
    run: { id: 'bench' },
    log: { level: 'warn' },
    telemetry: { otlpEndpoint, sampleRatio: 0.01 },
    instruments: plan.symbols.map((symbol) => ({ symbol, calendar: '24x7' })),
    feeds: [
      {
        kind: 'file',
        feed: FEED,
        venue: VENUE,
        paths: [path],
        hours: 'all',
        speed: slicesPerSecond === 'max' ? 'max' : slicesPerSecond * 60,
      },
    ],
    accounts: [{ accountId: ACCOUNT, cash: '100000000' }],
    bots,
  };
}
