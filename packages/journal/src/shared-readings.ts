import { AppError, assert } from '@capstan/domain';
import type { Bus, BusMessage, StreamState, SubscribeOptions, Subscription } from '@capstan/ports';
import { LIMITS } from './limits.ts';
import { SharedStock, type Waiting } from './shared-stock.ts';
import { subjectTest } from './subject-filter.ts';

/** What an input is read through: the bus, or a reading of it that several owners share. */
export type Readings = Pick<Bus, 'streamState' | 'subscribe'>;

export interface SharedReadingsOptions {
  readonly stream: string;
  /** Take everything that any reader asks for. */
  readonly filters: readonly string[];
  /** Most messages kept for readers that are not the foremost. */
  readonly messagesMax?: number;
}

/**
 * Reads a stream once for all owners of a process. Each reader has its own place and filters, and is handed the very messages that
 * the others are. One that is further behind than what is kept reads by itself until it is not. Whoever learns that the
 * stream is not what it was, all learn it: each then looks for itself what it has missed.
 */
export class SharedReadings implements Readings {
  readonly #bus: Readings;
  readonly #options: Required<SharedReadingsOptions>;
  readonly #readers = new Set<SharedReading>();
  #stock: SharedStock | undefined;
  #epochUs: StreamState['epochUs'] | undefined;
  /** Rises whenever what was read so far can no longer be relied on. */
  #generation = 0;

  constructor(bus: Readings, options: SharedReadingsOptions) {
    this.#bus = bus;
    this.#options = { messagesMax: LIMITS.sharedMessagesMax, ...options };
  }

  /** Returns how the stream is, and notes where it is not the one that is read, or has lost its end. */
  async streamState(stream: string): Promise<StreamState> {
    const stock = this.#stock;
    const head = stock?.head ?? 0;
    const state = await this.#bus.streamState(stream);
    const isAnother = this.#epochUs !== undefined && this.#epochUs !== state.epochUs;
    const hasLostEnd = stock !== undefined && stock === this.#stock && state.lastSequence < head;
    if (isAnother || hasLostEnd) this.#break();
    this.#epochUs = state.epochUs;
    return state;
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const { stream } = this.#options;
    assert(options.stream === stream, `${options.stream} is not read here, ${stream} is`);
    const reader = new SharedReading(options, {
      open: (wanted) => this.#open(wanted),
      generation: this.#generation,
      isCurrent: (generation) => generation === this.#generation,
      stockFor: (position) => this.#stockFor(position),
      onClose: (closed) => this.#onClose(closed),
    });
    this.#readers.add(reader);
    return reader;
  }

  /** Returns the stock, where it has all that follows a position. It follows the foremost reader. */
  #stockFor(position: number): SharedStock | undefined {
    const { stream, filters, messagesMax } = this.#options;
    const isFarBehind = this.#stock !== undefined && this.#stock.head + messagesMax < position;
    if (isFarBehind) this.#drop();
    this.#stock ??= new SharedStock({
      afterSequence: position,
      open: (afterSequence) =>
        this.#open({ stream, filters, afterSequence, maxBatch: LIMITS.batchMax }),
      messagesMax,
      onBroken: () => this.#break(),
    });
    return position >= this.#stock.tail ? this.#stock : undefined;
  }

  /** Subscribes, and makes sure that it is the stream whose positions are known. @throws BUS.STREAM_CHANGED */
  async #open(options: SubscribeOptions): Promise<Subscription> {
    const generation = this.#generation;
    const subscription = await this.#bus.subscribe(options);
    try {
      await this.streamState(options.stream);
      if (generation !== this.#generation) throw changed(options.stream);
    } catch (error) {
      await subscription.close();
      throw error;
    }
    return subscription;
  }

  #break(): void {
    this.#generation += 1;
    this.#drop();
  }

  #drop(): void {
    const stock = this.#stock;
    this.#stock = undefined;
    // Nobody waits for it any more, and whoever opens another does not wait either.
    stock?.close().catch(() => undefined);
  }

  #onClose(reader: SharedReading): void {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) this.#drop();
  }
}

/** What a reader knows of the others. */
interface Company {
  readonly open: (options: SubscribeOptions) => Promise<Subscription>;
  readonly generation: number;
  readonly isCurrent: (generation: number) => boolean;
  readonly stockFor: (position: number) => SharedStock | undefined;
  readonly onClose: (reader: SharedReading) => void;
}

/** One reader's place in a shared reading. */
class SharedReading implements Subscription {
  readonly #options: SubscribeOptions;
  readonly #company: Company;
  readonly #wants: (subject: string) => boolean;
  #position: number;
  #own: Subscription | undefined;
  #waiting: Waiting | undefined;
  #closed = false;

  constructor(options: SubscribeOptions, company: Company) {
    this.#options = options;
    this.#company = company;
    this.#wants = subjectTest(options.filters);
    this.#position = options.afterSequence;
  }

  async next(): Promise<readonly BusMessage[]> {
    while (!this.#closed) {
      const { generation, isCurrent } = this.#company;
      if (!isCurrent(generation)) throw changed(this.#options.stream);
      const stock = this.#company.stockFor(this.#position);
      if (stock === undefined) return this.#readAlone();
      const { maxBatch = LIMITS.batchMax } = this.#options;
      // Nothing may come between finding the stock and taking from it: what is kept moves on.
      const { messages, through } = stock.after(this.#position, this.#wants, maxBatch);
      this.#position = through;
      const wasAlone = this.#own !== undefined;
      if (wasAlone) await this.#leaveOwn();
      if (messages.length > 0) return messages;
      if (stock.ended) return [];
      if (wasAlone) continue;
      this.#waiting = stock.more();
      await this.#waiting.done;
    }
    return [];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting?.giveUp();
    this.#company.onClose(this);
    await this.#leaveOwn();
  }

  /** Reads with a subscription of its own, which it leaves when it has come to what is kept for all. */
  async #readAlone(): Promise<readonly BusMessage[]> {
    const options = { ...this.#options, afterSequence: this.#position };
    this.#own ??= await this.#company.open(options);
    if (this.#closed) await this.#leaveOwn();
    const messages = (await this.#own?.next()) ?? [];
    this.#position = messages.at(-1)?.sequence ?? this.#position;
    return messages;
  }

  async #leaveOwn(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    await own?.close();
  }
}

function changed(stream: string): AppError {
  return new AppError({
    code: 'BUS.STREAM_CHANGED',
    why: `the stream ${stream} is not the one that was read together.`,
    fix: 'Look how the stream is, then read on from the position.',
  });
}
