import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getCalendar } from '@capstan/calendar';
import { backtestService, busClient } from '@capstan/contracts';
import { timeUs, US_PER_SECOND } from '@capstan/domain';
import { waitUntil } from '@capstan/embedded';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import { MARKET_TIME, MarketTime, marketTimeText, systemClock } from '@capstan/runtime';
import { Collector, type ReceivedSpan } from './collector.ts';
import { PostgresExporter, Prometheus } from './prometheus.ts';
import { findPrometheus } from './prometheus-programs.ts';
import { SERVICES, type ServiceName } from './service-process.ts';
import { Stack } from './stack.ts';
import { ACCOUNT_ID, stackConfig, type World } from './world.ts';

export const OBSERVED: World = { seed: 47, slices: 75, symbols: ['SPY'] };
/** About five slices a second: the play lasts for some fifteen scrapes. */
const SPEED = 300;
const HOOK = join(import.meta.dirname, '../../packages/runtime/src/hook.ts');
const ALERTS = join(import.meta.dirname, '../../k8s/alerts');
export const ALERT_FILES = ['platform', 'trading', 'market-data', 'workers', 'servers'].map(
  (name) => join(ALERTS, `${name}.yaml`),
);
/** A minute of the live feed's market is a second. */
const LIVE_SPEED = 60;
const LIVE = { kind: 'venue', feed: 'live', provider: 'alpaca', symbols: ['AAPL'] } as const;
const LIVE_SECONDS = { graceMs: 500, settleMs: 500, quotes: true, historySessions: 0 } as const;
const NAMES: readonly ServiceName[] = [...SERVICES, 'gateway'];
/** Those that a decision passes; instrumentation makes a start slow. */
const TRACED: readonly ServiceName[] = [
  'market-data',
  'signal',
  'risk',
  'execution',
  'paper-exchange',
  'reporting',
];
const WAIT_MS = 60_000;

/** The whole platform, traced in full, beside a Prometheus that scrapes it and a collector of its spans. */
export class ObservedStack {
  readonly stack: Stack;
  readonly collector: Collector;
  readonly prometheus: Prometheus;
  readonly #emulator: AlpacaEmulator;
  readonly #exporter: PostgresExporter;

  private constructor(parts: {
    stack: Stack;
    collector: Collector;
    prometheus: Prometheus;
    emulator: AlpacaEmulator;
    exporter: PostgresExporter;
  }) {
    this.stack = parts.stack;
    this.collector = parts.collector;
    this.prometheus = parts.prometheus;
    this.#emulator = parts.emulator;
    this.#exporter = parts.exporter;
  }

  static async start(): Promise<ObservedStack> {
    const programs = await findPrometheus();
    const collector = await Collector.start();
    const { emulator, environment } = await emulatedMarket();
    const traced = tracing(collector.endpoint);
    const stack = await Stack.start({
      config: configuration(),
      services: NAMES,
      environmentOf: (name) => ({
        ...(TRACED.includes(name) ? traced : {}),
        // Answers whatever it is sent, as a channel of alerts does.
        CHANNEL_URL: collector.endpoint,
        ...(name === 'market-data' ? environment : {}),
      }),
    });
    const exporter = await PostgresExporter.start(
      programs.postgresExporter,
      stack.servers.postgres.url('postgres'),
    );
    const ports = NAMES.map((name) => [name, stack.service(name).httpPort] as const);
    const targets = { ...Object.fromEntries(ports), postgres: exporter.port };
    const observed = { targets, rules: ALERT_FILES };
    const prometheus = await Prometheus.start(programs.prometheus, stack.folder, observed);
    return new ObservedStack({ stack, collector, prometheus, emulator, exporter });
  }

  async stop(): Promise<void> {
    await this.prometheus.stop();
    await this.#exporter.stop();
    await this.stack.stop();
    await this.#emulator.close();
    await this.collector.stop();
  }

  /** Lets it trade to the end, with a little trouble on the way; resolves when all has been scraped. */
  async trade(): Promise<void> {
    const viewer = new AbortController();
    const events = await fetch(`${this.#gateway}/api/events`, { signal: viewer.signal });
    await this.#look();
    await this.#awaitFills(1);
    await this.#runJobs();
    if (!(await waitUntil(() => this.isPlayed(), WAIT_MS)))
      throw new Error(await this.stack.logs());
    await this.#look();
    await this.#post('/api/kill', { mode: 'soft', reason: 'to see it' });
    await this.#awaitScrape('max(capstan_execution_kill_switch) == 1');
    await this.#post('/api/unkill', {});
    await this.#awaitScrape('max(capstan_execution_kill_switch) == 0');
    viewer.abort();
    await events.body?.cancel().catch(() => undefined);
  }

  /** Every bot has stepped the last slice, and reporting has told its equity. */
  async isPlayed(): Promise<boolean> {
    const outbox = await this.stack.store.outbox('feed/demo', 0, 10_000);
    const closed = outbox.filter(({ subject }) => subject.startsWith('market.closed.'));
    if (closed.length <= OBSERVED.slices) return false;
    const bots = await this.stack.store.bots({});
    const ends = new Set(bots.map(({ lastSliceEndUs }) => lastSliceEndUs));
    return ends.size === 1 && bots.length > 1;
  }

  /** Waits until the last scrape shows something. */
  async #awaitScrape(expr: string): Promise<void> {
    const isThere = async () => (await this.prometheus.query(expr)).length > 0;
    if (!(await waitUntil(isThere, WAIT_MS))) throw new Error(`nothing of ${expr}`);
  }

  /** Backtests that are done, and one whose file is not there; scraped between them, so that there is a rate. */
  async #runJobs(): Promise<void> {
    const client = busClient(this.stack.requests, backtestService.BacktestServiceDefinition);
    const file = join(this.stack.folder, 'bars.csv');
    await writeFile(file, csv(20_000));
    const submit = async (bars: string, fast: number) => {
      const spec = { bars, strategy: 'ma-cross', params: { fast, slow: 20 } };
      await client.submitJob({ specJson: JSON.stringify(spec), actor: 'test' });
    };
    const ended = (outcome: string, count: number) =>
      this.#awaitScrape(
        `sum(capstan_backtest_worker_job_seconds_count{outcome="${outcome}"}) >= ${count}`,
      );
    await submit(join(this.stack.folder, 'missing.csv'), 5);
    await ended('failed', 1);
    for (const count of [1, 2]) {
      await submit(file, 4 + count);
      await ended('done', count);
    }
  }

  async #awaitFills(count: number): Promise<void> {
    const filled = async () =>
      (await this.stack.store.fills({ accountId: ACCOUNT_ID, limit: count })).length >= count;
    if (!(await waitUntil(filled, WAIT_MS))) throw new Error(await this.stack.logs());
  }

  /** As a person does who opens the page. */
  async #look(): Promise<void> {
    const answer = await fetch(`${this.#gateway}/api/overview`);
    if (!answer.ok) throw new Error(`the overview: ${answer.status} ${await answer.text()}`);
  }

  get #gateway(): string {
    return `http://127.0.0.1:${this.stack.service('gateway').httpPort}`;
  }

  async #post(path: string, body: object): Promise<void> {
    const answer = await fetch(`${this.#gateway}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  /** Returns the spans of the trace with a fill that has the fewest of them. */
  shortestFill(): readonly ReceivedSpan[] {
    const { spans } = this.collector;
    const traces = new Set(
      spans.filter(({ name }) => name === 'execution fill').map(({ traceId }) => traceId),
    );
    const [shortest = []] = [...traces]
      .map((trace) => spans.filter(({ traceId }) => traceId === trace))
      .sort((a, b) => a.length - b.length);
    return shortest;
  }

  /** Returns the lines of a service's log. */
  async linesOf(name: ServiceName): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const text = await readFile(this.stack.service(name).logFile, 'utf8');
    return text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

function configuration(): Readonly<Record<string, unknown>> {
  const config = stackConfig(OBSERVED, 'max') as { readonly feeds: readonly object[] };
  const [played] = config.feeds;
  return {
    ...config,
    feeds: [
      { ...played, speed: SPEED },
      { ...LIVE, ...LIVE_SECONDS },
    ],
    gateway: { auth: { localOperator: true } },
    alerts: { channels: [{ name: 'ops', kind: 'webhook', url: { env: 'CHANNEL_URL' } }] },
  };
}

function tracing(endpoint: string): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import ${pathToFileURL(HOOK).href}`,
    CAPSTAN_TELEMETRY__OTLP_ENDPOINT: endpoint,
    CAPSTAN_TELEMETRY__SAMPLE_RATIO: '1',
    CAPSTAN_LOG__LEVEL: 'debug',
    CAPSTAN_LOG__FORMAT: 'json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_BSP_MAX_QUEUE_SIZE: '65536',
  };
}

/** An emulated Alpaca whose market is open, and by what market-data finds it. */
async function emulatedMarket() {
  const calendar = getCalendar('XNYS');
  const openUs = calendar.session('2026-01-06')?.openUs ?? timeUs(0);
  const settings = {
    startUs: timeUs(openUs + 600 * US_PER_SECOND),
    wallUs: systemClock.nowUs(),
    speed: LIVE_SPEED,
  };
  const time = new MarketTime(settings, calendar, () => systemClock.nowUs());
  const requests = 1_000_000;
  const emulator = await startAlpacaEmulator({
    clock: { kind: 'given', nowUs: () => time.nowUs() },
    symbols: LIVE.symbols,
    requestLimits: { trading: requests, data: requests },
  });
  return {
    emulator,
    environment: {
      [MARKET_TIME]: marketTimeText(settings),
      ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
      ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
      ALPACA_BASE_URL: emulator.url,
      ALPACA_DATA_URL: emulator.url,
      ALPACA_DATA_STREAM_URL: emulator.dataStreamUrl,
    },
  };
}

/** Bars whose price goes up and down. */
function csv(count: number): string {
  const firstMs = Date.UTC(2026, 0, 5, 14, 30);
  const rows = Array.from({ length: count }, (_, minute) => {
    const price = (100 + 5 * Math.sin(minute / 40)).toFixed(2);
    return `SPY,${firstMs + minute * 60_000},${price},${price},${price},${price},1000`;
  });
  return ['symbol,ts_utc_ms,open,high,low,close,volume', ...rows].join('\n');
}
