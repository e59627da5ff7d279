import { type Calendar, getCalendar } from '@capstan/calendar';
import {
  type Bar,
  type MarketAction,
  type MarketQuote,
  type MarketSession,
  type MarketTrade,
  type OptionContract,
  type OptionSnapshot,
  TIMEFRAMES,
  type TimeUs,
} from '@capstan/domain';
import {
  type ActionsRequest,
  BAR_ADJUSTMENTS,
  type BarsRequest,
  type Clock,
  type HistoryRequest,
  type Log,
  type MarketDataCapabilities,
  type MarketDataVenue,
  type MarketStream,
  type OptionsRequest,
  type StreamWish,
} from '@capstan/ports';
import type { RequestBudget } from '../../requests/request-budget.ts';
import { type SendRequest, VendorRequests } from '../../requests/vendor-requests.ts';
import type { AlpacaEndpoints } from '../connection.ts';
import type { AlpacaCredentials } from '../credentials.ts';
import { alpacaActions } from './actions.ts';
import { AlpacaAnswers, type AlpacaClients, alpacaClients } from './alpaca-rest.ts';
import { alpacaBars } from './bars.ts';
import type { AlpacaFeed, AlpacaOptionFeed, AlpacaStreamMode } from './feeds.ts';
import { KnownSymbols } from './known-symbols.ts';
import { HEARTBEAT_SYMBOL } from './limits.ts';
import { alpacaChain, alpacaContracts } from './options.ts';
import { AlpacaPolling } from './polling.ts';
import { alpacaNow, alpacaSessions } from './sessions.ts';
import { AlpacaStream } from './stream.ts';
import { alpacaQuotes, alpacaTrades } from './ticks.ts';

export interface AlpacaDataPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Shared by all that asks with these keys, trading too. */
  readonly budget: RequestBudget;
  /** The platform's `fetch` unless told. */
  readonly send?: SendRequest;
}

export interface AlpacaDataSettings {
  readonly endpoints: AlpacaEndpoints;
  readonly credentials: AlpacaCredentials;
  readonly feed: AlpacaFeed;
  readonly optionsFeed: AlpacaOptionFeed;
  readonly stream: AlpacaStreamMode;
  /** Polling: after the end of a minute, until its bars are asked for. */
  readonly settleMs?: number;
}

/** One rate of requests: what they ask, and who reads the answers. */
interface Reading {
  readonly clients: AlpacaClients;
  readonly answers: AlpacaAnswers;
}

/** Alpaca's market data: stocks and listed options, by its own client. */
export class AlpacaData implements MarketDataVenue {
  readonly capabilities: MarketDataCapabilities;
  readonly #ports: AlpacaDataPorts;
  readonly #settings: AlpacaDataSettings;
  readonly #calendar: Calendar = getCalendar('XNYS');
  readonly #history: Reading;
  readonly #live: Reading;
  readonly #known: KnownSymbols;

  constructor(ports: AlpacaDataPorts, settings: AlpacaDataSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#history = this.#reading('history');
    this.#live = this.#reading('live');
    this.#known = new KnownSymbols(this.#history.clients, this.#history.answers);
    this.capabilities = {
      timeframes: TIMEFRAMES,
      barsAlign: 'clock',
      history: { trades: true, quotes: true, options: true, actions: true, calendar: true },
      streams: settings.stream === 'poll' ? ['bars'] : ['bars', 'trades', 'quotes'],
      adjustments: BAR_ADJUSTMENTS,
      tellsTime: true,
    };
  }

  /** Asks for one bar of the feed: wrong keys and a feed that the plan lacks are told. */
  async check(signal?: AbortSignal): Promise<void> {
    const { feed } = this.#settings;
    const { clients, answers } = this.#live;
    const asked = { what: 'the latest bar', feed, signal };
    const parameters = { symbols: HEARTBEAT_SYMBOL, feed };
    const init = signal === undefined ? {} : { signal };
    const call = () => clients.stocks.stockLatestBarsRaw(parameters, init);
    await answers.ask(asked, call, (text): unknown => JSON.parse(text));
  }

  /** @throws MARKET.SYMBOL for a symbol that had no bar and is none of Alpaca's; what the port says. */
  async *bars(request: BarsRequest, signal?: AbortSignal): AsyncIterable<readonly Bar[]> {
    const silent = new Set(request.symbols);
    for await (const page of this.#barsBy(this.#history, request, signal)) {
      for (const { symbol } of page) silent.delete(symbol);
      yield page;
    }
    await this.#known.require(silent, signal);
  }

  trades(request: HistoryRequest, signal?: AbortSignal): AsyncIterable<readonly MarketTrade[]> {
    return alpacaTrades({ ...this.#history, feed: this.#settings.feed }, request, signal);
  }

  quotes(request: HistoryRequest, signal?: AbortSignal): AsyncIterable<readonly MarketQuote[]> {
    return alpacaQuotes({ ...this.#history, feed: this.#settings.feed }, request, signal);
  }

  actions(request: ActionsRequest, signal?: AbortSignal): AsyncIterable<readonly MarketAction[]> {
    return alpacaActions(this.#history, request, signal);
  }

  optionContracts(
    request: OptionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly OptionContract[]> {
    return alpacaContracts({ ...this.#live, feed: this.#settings.optionsFeed }, request, signal);
  }

  optionChain(
    request: OptionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly OptionSnapshot[]> {
    return alpacaChain({ ...this.#live, feed: this.#settings.optionsFeed }, request, signal);
  }

  sessions(fromDate: string, toDate: string): Promise<readonly MarketSession[]> {
    return alpacaSessions(this.#live, fromDate, toDate);
  }

  nowUs(): Promise<TimeUs> {
    return alpacaNow(this.#live);
  }

  subscribe(wish: StreamWish): Promise<MarketStream> {
    const { clock, log } = this.#ports;
    const { stream, feed, credentials, endpoints, settleMs } = this.#settings;
    if (stream === 'poll') {
      const bars = (request: BarsRequest, signal: AbortSignal) =>
        this.#barsBy(this.#live, request, signal);
      const ports = { clock, log, bars, nowUs: () => this.nowUs() };
      return AlpacaPolling.open(ports, settleMs === undefined ? {} : { settleMs }, wish);
    }
    const { dataStreamUrl } = endpoints;
    const ports = { clock, log, calendar: this.#calendar };
    return AlpacaStream.open(ports, { dataStreamUrl, feed, credentials }, wish);
  }

  close(): void {}

  #barsBy(reading: Reading, request: BarsRequest, signal?: AbortSignal) {
    const source = { ...reading, calendar: this.#calendar, feed: this.#settings.feed };
    return alpacaBars(source, request, signal);
  }

  #reading(kind: 'live' | 'history'): Reading {
    const { clock, log, budget, send } = this.#ports;
    const { endpoints, credentials } = this.#settings;
    const ports = { clock, budget, ...(send === undefined ? {} : { send }) };
    const requests = new VendorRequests(ports, { kind });
    return {
      clients: alpacaClients(requests, endpoints, credentials),
      answers: new AlpacaAnswers(log, credentials),
    };
  }
}
