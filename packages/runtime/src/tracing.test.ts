import { createServer } from 'node:http';
import { AppError } from '@capstan/domain';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterEach, expect, test } from 'vitest';
import { configArgument, parseArguments } from './arguments.ts';
import {
  activeTrace,
  createTracer,
  endTracing,
  injectTrace,
  isTracing,
  type TracingWays,
  tracingStarted,
  untraced,
  withSpan,
} from './tracing.ts';
import { readTracingSettings, tracesEndpoint } from './tracing-settings.ts';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** A span as the SDK hands it over when it has ended. */
interface EndedSpan {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number; readonly message?: string };
  readonly events: readonly { readonly name: string }[];
  readonly parentSpanContext?: { readonly spanId: string };
}

function startRecording(ways?: TracingWays): EndedSpan[] {
  const ended: EndedSpan[] = [];
  const sdk = new NodeSDK({
    instrumentations: [new UndiciInstrumentation()],
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    spanProcessors: [
      {
        onStart: () => undefined,
        onEnd: (span) => void ended.push(span as EndedSpan),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  sdk.start();
  tracingStarted(() => sdk.shutdown(), ways);
  return ended;
}

afterEach(async () => {
  await endTracing();
  trace.disable();
  propagation.disable();
  context.disable();
});

test('carries one trace through message headers there and back', async () => {
  const ended = startRecording();
  expect(isTracing()).toBe(true);
  const headers: Record<string, string> = {};
  const first = createTracer('test').start('publish', { traceparent: PARENT });
  first.setAttribute('symbol', 'AAPL');
  first.inject(headers);
  first.end();
  expect(headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  await withSpan('test', 'handle', headers, async () => {
    expect(activeTrace()?.trace_id).toBe('0af7651916cd43dd8448eb211c80319c');
    const onward: Record<string, string> = {};
    injectTrace(onward);
    expect(onward.traceparent).toContain(activeTrace()?.span_id);
    createTracer('test').start('inner').end();
  });
  expect(activeTrace()).toBeUndefined();
  expect(ended.map((span) => span.name)).toEqual(['publish', 'inner', 'handle']);
  expect(ended[0]?.attributes).toEqual({ symbol: 'AAPL' });
  expect(ended[2]?.parentSpanContext?.spanId).toBe(headers.traceparent?.slice(36, 52));
});

test('marks spans as failed, by code where there is one', async () => {
  const ended = startRecording();
  const error = new AppError({ code: 'VENUE.TIMEOUT', why: 'late' });
  await expect(withSpan('test', 'x', {}, () => Promise.reject(error))).rejects.toBe(error);
  const span = createTracer('test').start('y');
  span.fail('a text');
  span.end();
  expect(ended.map(({ status }) => status)).toEqual([
    { code: 2, message: 'VENUE.TIMEOUT' },
    { code: 2, message: 'a text' },
  ]);
  expect(ended[0]?.events.map((event) => event.name)).toEqual(['exception']);
});

test('records nothing while tracing is off, and passes the trace on', async () => {
  const headers: Record<string, string> = {};
  expect(isTracing()).toBe(false);
  const seen = await withSpan('test', 'x', { traceparent: PARENT, tracestate: 'a=b' }, (span) => {
    span.setAttribute('a', 1);
    span.fail(new Error('x'));
    span.inject(headers);
    span.end();
    injectTrace(headers);
    return Promise.resolve(activeTrace());
  });
  expect(seen).toBeUndefined();
  expect(headers).toEqual({ traceparent: PARENT, tracestate: 'a=b' });
  const fresh = [{}, {}].map((into: Record<string, string>) => {
    createTracer('test').start('x', {}).inject(into);
    return into.traceparent;
  });
  expect(fresh[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(fresh[1]).not.toBe(fresh[0]);
});

test('begins a new trace under headers without one, even inside a span', async () => {
  startRecording();
  await withSpan('test', 'outer', {}, async () => {
    const outer = activeTrace()?.trace_id ?? '';
    const contextOf = (parent?: Record<string, string>): string => {
      const into: Record<string, string> = {};
      createTracer('test').start('x', parent).inject(into);
      return into.traceparent ?? '';
    };
    await Promise.resolve();
    expect(contextOf()).toContain(outer);
    expect(contextOf({})).toMatch(/^00-/);
    expect(contextOf({})).not.toContain(outer);
  });
});

test.each([true, false])(
  'does work of a trace that is not sampled in the quiet context, its id going on (passed on: %s)',
  async (followsParent) => {
    const key = Symbol('quiet');
    const ended = startRecording({ quiet: ROOT_CONTEXT.setValue(key, 'yes'), followsParent });
    const unsampled = PARENT.replace(/01$/, '00');
    const onward: Record<string, string> = {};
    const seen = await withSpan('test', 'x', { traceparent: unsampled }, (span) => {
      span.inject(onward);
      return Promise.resolve([context.active().getValue(key), activeTrace()]);
    });
    expect(seen).toEqual(['yes', undefined]);
    expect(onward.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
    expect(onward.traceparent === unsampled).toBe(followsParent);
    await withSpan('test', 'recorded', { traceparent: PARENT }, () => Promise.resolve());
    expect(ended.map(({ name }) => name)).toEqual(['recorded']);
  },
);

test('a line that is said after its span has ended is outside it', async () => {
  startRecording();
  const late = Promise.withResolvers<unknown>();
  const gate = Promise.withResolvers<void>();
  await withSpan('test', 'x', {}, () => {
    gate.promise.then(() => late.resolve(activeTrace()), late.reject);
    return Promise.resolve();
  });
  gate.resolve();
  expect(await late.promise).toBeUndefined();
});

test('traces only when an endpoint is given and the configuration is valid', () => {
  const argv = ['node', '/x/services/market-data/src/main.ts'];
  const endpoint = 'http://collector:4318';
  expect(readTracingSettings(argv, {})).toBeUndefined();
  expect(readTracingSettings(argv, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toEqual({
    endpoint,
    sampleRatio: 0.01,
    service: 'capstan-market-data',
  });
  const own = {
    CAPSTAN_TELEMETRY__OTLP_ENDPOINT: endpoint,
    CAPSTAN_TELEMETRY__SAMPLE_RATIO: '0.5',
    OTEL_SERVICE_NAME: 'mine',
  };
  expect(readTracingSettings(argv, own)).toEqual({ endpoint, sampleRatio: 0.5, service: 'mine' });
  expect(readTracingSettings(argv, { ...own, OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
  const wrong = { ...own, CAPSTAN_TELEMETRY__SAMPLE_RATIO: '7' };
  expect(readTracingSettings(argv, wrong)).toBeUndefined();
  expect(tracesEndpoint(`${endpoint}/`)).toBe(`${endpoint}/v1/traces`);
  expect(tracesEndpoint(`${endpoint}/v1/traces`)).toBe(`${endpoint}/v1/traces`);
});

test('takes one argument', () => {
  expect(parseArguments([])).toBeUndefined();
  expect(parseArguments(['--config', 'a.yaml'])).toBe('a.yaml');
  expect(parseArguments(['--config=b.yaml'])).toBe('b.yaml');
  expect(() => parseArguments(['--config'])).toThrow('needs the path');
  expect(() => parseArguments(['x'])).toThrow("Unknown argument 'x'");
  expect(configArgument(['x', '--config=b.yaml'])).toBe('b.yaml');
  expect(configArgument(['x', '--config', 'c.yaml'])).toBe('c.yaml');
  expect(configArgument(['x'])).toBeUndefined();
});

test('what is done untraced leaves no span, also where calls are instrumented', async () => {
  const ended = startRecording({ quiet: suppressTracing(ROOT_CONTEXT), followsParent: true });
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`);
    await response.text();
  };
  await withSpan('test', 'step', { traceparent: PARENT }, async () => {
    await untraced(() => ask('verysecret'));
    await ask('seen');
  });
  await new Promise((resolve) => {
    server.close(resolve);
  });
  expect(JSON.stringify(ended.map(({ attributes }) => attributes))).toContain('/seen');
  expect(JSON.stringify(ended.map(({ attributes }) => attributes))).not.toContain('verysecret');
});
