import { type AppError, assert, hasCode, type TimeUs } from '@capstan/domain';
import { AckPolicy, type ConsumerConfig, DeliverPolicy, type StreamInfo } from '@nats-io/jetstream';
import { type Msg, nanos, type Subscription } from '@nats-io/nats-core';
import { Arrivals } from './arrivals.ts';
import { streamChanged } from './bus-error.ts';
import type { Connection } from './connection.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import { natsHeaders } from './headers.ts';
import {
  HEARTBEAT_MS,
  PULL_EXPIRES_MS,
  READ_AHEAD_BYTES,
  READ_AHEAD_MESSAGES,
  READER_INACTIVE_MS,
  RETRY_MS,
  SILENCE_MS_MAX,
} from './limits.ts';
import { timeOfRfc3339 } from './stored-time.ts';
import { coveringFilter, type SubjectMatch, subjectMatch } from './subject-filter.ts';

/** The server's words for a request that has ended without fault. */
const REQUEST_OVER = ['Request Timeout', 'Batch Completed', 'Message Size Exceeds MaxBytes'];

/** What to read, and from where. */
export interface ReaderPlan {
  readonly stream: string;
  /** Subject filters; empty means all. */
  readonly filters: readonly string[];
  /**
   * `after` reads every message after a sequence and fails when one is missing. `newest` reads the newest message of
   * each subject, then what comes, and begins anew by itself when the stream was made anew.
   */
  readonly start:
    | { readonly kind: 'after'; readonly sequence: number }
    | { readonly kind: 'newest' };
}

/** A message as the server delivered it. */
export interface Arrived {
  readonly message: Msg;
  readonly delivery: Delivery;
}

/** What the current consumer on the server has been asked for and has given. */
interface Life {
  readonly number: number;
  readonly inbox: string;
  readonly subscription: Subscription;
  consumer: string;
  /** Messages asked for that have not come. */
  requested: number;
  lastConsumerSequence: number;
  lastHeardMs: number;
}

/**
 * Reads a stream in order through a consumer of its own, which it makes anew after the last message received whenever
 * the connection comes back, a delivery is missing or the server falls silent.
 *
 * A consumer that is asked to start where nothing is left starts silently somewhere else, so each gap is checked against
 * the stream's first sequence before anything behind it is handed out.
 */
export class OrderedReader {
  readonly #connection: Connection;
  readonly #plan: ReaderPlan;
  readonly #isWanted: SubjectMatch;
  readonly #arrivals = new Arrivals<Arrived>();
  readonly #unhook: (() => void)[] = [];
  #epochUs: TimeUs | undefined;
  /** Sequence of the last message received, or up to which the stream is known to hold nothing for us. */
  #received: number;
  /** True when messages may have been stored that are not received: a gap behind `#received` may be a loss. */
  #behind = true;
  /** The position before the first gap that is not checked yet. */
  #gapAfter: number | undefined;
  #life: Life | undefined;
  #lives = 0;
  #restarting: Promise<void> | undefined;
  #failure: AppError | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(connection: Connection, plan: ReaderPlan) {
    this.#connection = connection;
    this.#plan = plan;
    this.#isWanted = plan.filters.length > 1 ? subjectMatch(plan.filters) : () => true;
    this.#received = plan.start.kind === 'after' ? plan.start.sequence : 0;
  }

  /** @throws BUS.UNAVAILABLE @throws BUS.NO_STREAM @throws BUS.STREAM_CHANGED */
  static async open(connection: Connection, plan: ReaderPlan): Promise<OrderedReader> {
    const reader = new OrderedReader(connection, plan);
    try {
      await reader.#begin();
    } catch (error) {
      await reader.close();
      throw error;
    }
    reader.#unhook.push(
      connection.onBack(() => reader.#restart('the connection came back')),
      connection.onLost(() => {
        if (connection.isClosed) void reader.close();
      }),
    );
    reader.#timer = setInterval(() => void reader.#look(), HEARTBEAT_MS);
    reader.#timer.unref();
    return reader;
  }

  /** Returns up to `max` messages, waiting for one; nothing only after `close`. @throws BUS.STREAM_CHANGED */
  async next(max: number): Promise<readonly Arrived[]> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#arrivals.isClosed) return [];
      if (this.#gapAfter !== undefined) {
        await this.#checkGap(this.#gapAfter);
      } else if (this.#arrivals.length === 0) {
        await this.#arrivals.change();
      } else {
        const taken = this.#arrivals.take(max);
        this.#request();
        return taken;
      }
    }
  }

  async close(): Promise<void> {
    if (this.#arrivals.isClosed) return;
    clearInterval(this.#timer);
    for (const unhook of this.#unhook) unhook();
    this.#arrivals.close();
    this.#end();
  }

  // ------------------------------------------------------------------ the consumer on the server

  async #begin(): Promise<void> {
    this.#end();
    const { nats, management } = this.#connection;
    const { stream } = this.#plan;
    const inbox = this.#connection.newInbox();
    this.#lives += 1;
    const number = this.#lives;
    const subscription = nats.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (error === null && this.#life?.number === number) this.#onMessage(this.#life, message);
      },
    });
    const life: Life = {
      number,
      inbox,
      subscription,
      consumer: '',
      requested: 0,
      lastConsumerSequence: 0,
      lastHeardMs: performance.now(),
    };
    this.#life = life;
    const consumer = await this.#connection.run(`reading ${stream}`, () =>
      management.consumers.add(stream, this.#consumerConfig()),
    );
    life.consumer = consumer.name;
    this.#behind = consumer.num_pending > 0;
    await this.#checkStream();
    this.#request();
  }

  /**
   * Servers search for several filters message by message, milliseconds each; so one filter that covers them all is
   * asked for, and what it takes beside them is left out here.
   */
  #consumerConfig(): Partial<ConsumerConfig> {
    const { filters, start } = this.#plan;
    const isFresh = start.kind === 'newest' && this.#received === 0;
    const filter = coveringFilter(filters) ?? (isFresh ? '>' : undefined);
    return {
      ack_policy: AckPolicy.None,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(READER_INACTIVE_MS),
      ...(filter === undefined ? {} : { filter_subject: filter }),
      ...(isFresh
        ? { deliver_policy: DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.#received + 1 }),
    };
  }

  /** Lets go of the current consumer. */
  #end(): void {
    const life = this.#life;
    this.#life = undefined;
    if (life === undefined) return;
    if (!this.#connection.nats.isClosed()) life.subscription.unsubscribe();
    if (life.consumer === '' || !this.#connection.status.connected) return;
    const { stream } = this.#plan;
    this.#connection.management.consumers.delete(stream, life.consumer).catch(() => undefined);
  }

  /** Asks for as many messages as there is room for, once that is half of it. */
  #request(): void {
    const life = this.#life;
    if (life === undefined || life.consumer === '' || !this.#connection.status.connected) return;
    const room = READ_AHEAD_MESSAGES - this.#arrivals.length - life.requested;
    if (room * 2 < READ_AHEAD_MESSAGES) return;
    if (life.requested === 0) life.lastHeardMs = performance.now();
    life.requested += room;
    const maxPayload = this.#connection.nats.info?.max_payload ?? 0;
    const request = {
      batch: room,
      max_bytes: Math.max(READ_AHEAD_BYTES, 2 * maxPayload),
      expires: nanos(PULL_EXPIRES_MS),
      idle_heartbeat: nanos(HEARTBEAT_MS),
    };
    this.#connection.nats.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#plan.stream}.${life.consumer}`,
      JSON.stringify(request),
      { reply: `${life.inbox}.${life.number}` },
    );
  }

  #onMessage(life: Life, message: Msg): void {
    life.lastHeardMs = performance.now();
    if (message.reply === undefined || !message.reply.startsWith('$JS.ACK.')) {
      this.#onWord(life, message);
      return;
    }
    const delivery = deliveryOf(message.reply);
    const { streamSequence, consumerSequence } = delivery;
    if (consumerSequence !== life.lastConsumerSequence + 1) {
      this.#restart('a delivery is missing');
      return;
    }
    life.lastConsumerSequence = consumerSequence;
    life.requested = Math.max(0, life.requested - 1);
    assert(
      streamSequence > this.#received,
      `${this.#plan.stream} delivers ${streamSequence} after ${this.#received}`,
    );
    const { filters, start } = this.#plan;
    const gap = start.kind === 'after' && streamSequence > this.#received + 1;
    if (gap && (filters.length === 0 || this.#behind)) this.#gapAfter ??= this.#received;
    this.#received = streamSequence;
    this.#behind = delivery.pending > 0 || life.requested === 0;
    if (this.#isWanted(message.subject)) {
      this.#arrivals.push({ message, delivery });
    } else {
      this.#request();
      if (gap) this.#arrivals.wake();
    }
  }

  /** Acts on a word of the server that is no message. */
  #onWord(life: Life, message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === 100) return;
    const undelivered = Number(message.headers?.get(natsHeaders.pendingMessages) ?? '');
    const isRequestOver = REQUEST_OVER.includes(message.headers?.description ?? '');
    if (!isRequestOver) {
      this.#restart(`the server says "${message.headers?.status ?? ''}"`);
      return;
    }
    life.requested = Math.max(0, life.requested - undelivered);
    this.#request();
  }

  // ------------------------------------------------------------------ beginning anew

  #restart(why: string): void {
    if (this.#restarting !== undefined || this.#isOver()) return;
    const { stream } = this.#plan;
    this.#connection.log.debug('a reader begins anew', { stream, why, after: this.#received });
    this.#restarting = this.#tryRestart().finally(() => {
      this.#restarting = undefined;
    });
  }

  async #tryRestart(): Promise<void> {
    this.#end();
    for (
      let waitMs: number = RETRY_MS.first;
      !this.#isOver();
      waitMs = Math.min(2 * waitMs, RETRY_MS.most)
    ) {
      try {
        await this.#connection.back();
        if (this.#isOver()) return;
        await this.#begin();
        return;
      } catch (error) {
        this.#onRestartFailed(error);
        if (this.#isOver()) return;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  #onRestartFailed(error: unknown): void {
    this.#end();
    const { stream, start } = this.#plan;
    if (hasCode(error, 'BUS.CLOSED')) {
      void this.close();
    } else if (start.kind === 'newest') {
      if (hasCode(error, 'BUS.STREAM_CHANGED')) this.#forget();
    } else if (hasCode(error, 'BUS.STREAM_CHANGED')) {
      this.#fail(error);
    } else if (hasCode(error, 'BUS.NO_STREAM')) {
      this.#fail(streamChanged(stream, 'is gone'));
    }
    if (!this.#isOver()) {
      const text = error instanceof Error ? error.message : String(error);
      this.#connection.log.warn('a reader could not begin anew', { stream, error: text });
    }
  }

  /** Reads the newest values again, of another epoch. */
  #forget(): void {
    this.#epochUs = undefined;
    this.#received = 0;
  }

  #isOver(): boolean {
    return this.#arrivals.isClosed || this.#failure !== undefined;
  }

  #fail(error: AppError): void {
    this.#failure = error;
    clearInterval(this.#timer);
    this.#arrivals.clear();
    this.#arrivals.wake();
    this.#end();
  }

  // ------------------------------------------------------------------ losses

  async #streamInfo(): Promise<StreamInfo> {
    const { stream } = this.#plan;
    const { management } = this.#connection;
    return this.#connection.run(`reading ${stream}`, () => management.streams.info(stream));
  }

  /** Checks that the stream is the one known and holds what comes next. @throws BUS.STREAM_CHANGED */
  async #checkStream(): Promise<void> {
    const { stream, start } = this.#plan;
    const received = this.#received;
    const info = await this.#streamInfo();
    const epochUs = timeOfRfc3339(info.created);
    this.#epochUs ??= epochUs;
    if (epochUs !== this.#epochUs) throw streamChanged(stream, 'was made anew');
    if (info.state.last_seq < received) {
      throw streamChanged(stream, `ends at ${info.state.last_seq}, before ${received}`);
    }
    if (start.kind === 'after') checkHolds(stream, info, received);
  }

  async #checkGap(after: number): Promise<void> {
    try {
      const info = await this.#streamInfo();
      if (this.#gapAfter !== after) return;
      checkHolds(this.#plan.stream, info, after);
      this.#gapAfter = undefined;
    } catch (error) {
      if (hasCode(error, 'BUS.STREAM_CHANGED')) this.#fail(error);
      else if (hasCode(error, 'BUS.NO_STREAM')) {
        this.#fail(streamChanged(this.#plan.stream, 'is gone'));
      } else if (hasCode(error, 'BUS.CLOSED')) await this.close();
      else await new Promise((resolve) => setTimeout(resolve, RETRY_MS.first));
    }
  }

  /** Looks after the reader while nothing comes: is the server silent, was the stream emptied? */
  async #look(): Promise<void> {
    const life = this.#life;
    if (life === undefined || life.requested === 0 || !this.#connection.status.connected) return;
    const quietMs = performance.now() - life.lastHeardMs;
    if (quietMs > SILENCE_MS_MAX) this.#restart('the server is silent');
    else if (this.#arrivals.length === 0) await this.#lookAtStream(life).catch(() => undefined);
  }

  async #lookAtStream(life: Life): Promise<void> {
    const { stream, filters, start } = this.#plan;
    const { management } = this.#connection;
    const { received, seen } = { received: this.#received, seen: life.lastConsumerSequence };
    const info = await this.#streamInfo();
    const consumer = await this.#connection.run(`reading ${stream}`, () =>
      management.consumers.info(stream, life.consumer),
    );
    const still = this.#life === life && this.#received === received && !this.#isOver();
    const caughtUp = consumer.num_pending === 0 && consumer.delivered.consumer_seq === seen;
    if (!still || !caughtUp) return;
    if (start.kind === 'after' && (this.#behind || filters.length === 0)) {
      try {
        checkHolds(stream, info, received);
      } catch (error) {
        if (hasCode(error, 'BUS.STREAM_CHANGED')) this.#fail(error);
        return;
      }
    }
    this.#behind = false;
    if (start.kind === 'after') this.#received = Math.max(received, info.state.last_seq);
  }
}

function checkHolds(stream: string, info: StreamInfo, after: number): void {
  const first = info.state.first_seq;
  if (first <= after + 1) return;
  throw streamChanged(stream, `begins at ${first} and no longer holds what follows ${after}`);
}
