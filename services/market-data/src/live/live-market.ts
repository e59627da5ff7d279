import {
  AppError,
  type Bar,
  type MarketEvent,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
  US_PER_MS,
  US_PER_SECOND,
} from '@capstan/domain';
import type { OwnerSource } from '@capstan/journal';
import type { Clock, Log, MarketDataVenue, MarketStream, StreamWish } from '@capstan/ports';
import { BarHistory } from './bar-history.ts';
import { type DataEvent, symbolOf } from './data-event.ts';
import { feedWish } from './feed-wish.ts';
import { Halts } from './halts.ts';
import { LIMITS } from './limits.ts';
import type { LiveItem, LiveMarketRules, LiveStart, LiveState } from './live-item.ts';
import { MinuteBuilder } from './minute-builder.ts';
import { floorMinute, historyFromUs } from './minute-grid.ts';
import { Patience } from './patience.ts';
import { Roster } from './roster.ts';
import { SliceBook, streamCoversFrom } from './slice-book.ts';
import { VendorClock } from './vendor-clock.ts';
import { Wakeup } from './wakeup.ts';

export interface LiveMarketPorts {
  readonly venue: MarketDataVenue;
  readonly clock: Clock;
  readonly log: Log;
  /** Told each time that history gave what no stream had told. */
  readonly onGap?: () => void;
}

type Loop = 'out' | 'pace' | 'recover' | 'adopt' | 'listen';

/**
 * Makes slices of what a vendor tells: in order, each once, whether the stream is there, breaks off, falls silent, repeats itself or comes
 * late. What no stream has told from its beginning is asked of history; until that is known, nothing later goes out.
 */
export class LiveMarket implements OwnerSource {
  readonly #ports: LiveMarketPorts;
  readonly #rules: LiveMarketRules;
  readonly #stop = new AbortController();
  readonly #rings: Readonly<Record<Loop, Wakeup>>;
  readonly #time: VendorClock;
  readonly #patience: Patience;
  readonly #roster: Roster;
  readonly #history: BarHistory;
  readonly #builder: MinuteBuilder | undefined;
  readonly #halts = new Halts();
  /** Minutes that were closed with what their ticks had made of them. */
  readonly #built = new Set<number>();
  #book: SliceBook | undefined;
  #stream: MarketStream | undefined;
  #connected = false;
  /** Everything after this has come through the book. */
  #sinceUs = timeUs(0);
  #out: LiveItem[] = [];
  #told = '';
  #failure: unknown;
  /** By a clock that never goes back: when anything came last. */
  #dataMs: number;
  /** When the stream was last known to be well. */
  #streamMs: number;

  constructor(ports: LiveMarketPorts, rules: LiveMarketRules, start: LiveStart) {
    this.#ports = ports;
    this.#rules = rules;
    const { signal } = this.#stop;
    const ring = () => new Wakeup(ports.clock, signal);
    this.#rings = { out: ring(), pace: ring(), recover: ring(), adopt: ring(), listen: ring() };
    this.#time = new VendorClock(ports);
    this.#patience = new Patience(ports, signal, () => this.#tell());
    this.#roster = new Roster(rules.marketOf, start.wanted);
    const refuse = (symbol: string, why: AppError) => this.#refuse(symbol, why);
    this.#history = new BarHistory(ports, (one) => this.#roster.gridOf(one), refuse, signal);
    const { from, sales, marketOf } = rules;
    const isRegular = (symbol: string, us: number) => marketOf(symbol).calendar.isOpen(us);
    this.#builder = from === 'bars' ? undefined : new MinuteBuilder({ from, sales, isRegular });
    rules.guest?.onWish(() => this.#askAgain());
    this.#dataMs = ports.clock.monotonicMs();
    this.#streamMs = this.#dataMs;
    if (start.closedUs !== undefined) {
      this.#roster.adopt(start.known);
      this.#open(start.closedUs);
    }
  }

  /** Begins; what it brings comes out of {@link next}. */
  start(): void {
    this.#begin().catch((error: unknown) => this.#fail(error));
  }

  /** Nothing is known to be over before it is known what time it is. */
  async #begin(): Promise<void> {
    await this.#patience.until('clock', () => this.#look());
    const loops = [this.#measure(), this.#adopt(), this.#recover(), this.#listen(), this.#pace()];
    await Promise.all(loops);
  }

  /** Says whose bars are wanted from now on. */
  want(symbols: readonly string[]): void {
    this.#roster.want(symbols);
    this.#rings.adopt.ring();
  }

  async next(): Promise<readonly LiveItem[]> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#stop.signal.aborted) return [];
      const items = this.#out;
      this.#out = [];
      if (items.length > 0) return items;
      await this.#rings.out.wait(Number.POSITIVE_INFINITY);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#stream?.close();
  }

  #put(item: LiveItem): void {
    this.#out.push(item);
    this.#rings.out.ring();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#rings.out.ring();
  }

  /** Tells how it is, where that has changed. */
  #tell(): void {
    const apartUs = this.#time.apartUs();
    const toldUs = apartUs - (apartUs % LIMITS.clockToldUs);
    const state: LiveState = {
      connected: this.#connected,
      stale: this.#silentUs(this.#dataMs) >= this.#rules.staleUs,
      clockApartUs: toldUs,
      halted: this.#halts.symbols,
      unknown: Object.fromEntries(this.#roster.unknown),
      problem: this.#patience.problem,
    };
    const told = JSON.stringify(state);
    if (told === this.#told) return;
    this.#told = told;
    this.#put({ kind: 'state', state });
  }

  // Symbols come and go.

  async #adopt(): Promise<void> {
    const { signal } = this.#stop;
    const boundUs = timeUs(floorMinute(this.#time.nowUs() - this.#rules.settleUs));
    while (!signal.aborted) {
      await this.#patience.until('history', () => this.#follow(boundUs));
      this.#tell();
      await this.#rings.adopt.wait(Number.POSITIVE_INFINITY);
    }
  }

  /** Lets go of symbols that nobody wants, takes those on that somebody does, and opens where that is the first time. */
  async #follow(boundUs: TimeUs): Promise<void> {
    const gone = this.#roster.release();
    if (gone.length > 0) {
      this.#put({ kind: 'left', symbols: gone });
      await this.#rewish();
    }
    for (;;) {
      const fresh = this.#roster.fresh(LIMITS.historySymbols);
      if (fresh.length === 0 || this.#stop.signal.aborted) break;
      await this.#take(fresh, boundUs);
    }
    if (this.#book !== undefined || this.#stop.signal.aborted) return;
    this.#put({ kind: 'opened', endUs: boundUs });
    this.#open(boundUs);
  }

  /** Fetches the past of some symbols, and has them from then on. */
  async #take(symbols: readonly string[], boundUs: TimeUs): Promise<void> {
    const bars: Bar[] = [];
    const closedUs = () => this.#book?.closedUs ?? boundUs;
    let throughUs: TimeUs | undefined;
    // Slices go on being closed meanwhile.
    while (throughUs === undefined || throughUs < closedUs()) {
      const toUs = closedUs();
      for (const [market, ofMarket] of Map.groupBy(symbols, this.#rules.marketOf)) {
        // Also where no past is wanted: the vendor says by it which symbols it does not know.
        const pastUs = historyFromUs(market, toUs, this.#rules.historySessions);
        const fromUs = throughUs ?? timeUs(Math.min(pastUs, toUs - US_PER_MINUTE));
        bars.push(...(await this.#history.read({ symbols: ofMarket, fromUs, toUs })));
      }
      if (this.#stop.signal.aborted) return;
      throughUs = toUs;
    }
    const known = this.#roster.adopt(symbols);
    if (known.length === 0) return;
    this.#put({ kind: 'past', symbols: known, bars });
    await this.#rewish();
  }

  /** Lets the book expect, and the stream bring, what there is now: it covers that from when the vendor has confirmed. */
  async #rewish(): Promise<void> {
    this.#lose();
    this.#expect();
    this.#rings.listen.ring();
    const stream = this.#stream;
    if (stream === undefined) return;
    const isAsked = await this.#ask(stream);
    if (isAsked && this.#connected && stream === this.#stream) this.#trust();
  }

  /** What is wanted beside the symbols of the feed has changed: those go on as they are. */
  #askAgain(): void {
    const stream = this.#stream;
    if (stream !== undefined) this.#ask(stream).catch((error: unknown) => this.#fail(error));
  }

  /** Asks a stream for what is wanted now. @returns whether it has confirmed. */
  async #ask(stream: MarketStream): Promise<boolean> {
    try {
      await stream.want(this.#wish());
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // One that is away asks for it by itself as it comes back.
      if (error.code !== 'MARKET.UNAVAILABLE') this.#drop(stream, error.message);
      return false;
    }
  }

  #refuse(symbol: string, why: AppError): void {
    this.#roster.refuse(symbol, why);
    this.#expect();
    this.#tell();
  }

  #wish(): StreamWish {
    return feedWish(this.#rules, this.#roster.adopted);
  }

  // Slices are closed.

  #open(closedUs: TimeUs): void {
    const { graceUs, from } = this.#rules;
    const rules = { graceUs, closesWhole: from === 'bars', aheadUs: LIMITS.aheadUs };
    this.#book = new SliceBook(rules, closedUs);
    this.#expect();
    this.#rings.listen.ring();
  }

  #expect(): void {
    this.#book?.expect(this.#roster.expected);
    this.#sinceUs = this.#book?.closedUs ?? this.#sinceUs;
    this.#rings.recover.ring();
    this.#rings.pace.ring();
  }

  /** Closes slices as their time comes, and sees that the stream is alive. */
  async #pace(): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#book !== undefined) this.#closeDue(this.#book);
      this.#watch();
      this.#tell();
      const dueMs = clock.monotonicMs() + this.#pauseMs();
      await this.#rings.pace.wait(dueMs - clock.monotonicMs());
      // Who has stood still has not heard yet what was told meanwhile.
      if (clock.monotonicMs() - dueMs > LIMITS.stallMs) await clock.sleep(LIMITS.stalledMs, signal);
    }
  }

  #closeDue(book: SliceBook): void {
    for (;;) {
      const nowUs = this.#time.nowUs();
      const next = book.awaited();
      if (next?.by === 'stream' && nowUs >= book.closesAtUs(next)) {
        for (const bar of this.#builder?.barsAt(next.endUs) ?? []) book.onBar(bar, nowUs);
      }
      const slice = book.close(nowUs);
      if (slice === 'silent') this.#rings.recover.ring();
      if (slice === undefined || slice === 'silent') return;
      this.#put({ kind: 'slice', slice });
      if (this.#builder === undefined) continue;
      if (next?.by === 'stream') this.#built.add(slice.endUs);
      const beforeUs = slice.endUs - LIMITS.ticksKeptUs;
      this.#builder.forgetBefore(beforeUs);
      for (const endUs of this.#built) if (endUs < beforeUs) this.#built.delete(endUs);
    }
  }

  /** Returns how long until something may have to be done. */
  #pauseMs(): number {
    const watchMs = this.#rules.staleUs / US_PER_MS;
    const next = this.#book?.awaited();
    if (this.#book === undefined || next === undefined || next.by === 'nobody') return watchMs;
    const dueUs = this.#book.closesAtUs(next) - this.#time.nowUs();
    return Math.min(watchMs, Math.ceil(dueUs / US_PER_MS));
  }

  /** Asks history for what no stream has told from its beginning. */
  async #recover(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const book = this.#book;
      const settledUs = this.#time.nowUs() - this.#rules.settleUs;
      const throughUs = book?.historyThrough(settledUs);
      if (book === undefined || throughUs === undefined) {
        const next = book?.awaited();
        const isOurs = next?.by === 'nobody';
        const waitUs = isOurs ? next.endUs - settledUs : Number.POSITIVE_INFINITY;
        await this.#rings.recover.wait(Math.ceil(waitUs / US_PER_MS));
        continue;
      }
      await this.#patience.until('history', () => this.#fill(book, throughUs));
      this.#ports.onGap?.();
      this.#rings.pace.ring();
    }
  }

  async #fill(book: SliceBook, throughUs: TimeUs): Promise<void> {
    const { version, adopted } = this.#roster;
    const stream = this.#connected ? this.#stream : undefined;
    // Of what was closed just before, too, a stream that fails may have told a part.
    const fromUs = timeUs(Math.max(this.#sinceUs, book.closedUs - LIMITS.lookBackUs));
    const bars = await this.#history.read({ symbols: adopted, fromUs, toUs: throughUs });
    // Of symbols that came meanwhile it says nothing.
    if (version !== this.#roster.version) return;
    for (const { symbol, startUs } of bars) this.#halts.traded(symbol, startUs);
    const late = bars.filter(({ endUs }) => endUs <= book.closedUs);
    if (late.length > 0) this.#put({ kind: 'corrections', bars: late });
    book.fill(bars, throughUs);
    if (bars.length === 0) return;
    this.#dataMs = this.#ports.clock.monotonicMs();
    if (
      stream !== undefined &&
      stream === this.#stream &&
      this.#silentUs(this.#streamMs) >= SILENT_US
    ) {
      this.#drop(stream, 'it has not told of a minute that there was');
    }
  }

  // The stream is listened to.

  async #listen(): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#roster.adopted.length === 0 || this.#book === undefined) {
        await this.#rings.listen.wait(Number.POSITIVE_INFINITY);
        continue;
      }
      const sinceMs = clock.monotonicMs();
      await this.#patience.once('stream', () => this.#hearOut());
      const stream = this.#stream;
      this.#stream = undefined;
      this.#connected = false;
      this.#lose();
      this.#tell();
      await stream?.close();
      const leftMs = LIMITS.retryFirstMs - (clock.monotonicMs() - sinceMs);
      if (leftMs > 0) await clock.sleep(leftMs, signal);
    }
  }

  /** Takes a stream up, and listens to its end. */
  async #hearOut(): Promise<void> {
    const { version } = this.#roster;
    const stream = await this.#ports.venue.subscribe(this.#wish());
    this.#stream = stream;
    if (this.#stop.signal.aborted) return;
    if (version !== this.#roster.version) await this.#ask(stream);
    for (;;) {
      const events = await stream.next();
      if (events.length === 0) return;
      if (this.#stream === stream) this.#hear(events);
    }
  }

  /** The stream brings all that is wanted from now on. */
  #trust(): void {
    this.#connected = true;
    this.#streamMs = this.#ports.clock.monotonicMs();
    this.#patience.well('stream');
    const fromUs = this.#time.nowUs() + LIMITS.connectMarginUs;
    this.#book?.streamsFrom(streamCoversFrom(this.#rules.from, fromUs));
    this.#rings.recover.ring();
    this.#rings.pace.ring();
  }

  /** What the stream has told of minutes that are not closed may be a part of it. */
  #lose(): void {
    this.#book?.lost();
    this.#builder?.clear();
    this.#built.clear();
    this.#rings.recover.ring();
  }

  #hear(events: readonly MarketEvent[]): void {
    const nowUs = this.#time.nowUs();
    const late: Bar[] = [];
    let hasData = false;
    for (const event of events) {
      this.#rules.guest?.hear(event);
      switch (event.kind) {
        case 'connected':
          this.#trust();
          break;
        case 'disconnected':
          this.#connected = false;
          this.#lose();
          this.#ports.log.warn('the stream broke off', { reason: event.reason });
          break;
        case 'halt':
          this.#halts.hear(event.symbol, event.halted, nowUs);
          break;
        default:
          hasData = true;
          late.push(...this.#data(event, nowUs));
      }
    }
    if (hasData) {
      this.#dataMs = this.#ports.clock.monotonicMs();
      this.#streamMs = this.#dataMs;
    }
    if (late.length > 0) this.#put({ kind: 'corrections', bars: late });
    if (this.#builder === undefined || !this.#connected) this.#rings.pace.ring();
  }

  /** Takes a bar, a second or a tick. @returns what it makes of a bar whose slice is closed. */
  #data(event: DataEvent, nowUs: number): readonly Bar[] {
    if (event.kind === 'bar') {
      this.#halts.traded(event.bar.symbol, event.bar.startUs);
      return this.#book?.onBar(event.bar, nowUs) === 'late' ? [event.bar] : [];
    }
    if (!this.#roster.has(symbolOf(event))) return [];
    if (event.kind === 'quote') this.#rules.onQuote?.(event.quote);
    if (event.kind === 'trade') this.#halts.traded(event.trade.symbol, event.trade.atUs);
    if (event.kind === 'second') this.#halts.traded(event.second.symbol, event.second.startUs);
    const changed = this.#builder?.take(event);
    if (changed === undefined || !this.#built.has(changed.endUs)) return [];
    const bar = this.#builder?.bar(changed);
    return bar === undefined ? [] : [bar];
  }

  /** Sees whether the stream still says anything while a market is open. */
  #watch(): void {
    const { staleUs } = this.#rules;
    const stream = this.#stream;
    if (stream === undefined || !this.#connected || this.#silentUs(this.#streamMs) < staleUs)
      return;
    this.#drop(stream, `it has said nothing for ${Math.floor(staleUs / US_PER_SECOND)} s`);
  }

  /** Returns for how long nothing has come, of the time that a market has been open. */
  #silentUs(sinceMs: number): number {
    const sinceUs = (this.#ports.clock.monotonicMs() - sinceMs) * US_PER_MS;
    return Math.min(this.#roster.grid.openForUs(this.#time.nowUs()), sinceUs);
  }

  /** Lets a stream go, which is then taken up anew. */
  #drop(stream: MarketStream, why: string): void {
    this.#ports.log.warn('the stream is taken up anew', { why });
    this.#connected = false;
    this.#lose();
    stream.close().catch((error: unknown) => this.#fail(error));
  }

  async #measure(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#ports.clock.sleep(LIMITS.clockEveryMs, signal);
      await this.#patience.until('clock', () => this.#look());
      this.#rings.pace.ring();
    }
  }

  /** Looks what time it is. What was told while the machine was asleep nobody heard: history is asked for all of it, as after a break. */
  async #look(): Promise<void> {
    const asleepUs = await this.#time.measure();
    const startUs = (this.#book?.awaited()?.endUs ?? Number.POSITIVE_INFINITY) - US_PER_MINUTE;
    if (asleepUs < LIMITS.asleepUs || this.#time.nowUs() < startUs) return;
    const why = `the machine was asleep for ${Math.round(asleepUs / US_PER_SECOND)} s`;
    if (this.#stream === undefined) this.#lose();
    else this.#drop(this.#stream, why);
  }
}

/** A stream that says anything within this is not silent, though it may have said nothing of a minute. */
const SILENT_US = 60 * US_PER_SECOND;
