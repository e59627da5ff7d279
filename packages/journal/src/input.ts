import { headerNames } from '@capstan/contracts';
import { AppError, hasCode } from '@capstan/domain';
import type {
  Bus,
  BusMessage,
  OutboxMessage,
  Store,
  StreamState,
  Subscription,
} from '@capstan/ports';
import { LIMITS } from './limits.ts';
import { type OwnerSession, previousHeader, provenance } from './session.ts';
import type { Readings } from './shared-readings.ts';

/** An ordered input of an owner. */
export interface OwnerInput {
  readonly stream: string;
  /** Subject filters. */
  readonly filters: readonly string[];
  /**
   * The filters to read from the outbox where the stream was lost: those with chained messages. The same as `filters` unless
   * told.
   */
  readonly journalFilters?: readonly string[];
  /** What the stream is read through: the bus, unless owners of the process share a reading. */
  readonly through?: Readings;
}

/** Reads one input for an owner: from its position on, each message once, in order, and what the stream lost from the journal. */
export class InputReader {
  readonly #bus: Readings;
  readonly #store: Store;
  readonly #session: OwnerSession;
  readonly #input: OwnerInput;
  #subscription: Subscription | undefined;
  #state: StreamState | undefined;
  #closed = false;

  constructor(ports: { bus: Bus; store: Store }, session: OwnerSession, input: OwnerInput) {
    this.#bus = input.through ?? ports.bus;
    this.#store = ports.store;
    this.#session = session;
    this.#input = input;
  }

  /** Returns the next messages; an empty array only after `close`. Missed ones come first, read from the journal. */
  async next(): Promise<readonly BusMessage[]> {
    while (!this.#closed) {
      try {
        if (this.#subscription === undefined) {
          const missed = await this.#open();
          if (missed.length > 0) return missed;
        }
        const messages = await this.#subscription?.next();
        return messages ?? [];
      } catch (error) {
        if (!hasCode(error, 'BUS.STREAM_CHANGED')) throw error;
        await this.#subscription?.close();
        this.#subscription = undefined;
      }
    }
    return [];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#subscription?.close();
  }

  /** Opens the subscription; where the stream is not the one we know, or lost what we know of it, first returns what the journal has beyond. */
  async #open(): Promise<readonly BusMessage[]> {
    const { stream, filters } = this.#input;
    const state = await this.#bus.streamState(stream);
    this.#state = state;
    const position = this.#session.position(stream);
    if (position === undefined) {
      await this.#subscribe(state.firstSequence - 1);
      return [];
    }
    const { epochUs, firstSequence, lastSequence } = state;
    const holdsNext = firstSequence <= position.sequence + 1 && position.sequence <= lastSequence;
    if (position.epochUs === epochUs && holdsNext) {
      await this.#subscribe(position.sequence);
      return [];
    }
    const missed = await this.#readJournal(this.#input.journalFilters ?? filters);
    await this.#subscribe(firstSequence - 1);
    await this.#lookAgain(state);
    return missed;
  }

  /** While the journal was read, the stream may have become another, in which the place means nothing. @throws BUS.STREAM_CHANGED */
  async #lookAgain({ epochUs, firstSequence }: StreamState): Promise<void> {
    const { stream } = this.#input;
    const now = await this.#bus.streamState(stream);
    if (now.epochUs === epochUs && now.lastSequence >= firstSequence - 1) return;
    throw new AppError({
      code: 'BUS.STREAM_CHANGED',
      why: `the stream ${stream} became another while the journal was read.`,
      fix: 'Look how it is, and read the journal again.',
    });
  }

  async #subscribe(afterSequence: number): Promise<void> {
    const { stream, filters } = this.#input;
    this.#subscription = await this.#bus.subscribe({
      stream,
      filters,
      afterSequence,
      maxBatch: LIMITS.batchMax,
    });
    if (this.#closed) await this.#subscription.close();
  }

  async #readJournal(filters: readonly string[]): Promise<readonly BusMessage[]> {
    const missed: BusMessage[] = [];
    const applied = new Map(
      this.#session.allApplied().map((one) => [`${one.producer} ${one.subject}`, one]),
    );
    for (;;) {
      const page = await this.#store.outboxBeyond(
        filters,
        [...applied.values()],
        LIMITS.outboxPage,
      );
      for (const message of page) {
        missed.push(this.#asBusMessage(message));
        applied.set(`${message.producer} ${message.subject}`, message);
      }
      if (page.length < LIMITS.outboxPage) return missed;
    }
  }

  /**
   * Returns the messages that are to be taken before `message` and were not: those of its own subject, where it is chained, and
   * those of the subject that it comes after, where that is read by name; read from the producer's outbox.
   * @throws JOURNAL.GAP when the outbox does not have them either.
   */
  async fillGap(message: BusMessage): Promise<readonly BusMessage[]> {
    const from = provenance(message);
    if (from === undefined) return [];
    const { producer, previous, after } = from;
    const other =
      after !== undefined && this.#input.filters.includes(after.subject)
        ? await this.#missingThrough(producer, after.subject, after.sequence)
        : [];
    const own =
      previous === undefined ? [] : await this.#missingThrough(producer, message.subject, previous);
    return [...other, ...own]
      .sort((a, b) => a.sequence - b.sequence)
      .map((one) => this.#asBusMessage(one));
  }

  /** Returns what a producer said on a subject beyond what is applied, through `sequence`. @throws JOURNAL.GAP */
  async #missingThrough(
    producer: string,
    subject: string,
    sequence: number,
  ): Promise<readonly OutboxMessage[]> {
    const after = this.#session.applied(producer, subject);
    if (sequence <= after) return [];
    const missing = await this.#readOutbox(producer, subject, { after, through: sequence });
    if (missing.at(-1)?.sequence === sequence) return missing;
    if (after === 0 && (await this.#wasRemoved(producer, sequence))) return missing;
    throw new AppError({
      code: 'JOURNAL.GAP',
      why: `${subject}: message ${sequence} of ${producer} is missing, and is not in its outbox after ${after}.`,
      fix: 'The journal and the stream disagree: restore the database that belongs to this stream.',
    });
  }

  /**
   * Tells whether a message that is not in the outbox was there: a later one of its producer is. Old messages are removed when all
   * who ever read their subject have applied them, so that one who never did begins with what is kept.
   */
  async #wasRemoved(producer: string, sequence: number): Promise<boolean> {
    return (await this.#store.outbox(producer, sequence, 1)).length > 0;
  }

  /** Reads what a producer said on one subject; its outbox holds what it said on all the others too. */
  async #readOutbox(
    producer: string,
    subject: string,
    { after, through }: { after: number; through: number },
  ): Promise<readonly OutboxMessage[]> {
    const found: OutboxMessage[] = [];
    let last = after;
    while (last < through) {
      const page = await this.#store.outbox(producer, last, LIMITS.outboxPage);
      const end = page.at(-1);
      if (end === undefined) break;
      found.push(...page.filter((one) => one.subject === subject && one.sequence <= through));
      last = end.sequence;
    }
    return found;
  }

  /** A message from the journal has no place in the stream: its sequence is 0, which moves no position. */
  #asBusMessage(message: OutboxMessage): BusMessage {
    return {
      stream: this.#input.stream,
      sequence: 0,
      subject: message.subject,
      data: message.data,
      headers: {
        ...message.headers,
        [headerNames.producer]: message.producer,
        [headerNames.sequence]: String(message.sequence),
      },
      storedAtUs: this.#state?.epochUs ?? (0 as BusMessage['storedAtUs']),
    };
  }

  /** Notes in the session that a message is handed to the logic. */
  note(message: BusMessage): void {
    const from = provenance(message);
    const chained = message.headers[previousHeader] !== undefined;
    const applied =
      from !== undefined && chained
        ? { producer: from.producer, subject: message.subject, sequence: from.sequence }
        : undefined;
    if (message.sequence > 0) {
      const epochUs = this.#state?.epochUs ?? message.storedAtUs;
      const position = { stream: message.stream, epochUs, sequence: message.sequence };
      this.#session.noteDelivered(position, applied);
    } else if (applied !== undefined) {
      this.#session.noteApplied(applied);
    }
  }

  /** Tells whether a chained message was applied before. */
  isRepeat(message: BusMessage): boolean {
    const from = provenance(message);
    if (from?.previous === undefined) return false;
    return from.sequence <= this.#session.applied(from.producer, message.subject);
  }
}
