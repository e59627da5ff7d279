import type { marketData } from '@alpacahq/alpaca-trade-api';
import { type Calendar, dateOfDay, newYorkDayOf } from '@capstan/calendar';
import { type Bar, type PriceNanos, type Timeframe, US_PER_DAY, US_PER_MS } from '@capstan/domain';
import type { BarAdjustment, BarsRequest, HistoryRequest } from '@capstan/ports';
import { spanOf } from '../../market/session-spans.ts';
import { wholeUnits } from '../../market/whole-units.ts';
import { nanosOfNumber } from '../../requests/exact-numbers.ts';
import { InstantReader } from '../../requests/instant.ts';
import { type AlpacaAnswers, type AlpacaClients, pageTokenOf } from './alpaca-rest.ts';
import type { AlpacaFeed } from './feeds.ts';
import { PAGE_POINTS, SYMBOLS_PER_REQUEST } from './limits.ts';
import { type ScannedBar, scanBars } from './scan-bars.ts';

const TIMEFRAMES: Readonly<Record<Timeframe, string>> = {
  '1m': '1Min',
  '5m': '5Min',
  '15m': '15Min',
  '30m': '30Min',
  '1h': '1Hour',
  '1d': '1Day',
};
const ADJUSTMENTS: Readonly<Record<BarAdjustment, string>> = {
  raw: 'raw',
  split: 'split',
  all: 'all',
};

/** A bar as Alpaca writes it; what it writes besides is not read. */
interface WireBar {
  readonly t: string;
  readonly o: number;
  readonly h: number;
  readonly l: number;
  readonly c: number;
  readonly v: number;
}

interface WireBars {
  readonly bars?: Readonly<Record<string, readonly WireBar[] | null>> | null;
  readonly next_page_token?: string | null;
}

/** A page: the bars of each symbol in it, oldest first. */
export interface BarsPage {
  readonly bars: readonly Bar[];
  readonly nextPageToken: string | undefined;
}

/** Where bars are asked for. */
export interface BarsSource {
  readonly clients: Pick<AlpacaClients, 'stocks'>;
  readonly answers: AlpacaAnswers;
  readonly calendar: Calendar;
  readonly feed: AlpacaFeed;
}

/** Asks for bars, page by page, as many symbols at once as an address holds. */
export async function* alpacaBars(
  { clients, answers, calendar, feed }: BarsSource,
  request: BarsRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly Bar[]> {
  const { timeframe, adjustment } = request;
  for (const symbols of groupsOf(request.symbols)) {
    const read = readBarsPage({ ...request, calendar });
    const asked = { what: `${timeframe} bars of ${namesOf(symbols)}`, feed, signal };
    const parameters: marketData.StockBarsRequest = {
      symbols: symbols.join(','),
      timeframe: TIMEFRAMES[timeframe],
      adjustment: ADJUSTMENTS[adjustment],
      feed: historicalFeed(feed),
      limit: PAGE_POINTS,
      sort: 'asc',
      ...askedSpan(timeframe === '1d' ? sinceMidnight(request) : request),
    };
    const call = (pageToken: string | undefined) =>
      clients.stocks.stockBarsRaw(
        pageToken === undefined ? parameters : { ...parameters, pageToken },
        signal === undefined ? {} : { signal },
      );
    for await (const page of answers.pages(asked, call, read)) {
      if (page.bars.length > 0) yield page.bars;
    }
  }
}

/** Makes what reads pages of bars; only those that start in the span are handed out. */
export function readBarsPage(
  request: Pick<BarsRequest, 'timeframe' | 'fromUs' | 'toUs'> & { readonly calendar: Calendar },
): (text: string) => BarsPage {
  const { timeframe, fromUs, toUs, calendar } = request;
  const instants = new InstantReader();
  return (text) => {
    let bars: Bar[] = [];
    const take = (row: ScannedBar): void => {
      const { startUs, endUs } = spanOf(timeframe, instants.read(row.stamp), calendar);
      if (startUs < fromUs || startUs >= toUs) return;
      bars.push({
        symbol: row.symbol,
        timeframe,
        startUs,
        endUs,
        revision: 0,
        openNanos: row.openNanos as PriceNanos,
        highNanos: row.highNanos as PriceNanos,
        lowNanos: row.lowNanos as PriceNanos,
        closeNanos: row.closeNanos as PriceNanos,
        volume: row.volume,
      });
    };
    const rest = scanBars(text, take);
    if (rest !== undefined) {
      return { bars, nextPageToken: pageTokenOf(JSON.parse(rest) as WireBars) };
    }
    bars = [];
    const page = JSON.parse(text) as WireBars | null;
    parsedBars(page, take);
    return { bars, nextPageToken: pageTokenOf(page ?? {}) };
  };
}

/** Hands out the bars of a page that a parser has read. */
function parsedBars(page: WireBars | null, take: (bar: ScannedBar) => void): void {
  for (const [symbol, rows] of Object.entries(page?.bars ?? {})) {
    for (const row of rows ?? []) {
      take({
        symbol,
        stamp: row.t,
        openNanos: nanosOfNumber(row.o),
        highNanos: nanosOfNumber(row.h),
        lowNanos: nanosOfNumber(row.l),
        closeNanos: nanosOfNumber(row.c),
        volume: wholeUnits(row.v),
      });
    }
  }
}

/** The span as Alpaca takes it: to the millisecond, so that what it gives is cut to the span after. */
export function askedSpan({ fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }) {
  const start = new Date(Math.floor(fromUs / US_PER_MS));
  return { start, end: new Date(Math.ceil(toUs / US_PER_MS)) };
}

/** The history has no delayed feed: what is delayed there is the plan's, which leaves out the last minutes of SIP. */
export const historicalFeed = (feed: AlpacaFeed): 'iex' | 'sip' => (feed === 'iex' ? 'iex' : 'sip');

/** Daily bars are stamped at midnight, before the sessions that they are. */
function sinceMidnight({ fromUs, toUs }: HistoryRequest) {
  return { fromUs: fromUs - US_PER_DAY, toUs };
}

export function* groupsOf(symbols: readonly string[]): Iterable<readonly string[]> {
  for (let at = 0; at < symbols.length; at += SYMBOLS_PER_REQUEST) {
    yield symbols.slice(at, at + SYMBOLS_PER_REQUEST);
  }
}

/** Names some symbols in a message. */
export function namesOf(symbols: readonly string[]): string {
  const [first = 'no symbol'] = symbols;
  return symbols.length <= 3
    ? symbols.join(', ')
    : `${first} and ${symbols.length - 1} other symbols`;
}

/** Returns the date in New York of a time, `YYYY-MM-DD`. */
export const newYorkDate = (us: number): string => dateOfDay(newYorkDayOf(us));
