import { randomUUID } from 'node:crypto';
import { AppError } from '@capstan/domain';
import type { Span, Tracer } from '@capstan/ports';
import {
  type Context,
  context,
  isSpanContextValid,
  type Span as OtelSpan,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** How steps that are not recorded are gone through. */
export interface TracingWays {
  /** The context of work that is not recorded: instrumentation in it does nothing. */
  readonly quiet: Context;
  /** True where the sampler does as the parent did: what comes unsampled is passed on without asking it. */
  readonly followsParent: boolean;
}

/** How tracing ends; set by the module that starts it. */
interface TracingState {
  shutdown: (() => Promise<void>) | undefined;
  ways: TracingWays;
}

const PLAIN_WAYS: TracingWays = { quiet: ROOT_CONTEXT, followsParent: false };
const state: TracingState = { shutdown: undefined, ways: PLAIN_WAYS };

/** Declares that tracing runs, and how to end it. Called by whoever sets up OpenTelemetry. */
export function tracingStarted(shutdown: () => Promise<void>, ways = PLAIN_WAYS): void {
  state.shutdown = shutdown;
  state.ways = ways;
}

/** Tells whether spans are recorded at all in this process. */
export function isTracing(): boolean {
  return state.shutdown !== undefined;
}

/** Sends what is still held and ends tracing; does nothing when it never ran. */
export async function endTracing(): Promise<void> {
  const shutdown = state.shutdown;
  state.shutdown = undefined;
  await shutdown?.();
}

/**
 * Returns the identifiers of the active span for a log line; undefined outside one, at the cost of one test. What runs on after the
 * span has ended, such as a connection that was opened in it, is outside.
 */
export function activeTrace(): { trace_id: string; span_id: string } | undefined {
  if (!isTracing()) return undefined;
  const span = trace.getActiveSpan();
  const active = span?.spanContext();
  if (span?.isRecording() !== true || active === undefined || !isSpanContextValid(active)) {
    return undefined;
  }
  return { trace_id: active.traceId, span_id: active.spanId };
}

/**
 * Makes a tracer that opens spans under the parents that message headers carry. While tracing is off nothing is recorded, but the
 * trace's id still goes from message to message, for the log.
 */
export function createTracer(name: string): Tracer {
  const tracer = trace.getTracer(name);
  return {
    start: (spanName, parent) => {
      if (!isTracing()) return passingSpan(parent);
      if (state.ways.followsParent && UNSAMPLED.test(parent?.traceparent ?? '')) {
        return passingSpan(parent, state.ways.quiet);
      }
      const from =
        parent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, parent);
      return spanOver(tracer.startSpan(spanName, {}, from), from);
    },
  };
}

/** Does work of which no span is kept, whatever instrumentation sees of it: calls to addresses that are secret. */
export function untraced<T>(work: () => Promise<T>): Promise<T> {
  return context.with(state.ways.quiet, work);
}

const UNSAMPLED = /^00-.{32}-.{16}-[0-9a-f][02468ace]$/;

function spanOver(span: OtelSpan, from: Context): Span {
  const within = trace.setSpan(from, span);
  const isRecorded = span.isRecording();
  return {
    setAttribute: (key, value) => void span.setAttribute(key, value),
    fail: (error) => {
      if (!isRecorded) return;
      span.recordException(error instanceof Error ? error : String(error));
      const message = error instanceof AppError ? error.code : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    },
    end: () => span.end(),
    inject: (headers) => propagation.inject(within, headers),
    run: (work) => context.with(isRecorded ? within : state.ways.quiet, work),
  };
}

const nothing = (): void => undefined;

/** A span that records nothing: it passes on the context that came, or the id of a new trace that nobody samples. */
function passingSpan(parent: Readonly<Record<string, string>> = {}, quiet?: Context): Span {
  return {
    setAttribute: nothing,
    fail: nothing,
    end: nothing,
    inject: (headers) => {
      headers.traceparent = parent.traceparent ?? newTraceparent();
      if (parent.tracestate !== undefined) headers.tracestate = parent.tracestate;
    },
    run: (work) => (quiet === undefined ? work() : context.with(quiet, work)),
  };
}

function newTraceparent(): string {
  const id = randomUUID().replaceAll('-', '');
  return `00-${id}-${id.slice(0, 16)}-00`;
}

/**
 * Writes the active span's W3C trace context (`traceparent`, `tracestate`) into message headers. Does nothing while
 * tracing is off.
 */
export function injectTrace(headers: Record<string, string>): void {
  if (isTracing()) propagation.inject(context.active(), headers);
}

/**
 * Runs `work` inside a span whose parent is in message headers; logs, queries and calls made in it belong to it.
 * @param headers of the message, with W3C trace context or without.
 */
export async function withSpan<T>(
  tracerName: string,
  spanName: string,
  headers: Readonly<Record<string, string>>,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = createTracer(tracerName).start(spanName, headers);
  try {
    return await span.run(() => work(span));
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
