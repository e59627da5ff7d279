import { decodeOrderEvent, encodeBar, encodeBarsClosed, subjects } from '@capstan/contracts';
import { type BarSlice, deriveId, type TimeUs, timeUs } from '@capstan/domain';
import type {
  OutboxDraft,
  OwnerInput,
  OwnerLogic,
  OwnerSession,
  OwnerSource,
} from '@capstan/journal';
import type { BarRecord, BusMessage, Clock, Log, Meter } from '@capstan/ports';
import { Pacer } from './pacer.ts';
import {
  decodePlayback,
  encodePlayback,
  heldBackBy,
  newPlayback,
  onEnded,
  onHistory,
  onOpened,
  onPublished,
  onSliceDone,
  type Playback,
} from './playback.ts';
import type { SliceSource } from './slice-source.ts';
import { METRICS } from './telemetry.ts';

/** What a feed is. */
export interface FeedSettings {
  readonly feed: string;
  readonly venue: string;
  readonly runId: string;
  /** Milliseconds between slices; 0 for as fast as they complete. */
  readonly intervalMs: number;
  /** Accounts with a configured bot on the feed: the playback begins when each has spoken. */
  readonly accounts: readonly string[];
}

export interface FeedPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** Rows of history written in one transaction. */
const HISTORY_CHUNK = 5_000;

/**
 * Plays a feed: journals each slice, publishes its bars and then `BarsClosed`, and lets the next one go when every account
 * is through with it and its time has come.
 */
export class FeedOwner implements OwnerLogic {
  readonly inputs: readonly OwnerInput[] = [{ stream: 'TRADING', filters: [subjects.allOrders] }];
  readonly #ports: FeedPorts;
  readonly #settings: FeedSettings;
  readonly #source: SliceSource;
  readonly #onStatus: (playback: Playback) => void;
  readonly #pacer: Pacer;
  #playback: Playback;
  #upcoming: Iterator<BarSlice>;
  #next: BarSlice | undefined;
  #due = false;

  constructor(
    ports: FeedPorts,
    settings: FeedSettings,
    source: SliceSource,
    onStatus: (playback: Playback) => void = () => undefined,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#source = source;
    this.#onStatus = onStatus;
    this.#pacer = new Pacer(ports.clock, settings.intervalMs);
    this.#playback = newPlayback(settings.accounts);
    this.#upcoming = source.after(undefined);
  }

  async load(session: OwnerSession): Promise<void> {
    if (session.state !== undefined) this.#playback = decodePlayback(session.state);
    if (!this.#playback.opened) await this.#open(session);
    this.#upcoming = this.#source.after(this.#playback.lastSliceEndUs);
    this.#advance();
    if (this.#next === undefined) this.#playback = onEnded(this.#playback);
    const { feed } = this.#settings;
    const { lastSliceEndUs, published } = this.#playback;
    this.#ports.log.info('plays its feed', { feed, lastSliceEndUs, published });
    this.#onStatus(this.#playback);
  }

  /**
   * Writes the past into the journal, without publishing it, and then says through a closing of no bars that the feed is open. Goes
   * on where an interrupted start left off.
   */
  async #open(session: OwnerSession): Promise<void> {
    const through = this.#playback.lastSliceEndUs ?? 0;
    let rows: BarRecord[] = [];
    for (const slice of this.#source.history()) {
      if (slice.endUs <= through) continue;
      rows.push(...this.#records(slice));
      this.#playback = onHistory(this.#playback, slice.endUs);
      if (rows.length >= HISTORY_CHUNK) {
        await session.commit({ bars: rows, state: encodePlayback(this.#playback) });
        rows = [];
      }
    }
    this.#playback = onOpened(this.#playback);
    const endUs = this.#playback.lastSliceEndUs ?? timeUs(0);
    const state = encodePlayback(this.#playback);
    await session.commit({ bars: rows, outbox: [this.#closing(endUs, [])], state });
  }

  openSources(): Promise<readonly OwnerSource[]> {
    return Promise.resolve([this.#pacer]);
  }

  async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    const event = decodeOrderEvent(message.data);
    const done = event.sliceDone;
    if (done === undefined || done.feed !== this.#settings.feed) return;
    if (event.runId !== this.#settings.runId) return;
    this.#playback = onSliceDone(this.#playback, event.accountId, done.sliceEndUs, done.activeBots);
    await this.#release(session);
  }

  async onItems(session: OwnerSession): Promise<void> {
    this.#due = true;
    await this.#release(session);
  }

  /** Sends the next slice if its time has come and nobody holds it back. */
  async #release(session: OwnerSession): Promise<void> {
    const slice = this.#next;
    this.#onStatus(this.#playback);
    if (!this.#due || slice === undefined || heldBackBy(this.#playback).length > 0) return;
    this.#due = false;
    this.#advance();
    const { runId, feed } = this.#settings;
    // Here a trace begins, also where the end of the slice before let this one go.
    const correlationId = deriveId('slice', runId, feed, slice.endUs);
    await session.within('slice', { trace: {}, correlationId }, () =>
      this.#publish(session, slice),
    );
    this.#pacer.arm();
  }

  async #publish(session: OwnerSession, slice: BarSlice): Promise<void> {
    const { feed } = this.#settings;
    this.#playback = onPublished(this.#playback, slice.endUs, this.#next === undefined);
    const records = this.#records(slice);
    await session.commit({
      bars: records,
      outbox: this.#messages(slice, records),
      state: encodePlayback(this.#playback),
    });
    this.#ports.meter.count(METRICS.bars, records.length, { feed });
    this.#ports.meter.count(METRICS.slices, 1, { feed });
    session.log.debug('slice published', { feed, sliceEndUs: slice.endUs, bars: records.length });
    if (this.#playback.finished) session.log.info('the feed has ended', { feed });
    this.#onStatus(this.#playback);
  }

  #advance(): void {
    const next = this.#upcoming.next();
    this.#next = next.done === true ? undefined : next.value;
  }

  #records(slice: BarSlice): readonly BarRecord[] {
    const { runId, feed, venue } = this.#settings;
    return slice.bars.map((bar) => ({ ...bar, runId, feed, venue }));
  }

  #messages(slice: BarSlice, records: readonly BarRecord[]): readonly OutboxDraft[] {
    const { runId, feed, venue } = this.#settings;
    const sliceId = deriveId('slice', runId, feed, slice.endUs);
    const ids = { correlationId: sliceId, causationId: sliceId };
    const bars = records.map((bar) => ({
      ...ids,
      subject: subjects.bar(venue, bar.symbol, bar.timeframe),
      data: encodeBar(bar),
      chained: false,
    }));
    const symbols = records.map((bar) => bar.symbol);
    return [...bars, this.#closing(slice.endUs, symbols)];
  }

  #closing(endUs: TimeUs, symbols: readonly string[]): OutboxDraft {
    const { runId, feed } = this.#settings;
    const sliceId = deriveId('slice', runId, feed, endUs);
    const last = this.#playback.finished;
    return {
      subject: subjects.barsClosed(feed),
      data: encodeBarsClosed({ runId, feed, endUs, symbols, last }),
      correlationId: sliceId,
      causationId: sliceId,
    };
  }
}
