import { subjects } from '@capstan/contracts';
import { AppError, InvariantError } from '@capstan/domain';
import type {
  Bus,
  BusMessage,
  Clock,
  CommandRecord,
  Fence,
  Kv,
  Listener,
  Log,
  Meter,
  OwnerRecord,
  Store,
  Tracer,
} from '@capstan/ports';
import { InputReader, type OwnerInput } from './input.ts';
import { acquireLease, type Lease } from './lease.ts';
import { LIMITS } from './limits.ts';
import { Mailbox } from './mailbox.ts';
import { OwnerMetering } from './owner-metering.ts';
import { Publisher } from './publisher.ts';
import { OwnerSession } from './session.ts';
import { originOf } from './step-tracing.ts';
import { METRICS } from './telemetry.ts';

/**
 * Failures of a call for good that are none of a key: it has another owner, or a stream is made anew by who connects, which ends
 * what a source reads of it.
 */
const PASSING: readonly string[] = ['STORE.FENCED', 'BUS.NO_STREAM', 'BUS.STREAM_CHANGED'];

/** What an owner needs of the world. */
export interface OwnerPorts {
  readonly bus: Bus;
  readonly kv: Kv;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Opens a span for each message; without one nothing is traced. */
  readonly tracer?: Tracer;
  /** The clock that messages are stored by, where `clock` is a market's: what is measured goes by it. */
  readonly wall?: Pick<Clock, 'nowUs'>;
}

/** A source of input that is not a bus stream: a venue's events, a timer, a file that is played. */
export interface OwnerSource {
  /** Returns what came, waiting for at least one item; an empty array only after `close`. */
  next(): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/** The logic of one key. A new instance serves each ownership; everything it knows comes from the store. */
export interface OwnerLogic {
  readonly inputs: readonly OwnerInput[];
  /** Rebuilds the state; the first call. What it throws ends this ownership. */
  load(session: OwnerSession, record: OwnerRecord): Promise<void>;
  /** Takes one message, in order, never one twice. */
  onMessage(session: OwnerSession, message: BusMessage): Promise<void>;
  /** Called after the messages that came together: a place to commit what they changed at once. */
  onBatchEnd?(session: OwnerSession): Promise<void>;
  /** Applies a command and answers it by committing its outcome. */
  onCommand?(session: OwnerSession, command: CommandRecord): Promise<void>;
  /** Opens the logic's own sources, after `load`. */
  openSources?(session: OwnerSession): Promise<readonly OwnerSource[]>;
  /** Takes what a source returned. */
  onItems?(session: OwnerSession, source: number, items: readonly unknown[]): Promise<void>;
  /** The last call of an ownership that ends in peace: a place to write a checkpoint. */
  onDrain?(session: OwnerSession): Promise<void>;
}

/** A key that is held while the store is away: the lease alone says so. */
export interface HeldKey {
  readonly fence: Fence;
  /** Tells whether the lease is held at this very moment. */
  held(): boolean;
}

/**
 * What is done for a key while the store is away, one step a time: called with each ownership that the store ended or did not
 * let begin, while the lease is still held. It must not last.
 */
export type WithoutStore = (key: HeldKey) => Promise<void>;

/** How an owner is. */
export type OwnerStatus =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'owning' }
  | { readonly kind: 'failing'; readonly why: string }
  | { readonly kind: 'halted'; readonly why: string }
  | { readonly kind: 'stopped' };

type Item =
  | {
      readonly kind: 'messages';
      readonly reader: InputReader;
      readonly messages: readonly BusMessage[];
    }
  | { readonly kind: 'commands' }
  | { readonly kind: 'items'; readonly source: number; readonly items: readonly unknown[] };

/** The first failure of what runs beside the mailbox. */
interface Failures {
  first: unknown;
}

/** What one ownership is made of. */
interface Ownership {
  readonly session: OwnerSession;
  readonly metering: OwnerMetering;
  readonly logic: OwnerLogic;
  /** Closes what was opened, the latest last. */
  readonly closers: (() => Promise<void>)[];
  /** Ends the ownership by an error. */
  readonly fail: (error: unknown) => void;
}

/**
 * Owns one key for as long as it can: takes the lease, the fence and the state, reads its inputs in order, hands them to the
 * logic one at a time, and starts over when anything it stands on gives way.
 */
export class KeyedOwner {
  readonly key: string;
  readonly #ports: OwnerPorts;
  readonly #holder: string;
  readonly #makeLogic: () => OwnerLogic;
  readonly #withoutStore: WithoutStore | undefined;
  readonly #stop = new AbortController();
  #mailbox: Mailbox<Item> | undefined;
  #publisher: Publisher | undefined;
  #status: OwnerStatus = { kind: 'waiting' };
  #running: Promise<void> | undefined;

  constructor(
    ports: OwnerPorts,
    key: string,
    holder: string,
    makeLogic: () => OwnerLogic,
    withoutStore?: WithoutStore,
  ) {
    this.key = key;
    this.#ports = { ...ports, log: ports.log.child({ key }) };
    this.#holder = holder;
    this.#makeLogic = makeLogic;
    this.#withoutStore = withoutStore;
  }

  get status(): OwnerStatus {
    return this.#status;
  }

  /** How many messages are committed and not on the bus yet, as far as this process has them in hand. */
  get unpublished(): number {
    return this.#publisher?.waiting ?? 0;
  }

  /** Begins; resolves when the owner stopped. Rejects with a bug's error only. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Finishes what is in hand, writes a checkpoint, releases the lease. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#mailbox?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#ports;
    let retryMs: number = LIMITS.retryFirstMs;
    while (!this.#stop.signal.aborted) {
      this.#status = this.#status.kind === 'failing' ? this.#status : { kind: 'waiting' };
      const lease = await acquireLease(this.#ports, this.key, this.#holder, this.#stop.signal);
      if (lease === undefined) break;
      const sinceMs = clock.monotonicMs();
      const error = await this.#ownAndRelease(lease);
      if (error === undefined) {
        retryMs = LIMITS.retryFirstMs;
        continue;
      }
      if (error.retry !== 'retryable' && !PASSING.includes(error.code)) {
        this.#status = { kind: 'halted', why: error.message };
        log.error('halted: its input cannot be processed; nothing of this key goes on', { error });
        return;
      }
      if (clock.monotonicMs() - sinceMs >= LIMITS.retryForgetMs) retryMs = LIMITS.retryFirstMs;
      this.#status = { kind: 'failing', why: error.message };
      log.warn('starts over', { error, retryMs });
      await clock.sleep(retryMs, this.#stop.signal);
      retryMs = Math.min(retryMs * 2, LIMITS.retryMaxMs);
    }
    this.#status = { kind: 'stopped' };
  }

  /** Returns the operating failure that ended the ownership. The lease is released first: another process may be well. */
  async #ownAndRelease(lease: Lease): Promise<AppError | undefined> {
    try {
      await this.#own(lease);
      return undefined;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'STORE.UNAVAILABLE') await this.#standIn(lease);
      return error;
    } finally {
      await lease.release();
    }
  }

  /** Does what can be done without the store; what of it fails is for the next time. */
  async #standIn(lease: Lease): Promise<void> {
    if (this.#withoutStore === undefined || this.#stop.signal.aborted || !lease.held()) return;
    try {
      await this.#withoutStore({ fence: lease.fence, held: () => lease.held() });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#ports.log.warn('without the store, what was to be done has failed', { error });
    }
  }

  /** One ownership, from the lease taken to its end. */
  async #own(lease: Lease): Promise<void> {
    const { store, clock, log, bus } = this.#ports;
    // Stopped while the lease was asked for: from here on there is a mailbox, which `stop` closes.
    if (this.#stop.signal.aborted) return;
    this.#status = { kind: 'loading' };
    const mailbox = new Mailbox<Item>();
    this.#mailbox = mailbox;
    let lost = false;
    lease.keep(() => {
      lost = true;
      mailbox.close();
    });
    const record = await store.takeOwnership(lease.fence);
    const failures: Failures = { first: undefined };
    const fail = (error: unknown): void => {
      failures.first ??= error;
      mailbox.close();
    };
    const held = () => lease.held();
    const metering = new OwnerMetering(this.#ports, this.key);
    // So that the first of them is seen as one more.
    for (const name of [METRICS.repeats, METRICS.gaps]) {
      this.#ports.meter.count(name, 0, { key: this.key });
    }
    const published = (throughSequence: number): void => metering.published(throughSequence);
    const sending = { bus, clock, log, held, published };
    const publisher = new Publisher(sending, record.publishedThrough, fail);
    this.#publisher = publisher;
    const { tracer } = this.#ports;
    const steps = { log, metering, ...(tracer === undefined ? {} : { tracer }) };
    const session = new OwnerSession({ ...steps, lease, store, publisher, clock }, record);
    const closers: (() => Promise<void>)[] = [];
    try {
      await this.#republish(publisher, record);
      const logic = this.#makeLogic();
      await logic.load(session, record);
      const ownership = { session, metering, logic, closers, fail };
      await this.#openPumps(mailbox, ownership);
      this.#status = { kind: 'owning' };
      log.info('owns its key', { token: lease.fence.token });
      await mailbox.run((item) => metering.step(item.kind, () => this.#process(item, ownership)));
      if (failures.first !== undefined) throw failures.first;
      if (!lost && lease.held()) {
        await logic.onDrain?.(session);
        await this.#flush(publisher);
      }
      if (lost) log.warn('lost its lease');
    } finally {
      mailbox.close();
      publisher.stop();
      this.#publisher = undefined;
      for (const close of closers.reverse()) {
        await close().catch((error: unknown) => log.warn('could not close an input', { error }));
      }
    }
  }

  /** Waits for the outbox to be published, but not for a bus that is away. */
  async #flush(publisher: Publisher): Promise<void> {
    const flushed = new AbortController();
    const late = this.#ports.clock.sleep(LIMITS.drainFlushMs, flushed.signal);
    await Promise.race([publisher.flush(), late]);
    flushed.abort();
  }

  /** A new owner first publishes again, verbatim, what its predecessor may not have published. */
  async #republish(publisher: Publisher, record: OwnerRecord): Promise<void> {
    let after = record.publishedThrough;
    while (after < record.lastOutboxSequence) {
      const page = await this.#ports.store.outbox(this.key, after, LIMITS.outboxPage);
      const last = page.at(-1);
      if (last === undefined) throw new InvariantError(`outbox of ${this.key} ends at ${after}`);
      publisher.enqueue(page);
      after = last.sequence;
    }
  }

  async #openPumps(
    mailbox: Mailbox<Item>,
    { session, logic, closers, fail }: Ownership,
  ): Promise<void> {
    const pump = (loop: () => Promise<void>): void => {
      loop().catch(fail);
    };
    if (logic.onCommand !== undefined) {
      const listener = await this.#ports.bus.listen(subjects.command(this.key));
      closers.push(() => listener.close());
      pump(() => this.#pumpCommands(mailbox, listener));
    }
    for (const input of logic.inputs) {
      const reader = new InputReader(this.#ports, session, input);
      closers.push(() => reader.close());
      pump(async () => {
        for (;;) {
          const messages = await reader.next();
          if (messages.length === 0) return;
          await mailbox.put({ kind: 'messages', reader, messages });
        }
      });
    }
    const sources = (await logic.openSources?.(session)) ?? [];
    sources.forEach((source, index) => {
      closers.push(() => source.close());
      pump(async () => {
        for (;;) {
          const items = await source.next();
          if (items.length === 0) return;
          await mailbox.put({ kind: 'items', source: index, items });
        }
      });
    });
  }

  async #pumpCommands(mailbox: Mailbox<Item>, listener: Listener): Promise<void> {
    await mailbox.put({ kind: 'commands' });
    for (;;) {
      const notices = await listener.next();
      if (notices.length === 0) return;
      await mailbox.put({ kind: 'commands' });
    }
  }

  async #process(item: Item, ownership: Ownership): Promise<void> {
    const { session, logic } = ownership;
    switch (item.kind) {
      case 'messages':
        ownership.metering.came(item.messages);
        return this.#deliverAll(item.reader, item.messages, ownership);
      case 'commands':
        for (const command of await this.#ports.store.pendingCommands(this.key)) {
          const { kind, commandId } = command;
          const origin = { trace: {}, correlationId: commandId };
          await session.within(`command ${kind}`, origin, async () => {
            await logic.onCommand?.(session, command);
          });
          await this.#ports.bus
            .notify(subjects.commandDone(this.key), new TextEncoder().encode(commandId))
            .catch((error: unknown) =>
              this.#ports.log.warn('could not say that a command is done', { error }),
            );
        }
        return;
      case 'items':
        await session.within('source', { trace: {} }, async () => {
          await logic.onItems?.(session, item.source, item.items);
        });
        return;
    }
  }

  async #deliverAll(
    reader: InputReader,
    messages: readonly BusMessage[],
    ownership: Ownership,
  ): Promise<void> {
    for (const message of messages) {
      if (this.#stop.signal.aborted) break;
      await this.#deliver(reader, message, ownership);
    }
    const { logic, session } = ownership;
    if (logic.onBatchEnd === undefined) return;
    // What came together is committed together: that belongs to the last of it.
    const origin = originOf(messages.at(-1)?.headers ?? {});
    await session.within('batch end', origin, async () => logic.onBatchEnd?.(session));
  }

  async #deliver(reader: InputReader, message: BusMessage, ownership: Ownership): Promise<void> {
    if (reader.isRepeat(message)) {
      this.#ports.meter.count(METRICS.repeats, 1, { key: this.key });
      reader.note({ ...message, headers: {} });
      return;
    }
    for (const missing of await reader.fillGap(message)) {
      this.#ports.meter.count(METRICS.gaps, 1, { key: this.key });
      await this.#hand(reader, missing, ownership);
    }
    await this.#hand(reader, message, ownership);
  }

  /** Hands one message to the logic, as a step whose context goes out with all that it commits. */
  async #hand(
    reader: InputReader,
    message: BusMessage,
    { session, logic, metering }: Ownership,
  ): Promise<void> {
    reader.note(message);
    metering.takes(message);
    const kind = message.subject.split('.', 2).join('.');
    await session.within(kind, originOf(message.headers), () => logic.onMessage(session, message));
  }
}
