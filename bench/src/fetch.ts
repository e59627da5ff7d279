import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMULATOR_KEYS } from '@capstan/emulators';
import { runFetch } from '@capstan/fetch';
import { Lake } from '@capstan/lake';
import { systemClock } from '@capstan/runtime';
import { openMarketData } from '@capstan/venues';
import type { Benchmark } from './benchmark.ts';
import { SILENT, startEmulatedAlpaca } from './emulated-alpaca.ts';

const SYMBOLS = ['AAPL', 'AMD', 'AMZN', 'BAC', 'COST', 'MSFT', 'QQQ', 'SPY'];
const RUNS = 5;
const BARS_PER_SECOND_MIN = 300_000;
const RSS_MIB_MAX = 600;
const REQUESTS_PER_MINUTE = 100_000;

interface Fetched {
  readonly rows: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/** How fast a year of minutes comes from a vendor into the lake, validated. */
export const fetchBenchmark: Benchmark = {
  name: 'fetch',
  title: 'capstan fetch: bars a second from the emulated vendor to validated Parquet',
  run: async ({ say }) => {
    const folder = await mkdtemp(join(tmpdir(), 'capstan-bench-fetch-'));
    const emulator = await startEmulatedAlpaca('standing');
    try {
      const runs: Fetched[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        const found = await fetchYear(emulator.url, join(folder, String(run)));
        say(`run ${run + 1} of ${RUNS}: ${Math.round(found.perSecond)} bars/s`);
        runs.push(found);
      }
      const best = Math.max(...runs.map(({ perSecond }) => perSecond));
      const byCpu = Math.max(...runs.map(({ perCpuSecond }) => perCpuSecond));
      const rssMib = process.resourceUsage().maxRSS / 1_024;
      return {
        benchmark: 'fetch',
        how: `A year of one-minute bars of ${SYMBOLS.length} symbols, ${runs[0]?.rows ?? 0} in all, from an emulated Alpaca in a process of its own, by the vendor's client, through the rules and into the lake; by the clock, the quickest of ${RUNS}.`,
        figures: [
          {
            what: 'bars a second, request to validated Parquet',
            value: Math.round(best),
            unit: 'bars/s',
            bar: { value: BARS_PER_SECOND_MIN, better: 'more' },
          },
          {
            what: 'the same by processor time of the fetch',
            value: Math.round(byCpu),
            unit: 'bars/s',
          },
          {
            what: 'memory of the fetch, at most',
            value: Math.round(rssMib),
            unit: 'MiB',
            bar: { value: RSS_MIB_MAX, better: 'less' },
          },
        ],
        notes: ['The emulator works on the same cores.'],
      };
    } finally {
      emulator.kill();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function fetchYear(url: string, root: string): Promise<Fetched> {
  const environment = {
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
    ALPACA_BASE_URL: url,
    ALPACA_DATA_URL: url,
  };
  const asked = { feed: 'sip', requestsPerMinute: REQUESTS_PER_MINUTE };
  const venue = await openMarketData('alpaca', environment, asked, {
    clock: systemClock,
    log: SILENT,
  });
  const fromMs = performance.now();
  const fromCpu = process.cpuUsage();
  const ports = { venue, lake: new Lake(root), clock: systemClock, log: SILENT };
  const { rows, stopped } = await runFetch(ports, {
    source: 'alpaca sip',
    venue: 'ALPACA-SIP',
    symbols: SYMBOLS,
    timeframe: '1m',
    adjustment: 'raw',
    fromDate: '2025-01-02',
    toDate: '2025-12-31',
    force: false,
  });
  const seconds = (performance.now() - fromMs) / 1_000;
  const cpu = process.cpuUsage(fromCpu);
  venue.close();
  if (stopped !== undefined) throw stopped;
  return { rows, perSecond: rows / seconds, perCpuSecond: (rows * 1e6) / (cpu.user + cpu.system) };
}
