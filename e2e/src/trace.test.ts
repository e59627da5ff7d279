import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { waitUntil } from '@capstan/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, type ReceivedSpan } from './collector.ts';
import { type ServiceName, STACK_START_MS } from './service-process.ts';
import { Stack } from './stack.ts';
import { ACCOUNT_ID, RUN_ID, stackConfig, type World } from './world.ts';

const WORLD: World = { seed: 47, slices: 60, symbols: ['SPY'] };
const HOOK = join(import.meta.dirname, '../../packages/runtime/src/hook.ts');
/** Those that a bar passes on its way to a fill. */
const WAY: readonly ServiceName[] = [
  'market-data',
  'signal',
  'risk',
  'execution',
  'paper-exchange',
];

type Line = Readonly<Record<string, unknown>>;

describe('a stack whose traces are all recorded', () => {
  let stack: Stack;
  let collector: Collector;

  beforeAll(async () => {
    collector = await Collector.start();
    const environment = {
      NODE_OPTIONS: `--import ${pathToFileURL(HOOK).href}`,
      CAPSTAN_TELEMETRY__OTLP_ENDPOINT: collector.endpoint,
      CAPSTAN_TELEMETRY__SAMPLE_RATIO: '1',
      CAPSTAN_LOG__LEVEL: 'debug',
      CAPSTAN_LOG__FORMAT: 'json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BSP_MAX_QUEUE_SIZE: '65536',
    };
    const config = stackConfig(WORLD);
    stack = await Stack.start({ config, services: WAY, environmentOf: () => environment });
    if (!(await waitUntil(isPlayed, 60_000))) throw new Error(await stack.logs());
  }, STACK_START_MS + 60_000);

  afterAll(async () => {
    await stack?.stop();
    await collector?.stop();
  });

  /** Every bot has stepped the last slice. Nobody reports in this stack. */
  const isPlayed = async (): Promise<boolean> => {
    const outbox = await stack.store.outbox('feed/demo', 0, 10_000);
    const closed = outbox.filter(({ subject }) => subject.startsWith('market.closed.'));
    if (closed.length <= WORLD.slices) return false;
    const bots = await stack.store.bots({});
    const ends = new Set(bots.map(({ lastSliceEndUs }) => lastSliceEndUs));
    return ends.size === 1 && bots.length > 1;
  };

  /** Waits for the spans of a fill: all services have sent theirs when both of its ends are there. */
  const fillsOf = async (name: string): Promise<readonly ReceivedSpan[]> => {
    const { length } = await stack.store.fills({ accountId: ACCOUNT_ID, limit: 1_000 });
    const found = (): readonly ReceivedSpan[] =>
      collector.spans.filter((span) => span.name === name);
    await waitUntil(() => length > 0 && found().length === length, 10_000);
    return found();
  };

  const names = (spans: readonly ReceivedSpan[]): readonly string[] =>
    spans.map(({ service, name }) => `${service}: ${name}`);

  const linesOf = async (name: ServiceName): Promise<readonly Line[]> => {
    const text = await readFile(stack.service(name).logFile, 'utf8');
    return text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);
  };

  it('tells one trace from bar to fill, each span under what led to it', async () => {
    const [fill] = await fillsOf('execution fill');
    const way = [
      'capstan-execution: execution fill',
      'capstan-execution: execution slice',
      'capstan-risk: risk decide',
      'capstan-signal: bot market.closed',
      'capstan-market-data: feed slice',
    ];
    expect(fill && names(collector.lineOf(fill))).toEqual(way);
    const traded = await fillsOf('exchange filled');
    const same = traded.find(({ traceId }) => traceId === fill?.traceId);
    // The orders of a slice that has several go out in one call.
    const submit = 'capstan-execution: grpc.capstan.execution.v1.PaperExchangeService/SubmitOrder';
    expect(same && names(collector.lineOf(same))).toEqual([
      'capstan-paper-exchange: exchange filled',
      'capstan-paper-exchange: exchange submit',
      expect.stringMatching(new RegExp(`^${submit}s?$`)),
      ...way.slice(1),
    ]);
  });

  it('begins a trace with each slice, and leaves no fill without one', async () => {
    const begun = () => collector.spans.filter(({ name }) => name === 'feed slice');
    await waitUntil(() => begun().length >= WORLD.slices, 10_000);
    const slices = begun();
    expect(slices).toHaveLength(WORLD.slices);
    expect(new Set(slices.map(({ traceId }) => traceId)).size).toBe(WORLD.slices);
    expect(slices.filter(({ parentSpanId }) => parentSpanId !== '')).toEqual([]);
    const traces = new Set(slices.map(({ traceId }) => traceId));
    const fills = await fillsOf('execution fill');
    expect(fills.filter(({ traceId }) => !traces.has(traceId))).toEqual([]);
  });

  it('nests the queries of a step under it', async () => {
    const [fill] = await fillsOf('execution fill');
    const slice = collector.spans.find(({ spanId }) => spanId === fill?.parentSpanId);
    const queries = collector.spans.filter(
      (span) => span.parentSpanId === slice?.spanId && span.name.startsWith('pg.'),
    );
    expect(queries.length).toBeGreaterThan(0);
  });

  it('leaves lines of that trace in the log of each service on the way', async () => {
    const [fill] = await fillsOf('execution fill');
    for (const name of WAY) {
      const lines = await linesOf(name);
      const own = lines.filter((line) => line.trace_id === fill?.traceId);
      expect(own, name).not.toEqual([]);
      const correlations = new Set(own.map((line) => line.correlation_id));
      expect(correlations.size, name).toBe(1);
      expect(lines.filter((line) => line.run_id !== RUN_ID)).toEqual([]);
    }
    const filled = (await linesOf('execution')).filter(({ msg }) => msg === 'order filled');
    expect(filled).toContainEqual(
      expect.objectContaining({
        trace_id: fill?.traceId,
        span_id: fill?.spanId,
        account: ACCOUNT_ID,
        bot: expect.any(String),
        symbol: 'SPY',
      }),
    );
  });
});
