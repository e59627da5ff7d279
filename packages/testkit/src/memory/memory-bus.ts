import { STREAMS } from '@capstan/contracts';
import type {
  Bus,
  BusMessage,
  Clock,
  Listener,
  Notice,
  OutgoingMessage,
  StreamState,
  SubscribeOptions,
  Subscription,
} from '@capstan/ports';
import { Inbox } from './inbox.ts';
import { MemoryStream } from './memory-stream.ts';
import { portErrors } from './port-errors.ts';
import { subjectMatches } from './subject-match.ts';

interface Ear {
  readonly pattern: string;
  readonly inbox: Inbox<Notice>;
}

/** Streams and notices in memory. What it does is done when the call returns; only reading waits. */
export class MemoryBus implements Bus {
  readonly #clock: Clock;
  readonly #streams: readonly MemoryStream[];
  readonly #ears = new Set<Ear>();

  /** @param streams the streams there are; those of the contracts unless told. */
  constructor(
    clock: Clock,
    streams: readonly { readonly name: string; readonly subjects: readonly string[] }[] = STREAMS,
  ) {
    this.#clock = clock;
    this.#streams = streams.map(
      ({ name, subjects }) => new MemoryStream(name, subjects, clock.nowUs()),
    );
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<readonly number[]> {
    const targets = messages.map((message) => {
      const stream = this.#streams.find((one) => one.takes(message.subject));
      if (stream === undefined) {
        throw portErrors.busUnavailable(`no stream takes ${message.subject}.`);
      }
      return { message, stream };
    });
    const nowUs = this.#clock.nowUs();
    const sequences = targets.map(({ message, stream }) => stream.append(message, nowUs));
    for (const stream of new Set(targets.map((target) => target.stream))) stream.wake();
    return sequences;
  }

  async publishAfter(message: OutgoingMessage, lastSequence: number): Promise<number> {
    const stream = this.#streams.find((one) => one.takes(message.subject));
    const newest = stream?.newest(message.subject)?.sequence ?? 0;
    if (stream?.sequenceOf(message.messageId) === undefined && newest !== lastSequence) {
      throw portErrors.busConflict(`the newest of ${message.subject} is at ${newest}.`);
    }
    const [sequence = 0] = await this.publish([message]);
    return sequence;
  }

  async newest(stream: string, subject: string): Promise<BusMessage | undefined> {
    return this.#stream(stream).newest(subject);
  }

  async streamState(stream: string): Promise<StreamState> {
    return this.#stream(stream).state;
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    return this.#stream(options.stream).subscribe(options);
  }

  async notify(subject: string, data: Uint8Array): Promise<void> {
    for (const ear of [...this.#ears]) {
      if (subjectMatches(ear.pattern, subject)) {
        ear.inbox.push({ subject, data: new Uint8Array(data) });
      }
    }
  }

  async listen(subject: string): Promise<Listener> {
    const ear = { pattern: subject, inbox: new Inbox<Notice>() };
    this.#ears.add(ear);
    return {
      next: () => ear.inbox.next(),
      close: async () => {
        this.#ears.delete(ear);
        ear.inbox.close();
      },
    };
  }

  /** Deletes a stream and makes it anew, of a later epoch. */
  recreateStream(stream: string): void {
    this.#stream(stream).recreate(this.#clock.nowUs());
  }

  /** Drops a stream's messages up to a sequence, as limits do. */
  dropThrough(stream: string, sequence: number): void {
    this.#stream(stream).dropThrough(sequence);
  }

  /** Returns all messages that a stream holds, for checks. */
  messages(stream: string): readonly BusMessage[] {
    return this.#stream(stream).all();
  }

  #stream(name: string): MemoryStream {
    const stream = this.#streams.find((one) => one.name === name);
    if (stream === undefined) throw portErrors.noStream(`there is no stream ${name}.`);
    return stream;
  }
}
