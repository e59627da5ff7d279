import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '@capstan/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALERT_GROUPS } from '../../tools/observability/catalogue.ts';
import type { ReceivedSpan } from './collector.ts';
import { ALERT_FILES, OBSERVED, ObservedStack } from './observed-stack.ts';
import { findPrometheus } from './prometheus-programs.ts';
import { type ServiceName, STACK_START_MS } from './service-process.ts';
import { ACCOUNT_ID, RUN_ID } from './world.ts';

const run = promisify(execFile);
const K8S = join(import.meta.dirname, '../../k8s');
const NATS_METRICS = join(import.meta.dirname, 'nats-exporter-metrics.txt');
const WAIT_MS = 20_000;
/** What comes with the points of a market's day: here a market is live, and its day is not over in half a minute. */
const OF_A_DAY = ['capstan_reporting_session_events_total', 'capstan_reporting_replay_'];
/** Those that a bar passes on its way to a fill. */
const WAY: readonly ServiceName[] = [
  'market-data',
  'signal',
  'risk',
  'execution',
  'paper-exchange',
];

interface Target {
  readonly expr: string;
}
interface Panel {
  readonly title: string;
  readonly targets?: readonly Target[];
  readonly panels?: readonly Panel[];
}
interface Found {
  readonly where: string;
  readonly expr: string;
}

/** Every query of every panel, as Grafana would send it with all variables at "All". */
function queriesOfPanels(): readonly Found[] {
  const folder = join(K8S, 'dashboards');
  return readdirSync(folder).flatMap((file) => {
    const { title, panels } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      readonly title: string;
      readonly panels: readonly Panel[];
    };
    return panels
      .flatMap((panel) => [panel, ...(panel.panels ?? [])])
      .flatMap((panel) => (panel.targets ?? []).map(({ expr }) => ({ panel: panel.title, expr })))
      .map(({ panel, expr }) => ({
        where: `${title} / ${panel}`,
        expr: expr.replaceAll('$__rate_interval', '2m').replace(/\$\w+/g, '.*'),
      }));
  });
}

/** What rules measure, without what must hold of it: there is an answer also when all is well. */
const VALUES: readonly Found[] = ALERT_GROUPS.flatMap(({ alerts }) =>
  alerts.map(({ name, value }) => ({ where: name, expr: value })),
);

const ofNats = ({ expr }: Found): boolean => /\b(gnatsd|jetstream)_/.test(expr);
const ofDay = ({ expr }: Found): boolean => OF_A_DAY.some((name) => expr.includes(name));

describe('rules of alerts', () => {
  it('are sound, fire at their time, and are quiet before', async () => {
    const { promtool } = await findPrometheus();
    await run(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ...ALERT_FILES]);
    await run(promtool, ['test', 'rules', join(K8S, 'alerts/tests/alerts.yaml')]);
  });
});

describe('a stack that is scraped, and whose traces are all recorded', () => {
  let observed: ObservedStack;

  beforeAll(async () => {
    observed = await ObservedStack.start();
    await observed.trade();
  }, STACK_START_MS + 180_000);

  afterAll(() => observed?.stop());

  const spansOf = (name: string): readonly ReceivedSpan[] =>
    observed.collector.spans.filter((span) => span.name === name);

  /** Waits for the spans of all fills: every service has sent its own when both ends are there. */
  const fillsOf = async (name: string): Promise<readonly ReceivedSpan[]> => {
    const { store } = observed.stack;
    const { length } = await store.fills({ accountId: ACCOUNT_ID, limit: 1_000 });
    await waitUntil(() => length > 0 && spansOf(name).length === length, WAIT_MS);
    return spansOf(name);
  };

  const names = (spans: readonly ReceivedSpan[]): readonly string[] =>
    spans.map(({ service, name }) => `${service}: ${name}`);

  /** Returns those that find nothing, however long it is waited for. */
  const withoutData = async (asked: readonly Found[]): Promise<readonly Found[]> => {
    let missing = asked;
    await waitUntil(async () => {
      const found = await Promise.all(
        missing.map(async ({ expr }) => (await observed.prometheus.query(expr)).length),
      );
      missing = missing.filter((_, index) => found[index] === 0);
      return missing.length === 0;
    }, WAIT_MS);
    return missing;
  };

  it('gives data to every query of every panel', async () => {
    const asked = queriesOfPanels();
    expect(asked.length).toBeGreaterThan(100);
    const ours = asked.filter((one) => !ofNats(one) && !ofDay(one));
    expect(asked.length - ours.length).toBeLessThan(13);
    expect(await withoutData(ours)).toEqual([]);
  });

  it('gives data to what every rule measures, and Prometheus can evaluate them all', async () => {
    const ours = VALUES.filter((one) => !ofNats(one) && !ofDay(one));
    expect(VALUES.length - ours.length).toBe(2);
    expect(await withoutData(ours)).toEqual([]);
    const rules = await observed.prometheus.rules();
    expect(rules.map(({ name }) => name).sort()).toEqual(VALUES.map(({ where }) => where).sort());
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  });

  it('asks the exporter of NATS for nothing that it does not have', () => {
    const known = new Set(readFileSync(NATS_METRICS, 'utf8').split('\n'));
    const asked = [...queriesOfPanels(), ...VALUES].flatMap(
      ({ expr }) => expr.match(/\b(gnatsd|jetstream)_\w+/g) ?? [],
    );
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('leads from histograms to traces that were recorded', async () => {
    for (const histogram of ['capstan_journal_hop_seconds', 'capstan_execution_submit_seconds']) {
      const traces = await observed.prometheus.exemplars(`${histogram}_bucket`);
      expect(traces.length, histogram).toBeGreaterThan(0);
      const recorded = new Set(observed.collector.spans.map(({ traceId }) => traceId));
      expect(traces.filter((trace) => !recorded.has(trace))).toEqual([]);
    }
  });

  it('tells one trace from bar to fill, each span under what led to it', async () => {
    const [fill] = await fillsOf('execution fill');
    const way = [
      'capstan-execution: execution fill',
      'capstan-execution: execution slice',
      'capstan-risk: risk decide',
      'capstan-signal: bot market.closed',
      'capstan-market-data: feed slice',
    ];
    expect(fill && names(observed.collector.lineOf(fill))).toEqual(way);
    const traded = await fillsOf('exchange filled');
    const same = traded.find(({ traceId }) => traceId === fill?.traceId);
    // The orders of a slice that has several go out in one call.
    const submit = 'capstan-execution: grpc.capstan.execution.v1.PaperExchangeService/SubmitOrder';
    expect(same && names(observed.collector.lineOf(same))).toEqual([
      'capstan-paper-exchange: exchange filled',
      'capstan-paper-exchange: exchange submit',
      expect.stringMatching(new RegExp(`^${submit}s?$`)),
      ...way.slice(1),
    ]);
  });

  it('goes on in the same trace to those who keep the books', async () => {
    const fills = await fillsOf('execution fill');
    const fillTraces = new Set(fills.map(({ traceId }) => traceId));
    for (const [service, role] of [
      ['capstan-risk', 'risk'],
      ['capstan-reporting', 'report'],
    ] as const) {
      const taken = () =>
        spansOf(`${role} trading.fill`).filter(({ traceId }) => fillTraces.has(traceId));
      await waitUntil(() => taken().length >= fillTraces.size, WAIT_MS);
      for (const span of taken()) {
        const line = names(observed.collector.lineOf(span));
        expect(line.slice(0, 2)).toEqual([
          `${service}: ${role} trading.fill`,
          'capstan-execution: execution slice',
        ]);
        expect(line.at(-1)).toBe('capstan-market-data: feed slice');
      }
      expect(new Set(taken().map(({ traceId }) => traceId))).toEqual(fillTraces);
    }
  });

  it('begins a trace with each slice, and leaves no fill without one', async () => {
    const played = () =>
      spansOf('feed slice').filter((span) => span.attributes['capstan.key'] === 'feed/demo');
    await waitUntil(() => played().length >= OBSERVED.slices, WAIT_MS);
    const slices = played();
    expect(slices).toHaveLength(OBSERVED.slices);
    const traces = new Set(slices.map(({ traceId }) => traceId));
    expect(traces.size).toBe(OBSERVED.slices);
    expect(slices.filter(({ parentSpanId }) => parentSpanId !== '')).toEqual([]);
    const fills = await fillsOf('execution fill');
    expect(fills.filter(({ traceId }) => !traces.has(traceId))).toEqual([]);
  });

  it('nests the queries of a step under it', async () => {
    const [fill] = await fillsOf('execution fill');
    const slice = observed.collector.spans.find(({ spanId }) => spanId === fill?.parentSpanId);
    const queries = observed.collector.spans.filter(
      (span) => span.parentSpanId === slice?.spanId && span.name.startsWith('pg.'),
    );
    expect(queries.length).toBeGreaterThan(0);
  });

  it('leaves lines of that trace in the log of each service on the way', async () => {
    const [fill] = await fillsOf('execution fill');
    for (const name of WAY) {
      const lines = await observed.linesOf(name);
      const own = lines.filter((line) => line.trace_id === fill?.traceId);
      expect(own, name).not.toEqual([]);
      const correlations = new Set(own.map((line) => line.correlation_id));
      expect(correlations.size, name).toBe(1);
      expect(lines.filter((line) => line.run_id !== RUN_ID)).toEqual([]);
    }
    const filled = (await observed.linesOf('execution')).filter(
      ({ msg }) => msg === 'order filled',
    );
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
