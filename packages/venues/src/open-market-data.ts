import { getCalendar } from '@capstan/calendar';
import { AppError } from '@capstan/domain';
import type { Clock, Log, MarketDataVenue } from '@capstan/ports';
import { alpacaEndpoints } from './alpaca/connection.ts';
import { readAlpacaCredentials } from './alpaca/credentials.ts';
import { ALPACA_FEEDS, ALPACA_OPTION_FEEDS, type AlpacaStreamMode } from './alpaca/data/feeds.ts';
import { readFlatFileSettings } from './polygon/flat-files/settings.ts';
import { POLYGON_PER_MINUTE } from './polygon/limits.ts';
import { hasPolygonKey, polygonEndpoints, readPolygonKey } from './polygon/settings.ts';
import { RequestBudget } from './requests/request-budget.ts';
import type { Environment } from './secret-source.ts';

export const MARKET_DATA_PROVIDERS = ['alpaca', 'polygon', 'polygon-flat-files', 'yahoo'] as const;
export type MarketDataProvider = (typeof MARKET_DATA_PROVIDERS)[number];

export interface MarketDataPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** The budget of the account, where something else asks with its keys too; one of its own unless given. */
  readonly budget?: RequestBudget;
}

/** What may be said of a vendor beside its keys. */
export interface MarketDataSettings {
  /** Alpaca: `iex`, `sip` or `delayed_sip`. */
  readonly feed?: string | undefined;
  /** Alpaca: `indicative` or `opra`. */
  readonly optionsFeed?: string | undefined;
  /** Alpaca: how live data come. */
  readonly stream?: AlpacaStreamMode | undefined;
  /** What the plan grants. */
  readonly requestsPerMinute?: number | undefined;
}

/** Alpaca's free plan, for data and for trading. */
const ALPACA_PER_MINUTE = 200;
const ALPACA_LIVE_HOST = 'api.alpaca.markets';

/**
 * Opens a vendor of market data with the keys of the environment. A vendor's client is loaded when it is the one.
 * @throws VENUE.CREDENTIALS, VENUE.ENDPOINT; MARKET.ENTITLEMENT for a feed that the vendor does not have.
 */
export async function openMarketData(
  provider: MarketDataProvider,
  environment: Environment,
  settings: MarketDataSettings,
  ports: MarketDataPorts,
): Promise<MarketDataVenue> {
  switch (provider) {
    case 'alpaca':
      return openAlpaca(environment, settings, ports);
    case 'polygon':
      return openPolygon(environment, settings, ports);
    case 'polygon-flat-files':
      return openFlatFiles(environment, settings, ports);
    case 'yahoo':
      return openYahoo(settings, ports);
  }
}

async function openAlpaca(
  environment: Environment,
  settings: MarketDataSettings,
  { clock, log, budget }: MarketDataPorts,
): Promise<MarketDataVenue> {
  const { requestsPerMinute = ALPACA_PER_MINUTE, stream = 'websocket' } = settings;
  const credentials = readAlpacaCredentials(environment);
  const { AlpacaData } = await import('./alpaca/data/alpaca-data.ts');
  const ports = {
    clock,
    log,
    budget: budget ?? new RequestBudget(clock, { perMinute: requestsPerMinute }),
  };
  return new AlpacaData(ports, {
    endpoints: alpacaEndpoints(environment, modeOf(environment)),
    credentials,
    feed: oneOf('feed', settings.feed ?? 'iex', ALPACA_FEEDS),
    optionsFeed: oneOf('optionsFeed', settings.optionsFeed ?? 'indicative', ALPACA_OPTION_FEEDS),
    stream,
  });
}

async function openPolygon(
  environment: Environment,
  { feed, requestsPerMinute = POLYGON_PER_MINUTE }: MarketDataSettings,
  { clock, log, budget }: MarketDataPorts,
): Promise<MarketDataVenue> {
  if (feed !== undefined) throw noFeed('polygon', feed);
  const key = readPolygonKey(environment);
  const endpoints = polygonEndpoints(environment);
  const { PolygonData } = await import('./polygon/polygon-data.ts');
  const ports = {
    clock,
    log,
    calendar: getCalendar('XNYS'),
    budget: budget ?? new RequestBudget(clock, { perMinute: requestsPerMinute }),
  };
  return new PolygonData(ports, { endpoints, key });
}

/** Corporate actions come from Polygon's interface, where its key is there too. */
async function openFlatFiles(
  environment: Environment,
  settings: MarketDataSettings,
  ports: MarketDataPorts,
): Promise<MarketDataVenue> {
  if (settings.feed !== undefined) throw noFeed('polygon-flat-files', settings.feed);
  const files = readFlatFileSettings(environment);
  const hasKey = hasPolygonKey(environment);
  const actions = hasKey ? await openPolygon(environment, settings, ports) : undefined;
  const { PolygonFlatFiles } = await import('./polygon/flat-files/polygon-flat-files.ts');
  const { clock, log } = ports;
  const calendar = getCalendar('XNYS');
  return new PolygonFlatFiles(
    { clock, log, calendar, ...(actions === undefined ? {} : { actions }) },
    files,
  );
}

async function openYahoo(
  { feed, requestsPerMinute }: MarketDataSettings,
  { clock, log }: MarketDataPorts,
): Promise<MarketDataVenue> {
  if (feed !== undefined) throw noFeed('yahoo', feed);
  const { YahooData } = await import('./yahoo/yahoo-data.ts');
  const settings = requestsPerMinute === undefined ? {} : { requestsPerMinute };
  return new YahooData({ clock, log }, settings);
}

/** Data may be read with the keys of either mode: that of the address that is set, else paper. Nothing is traded. */
function modeOf(environment: Environment): 'paper' | 'live' {
  const text = environment.ALPACA_BASE_URL ?? '';
  const isLive = URL.canParse(text) && new URL(text).host === ALPACA_LIVE_HOST;
  return isLive ? 'live' : 'paper';
}

function oneOf<T extends string>(key: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new AppError({
    code: 'MARKET.ENTITLEMENT',
    why: `'${key}' is '${text}', which Alpaca does not have.`,
    fix: `It has ${known.join(', ')}.`,
  });
}

function noFeed(provider: string, feed: string): AppError {
  return new AppError({
    code: 'MARKET.ENTITLEMENT',
    why: `'feed' is '${feed}', and ${provider} has no feeds to choose from.`,
    fix: 'Leave it out.',
  });
}
