import { headerNames } from '@capstan/contracts';
import type { Headers, Log, LogFields, Span, Tracer } from '@capstan/ports';

/** What a step goes back to. */
export interface StepOrigin {
  /** Headers with the trace context of what led to it; none begins a new trace. */
  readonly trace: Headers;
  /** Id of the bar or command that began it all, for the log. */
  readonly correlationId?: string | undefined;
}

/** A step while it is done. */
export interface OpenStep {
  /** Its trace context, for what it sends. */
  readonly trace: Headers;
  /** Its lines carry the trace and correlation ids. */
  readonly log: Log;
  end(): void;
}

/** What steps are traced and logged with. */
export interface StepPorts {
  readonly log: Log;
  readonly tracer?: Tracer;
}

/** Follows the steps of one owner: one at a time, or one inside another. */
export class StepTracing {
  readonly #key: string;
  readonly #role: string;
  readonly #ports: StepPorts;
  #current: Step | undefined;

  /** @param key of the owner, whose role begins the names of its spans. */
  constructor(key: string, ports: StepPorts) {
    this.#key = key;
    this.#role = key.split('/', 1)[0] ?? key;
    this.#ports = ports;
  }

  /** What the step in hand goes back to, itself included. */
  get origin(): StepOrigin {
    return this.#current?.asOrigin ?? NOTHING;
  }

  /** Log of the step in hand; outside one, the owner's. */
  get log(): Log {
    return this.#current?.log ?? this.#ports.log;
  }

  /** Begins a step beside the one in hand; whoever opens it ends it. Many may be open at once. */
  open(name: string, origin: StepOrigin): OpenStep {
    return this.#open(name, origin);
  }

  /** Does work as the step in hand. */
  async run<T>(name: string, origin: StepOrigin, work: () => Promise<T>): Promise<T> {
    const step = this.#open(name, origin);
    const outer = this.#current;
    this.#current = step;
    try {
      return await step.run(work);
    } catch (error) {
      step.fail(error);
      throw error;
    } finally {
      this.#current = outer;
      step.end();
    }
  }

  /** Returns a log whose lines carry the ids of what is named, without a step. */
  logOf(origin: StepOrigin): Log {
    return new StepLog(this.#ports.log, origin);
  }

  #open(name: string, { trace, correlationId }: StepOrigin): Step {
    const span = this.#ports.tracer?.start(`${this.#role} ${name}`, trace);
    span?.setAttribute('capstan.key', this.#key);
    if (correlationId !== undefined) span?.setAttribute('capstan.correlation_id', correlationId);
    const context: Record<string, string> = {};
    span?.inject(context);
    // Where nothing is traced, the context is passed on as it came.
    const own = headerNames.traceparent in context ? context : traceOf(trace);
    return new Step(span, { trace: own, correlationId }, this.#ports.log);
  }
}

const NOTHING: StepOrigin = { trace: {} };

class Step implements OpenStep {
  readonly asOrigin: StepOrigin;
  readonly log: Log;
  readonly #span: Span | undefined;

  constructor(span: Span | undefined, asOrigin: StepOrigin, log: Log) {
    this.#span = span;
    this.asOrigin = asOrigin;
    this.log = new StepLog(log, asOrigin);
  }

  get trace(): Headers {
    return this.asOrigin.trace;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#span === undefined ? work() : this.#span.run(work);
  }

  fail(error: unknown): void {
    this.#span?.fail(error);
  }

  end(): void {
    this.#span?.end();
  }
}

/** Adds the ids of an origin to each line. Most steps say nothing: until a line comes, it costs nothing. */
class StepLog implements Log {
  readonly #log: Log;
  readonly #origin: StepOrigin;
  #ids: LogFields | undefined;

  constructor(log: Log, origin: StepOrigin) {
    this.#log = log;
    this.#origin = origin;
  }

  debug(message: string, fields?: LogFields): void {
    this.#log.debug(message, this.#with(fields));
  }

  info(message: string, fields?: LogFields): void {
    this.#log.info(message, this.#with(fields));
  }

  warn(message: string, fields?: LogFields): void {
    this.#log.warn(message, this.#with(fields));
  }

  error(message: string, fields?: LogFields): void {
    this.#log.error(message, this.#with(fields));
  }

  child(fields: LogFields): Log {
    return this.#log.child(this.#with(fields));
  }

  #with(fields?: LogFields): LogFields {
    this.#ids ??= idsOf(this.#origin);
    return { ...this.#ids, ...fields };
  }
}

/** Reads the W3C trace context out of a message's headers. */
export function traceOf(headers: Headers): Headers {
  const { traceparent, tracestate } = headers;
  if (traceparent === undefined) return {};
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

/** Names what a message goes back to. */
export function originOf(headers: Headers): StepOrigin {
  return { trace: headers, correlationId: headers[headerNames.correlationId] };
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/;

/** Returns what a log line carries of a step. */
function idsOf({ trace, correlationId }: StepOrigin): LogFields {
  const [, traceId, spanId] = TRACEPARENT.exec(trace.traceparent ?? '') ?? [];
  return {
    ...(traceId === undefined ? {} : { traceId, spanId }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}

/** Returns the headers that tell another process what something goes back to. */
export function headersOf({ trace, correlationId }: StepOrigin): Headers {
  const ids = correlationId === undefined ? {} : { [headerNames.correlationId]: correlationId };
  return { ...traceOf(trace), ...ids };
}
