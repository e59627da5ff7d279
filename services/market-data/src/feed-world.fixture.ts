import { type BarsClosed, decodeBarsClosed, encodeOrderEvent, subjects } from '@capstan/contracts';
import {
  type Bar,
  type BarSlice,
  priceNanos,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import { KeyedOwner } from '@capstan/journal';
import type { BusMessage, Commit } from '@capstan/ports';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  portErrors,
  VirtualClock,
} from '@capstan/testkit';
import { FeedOwner, type FeedSettings } from './feed-owner.ts';
import type { Playback } from './playback.ts';
import { ListSource, type SliceSource } from './slice-source.ts';

const START_US = 1_704_301_200_000_000;
export const at = (minute: number): TimeUs => timeUs(START_US + minute * US_PER_MINUTE);

export function barOf(minute: number, symbol: string): Bar {
  const price = priceNanos((100 + minute) * 1e9);
  return {
    symbol,
    timeframe: '1m',
    startUs: at(minute - 1),
    endUs: at(minute),
    revision: 0,
    openNanos: price,
    highNanos: price,
    lowNanos: price,
    closeNanos: price,
    volume: 10,
  };
}

export function slicesOf(count: number, symbols: readonly string[] = ['QQQ', 'SPY']): BarSlice[] {
  return Array.from({ length: count }, (_, index) => ({
    feed: 'demo',
    endUs: at(index + 1),
    bars: symbols.map((symbol) => barOf(index + 1, symbol)),
  }));
}

/** A journal whose connection breaks at one commit, before or after it is written. */
export class BreakingStore extends MemoryStore {
  readonly #at: number;
  readonly #when: 'before' | 'after';
  commits = 0;

  constructor(at = 0, when: 'before' | 'after' = 'before') {
    super();
    this.#at = at;
    this.#when = when;
  }

  override async commit(commit: Commit): Promise<void> {
    this.commits += 1;
    const breaks = this.commits === this.#at;
    if (!breaks || this.#when === 'after') await super.commit(commit);
    if (breaks) throw portErrors.storeUnavailable('the connection broke.');
  }
}

export const SETTINGS: FeedSettings = {
  feed: 'demo',
  venue: 'TEST',
  runId: 'run',
  intervalMs: 0,
  accounts: ['paper'],
};

/** A feed over the real owner, and accounts that say how far they are. */
export class FeedWorld {
  readonly clock = new VirtualClock(timeUs(START_US));
  readonly bus = new MemoryBus(this.clock);
  readonly kv = new MemoryKv(this.clock);
  readonly log = new MemoryLog();
  readonly store: BreakingStore;
  status: Playback | undefined;
  #source: SliceSource;
  #settings: FeedSettings;
  #owner: KeyedOwner;
  #words = 0;
  #lives = 0;

  constructor(
    source: SliceSource = new ListSource(slicesOf(5), 2),
    settings: Partial<FeedSettings> = {},
    store = new BreakingStore(),
  ) {
    this.#source = source;
    this.#settings = { ...SETTINGS, ...settings };
    this.store = store;
    this.#owner = this.#make();
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 3_000; turn += 1) {
      if (await isSo()) return;
      await drained();
      this.clock.wakeNext();
    }
    throw new Error(`never came: ${what}; ${JSON.stringify(this.#owner.status)}`);
  }

  /** Lets the world go on for a while, so that what must not happen had its chance. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn += 1) {
      await drained();
      this.clock.wakeNext();
    }
  }

  /** An account says that it is through with a slice. */
  async done(
    accountId: string,
    sliceEndUs: TimeUs,
    activeBots = 1,
    changes: { runId?: string; feed?: string } = {},
  ): Promise<void> {
    this.#words += 1;
    const { runId = 'run', feed = 'demo' } = changes;
    const sliceDone = { feed, sliceEndUs, activeBots };
    const data = encodeOrderEvent({ accountId, runId, orders: [], sliceDone });
    await this.bus.publish([
      { subject: subjects.order(accountId), data, headers: {}, messageId: `w${this.#words}` },
    ]);
  }

  /** Plays to the end with accounts that are through with every slice at once. */
  async playThrough(accounts: readonly string[] = ['paper']): Promise<void> {
    let heard = 0;
    await this.until('the end', async () => {
      const closings = this.closings();
      for (const { endUs } of closings.slice(heard))
        for (const account of accounts) await this.done(account, endUs);
      heard = closings.length;
      return closings.at(-1)?.last ?? false;
    });
  }

  closings(): readonly BarsClosed[] {
    return this.messages()
      .filter((message) => message.subject === subjects.barsClosed('demo'))
      .map((message) => decodeBarsClosed(message.data));
  }

  messages(): readonly BusMessage[] {
    return this.bus.messages('MARKET');
  }

  async restart(settings: Partial<FeedSettings> = {}, source?: SliceSource): Promise<void> {
    let stopped = false;
    void this.#owner.stop().then(() => {
      stopped = true;
    });
    await this.until('the stop', () => stopped);
    this.#settings = { ...this.#settings, ...settings };
    this.#source = source ?? this.#source;
    this.#owner = this.#make();
  }

  #make(): KeyedOwner {
    this.#lives += 1;
    const { bus, kv, store, clock, log } = this;
    const ports = { bus, kv, store, clock, log, meter: nullMeter };
    const onStatus = (playback: Playback) => {
      this.status = playback;
    };
    const logic = () => new FeedOwner(ports, this.#settings, this.#source, onStatus);
    const owner = new KeyedOwner(ports, 'feed/demo', `life-${this.#lives}`, logic);
    void owner.run();
    return owner;
  }
}
