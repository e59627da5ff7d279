import { AppError } from '@capstan/domain';
import type { Span, Tracer } from '@capstan/ports';
import {
  context,
  isSpanContextValid,
  type Span as OtelSpan,
  propagation,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** How tracing ends; set by the module that starts it. */
interface TracingState {
  shutdown: (() => Promise<void>) | undefined;
}

const state: TracingState = { shutdown: undefined };

/** Declares that tracing runs, and how to end it. Called by whoever sets up OpenTelemetry. */
export function tracingStarted(shutdown: () => Promise<void>): void {
  state.shutdown = shutdown;
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

/** Returns the identifiers of the active span for a log line; undefined outside one, at the cost of one test. */
export function activeTrace(): { trace_id: string; span_id: string } | undefined {
  if (!isTracing()) return undefined;
  const active = trace.getActiveSpan()?.spanContext();
  if (active === undefined || !isSpanContextValid(active)) return undefined;
  return { trace_id: active.traceId, span_id: active.spanId };
}

/** A span that records nothing, for when nothing is traced. */
export const NULL_SPAN: Span = {
  setAttribute: () => undefined,
  fail: () => undefined,
  end: () => undefined,
  inject: () => undefined,
};

/** Makes a tracer that opens spans under the parents that message headers carry. Free while tracing is off. */
export function createTracer(name: string): Tracer {
  const tracer = trace.getTracer(name);
  return {
    start: (spanName, parent) => {
      if (!isTracing()) return NULL_SPAN;
      const active = context.active();
      const from = parent === undefined ? active : propagation.extract(active, parent);
      return spanOver(tracer.startSpan(spanName, {}, from));
    },
  };
}

function spanOver(span: OtelSpan): Span {
  return {
    setAttribute: (key, value) => void span.setAttribute(key, value),
    fail: (error) => {
      span.recordException(error instanceof Error ? error : String(error));
      const message = error instanceof AppError ? error.code : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    },
    end: () => span.end(),
    inject: (headers) => propagation.inject(trace.setSpan(context.active(), span), headers),
  };
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
  if (!isTracing()) return work(NULL_SPAN);
  const parent = propagation.extract(context.active(), headers);
  const otel = trace.getTracer(tracerName).startSpan(spanName, {}, parent);
  const span = spanOver(otel);
  try {
    return await context.with(trace.setSpan(parent, otel), () => work(span));
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
