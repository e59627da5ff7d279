import { type Calendar, dateOfDay, dayNumber, newYorkDayOf } from '@capstan/calendar';
import type {
  Bar,
  MarketAction,
  MarketQuote,
  MarketSession,
  MarketTrade,
  OptionContract,
  OptionSnapshot,
  TimeUs,
} from '@capstan/domain';
import { TIMEFRAMES, US_PER_DAY } from '@capstan/domain';
import {
  type ActionsRequest,
  type BarsRequest,
  type Clock,
  type HistoryRequest,
  type Log,
  type MarketDataCapabilities,
  type MarketDataVenue,
  type MarketStream,
  type OptionsRequest,
  STREAM_KINDS,
  type StreamWish,
} from '@capstan/ports';
import { InstantReader } from '../requests/instant.ts';
import { marketFailure } from '../requests/market-failure.ts';
import type { RequestBudget } from '../requests/request-budget.ts';
import { type SendRequest, VendorRequests } from '../requests/vendor-requests.ts';
import { polygonActions } from './actions.ts';
import { polygonBars } from './bars.ts';
import { KnownTickers } from './known-tickers.ts';
import { polygonChain, polygonContracts } from './options.ts';
import { comingBackNextMinute, PolygonRest } from './polygon-rest.ts';
import { PolygonStream } from './polygon-stream.ts';
import type { PolygonEndpoints, PolygonKey } from './settings.ts';
import { polygonQuotes, polygonTrades } from './ticks.ts';

export interface PolygonDataPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Shared by all that use the key. */
  readonly budget: RequestBudget;
  /** Of the sessions that daily bars are. */
  readonly calendar: Calendar;
  /** The platform's `fetch` unless told. */
  readonly send?: SendRequest;
}

export interface PolygonDataSettings {
  readonly endpoints: PolygonEndpoints;
  readonly key: PolygonKey;
  /** From sending a request to the last byte of its answer. */
  readonly timeoutMs?: number;
  /** How long a stream may say nothing while the market is open. */
  readonly silenceMs?: number;
}

/** Polygon tells no past calendar and has no bars that begin at the session's open. */
export const POLYGON_CAPABILITIES: MarketDataCapabilities = {
  timeframes: TIMEFRAMES,
  barsAlign: 'clock',
  history: { trades: true, quotes: true, options: true, actions: true, calendar: false },
  streams: STREAM_KINDS,
  adjustments: ['raw', 'split'],
  tellsTime: true,
};

/** Polygon, called Massive since October 2025, as a vendor of market data: stocks, options and indices. */
export class PolygonData implements MarketDataVenue {
  readonly capabilities = POLYGON_CAPABILITIES;
  readonly #ports: PolygonDataPorts;
  readonly #settings: PolygonDataSettings;
  readonly #history: PolygonRest;
  readonly #live: PolygonRest;
  readonly #known: KnownTickers;
  readonly #streams = new Set<PolygonStream>();

  constructor(ports: PolygonDataPorts, settings: PolygonDataSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#history = this.#rest('history');
    this.#live = this.#rest('live');
    this.#known = new KnownTickers(this.#history);
  }

  async check(signal?: AbortSignal): Promise<void> {
    await this.#live.ask('the state of the market', MARKET_STATUS, {}, signal);
  }

  async *bars(request: BarsRequest, signal?: AbortSignal): AsyncIterable<readonly Bar[]> {
    if (!POLYGON_CAPABILITIES.adjustments.includes(request.adjustment)) {
      throw marketFailure('MARKET.ENTITLEMENT', {
        why: `Polygon restates bars by splits and never by dividends: '${request.adjustment}' is not to be had.`,
        fix: 'Ask for raw bars, and let corporate actions be applied from their own list.',
      });
    }
    const { calendar } = this.#ports;
    yield* this.#each(request, signal, (symbol) =>
      polygonBars(this.#history, calendar, symbol, request, signal),
    );
  }

  async *trades(
    request: HistoryRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly MarketTrade[]> {
    yield* this.#each(request, signal, (symbol) =>
      polygonTrades(this.#history, symbol, request, signal),
    );
  }

  async *quotes(
    request: HistoryRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly MarketQuote[]> {
    yield* this.#each(request, signal, (symbol) =>
      polygonQuotes(this.#history, symbol, request, signal),
    );
  }

  async *actions(
    request: ActionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly MarketAction[]> {
    const by = { rest: this.#history, log: this.#ports.log };
    for (const symbol of request.symbols) {
      yield* polygonActions(by, symbol, request, signal);
    }
  }

  optionContracts(
    request: OptionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly OptionContract[]> {
    return polygonContracts(this.#live, request, this.#ports.clock.nowUs(), signal);
  }

  optionChain(
    request: OptionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly OptionSnapshot[]> {
    return polygonChain(this.#live, request, signal);
  }

  /** Sessions of the house's calendar, as Polygon tells those to come alone. */
  async sessions(fromDate: string, toDate: string): Promise<readonly MarketSession[]> {
    const { calendar } = this.#ports;
    const found: MarketSession[] = [];
    for (let day = dayNumber(fromDate); day <= dayNumber(toDate); day += 1) {
      const session = calendar.session(dateOfDay(day));
      if (session === undefined) continue;
      const { date, openUs, closeUs } = session;
      found.push({ date, openUs, closeUs });
    }
    return found;
  }

  /** The vendor tells whole seconds: its clock is up to a second further. */
  async nowUs(): Promise<TimeUs> {
    const { serverTime } = await this.#live.ask('the time', MARKET_STATUS);
    return new InstantReader().read(String(serverTime));
  }

  async subscribe(wish: StreamWish): Promise<MarketStream> {
    const { clock, log, calendar } = this.#ports;
    const { endpoints, key, silenceMs } = this.#settings;
    const stream = new PolygonStream(
      { clock, log, calendar },
      { endpoints, key, ...(silenceMs === undefined ? {} : { silenceMs }) },
    );
    this.#streams.add(stream);
    try {
      await stream.want(wish);
    } catch (error) {
      await stream.close();
      throw error;
    }
    return stream;
  }

  close(): void {
    for (const stream of this.#streams) void stream.close();
    this.#streams.clear();
  }

  #rest(kind: 'history' | 'live'): PolygonRest {
    const { clock, log, budget, send } = this.#ports;
    const { endpoints, key, timeoutMs } = this.#settings;
    const requests = new VendorRequests(
      { clock, budget, send: comingBackNextMinute(clock, send) },
      { kind, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    );
    return new PolygonRest({ requests, log }, endpoints.url, key);
  }

  /** Asks symbol by symbol, as the vendor takes one at a time. */
  async *#each<T>(
    { symbols, fromUs, toUs }: HistoryRequest,
    signal: AbortSignal | undefined,
    ask: (symbol: string) => AsyncIterable<readonly T[]>,
  ): AsyncIterable<readonly T[]> {
    for (const symbol of symbols) {
      let isEmpty = true;
      for await (const page of ask(symbol)) {
        isEmpty = false;
        yield page;
      }
      if (!isEmpty) continue;
      // As of the span's end, but not of a day to come.
      const lastUs = Math.max(fromUs, Math.min(toUs - 1, this.#ports.clock.nowUs() - US_PER_DAY));
      await this.#known.require(symbol, dateOfDay(newYorkDayOf(lastUs)), signal);
    }
  }
}

const MARKET_STATUS = { method: 'getMarketStatus', path: [] } as const;
