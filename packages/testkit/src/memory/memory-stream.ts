import { type TimeUs, timeUs } from '@capstan/domain';
import type {
  BusMessage,
  OutgoingMessage,
  StreamState,
  SubscribeOptions,
  Subscription,
} from '@capstan/ports';
import { copyOf } from './copy.ts';
import { portErrors } from './port-errors.ts';
import { subjectMatches } from './subject-match.ts';

/** Most messages of one batch, unless told. */
const BATCH_MAX = 256;

/** One stream: its messages, its epoch, and who reads it. */
export class MemoryStream {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly #wakers = new Set<() => void>();
  #epochUs: TimeUs;
  #messages: BusMessage[] = [];
  #lastSequence = 0;
  readonly #sequenceOfId = new Map<string, number>();

  constructor(name: string, subjects: readonly string[], epochUs: TimeUs) {
    this.name = name;
    this.subjects = subjects;
    this.#epochUs = epochUs;
  }

  get state(): StreamState {
    return {
      epochUs: this.#epochUs,
      firstSequence: this.#lastSequence - this.#messages.length + 1,
      lastSequence: this.#lastSequence,
    };
  }

  takes(subject: string): boolean {
    return this.subjects.some((filter) => subjectMatches(filter, subject));
  }

  /** Stores a message, unless its id is known; returns where it stands. */
  append(message: OutgoingMessage, storedAtUs: TimeUs): number {
    const known = this.#sequenceOfId.get(message.messageId);
    if (known !== undefined) return known;
    this.#lastSequence += 1;
    this.#sequenceOfId.set(message.messageId, this.#lastSequence);
    const { subject, data, headers } = copyOf(message);
    const sequence = this.#lastSequence;
    this.#messages.push({ stream: this.name, sequence, subject, data, headers, storedAtUs });
    return sequence;
  }

  /** Returns where the message of an id stands; `undefined` where there is none. */
  sequenceOf(messageId: string): number | undefined {
    return this.#sequenceOfId.get(messageId);
  }

  /** Returns a copy of the newest message of a subject. */
  newest(subject: string): BusMessage | undefined {
    const found = this.#messages.findLast((message) => message.subject === subject);
    return found === undefined ? undefined : copyOf(found);
  }

  /** Tells the readers that something changed. */
  wake(): void {
    for (const waker of [...this.#wakers]) waker();
  }

  /** Forgets everything and begins another epoch. */
  recreate(nowUs: TimeUs): void {
    this.#epochUs = timeUs(Math.max(nowUs, this.#epochUs + 1));
    this.#messages = [];
    this.#lastSequence = 0;
    this.#sequenceOfId.clear();
    this.wake();
  }

  /** Forgets the messages up to a sequence. */
  dropThrough(sequence: number): void {
    this.#messages = this.#messages.filter((message) => message.sequence > sequence);
    this.wake();
  }

  /** Returns copies of the messages that match one of the filters; no filter matches all. */
  after(
    sequence: number,
    filters: readonly string[],
    max: number,
  ): { readonly messages: readonly BusMessage[]; readonly cursor: number } {
    const start = Math.max(0, sequence + 1 - this.state.firstSequence);
    const found: BusMessage[] = [];
    for (let index = start; index < this.#messages.length; index += 1) {
      const message = this.#messages[index];
      if (message === undefined) break;
      const wanted =
        filters.length === 0 || filters.some((filter) => subjectMatches(filter, message.subject));
      if (wanted) found.push(copyOf(message));
      if (found.length === max) return { messages: found, cursor: message.sequence };
    }
    return { messages: found, cursor: Math.max(sequence, this.#lastSequence) };
  }

  subscribe(options: SubscribeOptions): Subscription {
    return new MemorySubscription(this, options, this.#wakers);
  }

  /** All its messages, for checks at the end of a run. */
  all(): readonly BusMessage[] {
    return this.after(this.state.firstSequence - 1, [], Number.POSITIVE_INFINITY).messages;
  }
}

class MemorySubscription implements Subscription {
  readonly #stream: MemoryStream;
  readonly #options: SubscribeOptions;
  readonly #epochUs: TimeUs;
  readonly #wakers: Set<() => void>;
  #wake: (() => void) | undefined;
  #cursor: number;
  #closed = false;

  constructor(stream: MemoryStream, options: SubscribeOptions, wakers: Set<() => void>) {
    this.#stream = stream;
    this.#options = copyOf(options);
    this.#epochUs = stream.state.epochUs;
    this.#wakers = wakers;
    this.#cursor = options.afterSequence;
    this.#check();
  }

  async next(): Promise<readonly BusMessage[]> {
    while (!this.#closed) {
      this.#check();
      const { filters, maxBatch = BATCH_MAX } = this.#options;
      const { messages, cursor } = this.#stream.after(this.#cursor, filters, maxBatch);
      this.#cursor = cursor;
      if (messages.length > 0) return messages;
      await this.#changed();
    }
    return [];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakers.delete(wake);
        resolve();
      };
      this.#wake = wake;
      this.#wakers.add(wake);
    });
  }

  /** @throws BUS.STREAM_CHANGED */
  #check(): void {
    const { epochUs, firstSequence, lastSequence } = this.#stream.state;
    const { name } = this.#stream;
    if (epochUs !== this.#epochUs) throw portErrors.streamChanged(`${name} was made anew.`);
    const next = this.#cursor + 1;
    if (next < firstSequence || next > lastSequence + 1) {
      const why = `${name} holds ${firstSequence} to ${lastSequence}, and ${next} is to be read.`;
      throw portErrors.streamChanged(why);
    }
  }
}
