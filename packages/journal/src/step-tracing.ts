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

  /** Trace context of the step in hand. */
  get trace(): Headers {
    return this.#current?.trace ?? {};
  }

  /** Log of the step in hand; outside one, the owner's. */
  get log(): Log {
    return this.#current?.log ?? this.#ports.log;
  }

  /** Begins a step that is not the one in hand; whoever opens it ends it. */
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

  #open(name: string, origin: StepOrigin): Step {
    const span = this.#ports.tracer?.start(`${this.#role} ${name}`, origin.trace);
    span?.setAttribute('capstan.key', this.#key);
    if (origin.correlationId !== undefined) {
      span?.setAttribute('capstan.correlation_id', origin.correlationId);
    }
    return new Step(span, origin, this.#ports.log);
  }
}

class Step implements OpenStep {
  readonly trace: Headers;
  readonly #span: Span | undefined;
  readonly #origin: StepOrigin;
  readonly #ownersLog: Log;
  #log: Log | undefined;

  constructor(span: Span | undefined, origin: StepOrigin, ownersLog: Log) {
    this.#span = span;
    this.#origin = origin;
    this.#ownersLog = ownersLog;
    const context: Record<string, string> = {};
    span?.inject(context);
    // Where nothing is traced, the context is passed on as it came.
    this.trace = headerNames.traceparent in context ? context : traceOf(origin.trace);
  }

  /** Made at the first line: most steps say nothing. */
  get log(): Log {
    this.#log ??= this.#ownersLog.child(fieldsOf(this.trace, this.#origin.correlationId));
    return this.#log;
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
function fieldsOf({ traceparent = '' }: Headers, correlationId: string | undefined): LogFields {
  const [, traceId, spanId] = TRACEPARENT.exec(traceparent) ?? [];
  return {
    ...(traceId === undefined ? {} : { traceId, spanId }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}
