import type { Labels } from '@capstan/ports';
import { activeTrace } from './tracing.ts';

/** A measured value, and the trace in which it was measured. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  readonly atMs: number;
}

const SAMPLED = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f][13579bdf]$/;

/**
 * Keeps, of each bucket of each histogram, the last value that was measured in a trace that is recorded: as many as there are
 * buckets, and none of a trace that nobody can look up. OpenTelemetry's own metrics keep no exemplars.
 */
export class Exemplars {
  readonly #byBucket = new Map<string, Exemplar>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * Notes a value.
   * @param bounds upper bounds of the histogram's buckets, rising.
   * @param trace headers with the trace context that it belongs to; the active span's unless given.
   */
  note(
    of: { readonly name: string; readonly labels: Labels; readonly bounds: readonly number[] },
    value: number,
    trace?: Labels,
  ): void {
    const ids = trace === undefined ? activeTrace() : idsOf(trace);
    if (ids === undefined) return;
    const { trace_id: traceId, span_id: spanId } = ids;
    const found = of.bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? of.bounds.length : found;
    const exemplar = { traceId, spanId, value, atMs: this.#nowMs() };
    this.#byBucket.set(keyOf(of.name, of.labels, bucket), exemplar);
  }

  /** Returns the exemplar of a bucket, counted from 0. */
  of(name: string, labels: Labels, bucket: number): Exemplar | undefined {
    return this.#byBucket.get(keyOf(name, labels, bucket));
  }
}

function idsOf(trace: Labels): { trace_id: string; span_id: string } | undefined {
  const [, traceId, spanId] = SAMPLED.exec(trace.traceparent ?? '') ?? [];
  return traceId === undefined || spanId === undefined
    ? undefined
    : { trace_id: traceId, span_id: spanId };
}

function keyOf(name: string, labels: Labels, bucket: number): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, sorted, bucket]);
}
