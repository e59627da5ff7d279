import {
  barToWire,
  decodeBar,
  type Implementation,
  int64,
  type marketService,
  subjects,
  timeframes,
} from '@capstan/contracts';
import { AppError, type TimeUs, timeUs } from '@capstan/domain';
import type { BarRecord, Bus, Store } from '@capstan/ports';
import type { LiveStatus } from './live/live-feed-owner.ts';
import { heldBackBy, type Playback } from './playback.ts';

type Definition = typeof marketService.MarketDataServiceDefinition;

/** A feed as its service shows it. */
export interface FeedStatus {
  readonly settings: { readonly feed: string; readonly venue: string; readonly runId: string };
  /** A vendor tells it; otherwise it is played. */
  readonly isLive?: boolean;
  /** Those that it is configured for, sorted; a live one has those of its bots too. */
  readonly symbols: readonly string[];
  /** `undefined` while another process plays it. */
  playback: Playback | undefined;
  /** Of a live feed; `undefined` while another process owns it. */
  live?: LiveStatus | undefined;
}

/** Most bars of one answer. */
const BARS_MAX = 10_000;
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** Answers questions about bars and feeds. */
export class MarketDataService implements Implementation<Definition> {
  readonly #ports: { readonly store: Store; readonly bus: Bus };
  readonly #feeds: ReadonlyMap<string, FeedStatus>;

  constructor(ports: { store: Store; bus: Bus }, feeds: ReadonlyMap<string, FeedStatus>) {
    this.#ports = ports;
    this.#feeds = feeds;
  }

  async getBars(request: marketService.GetBarsRequest): Promise<marketService.GetBarsResponse> {
    const status = this.#feed(request.feed);
    const { settings } = status;
    const symbols = symbolsOf(status);
    const throughUs = int64.number(request.throughUs);
    const bars = await this.#ports.store.bars({
      runId: settings.runId,
      feed: request.feed,
      symbols: request.symbols.length > 0 ? request.symbols : symbols,
      timeframe: timeframes.optionalFromWire(request.timeframe) ?? '1m',
      afterUs: int64.time(request.afterUs),
      throughUs: timeUs(throughUs === 0 ? END_OF_TIME : throughUs),
      limit: Math.min(request.limit === 0 ? BARS_MAX : request.limit, BARS_MAX),
      revisions: 'latest',
    });
    return { bars: bars.map(barToWire) };
  }

  listFeeds(): Promise<marketService.ListFeedsResponse> {
    const feeds = [...this.#feeds.values()].map(feedOf);
    return Promise.resolve({ feeds });
  }

  /** Past bars, the latest {@link BARS_MAX} of them, then what comes, until the caller aborts. */
  async *streamBars(
    request: marketService.StreamBarsRequest,
    context: { readonly signal: AbortSignal },
  ): AsyncGenerator<marketService.StreamBarsResponse> {
    const { settings } = this.#feed(request.feed);
    const state = await this.#ports.bus.streamState('MARKET');
    const past = await this.getBars({
      feed: request.feed,
      symbols: request.symbols,
      timeframe: timeframes.toWire('1m'),
      afterUs: request.afterUs,
      throughUs: 0n,
      limit: 0,
    });
    let throughUs = int64.time(request.afterUs);
    for (const bar of past.bars) {
      throughUs = int64.time(bar.endUs);
      yield { bar };
    }
    for await (const bar of this.#live(
      settings,
      request.symbols,
      state.lastSequence,
      context.signal,
    )) {
      if (bar.endUs > throughUs) yield { bar: barToWire(bar) };
    }
  }

  async *#live(
    settings: FeedStatus['settings'],
    symbols: readonly string[],
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<BarRecord & { readonly endUs: TimeUs }> {
    const subscription = await this.#ports.bus.subscribe({
      stream: 'MARKET',
      filters: [subjects.barsOfVenue(settings.venue, '1m')],
      afterSequence,
    });
    signal.addEventListener('abort', () => void subscription.close(), { once: true });
    const wanted = new Set(symbols);
    try {
      while (!signal.aborted) {
        const messages = await subscription.next();
        if (messages.length === 0) return;
        for (const message of messages) {
          const bar = decodeBar(message.data);
          if (bar.feed !== settings.feed || bar.runId !== settings.runId) continue;
          if (wanted.size === 0 || wanted.has(bar.symbol)) yield bar;
        }
      }
    } finally {
      await subscription.close();
    }
  }

  #feed(feed: string): FeedStatus {
    const found = this.#feeds.get(feed);
    if (found !== undefined) return found;
    throw new AppError({
      code: 'MARKET_DATA.FEED',
      why: `there is no feed '${feed}'.`,
      fix: `Known: ${[...this.#feeds.keys()].sort().join(', ')}.`,
    });
  }
}

function symbolsOf({ symbols, live }: FeedStatus): readonly string[] {
  return [...new Set([...symbols, ...(live?.progress.known ?? [])])].sort();
}

function feedOf(status: FeedStatus): marketService.Feed {
  const { settings, isLive = false, playback, live } = status;
  const { progress, state, refused = [] } = live ?? {};
  const problems = [state?.problem ?? '', ...refused].filter((text) => text !== '');
  return {
    ...{ feed: settings.feed, venue: settings.venue, runId: settings.runId },
    symbols: [...symbolsOf(status)],
    lastSliceEndUs: int64.of(playback?.lastSliceEndUs ?? progress?.closedUs ?? 0),
    slicesPublished: int64.of(playback?.published ?? progress?.published ?? 0),
    finished: playback?.finished ?? false,
    waitingFor: playback === undefined ? [] : [...heldBackBy(playback)],
    live: isLive,
    connected: state?.connected ?? false,
    stale: state?.stale ?? false,
    clockOffsetUs: int64.of(state?.clockApartUs ?? 0),
    problem: problems.join(' '),
  };
}
