/** Structured fields of a log line; keys that name secrets are redacted by the adapter. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where logic says what people should read. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Returns a log whose lines all carry `fields`. */
  child(fields: LogFields): Log;
}

/** Labels of a measurement. */
export type Labels = Readonly<Record<string, string>>;

/** Where logic counts and measures. Names are declared in the service's `telemetry.ts`. */
export interface Meter {
  count(name: string, value?: number, labels?: Labels): void;
  gauge(name: string, value: number, labels?: Labels): void;
  /**
   * Records a duration or size into a histogram.
   * @param trace headers with the trace context that it belongs to, for an exemplar; the span that runs unless given.
   */
  observe(name: string, value: number, labels?: Labels, trace?: Labels): void;
}

/** One timed step of a trace. */
export interface Span {
  setAttribute(key: string, value: string | number | boolean): void;
  fail(error: unknown): void;
  end(): void;
  /** Writes the span's W3C trace context into message headers. */
  inject(headers: Record<string, string>): void;
  /** Does work inside the span: what adapters do meanwhile, such as queries and calls, belongs to it. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Where logic opens spans; parents travel in message headers. */
export interface Tracer {
  /**
   * Opens a span.
   * @param parent headers of what led to it; headers without a trace context begin a new trace. Left out: the span that runs.
   */
  start(name: string, parent?: Readonly<Record<string, string>>): Span;
}
