import { AppError } from '@capstan/domain';
import type { Headers, Reply, RequestOptions, Requests } from '@capstan/ports';
import { errors, type Msg, RequestError } from '@nats-io/nats-core';
import { asBusError } from './bus-error.ts';
import type { Connection } from './connection.ts';
import { fromNats, toNats } from './headers.ts';
import { API_TIMEOUT_MS, SERVE_QUEUE_MAX, SERVING_MAX } from './limits.ts';

type Handler = (data: Uint8Array, headers: Headers) => Promise<Reply>;

/** The Requests port over core NATS. */
export class NatsRequests implements Requests {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async request(subject: string, data: Uint8Array, options: RequestOptions): Promise<Reply> {
    const { timeoutMs, headers = {} } = options;
    const natsHeaders = toNats(headers);
    const started = performance.now();
    const what = `asking ${subject}`;
    await this.#connection.ready(what, timeoutMs);
    const leftMs = Math.max(1, timeoutMs - (performance.now() - started));
    const ask = async (): Promise<Reply> => {
      try {
        const reply = await this.#connection.nats.request(subject, data, {
          timeout: leftMs,
          ...(natsHeaders === undefined ? {} : { headers: natsHeaders }),
        });
        return { data: reply.data, headers: fromNats(reply.headers) };
      } catch (error) {
        throw requestError(subject, timeoutMs, error);
      }
    };
    return this.#connection.run(what, ask, leftMs + API_TIMEOUT_MS);
  }

  async serve(
    subject: string,
    queue: string,
    handler: Handler,
  ): Promise<{ close(): Promise<void> }> {
    const { nats } = this.#connection;
    await this.#connection.ready(`serving ${subject}`);
    const desk = new Desk(this.#connection, handler);
    const subscription = nats.subscribe(subject, {
      queue,
      callback: (error, message) => {
        if (error === null) desk.take(message);
      },
    });
    await this.#connection.run(`serving ${subject}`, () => nats.flush());
    return {
      close: async () => {
        if (nats.isClosed()) return;
        subscription.unsubscribe();
        if (this.#connection.status.connected) await nats.flush().catch(() => undefined);
        await desk.finished();
      },
    };
  }
}

function requestError(subject: string, timeoutMs: number, error: unknown): AppError {
  if (error instanceof RequestError && error.isNoResponders()) {
    return new AppError({
      code: 'BUS.NO_RESPONDER',
      why: `nobody serves ${subject}.`,
      fix: 'Start the service.',
      retry: 'retryable',
      cause: error,
    });
  }
  if (error instanceof errors.TimeoutError) {
    return new AppError({
      code: 'BUS.TIMEOUT',
      why: `${subject} gave no answer within ${timeoutMs} ms.`,
      fix: 'Ask again, or see why the service is slow.',
      retry: 'retryable',
      cause: error,
    });
  }
  return asBusError(`asking ${subject}`, error);
}

/** Answers requests, a bounded number at once. */
class Desk {
  readonly #connection: Connection;
  readonly #handler: Handler;
  readonly #waiting: Msg[] = [];
  #serving = 0;
  #idle = Promise.withResolvers<void>();

  constructor(connection: Connection, handler: Handler) {
    this.#connection = connection;
    this.#handler = handler;
    this.#idle.resolve();
  }

  take(request: Msg): void {
    if (this.#serving < SERVING_MAX) {
      if (this.#serving === 0) this.#idle = Promise.withResolvers<void>();
      this.#serving += 1;
      void this.#serve(request);
    } else if (this.#waiting.length < SERVE_QUEUE_MAX) {
      this.#waiting.push(request);
    } else {
      const { subject } = request;
      this.#connection.log.warn('too many requests: one is left unanswered', { subject });
    }
  }

  /** Resolves when all that was taken is answered. */
  finished(): Promise<void> {
    return this.#idle.promise;
  }

  async #serve(first: Msg): Promise<void> {
    for (let request: Msg | undefined = first; request; request = this.#waiting.shift()) {
      await this.#answer(request);
    }
    this.#serving -= 1;
    if (this.#serving === 0) this.#idle.resolve();
  }

  async #answer(request: Msg): Promise<void> {
    const { subject } = request;
    try {
      const reply = await this.#handler(request.data, fromNats(request.headers));
      if (!this.#connection.status.connected) return;
      const headers = toNats(reply.headers);
      request.respond(reply.data, headers === undefined ? {} : { headers });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#connection.log.error('a request failed and is left unanswered', {
        subject,
        error: text,
      });
    }
  }
}
