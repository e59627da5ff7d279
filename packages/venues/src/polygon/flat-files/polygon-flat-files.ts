import {
  type Calendar,
  dateOfDay,
  dayNumber,
  newYorkDayOf,
  newYorkTimeUs,
} from '@capstan/calendar';
import type {
  Bar,
  MarketAction,
  MarketQuote,
  MarketSession,
  MarketTrade,
  TimeUs,
} from '@capstan/domain';
import { AppError, US_PER_MINUTE } from '@capstan/domain';
import type {
  ActionsRequest,
  BarsRequest,
  Clock,
  HistoryRequest,
  Log,
  MarketDataCapabilities,
  MarketDataVenue,
  MarketStream,
} from '@capstan/ports';
import { marketFailure } from '../../requests/market-failure.ts';
import {
  DOWNLOAD_ATTEMPTS_MAX,
  FILE_DUE_MINUTE,
  FILE_LATE_US,
  FILE_MARGIN_MINUTES,
  PAGE_ROWS,
  RECONNECT_MS,
} from '../limits.ts';
import { clusterOf, tickerOf } from '../symbols.ts';
import { type CellReader, readPackedCsv } from './csv-stream.ts';
import {
  type DayFile,
  dateOfKey,
  datesBetween,
  type FileMarket,
  type FileSet,
  keyOf,
  monthPrefix,
} from './day-file.ts';
import {
  AGGREGATE_COLUMNS,
  barOfLine,
  QUOTE_COLUMNS,
  quoteOfLine,
  readLine,
  TRADE_COLUMNS,
  tradeOfLine,
} from './file-rows.ts';
import { FileStore } from './file-store.ts';
import type { FlatFileSettings } from './settings.ts';

export interface FlatFilePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: Calendar;
  /** Who tells corporate actions, which no file holds; none unless told. */
  readonly actions?: Pick<MarketDataVenue, 'actions'>;
}

type DaysRequest = Parameters<NonNullable<MarketDataVenue['dayVersions']>>[0];

/** What a set of files is read for. */
interface Reading<T> {
  readonly columns: readonly string[];
  readonly read: (ticker: string, cell: CellReader) => T;
  readonly startOf: (row: T) => TimeUs;
}

const VERSIONED = { bars: 'minute_aggs_v1', trades: 'trades_v1', quotes: 'quotes_v1' } as const;
const SETS = { '1m': 'minute_aggs_v1', '1d': 'day_aggs_v1' } as const;

/**
 * Polygon's flat files as a vendor of history: a file a market and day, read once for all symbols that are wanted. They hold what was
 * traded, raw, under the symbols of that day, from about eleven o'clock of the next.
 */
export class PolygonFlatFiles implements MarketDataVenue {
  readonly capabilities: MarketDataCapabilities;
  readonly #ports: FlatFilePorts;
  readonly #store: FileStore;

  constructor(ports: FlatFilePorts, settings: FlatFileSettings) {
    this.#ports = ports;
    this.#store = new FileStore(settings);
    this.capabilities = {
      timeframes: ['1m', '1d'],
      barsAlign: 'clock',
      history: {
        trades: true,
        quotes: true,
        options: false,
        actions: ports.actions !== undefined,
        calendar: false,
      },
      streams: [],
      adjustments: ['raw'],
      tellsTime: false,
      dayLagUs: (FILE_DUE_MINUTE + FILE_MARGIN_MINUTES) * US_PER_MINUTE,
      holdsAllTogether: true,
    };
  }

  check(signal?: AbortSignal): Promise<void> {
    return this.#store.check(signal);
  }

  async *bars(request: BarsRequest, signal?: AbortSignal): AsyncIterable<readonly Bar[]> {
    const { timeframe } = request;
    if (timeframe !== '1m' && timeframe !== '1d') {
      throw lacks(`bars of ${timeframe}`, "Take '1m' or '1d'; others are made of minutes.");
    }
    if (request.adjustment !== 'raw') {
      throw lacks(
        `'${request.adjustment}' bars`,
        'Take raw bars and the list of corporate actions.',
      );
    }
    const { calendar } = this.#ports;
    const reading: Reading<Bar> = {
      columns: AGGREGATE_COLUMNS,
      read: (ticker, cell) => barOfLine(ticker, cell, timeframe, calendar),
      startOf: ({ startUs }) => startUs,
    };
    for (const file of this.#files(SETS[timeframe], request)) {
      const bars = await this.#day(file, request, reading, signal);
      if (bars.length > 0) yield bars;
    }
  }

  trades(request: HistoryRequest, signal?: AbortSignal): AsyncIterable<readonly MarketTrade[]> {
    const reading = { columns: TRADE_COLUMNS, read: tradeOfLine, startOf: atOf };
    return this.#ticks('trades_v1', request, reading, signal);
  }

  quotes(request: HistoryRequest, signal?: AbortSignal): AsyncIterable<readonly MarketQuote[]> {
    const reading = { columns: QUOTE_COLUMNS, read: quoteOfLine, startOf: atOf };
    return this.#ticks('quotes_v1', request, reading, signal);
  }

  async *actions(
    request: ActionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly MarketAction[]> {
    const { actions } = this.#ports;
    if (actions === undefined) {
      throw lacks('corporate actions', 'Set POLYGON_API_KEY too: they come from its interface.');
    }
    yield* actions.actions(request, signal);
  }

  /**
   * Returns what the store calls the present version of each day's file, by date: one that differs from what was read was written again,
   * as corrections came in.
   */
  async dayVersions(
    { of, timeframe, symbols, fromDate, toDate }: DaysRequest,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const set = of === 'bars' && timeframe === '1d' ? SETS['1d'] : VERSIONED[of];
    const found = new Map<string, string>();
    for (const market of marketsOf(symbols).keys()) {
      const dates = datesBetween(fromDate, toDate);
      const prefixes = new Set(dates.map((date) => monthPrefix({ market, set }, date)));
      for (const prefix of prefixes) {
        for (const { key, etag } of await this.#store.list(prefix, signal)) {
          const date = dateOfKey(key);
          if (date === undefined || date < fromDate || date > toDate) continue;
          found.set(date, `${found.get(date) ?? ''}${etag}`);
        }
      }
    }
    return found;
  }

  // biome-ignore lint/correctness/useYield: files hold no contracts
  async *optionContracts(): AsyncIterable<never> {
    throw lacks('option contracts', "Take the provider 'polygon'.");
  }

  // biome-ignore lint/correctness/useYield: files hold no chain
  async *optionChain(): AsyncIterable<never> {
    throw lacks('an option chain', "Take the provider 'polygon'.");
  }

  sessions(): Promise<readonly MarketSession[]> {
    return Promise.reject(lacks('a calendar', "Take the provider 'polygon'."));
  }

  nowUs(): Promise<TimeUs> {
    return Promise.reject(lacks('a clock', "Take the provider 'polygon'."));
  }

  subscribe(): Promise<MarketStream> {
    return Promise.reject(lacks('a stream', "Take the provider 'polygon'."));
  }

  close(): void {
    this.#store.close();
  }

  /** The files that a request needs: of each session in it, and of each market that has a symbol in it. */
  *#files(set: FileSet, { symbols, fromUs, toUs }: HistoryRequest): Iterable<FileWish> {
    const { calendar } = this.#ports;
    const date = (us: number) => dateOfDay(newYorkDayOf(us));
    for (const day of datesBetween(date(fromUs), date(toUs - 1))) {
      if (calendar.session(day) === undefined) continue;
      for (const [market, tickers] of marketsOf(symbols)) {
        yield { market, set, date: day, tickers };
      }
    }
  }

  /** Reads a day into memory: whole, or not at all. */
  async #day<T>(
    file: FileWish,
    span: HistoryRequest,
    reading: Reading<T>,
    signal?: AbortSignal,
  ): Promise<readonly T[]> {
    for (let attempt = 1; ; attempt += 1) {
      const rows: T[] = [];
      try {
        await this.#read(file, span, reading, (row) => rows.push(row), signal);
        return rows;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof AppError || attempt >= DOWNLOAD_ATTEMPTS_MAX)
          throw cutOff(file, error);
        this.#ports.log.warn('a flat file broke off; reading it again', { key: keyOf(file) });
        await this.#ports.clock.sleep(RECONNECT_MS * 2 ** attempt, signal);
      }
    }
  }

  /** Hands out a day's ticks as they come, for they may not fit into memory. */
  async *#ticks<T extends { readonly atUs: TimeUs; readonly symbol: string }>(
    set: FileSet,
    span: HistoryRequest,
    reading: Reading<T>,
    signal?: AbortSignal,
  ): AsyncIterable<readonly T[]> {
    for (const file of this.#files(set, span)) yield* this.#pages(file, span, reading, signal);
  }

  async *#pages<T>(
    file: FileWish,
    span: HistoryRequest,
    reading: Reading<T>,
    signal?: AbortSignal,
  ): AsyncIterable<readonly T[]> {
    const handOver = new HandOver<T>();
    const over = new AbortController();
    const both = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    const done = this.#read(
      file,
      span,
      reading,
      (row) => handOver.push(row),
      both,
      () => handOver.room(over.signal),
    ).then(
      () => handOver.end(),
      (error: unknown) => handOver.end(cutOff(file, error)),
    );
    try {
      for (let page = await handOver.page(); page.length > 0; page = await handOver.page()) {
        yield page;
      }
    } finally {
      over.abort();
      handOver.end();
      await done;
      signal?.throwIfAborted();
    }
  }

  async #read<T>(
    file: FileWish,
    { fromUs, toUs }: HistoryRequest,
    { columns, read, startOf }: Reading<T>,
    take: (row: T) => void,
    signal?: AbortSignal,
    piece?: () => Promise<void>,
  ): Promise<void> {
    const key = keyOf(file);
    const opened = await this.#store.open(key, signal);
    if (opened === undefined) {
      const dueUs = newYorkTimeUs(dayNumber(file.date) + 1, FILE_DUE_MINUTE);
      if (this.#ports.clock.nowUs() < dueUs + FILE_LATE_US) throw notYet(key);
      this.#ports.log.warn('there is no flat file of a session', { key });
      return;
    }
    const stop = () => opened.body.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await readPackedCsv(opened.body, {
        columns,
        wanted: file.tickers,
        row: (ticker, cell) => {
          const row = readLine(key, ticker, cell, () => read(ticker, cell));
          const startUs = startOf(row);
          if (startUs >= fromUs && startUs < toUs) take(row);
        },
        ...(piece === undefined ? {} : { piece }),
      });
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
}

/** A file, and whose lines of it are wanted. */
interface FileWish extends DayFile {
  readonly tickers: ReadonlySet<string>;
}

const atOf = ({ atUs }: { readonly atUs: TimeUs }): TimeUs => atUs;

/** The vendor's tickers of some symbols, by the market whose files have them. */
function marketsOf(symbols: readonly string[]): ReadonlyMap<FileMarket, ReadonlySet<string>> {
  const markets = new Map<FileMarket, Set<string>>();
  for (const symbol of symbols) {
    const cluster = clusterOf(symbol);
    if (cluster === 'indices') throw lacks(`the index ${symbol}`, "Take the provider 'polygon'.");
    const market = cluster === 'options' ? 'us_options_opra' : 'us_stocks_sip';
    const tickers = markets.get(market) ?? new Set();
    markets.set(market, tickers.add(tickerOf(symbol)));
  }
  return markets;
}

/** Rows between who reads a file and who takes pages of it: the reading waits where too many lie there. */
class HandOver<T> {
  #rows: T[] = [];
  #isOver = false;
  #failure: unknown;
  #changed = Promise.withResolvers<void>();

  push(row: T): void {
    this.#rows.push(row);
    if (this.#rows.length === PAGE_ROWS) this.#wake();
  }

  /** Waits until there is room for more. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#rows.length >= PAGE_ROWS && !signal.aborted && !this.#isOver) {
      await this.#changed.promise;
    }
  }

  end(failure?: unknown): void {
    this.#isOver = true;
    this.#failure ??= failure;
    this.#wake();
  }

  /** Returns the next page; an empty one at the end. */
  async page(): Promise<readonly T[]> {
    while (this.#rows.length < PAGE_ROWS && !this.#isOver) await this.#changed.promise;
    const page = this.#rows;
    this.#rows = [];
    if (page.length === 0 && this.#failure !== undefined) throw this.#failure;
    this.#wake();
    return page;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** A day that may still come is never taken for one without trades. */
function notYet(key: string): AppError {
  return marketFailure('MARKET.UNAVAILABLE', {
    why: `Polygon's flat file ${key} is not there yet.`,
    fix: "A day's file comes at about eleven o'clock in New York of the next day: end the span a day earlier, or run it again later.",
  });
}

function cutOff(file: DayFile, error: unknown): unknown {
  if (error instanceof AppError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return marketFailure('MARKET.UNAVAILABLE', {
    why: `Polygon's flat file ${keyOf(file)} broke off: ${said}.`,
    fix: 'Look at the network, then run it again.',
  });
}

function lacks(what: string, fix: string): AppError {
  return marketFailure('MARKET.ENTITLEMENT', {
    why: `Polygon's flat files do not have ${what}.`,
    fix,
  });
}
