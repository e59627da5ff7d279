import { AppError } from '@capstan/domain';
import type {
  Bus,
  BusMessage,
  Listener,
  Notice,
  OutgoingMessage,
  StreamState,
  SubscribeOptions,
  Subscription,
} from '@capstan/ports';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import { Arrivals } from './arrivals.ts';
import { apiCodes, asBusError, isApiError } from './bus-error.ts';
import type { Connection } from './connection.ts';
import { fromNats, toNats } from './headers.ts';
import { API_TIMEOUT_MS, BATCH_MAX, NOTICES_MAX } from './limits.ts';
import { type Arrived, OrderedReader } from './ordered-reader.ts';
import type { Publisher } from './publisher.ts';
import { timeOfRfc3339 } from './stored-time.ts';

/** The Bus port over JetStream. */
export class NatsBus implements Bus {
  readonly #connection: Connection;
  readonly #publisher: Publisher;
  readonly #stored: JetStreamClient;

  constructor(connection: Connection, publisher: Publisher) {
    this.#connection = connection;
    this.#stored = jetstream(connection.nats, { timeout: API_TIMEOUT_MS });
    this.#publisher = publisher;
  }

  publish(messages: readonly OutgoingMessage[]): Promise<readonly number[]> {
    return this.#publisher.publish(messages);
  }

  publishAfter(message: OutgoingMessage, lastSequence: number): Promise<number> {
    const { subject, data, messageId: msgID } = message;
    return this.#connection.run(`publishing on ${subject}`, async () => {
      const headers = toNats(message.headers);
      try {
        const { seq } = await this.#stored.publish(subject, data, {
          msgID,
          ...(headers === undefined ? {} : { headers }),
          expect: { lastSubjectSequence: lastSequence },
        });
        return seq;
      } catch (error) {
        const { wrongLastSequence, wrongLastSequenceUnknown } = apiCodes;
        if (!isApiError(error, wrongLastSequence, wrongLastSequenceUnknown)) throw error;
        throw new AppError({
          code: 'BUS.CONFLICT',
          why: `the newest message of ${subject} is not the one at ${lastSequence}.`,
          fix: 'Read what was stored meanwhile and decide anew.',
          cause: error,
        });
      }
    });
  }

  newest(stream: string, subject: string): Promise<BusMessage | undefined> {
    const { management } = this.#connection;
    return this.#connection.run(`reading the newest of ${subject}`, async () => {
      const stored = await management.streams.getMessage(stream, { last_by_subj: subject });
      if (stored === null) return undefined;
      return {
        stream,
        sequence: stored.seq,
        subject: stored.subject,
        data: stored.data,
        headers: fromNats(stored.header),
        storedAtUs: timeOfRfc3339(stored.timestamp),
      };
    });
  }

  async streamState(stream: string): Promise<StreamState> {
    const { management } = this.#connection;
    const info = await this.#connection.run(`asking for the stream ${stream}`, () =>
      management.streams.info(stream),
    );
    return {
      epochUs: timeOfRfc3339(info.created),
      firstSequence: info.state.messages === 0 ? info.state.last_seq + 1 : info.state.first_seq,
      lastSequence: info.state.last_seq,
    };
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const { stream, filters, afterSequence, maxBatch = BATCH_MAX } = options;
    const start = { kind: 'after', sequence: afterSequence } as const;
    const reader = await OrderedReader.open(this.#connection, { stream, filters, start });
    return {
      next: async () => (await reader.next(maxBatch)).map(messageOf),
      close: () => reader.close(),
    };
  }

  /** While there is no connection nobody listens, and the notice is dropped. */
  async notify(subject: string, data: Uint8Array): Promise<void> {
    if (!this.#connection.status.connected) {
      this.#connection.log.debug('a notice is dropped without a connection', { subject });
      return;
    }
    try {
      this.#connection.nats.publish(subject, data);
    } catch (error) {
      throw asBusError(`notifying ${subject}`, error);
    }
  }

  async listen(subject: string): Promise<Listener> {
    const { nats, log } = this.#connection;
    const arrivals = new Arrivals<Notice>();
    await this.#connection.ready(`listening to ${subject}`);
    const subscription = nats.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return;
        if (arrivals.length >= NOTICES_MAX) {
          arrivals.dropFirst();
          log.warn('a listener is too slow: the oldest notice is dropped', { subject });
        }
        arrivals.push({ subject: message.subject, data: message.data });
      },
    });
    await this.#connection.run(`listening to ${subject}`, () => nats.flush());
    const close = async (): Promise<void> => {
      unhook();
      arrivals.close();
      if (!nats.isClosed()) subscription.unsubscribe();
    };
    const unhook = this.#connection.onLost(() => {
      if (this.#connection.isClosed) void close();
    });
    return { next: () => arrivals.next(BATCH_MAX), close };
  }
}

function messageOf({ message, delivery }: Arrived): BusMessage {
  return {
    stream: delivery.stream,
    sequence: delivery.streamSequence,
    subject: message.subject,
    data: message.data,
    headers: fromNats(message.headers),
    storedAtUs: delivery.storedAtUs,
  };
}
