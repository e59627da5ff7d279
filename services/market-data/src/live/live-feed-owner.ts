import { encodeBar, encodeBarsClosed, leaseKey, subjects } from '@capstan/contracts';
import { AppError, type Bar, deriveId, type TimeUs, timeUs, US_PER_SECOND } from '@capstan/domain';
import type { OutboxDraft, OwnerLogic, OwnerSession, OwnerSource } from '@capstan/journal';
import type {
  BarRecord,
  BotRecord,
  Clock,
  Kv,
  Log,
  MarketDataVenue,
  Meter,
  Store,
} from '@capstan/ports';
import { encodeConditions } from '@capstan/risk';
import { METRICS } from '../telemetry.ts';
import { BotsPoll } from './bots-poll.ts';
import { LIMITS } from './limits.ts';
import type { LiveItem, LiveMarketRules, LiveState } from './live-item.ts';
import { LiveMarket } from './live-market.ts';
import {
  decodeProgress,
  encodeProgress,
  type LiveProgress,
  NEW_PROGRESS,
} from './live-progress.ts';
import { revisedBars } from './revisions.ts';
import type { ClosedSlice } from './slice-book.ts';
import type { WantedSymbols } from './wanted-symbols.ts';

export interface LiveFeedPorts {
  readonly venue: MarketDataVenue;
  readonly store: Store;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface LiveFeedSettings {
  readonly feed: string;
  readonly venue: string;
  readonly runId: string;
  readonly rules: LiveMarketRules;
  /** Says who wants which symbols. */
  readonly wantedOf: (bots: readonly BotRecord[]) => WantedSymbols;
  /** Is told how the feed is, whenever that has changed. */
  readonly onStatus?: (status: LiveStatus) => void;
  /** Is told of each slice that is journaled, with the symbols of the feed. */
  readonly onSlice?: (endUs: TimeUs, symbols: readonly string[]) => void;
}

/** How a live feed is, as people see it. */
export interface LiveStatus {
  readonly progress: LiveProgress;
  readonly state: LiveState | undefined;
  /** Symbols that the vendor does not know, with who asks for them and what the vendor says. */
  readonly refused: readonly string[];
}

/** The bucket in which services tell each other what stops trading. */
const SWITCHES = 'switches';
const MARKET = 0;

/**
 * Owns a feed whose bars a vendor tells: journals each slice, publishes its bars and then `BarsClosed`, once and in order, and each
 * correction of one as a further revision.
 */
export class LiveFeedOwner implements OwnerLogic {
  readonly inputs = [];
  readonly #ports: LiveFeedPorts;
  readonly #settings: LiveFeedSettings;
  readonly #labels: Readonly<Record<string, string>>;
  #progress: LiveProgress = NEW_PROGRESS;
  #wanted: WantedSymbols = new Map();
  #market: LiveMarket | undefined;
  #state: LiveState | undefined;
  readonly #refused = new Map<string, string>();

  constructor(ports: LiveFeedPorts, settings: LiveFeedSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#labels = { feed: settings.feed };
  }

  async load(session: OwnerSession): Promise<void> {
    const { store, log } = this.#ports;
    if (session.state !== undefined) this.#progress = decodeProgress(session.state);
    this.#wanted = this.#settings.wantedOf(await store.bots({}));
    // Of a symbol that was not wanted for a while, the past is fetched again.
    const known = this.#progress.known.filter((symbol) => this.#wanted.has(symbol));
    this.#progress = { ...this.#progress, known };
    const { closedUs, published } = this.#progress;
    log.info('goes on with its feed', { ...this.#labels, closedUs, published });
    this.#show();
  }

  openSources(): Promise<readonly OwnerSource[]> {
    const { venue, clock, store, meter } = this.#ports;
    const log = this.#ports.log.child(this.#labels);
    const { opened, closedUs, known } = this.#progress;
    const wanted = [...this.#wanted.keys()];
    meter.count(METRICS.gaps, 0, this.#labels);
    meter.count(METRICS.corrections, 0, this.#labels);
    const onGap = (): void => meter.count(METRICS.gaps, 1, this.#labels);
    const market = new LiveMarket({ venue, clock, log, onGap }, this.#settings.rules, {
      closedUs: opened ? closedUs : undefined,
      known: opened ? known : [],
      wanted,
    });
    this.#market = market;
    market.start();
    return Promise.resolve([market, new BotsPoll({ store, clock, log })]);
  }

  onMessage(): Promise<void> {
    return Promise.resolve();
  }

  async onItems(session: OwnerSession, source: number, items: readonly unknown[]): Promise<void> {
    if (source === MARKET) return this.#onMarket(session, items as readonly LiveItem[]);
    this.#wanted = this.#settings.wantedOf(
      (items as readonly (readonly BotRecord[])[]).at(-1) ?? [],
    );
    this.#market?.want([...this.#wanted.keys()]);
  }

  async #onMarket(session: OwnerSession, items: readonly LiveItem[]): Promise<void> {
    let slices: ClosedSlice[] = [];
    let rows = 0;
    const publish = async (): Promise<void> => {
      const ready = slices;
      [slices, rows] = [[], 0];
      await this.#publish(session, ready);
    };
    for (const item of items) {
      if (item.kind === 'slice') {
        slices.push(item.slice);
        rows += item.slice.bars.length + 1;
        if (rows >= LIMITS.rowsAtOnce) await publish();
        continue;
      }
      await publish();
      await this.#onItem(session, item);
    }
    await publish();
    this.#show();
  }

  #onItem(session: OwnerSession, item: Exclude<LiveItem, { kind: 'slice' }>): Promise<void> {
    switch (item.kind) {
      case 'past':
        return this.#past(session, item.symbols, item.bars);
      case 'opened':
        return this.#open(session, item.endUs);
      case 'corrections':
        return this.#correct(session, item.bars);
      case 'left': {
        const gone = new Set(item.symbols);
        const known = this.#progress.known.filter((symbol) => !gone.has(symbol));
        return this.#commit(session, { ...this.#progress, known });
      }
      case 'state':
        return this.#tell(item.state);
    }
  }

  /** Writes the past of symbols into the journal, without publishing it. What is there already, of an earlier time, stays. */
  async #past(
    session: OwnerSession,
    symbols: readonly string[],
    bars: readonly Bar[],
  ): Promise<void> {
    const fresh: BarRecord[] = [];
    for (const [symbol, ofSymbol] of Map.groupBy(bars, (bar) => bar.symbol)) {
      const ends = ofSymbol.map(({ endUs }) => endUs).sort((a, b) => a - b);
      const [first, last] = [ends[0], ends.at(-1)];
      if (first === undefined || last === undefined) continue;
      const { runId, feed } = this.#settings;
      const there = await this.#ports.store.bars({
        ...{ runId, feed, symbols: [symbol], timeframe: '1m', limit: LIMITS.pastRowsMax },
        afterUs: timeUs(first - 1),
        throughUs: last,
      });
      const journaled = new Set(there.map(({ endUs }) => endUs));
      fresh.push(...this.#records(ofSymbol.filter(({ endUs }) => !journaled.has(endUs))));
    }
    for (let from = 0; from < fresh.length; from += LIMITS.rowsAtOnce) {
      await session.commit({ bars: fresh.slice(from, from + LIMITS.rowsAtOnce) });
    }
    const known = [...new Set([...this.#progress.known, ...symbols])].sort();
    await this.#commit(session, { ...this.#progress, known });
    const fields = { ...this.#labels, symbols: symbols.length, bars: fresh.length };
    session.log.info('the past is journaled', fields);
  }

  /** Says through a closing of no bars that the feed is open. */
  #open(session: OwnerSession, endUs: TimeUs): Promise<void> {
    const progress = { ...this.#progress, closedUs: endUs, opened: true };
    return this.#commit(session, progress, [], [this.#closing({ endUs, bars: [] })]);
  }

  async #publish(session: OwnerSession, slices: readonly ClosedSlice[]): Promise<void> {
    const last = slices.at(-1);
    if (last === undefined) return;
    const { feed, runId } = this.#settings;
    const { clock, meter } = this.#ports;
    const records = slices.flatMap((slice) => this.#records(slice.bars));
    const outbox = slices.flatMap((slice) => this.#messages(slice));
    const progress = {
      ...this.#progress,
      closedUs: last.endUs,
      published: this.#progress.published + slices.length,
    };
    // Here a trace begins; slices that are made up for share one.
    const correlationId = deriveId('slice', runId, feed, last.endUs);
    await session.within('slice', { trace: {}, correlationId }, () =>
      this.#commit(session, progress, records, outbox),
    );
    meter.count(METRICS.bars, records.length, this.#labels);
    meter.count(METRICS.slices, slices.length, this.#labels);
    const delayUs = clock.nowUs() - last.endUs;
    meter.observe(METRICS.sliceDelay, Math.max(0, delayUs) / US_PER_SECOND, this.#labels);
    for (const { endUs } of slices) this.#settings.onSlice?.(endUs, progress.known);
  }

  /** Publishes what corrects bars of closed slices as further revisions of them; what says nothing new is passed over. */
  async #correct(session: OwnerSession, bars: readonly Bar[]): Promise<void> {
    const { runId, feed, venue } = this.#settings;
    const revised = await revisedBars(this.#ports.store, { runId, feed }, bars);
    if (revised.length === 0) return;
    const records = this.#records(revised);
    const outbox = records.map((bar) => {
      const { symbol, timeframe, endUs, revision } = bar;
      const id = deriveId('correction', runId, feed, symbol, endUs, revision);
      const ids = { correlationId: id, causationId: id };
      const subject = subjects.bar(venue, symbol, timeframe);
      return { ...ids, subject, data: encodeBar(bar), chained: false };
    });
    await this.#commit(session, this.#progress, records, outbox);
    this.#ports.meter.count(METRICS.corrections, records.length, this.#labels);
    session.log.debug('bars corrected', { ...this.#labels, bars: records.length });
  }

  async #commit(
    session: OwnerSession,
    progress: LiveProgress,
    bars: readonly BarRecord[] = [],
    outbox: readonly OutboxDraft[] = [],
  ): Promise<void> {
    await session.commit({ bars, outbox, state: encodeProgress(progress) });
    this.#progress = progress;
  }

  /** Tells people, and risk, how the vendor is. */
  async #tell(state: LiveState): Promise<void> {
    const { meter, kv, log } = this.#ports;
    this.#state = state;
    this.#refuse(state.unknown);
    meter.gauge(METRICS.connected, state.connected ? 1 : 0, this.#labels);
    meter.gauge(METRICS.stale, state.stale ? 1 : 0, this.#labels);
    meter.gauge(METRICS.clockOffset, state.clockApartUs / US_PER_SECOND, this.#labels);
    const { clockApartUs, halted } = state;
    const conditions = { clockOffsetUs: clockApartUs, halted, shortRestricted: [] };
    const value = new TextEncoder().encode(encodeConditions(conditions));
    try {
      await kv.put(SWITCHES, leaseKey(`conditions/feed/${this.#settings.feed}`), value);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn('how the vendor is cannot be told', { ...this.#labels, error });
    }
  }

  /** Says once of each symbol that the vendor does not know who asks for it. */
  #refuse(unknown: LiveState['unknown']): void {
    for (const symbol of this.#refused.keys()) {
      if (!Object.hasOwn(unknown, symbol)) this.#refused.delete(symbol);
    }
    for (const [symbol, why] of Object.entries(unknown)) {
      if (this.#refused.has(symbol)) continue;
      const bots = this.#wanted.get(symbol) ?? [];
      const who = bots.length === 0 ? 'the configuration' : `bot ${bots.join(', bot ')}`;
      const text = `${who} asks for '${symbol}': ${why}`;
      this.#refused.set(symbol, text);
      this.#ports.log.error('a symbol has no bars', { ...this.#labels, symbol, why: text });
    }
  }

  #show(): void {
    const refused = [...this.#refused.values()].sort();
    this.#settings.onStatus?.({ progress: this.#progress, state: this.#state, refused });
  }

  #records(bars: readonly Bar[]): readonly BarRecord[] {
    const { runId, feed, venue } = this.#settings;
    return bars.map((bar) => ({ ...bar, runId, feed, venue }));
  }

  #messages(slice: ClosedSlice): readonly OutboxDraft[] {
    const { venue } = this.#settings;
    const closing = this.#closing(slice);
    const { correlationId, causationId } = closing;
    const bars = this.#records(slice.bars).map((bar) => ({
      ...{ correlationId, causationId, chained: false },
      subject: subjects.bar(venue, bar.symbol, bar.timeframe),
      data: encodeBar(bar),
    }));
    return [...bars, closing];
  }

  #closing({ endUs, bars }: ClosedSlice): OutboxDraft {
    const { runId, feed } = this.#settings;
    const sliceId = deriveId('slice', runId, feed, endUs);
    const symbols = bars.map(({ symbol }) => symbol);
    const data = encodeBarsClosed({ runId, feed, endUs, symbols, last: false });
    const ids = { correlationId: sliceId, causationId: sliceId };
    return { ...ids, subject: subjects.barsClosed(feed), data };
  }
}
