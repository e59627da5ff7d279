import { createHash } from 'node:crypto';
import type { OutgoingMessage, WorkDepth, WorkItem, WorkQueue } from '@capstan/ports';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { type Msg, nanos } from '@nats-io/nats-core';
import { apiCodes, asBusError, isApiError, unavailable } from './bus-error.ts';
import type { Connection } from './connection.ts';
import { deliveryOf } from './delivery.ts';
import { fromNats } from './headers.ts';
import { API_TIMEOUT_MS, TAKE_GRACE_MS } from './limits.ts';
import type { Publisher } from './publisher.ts';

/** How work is handed out. */
export interface WorkSettings {
  readonly stream: string;
  /** How long a taken item may go without a sign of life, in milliseconds. */
  readonly ackWaitMs: number;
  /** Work that was delivered so often and not finished becomes a dead letter. */
  readonly maxDeliver: number;
  /** Returns where the dead letters of a subject go; undefined where there is no such place. */
  readonly deadSubject: (subject: string) => string | undefined;
}

/** Headers of a dead letter, beside those of the work itself. */
export const deadLetterHeaders = {
  reason: 'capstan-dead-reason',
  deliveries: 'capstan-dead-deliveries',
} as const;

const encoder = new TextEncoder();
const WORDS = { done: '+ACK', working: '+WPI' } as const;

/** The WorkQueue port over a JetStream work-queue stream: one durable pull consumer a subject. */
export class NatsWorkQueue implements WorkQueue {
  readonly #connection: Connection;
  readonly #publisher: Publisher;
  readonly #settings: WorkSettings;
  readonly #consumers = new Map<string, Promise<string>>();

  constructor(connection: Connection, publisher: Publisher, settings: WorkSettings) {
    this.#connection = connection;
    this.#publisher = publisher;
    this.#settings = settings;
  }

  async add(message: OutgoingMessage): Promise<void> {
    await this.#publisher.publish([message]);
  }

  /** Makes the consumer of a subject. @throws BUS.UNAVAILABLE @throws BUS.NO_STREAM */
  async prepare(subject: string): Promise<void> {
    await this.#consumerOf(subject);
  }

  /** @throws BUS.UNAVAILABLE @throws BUS.NO_STREAM */
  async take(options: {
    subject: string;
    max: number;
    waitMs: number;
  }): Promise<readonly WorkItem[]> {
    const { subject, max, waitMs } = options;
    const deadlineMs = performance.now() + waitMs;
    for (;;) {
      const consumer = await this.#consumerOf(subject);
      const ready = await this.#pull(subject, consumer, { batch: max, no_wait: true });
      const leftMs = Math.ceil(deadlineMs - performance.now());
      const pulled =
        ready.length > 0 || leftMs <= 0
          ? ready
          : await this.#pull(subject, consumer, { batch: 1, expires: nanos(leftMs) }, leftMs);
      const items = await this.#usable(pulled);
      if (items.length > 0 || performance.now() >= deadlineMs) return items;
    }
  }

  /** Asks only, and makes nothing: who watches the queue need not be one who works it. */
  async depth(subject: string): Promise<WorkDepth> {
    const { streams, consumers } = this.#connection.management;
    const { stream } = this.#settings;
    return this.#connection.run(`asking how much work of ${subject} there is`, async () => {
      const { state } = await streams.info(stream, { subjects_filter: subject });
      const inHand = await consumers.info(stream, consumerName(subject)).then(
        ({ num_ack_pending: count }) => count,
        (error: unknown) => {
          if (isApiError(error, apiCodes.consumerNotFound)) return 0;
          throw error;
        },
      );
      return { waiting: Math.max(0, (state.subjects?.[subject] ?? 0) - inHand), inHand };
    });
  }

  /** Turns deliveries into items, and what was delivered too often into dead letters. */
  async #usable(messages: readonly Msg[]): Promise<readonly WorkItem[]> {
    const items: WorkItem[] = [];
    for (const message of messages) {
      const { delivered } = deliveryOf(message.reply ?? '');
      if (delivered > this.#settings.maxDeliver) {
        const reason = `it was delivered ${delivered - 1} times and never finished`;
        await this.#bury(message, delivered - 1, reason);
      } else {
        items.push(this.#itemOf(message, delivered));
      }
    }
    return items;
  }

  #itemOf(message: Msg, delivery: number): WorkItem {
    const { nats } = this.#connection;
    const reply = message.reply ?? '';
    const what = `answering for ${message.subject}`;
    const say = (word: string): Promise<void> =>
      this.#connection.run(what, async () => {
        nats.publish(reply, encoder.encode(word));
        await nats.flush();
      });
    return {
      subject: message.subject,
      data: message.data,
      headers: fromNats(message.headers),
      delivery,
      working: () => say(WORDS.working),
      done: () => this.#acknowledge(what, reply, WORDS.done),
      giveBack: (delayMs) => say(`-NAK ${JSON.stringify({ delay: nanos(delayMs) })}`),
      discard: (reason) => this.#bury(message, delivery, reason),
    };
  }

  /** Says a last word of an item and waits until the server has taken it. */
  async #acknowledge(what: string, reply: string, word: string): Promise<void> {
    const { nats } = this.#connection;
    await this.#connection.run(what, () =>
      nats.request(reply, encoder.encode(word), { timeout: API_TIMEOUT_MS }),
    );
  }

  /** Stores the dead letter, then ends the work; should the second fail, the letter's id keeps it from doubling. */
  async #bury(message: Msg, deliveries: number, reason: string): Promise<void> {
    const { subject } = message;
    const reply = message.reply ?? '';
    const { stream, streamSequence, storedAtUs } = deliveryOf(reply);
    const text = reason.replace(/\s+/g, ' ').trim();
    this.#connection.log.error('work is given up', { subject, deliveries, reason: text });
    const dead = this.#settings.deadSubject(subject);
    if (dead !== undefined) {
      const headers = {
        ...fromNats(message.headers),
        [deadLetterHeaders.reason]: text,
        [deadLetterHeaders.deliveries]: String(deliveries),
      };
      const messageId = `dead:${stream}:${storedAtUs}:${streamSequence}`;
      await this.#publisher.publish([{ subject: dead, data: message.data, headers, messageId }]);
    }
    await this.#acknowledge(`giving up ${subject}`, reply, `+TERM ${text}`);
  }

  // ------------------------------------------------------------------ the consumer on the server

  #consumerOf(subject: string): Promise<string> {
    const known = this.#consumers.get(subject);
    if (known !== undefined) return known;
    const made = this.#makeConsumer(subject);
    this.#consumers.set(subject, made);
    made.catch(() => this.#consumers.delete(subject));
    return made;
  }

  async #makeConsumer(subject: string): Promise<string> {
    const { stream, ackWaitMs } = this.#settings;
    const info = await this.#connection.run(`taking work of ${subject}`, () =>
      this.#connection.management.consumers.add(stream, {
        durable_name: consumerName(subject),
        filter_subject: subject,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(ackWaitMs),
        deliver_policy: DeliverPolicy.All,
        max_deliver: -1,
        max_ack_pending: -1,
      }),
    );
    return info.name;
  }

  /** Asks once and gathers until the server says that there is no more. What comes too late is given back. */
  async #pull(
    subject: string,
    consumer: string,
    request: { batch: number; no_wait?: true; expires?: number },
    waitMs = 0,
  ): Promise<readonly Msg[]> {
    const { nats } = this.#connection;
    const messages: Msg[] = [];
    const over = Promise.withResolvers<void>();
    let settled = false;
    const inbox = this.#connection.newInbox();
    const subscription = nats.subscribe(inbox, {
      callback: (error, message) => {
        if (error !== null) over.reject(asBusError(`taking work of ${subject}`, error));
        else if (message.reply?.startsWith('$JS.ACK.') === true) {
          if (settled) message.respond(encoder.encode('-NAK'));
          else messages.push(message);
          if (messages.length >= request.batch) over.resolve();
        } else this.#onWord(subject, message, over);
      },
    });
    const exchange = async (): Promise<void> => {
      nats.publish(
        `$JS.API.CONSUMER.MSG.NEXT.${this.#settings.stream}.${consumer}`,
        JSON.stringify(request),
        { reply: inbox },
      );
      await over.promise;
    };
    const limitMs = waitMs + (waitMs === 0 ? API_TIMEOUT_MS : TAKE_GRACE_MS);
    try {
      await this.#connection.run(`taking work of ${subject}`, exchange, limitMs);
    } catch (error) {
      if (messages.length === 0) throw error;
    } finally {
      settled = true;
      if (!nats.isClosed()) subscription.unsubscribe();
    }
    return messages;
  }

  #onWord(subject: string, message: Msg, over: PromiseWithResolvers<void>): void {
    const code = message.headers?.code ?? 0;
    if (code === 404 || code === 408) over.resolve();
    else if (code !== 100) {
      this.#consumers.delete(subject);
      const status = message.headers?.status ?? '';
      over.reject(unavailable(`taking work of ${subject}`, `the server says "${status}"`));
    }
  }
}

const NAME_LENGTH_MAX = 100;

/** Names the consumer of a subject; different subjects never share a name. */
export function consumerName(subject: string): string {
  const name = subject.replace(
    /[^A-Za-z0-9-]/g,
    (character) => `_${character.charCodeAt(0).toString(16)}_`,
  );
  if (name.length <= NAME_LENGTH_MAX) return name;
  return createHash('sha256').update(subject).digest('hex');
}
