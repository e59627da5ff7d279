import { headerNames } from '@capstan/contracts';
import { assert, deriveId } from '@capstan/domain';
import type {
  AppliedSequence,
  BusMessage,
  Clock,
  Commit,
  Headers,
  Log,
  OldRows,
  OutboxMessage,
  OwnerRecord,
  Store,
  StreamPosition,
} from '@capstan/ports';
import { packState, unpackState } from './envelope.ts';
import type { Lease } from './lease.ts';
import type { OwnerMetering } from './owner-metering.ts';
import type { Publisher } from './publisher.ts';
import {
  headersOf,
  type OpenStep,
  type StepOrigin,
  type StepPorts,
  StepTracing,
} from './step-tracing.ts';

/** A message that a step wants sent. The owner gives it its sequence. */
export interface OutboxDraft {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Id of the bar or command that began it all. */
  readonly correlationId: string;
  /** Id of the event that led to it. */
  readonly causationId: string;
  readonly headers?: Headers;
  /**
   * True where receivers must notice a message that is missing on this subject; it then names its predecessor. Left out
   * for subjects whose completeness a later message states, such as bars.
   */
  readonly chained?: boolean;
  /**
   * Another chained subject of the same key: who reads both by name is given what was said there before, first, also where the
   * bus stored this message and not that.
   */
  readonly after?: string;
}

/** All that one step changes, without what the owner adds. */
export type CommitDraft = Omit<
  Commit,
  'fence' | 'positions' | 'applied' | 'outbox' | 'publishedThrough' | 'state'
> & {
  readonly outbox?: readonly OutboxDraft[];
  /** Replaces the logic's own state. */
  readonly state?: Uint8Array;
  /** Position of a source that is not a bus stream, such as a venue's events. */
  readonly sourcePositions?: readonly StreamPosition[];
};

export const previousHeader = 'capstan-previous';
/** `<subject> <sequence>` of what is to be taken before. */
export const afterHeader = 'capstan-after';

/** One ownership of a key: from the fence taken to the lease lost. Logic writes through it and through nothing else. */
export class OwnerSession {
  readonly key: string;
  readonly #steps: StepTracing;
  readonly #lease: Lease;
  readonly #store: Store;
  readonly #publisher: Publisher;
  readonly #clock: Clock;
  readonly #metering: OwnerMetering | undefined;
  readonly #tails: Map<string, number>;
  readonly #applied = new Map<string, AppliedSequence>();
  readonly #positions = new Map<string, StreamPosition>();
  #dirtyApplied = new Set<string>();
  #dirtyPositions = new Set<string>();
  #logicState: Uint8Array;
  #lastSequence: number;

  constructor(
    parts: StepPorts & {
      lease: Lease;
      store: Store;
      publisher: Publisher;
      clock: Clock;
      metering?: OwnerMetering;
    },
    record: OwnerRecord,
  ) {
    this.key = parts.lease.fence.key;
    this.#steps = new StepTracing(this.key, parts);
    this.#lease = parts.lease;
    this.#store = parts.store;
    this.#publisher = parts.publisher;
    this.#clock = parts.clock;
    this.#metering = parts.metering;
    const { tails, logic } = unpackState(record.state);
    this.#tails = tails;
    this.#logicState = logic ?? new Uint8Array();
    this.#lastSequence = record.lastOutboxSequence;
    for (const applied of record.applied) this.#applied.set(chainOf(applied), applied);
    for (const position of record.positions) this.#positions.set(position.stream, position);
  }

  /** Trace context of the step in hand: it goes out with every message that the step commits. */
  get trace(): Headers {
    return this.#steps.origin.trace;
  }

  /** Trace context and correlation id of the step in hand, for calls that it makes. */
  get headers(): Headers {
    return headersOf(this.#steps.origin);
  }

  /** Log of the step in hand: its lines carry the trace and correlation ids of the message that is dealt with. */
  get log(): Log {
    return this.#steps.log;
  }

  /** Does a part of the work as a step of its own, under what it goes back to rather than under the message in hand. */
  within<T>(name: string, origin: StepOrigin, work: () => Promise<T>): Promise<T> {
    return this.#steps.run(name, origin, work);
  }

  /** Begins a step beside the one in hand, for one of many things that are done together; whoever opens it ends it. */
  open(name: string, origin: StepOrigin): OpenStep {
    return this.#steps.open(name, origin);
  }

  /** Returns a log whose lines carry the ids of what is named, where many things are dealt with at once. */
  logOf(origin: StepOrigin): Log {
    return this.#steps.logOf(origin);
  }

  /** Rises with each owner of the key. */
  get token(): number {
    return this.#lease.fence.token;
  }

  /** The logic's own state as last committed; `undefined` before the first. */
  get state(): Uint8Array | undefined {
    return this.#logicState.length === 0 ? undefined : this.#logicState;
  }

  /** How long ago the bus stored the message in hand, in seconds; `undefined` where nobody measures, or it is not known. */
  get inHandSeconds(): number | undefined {
    return this.#metering?.inHandSeconds;
  }

  /** Tells whether the lease is held now: ask immediately before an act that no fence guards, such as a send to a broker. */
  held(): boolean {
    return this.#lease.held();
  }

  position(stream: string): StreamPosition | undefined {
    return this.#positions.get(stream);
  }

  applied(producer: string, subject: string): number {
    return this.#applied.get(chainOf({ producer, subject }))?.sequence ?? 0;
  }

  allApplied(): readonly AppliedSequence[] {
    return [...this.#applied.values()];
  }

  /** Notes that a message was handed to the logic: the next commit includes it. */
  noteDelivered(position: StreamPosition, applied: AppliedSequence | undefined): void {
    const known = this.#positions.get(position.stream);
    // A stream that lost its end counts again through positions that are stored: they stay until it is beyond them.
    const isBeyond = known?.epochUs !== position.epochUs || position.sequence > known.sequence;
    if (isBeyond) {
      this.#positions.set(position.stream, position);
      this.#dirtyPositions.add(position.stream);
    }
    if (applied !== undefined) this.noteApplied(applied);
  }

  noteApplied(applied: AppliedSequence): void {
    const chain = chainOf(applied);
    this.#applied.set(chain, applied);
    this.#dirtyApplied.add(chain);
  }

  /**
   * Writes one step in one fenced transaction, with the positions of all messages handed to the logic so far, and queues its
   * messages for publication.
   * @throws STORE.FENCED, STORE.UNAVAILABLE, STORE.CONFLICT: the session is then over, and nothing of it may be used again.
   */
  async commit(draft: CommitDraft): Promise<void> {
    const { outbox: drafts = [], state, sourcePositions = [], ...writes } = draft;
    const outbox = drafts.map((message) => this.#number(message));
    if (state !== undefined) this.#logicState = state;
    const positions = [...this.#dirtyPositions].map((stream) => this.#position(stream));
    const applied = [...this.#dirtyApplied].map((chain) => this.#appliedOf(chain));
    this.#dirtyPositions = new Set();
    this.#dirtyApplied = new Set();
    for (const position of sourcePositions) this.#positions.set(position.stream, position);
    const chained = outbox.some((message) => message.headers[previousHeader] !== undefined);
    const write = (): Promise<void> =>
      this.#store.commit({
        ...writes,
        fence: this.#lease.fence,
        positions: [...positions, ...sourcePositions],
        applied,
        outbox,
        publishedThrough: this.#publisher.publishedThrough,
        ...(state !== undefined || chained
          ? { state: packState(this.#tails, this.#logicState) }
          : {}),
      });
    if (this.#metering === undefined) await write();
    else await this.#metering.commit(this.trace, outbox.at(-1)?.sequence, write);
    this.#publisher.enqueue(outbox);
  }

  /** Removes old rows in a fenced transaction, at most so many. @returns how many. @throws STORE.FENCED STORE.UNAVAILABLE */
  prune(rows: OldRows, limit: number): Promise<number> {
    return this.#store.prune(this.#lease.fence, rows, limit);
  }

  #number(draft: OutboxDraft): OutboxMessage {
    this.#lastSequence += 1;
    const sequence = this.#lastSequence;
    const headers: Record<string, string> = {
      ...(draft.headers?.traceparent === undefined ? this.trace : {}),
      ...draft.headers,
      [headerNames.eventId]: deriveId('event', this.key, sequence),
      [headerNames.correlationId]: draft.correlationId,
      [headerNames.causationId]: draft.causationId,
    };
    const before = draft.after === undefined ? undefined : this.#tails.get(draft.after);
    if (before !== undefined) headers[afterHeader] = `${draft.after} ${before}`;
    if (draft.chained !== false) {
      headers[previousHeader] = String(this.#tails.get(draft.subject) ?? 0);
      this.#tails.set(draft.subject, sequence);
    }
    return { producer: this.key, sequence, subject: draft.subject, headers, data: draft.data };
  }

  #position(stream: string): StreamPosition {
    const position = this.#positions.get(stream);
    assert(position !== undefined, `no position of ${stream}`);
    return position;
  }

  #appliedOf(chain: string): AppliedSequence {
    const applied = this.#applied.get(chain);
    assert(applied !== undefined, `no applied sequence of ${chain}`);
    return applied;
  }

  /** Wall-clock time, for what people read. */
  nowUs(): number {
    return this.#clock.nowUs();
  }
}

function chainOf(of: { readonly producer: string; readonly subject: string }): string {
  return `${of.producer} ${of.subject}`;
}

/** Where a message stands in its producer's outbox. */
export interface Provenance {
  readonly producer: string;
  readonly sequence: number;
  /** Of the message before it on its subject; `undefined` where that is not chained. */
  readonly previous: number | undefined;
  /** The last message on another subject that is to be taken before it. */
  readonly after?: { readonly subject: string; readonly sequence: number };
}

/** Reads where a message stands in its producer's outbox; `undefined` for messages that are not from an outbox. */
export function provenance(message: BusMessage): Provenance | undefined {
  const producer = message.headers[headerNames.producer];
  const sequence = Number(message.headers[headerNames.sequence]);
  if (producer === undefined || !Number.isSafeInteger(sequence)) return undefined;
  const previous = message.headers[previousHeader];
  const [subject, last] = (message.headers[afterHeader] ?? '').split(' ');
  return {
    ...{ producer, sequence, previous: previous === undefined ? undefined : Number(previous) },
    ...(subject === undefined || last === undefined
      ? {}
      : { after: { subject, sequence: Number(last) } }),
  };
}
