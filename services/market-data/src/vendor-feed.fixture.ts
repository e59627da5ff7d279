import { setTimeout as sleep } from 'node:timers/promises';
import { CalendarBook } from '@capstan/calendar';
import {
  type BarsClosed,
  decodeBar,
  decodeBarsClosed,
  decodeQuote,
  subjects,
} from '@capstan/contracts';
import { type Bar, timeUs, US_PER_MINUTE, US_PER_MS } from '@capstan/domain';
import { KeyedOwner } from '@capstan/journal';
import type { BarRecord, Clock, Log, MarketDataVenue } from '@capstan/ports';
import {
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  VirtualClock,
} from '@capstan/testkit';
import { vi } from 'vitest';
import { LiveFeedOwner, type LiveStatus } from './live/live-feed-owner.ts';
import type { LiveMarketRules } from './live/live-item.ts';
import { QuotePublisher } from './live/quote-publisher.ts';

/** 10:00 in New York on a Monday with a session. */
export const TEN_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000);
const NYSE = { calendar: new CalendarBook().get('XNYS'), hours: 'regular' } as const;
/** Waits for sockets are real, and this much shorter. */
const SOCKETS_SPEED = 20;
/** One as long as this is a time-out, which never comes: it is over where somebody ends it. */
const TIMEOUT_FROM_MS = 10_000;

/** A vendor's own client at an emulator whose market a test moves. */
export interface EmulatedVendor {
  readonly open: (ports: { readonly clock: Clock; readonly log: Log }) => Promise<MarketDataVenue>;
  /** Lets the emulator's time be a later one. */
  readonly moveTo: (us: number) => void;
  /** Ends the connections of its stream, as a network does. */
  readonly drop: () => void;
}

/** A live feed over a vendor's own client, in a time that a test moves: sockets are real. */
export class VendorFeed {
  readonly #clock = new VirtualClock(TEN_US);
  readonly #bus = new MemoryBus(this.#clock);
  readonly #store = new MemoryStore();
  readonly #log = new MemoryLog();
  readonly #vendor: EmulatedVendor;
  readonly #ends: (() => void)[] = [];
  #owner: KeyedOwner | undefined;
  status: LiveStatus | undefined;

  constructor(vendor: EmulatedVendor) {
    this.#vendor = vendor;
  }

  /** Opens the vendor, and lets the feed begin. */
  async start(
    symbols: readonly string[],
    how: Pick<LiveMarketRules, 'from' | 'sales'>,
  ): Promise<void> {
    const [clock, bus, store, log] = [this.#clock, this.#bus, this.#store, this.#log];
    const venue = await this.#vendor.open({ clock: socketClock(clock), log });
    const named = { feed: 'live', venue: 'VENDOR', runId: 'run' };
    const ports = { store, bus, kv: new MemoryKv(clock), clock, log, meter: nullMeter };
    const quotes = new QuotePublisher(ports, { ...named, everyMs: 250 });
    void quotes.run();
    this.#ends.push(
      () => quotes.close(),
      () => venue.close(),
    );
    const settings = {
      ...named,
      rules: {
        ...{ ...how, feed: 'live', historySessions: 1 },
        ...{ graceUs: 30_000_000, settleUs: 2_000_000, staleUs: 120_000_000 },
        marketOf: () => NYSE,
        onQuote: quotes.offer.bind(quotes),
      },
      wantedOf: () => new Map(symbols.map((symbol) => [symbol, []])),
      onStatus: (now: LiveStatus) => {
        this.status = now;
      },
    };
    const logic = () => new LiveFeedOwner({ ...ports, venue }, settings);
    this.#owner = new KeyedOwner(ports, 'feed/live', 'life', logic);
    void this.#owner.run();
  }

  async close(): Promise<void> {
    const stopped = this.#owner?.stop();
    void this.#clock.fly();
    await stopped;
    for (const end of this.#ends) end();
  }

  /** Waits until a minute after ten is published; time goes on a little where the feed waits for it. */
  async published(minute: number): Promise<void> {
    const endUs = TEN_US + minute * US_PER_MINUTE;
    const leftUs = endUs + 500_000 - this.#clock.nowUs();
    if (leftUs > 0) await this.#pass(leftUs / US_PER_MS);
    await this.#until(() => this.closings().at(-1)?.endUs === endUs, `minute ${minute}`);
  }

  connected(is: boolean): Promise<void> {
    return this.#until(() => this.status?.state?.connected === is, `connected: ${is}`);
  }

  /** Lets the stream break off, and waits until the feed has seen it. */
  drop(): Promise<void> {
    this.#vendor.drop();
    return this.connected(false);
  }

  closings(): readonly BarsClosed[] {
    return this.#bus
      .messages('MARKET')
      .filter(({ subject }) => subject === subjects.barsClosed('live'))
      .map(({ data }) => decodeBarsClosed(data));
  }

  /** Minutes after ten that were published, with their symbols. */
  slices(): readonly string[] {
    return this.closings().map(
      ({ endUs, symbols }) => `${(endUs - TEN_US) / US_PER_MINUTE} ${symbols.join(',')}`,
    );
  }

  /** Bars as they were published. */
  bars(): readonly Bar[] {
    return this.#bus
      .messages('MARKET')
      .filter(({ subject }) => subject.startsWith('market.bar.'))
      .map(({ data }) => decodeBar(data));
  }

  /** Symbols of which quotes were published. */
  quoted(): readonly string[] {
    const symbols = this.#bus.messages('QUOTES').map(({ data }) => decodeQuote(data).symbol);
    return [...new Set(symbols)].sort();
  }

  journaled(symbol: string): Promise<readonly BarRecord[]> {
    return this.#store.bars({
      ...{ runId: 'run', feed: 'live', symbols: [symbol], timeframe: '1m', limit: 10_000 },
      ...{ afterUs: timeUs(0), throughUs: timeUs(TEN_US * 2) },
    });
  }

  async #pass(ms: number): Promise<void> {
    this.#vendor.moveTo(this.#clock.nowUs() + ms * US_PER_MS);
    await this.#clock.advance(ms);
  }

  #until(isSo: () => boolean, what: string): Promise<void> {
    return vi.waitFor(
      async () => {
        if (isSo()) return;
        await this.#pass(20);
        throw new Error(`not there: ${what}: ${JSON.stringify(this.status)}`);
      },
      { timeout: 20_000, interval: 5 },
    );
  }
}

const socketClock = (clock: VirtualClock): Clock => ({
  nowUs: () => clock.nowUs(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    ms < TIMEOUT_FROM_MS
      ? sleep(ms / SOCKETS_SPEED, undefined, signal === undefined ? {} : { signal }).catch(
          () => undefined,
        )
      : new Promise((resolve) => {
          if (signal?.aborted === true) resolve();
          else signal?.addEventListener('abort', () => resolve(), { once: true });
        }),
});

/** What of a bar two tellings of it must agree in. */
export const numbersOf = (bar: Bar): string =>
  [
    ...[bar.symbol, bar.endUs, bar.openNanos, bar.highNanos, bar.lowNanos, bar.closeNanos],
    bar.volume,
  ].join(' ');
