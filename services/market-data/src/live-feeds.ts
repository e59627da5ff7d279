import type { Platform } from '@capstan/platform';
import type { MarketDataVenue } from '@capstan/ports';
import {
  inMarketTime,
  type PlatformConfig,
  type ServiceContext,
  type VenueFeedConfig,
} from '@capstan/runtime';
import { StrategyRegistry } from '@capstan/strategy';
import { NearMoneyTracker, openMarketData } from '@capstan/venues';
import { LakeRecorder } from './lake-recorder.ts';
import { LiveFeedOwner, type LiveFeedSettings, type LiveStatus } from './live/live-feed-owner.ts';
import type { LiveMarketRules } from './live/live-item.ts';
import { type Market, MinuteGrid } from './live/minute-grid.ts';
import { QuotePublisher } from './live/quote-publisher.ts';
import { SALE_RULES } from './live/sale-conditions.ts';
import { wantedSymbols } from './live/wanted-symbols.ts';
import { NearMoneyGuest } from './near-money-guest.ts';

const US_PER_MS = 1_000;
const US_PER_SECOND = 1_000_000;

/** A live feed, as long as its process lives. */
export interface LiveFeed {
  close(): Promise<void>;
}

/**
 * Opens a vendor and adds the owner of a feed that it tells.
 * @throws VENUE.CREDENTIALS, VENUE.ENDPOINT, MARKET.ENTITLEMENT
 */
export async function openLiveFeed(
  context: ServiceContext<PlatformConfig>,
  platform: Platform,
  config: VenueFeedConfig,
  onStatus: (status: LiveStatus) => void,
): Promise<LiveFeed> {
  const { clock, log, environment, marketTime } = context;
  const { feed, venue, provider, source, stream, requestsPerMinute } = config;
  const runId = context.config.run.id;
  const told = { feed: source, stream, requestsPerMinute };
  const ports = { clock, log: log.child({ feed }) };
  const vendor = await openMarketData(provider, environment, told, ports);
  const quotes = quotesOf(context, platform, config);
  const rules: LiveMarketRules = {
    ...rulesOf(config, platform),
    ...(config.quotes && quotes !== undefined ? { onQuote: (quote) => quotes.offer(quote) } : {}),
    ...(config.options !== undefined && quotes !== undefined
      ? { guest: guestOf(context, platform, config, { venue: vendor, quotes }) }
      : {}),
  };
  const recorder = recorderOf(context, platform, config, rules.marketOf);
  const by = { feed, symbols: config.symbols, bots: context.config.bots };
  const strategies = new StrategyRegistry();
  const settings: LiveFeedSettings = {
    ...{ feed, venue, runId, onStatus },
    rules,
    wantedOf: (bots) => wantedSymbols({ ...by, strategies }, bots),
    onSlice: (endUs, symbols) => recorder?.onSlice(endUs, symbols),
  };
  // A simulated market's minutes are shorter than the wall's: all waits of the feed are by its time.
  const own = marketTime === undefined ? clock : inMarketTime(clock, marketTime);
  const owned = { ...platform.ports, clock: own, venue: vendor };
  platform.host.add(`feed/${feed}`, () => new LiveFeedOwner(owned, settings));
  return {
    close: async () => {
      quotes?.close();
      await recorder?.close();
      vendor.close();
    },
  };
}

function rulesOf(config: VenueFeedConfig, platform: Platform): LiveMarketRules {
  const { feed, provider, from, hours, graceMs, settleMs, staleSeconds, historySessions } = config;
  const calendars = new Map(platform.instruments.all().map((one) => [one.symbol, one.calendar]));
  const markets = new Map<string, Market>();
  return {
    ...{ feed, from, historySessions, sales: SALE_RULES[provider] },
    // Symbols of bots that are created later are US equities.
    marketOf: (symbol) => {
      const name = calendars.get(symbol) ?? 'XNYS';
      const market = markets.get(name) ?? { calendar: platform.calendarOf(name), hours };
      markets.set(name, market);
      return market;
    },
    graceUs: graceMs * US_PER_MS,
    settleUs: settleMs * US_PER_MS,
    staleUs: staleSeconds * US_PER_SECOND,
  };
}

function quotesOf(
  { config, clock, log, meter, crash }: ServiceContext<PlatformConfig>,
  { bus }: Platform,
  { feed, venue, quotes, quotesEveryMs, options }: VenueFeedConfig,
): QuotePublisher | undefined {
  if (!quotes && options === undefined) return undefined;
  const settings = { feed, venue, runId: config.run.id, everyMs: quotesEveryMs };
  const publisher = new QuotePublisher({ bus, clock, log, meter }, settings);
  publisher.run().catch(crash);
  return publisher;
}

function guestOf(
  { clock, log, meter, crash }: ServiceContext<PlatformConfig>,
  { calendarOf }: Platform,
  { options, feed }: VenueFeedConfig,
  parts: { readonly venue: MarketDataVenue; readonly quotes: QuotePublisher },
): NearMoneyGuest {
  const tracker = new NearMoneyTracker(calendarOf('XNYS'), options);
  return new NearMoneyGuest({ clock, log, meter, crash, ...parts }, tracker, feed);
}

function recorderOf(
  { config, clock, log, crash }: ServiceContext<PlatformConfig>,
  { store }: Platform,
  { feed, venue, record }: VenueFeedConfig,
  marketOf: LiveMarketRules['marketOf'],
): LakeRecorder | undefined {
  if (record === undefined) return undefined;
  const isClose = (symbols: readonly string[], endUs: number) =>
    new MinuteGrid([...new Set(symbols.map(marketOf))]).closes(endUs);
  const settings = { folder: record, feed, venue, runId: config.run.id, isClose };
  return new LakeRecorder({ store, clock, log, crash }, settings);
}
