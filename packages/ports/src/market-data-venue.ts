import type {
  Bar,
  MarketAction,
  MarketEvent,
  MarketQuote,
  MarketSession,
  MarketTrade,
  OptionContract,
  OptionRight,
  OptionSnapshot,
  PriceNanos,
  Timeframe,
  TimeUs,
} from '@capstan/domain';

/** What of a symbol a stream can bring. */
export const STREAM_KINDS = ['bars', 'seconds', 'trades', 'quotes'] as const;
/** `bars` are those of a minute, `seconds` those of a second, which few vendors have. */
export type StreamKind = (typeof STREAM_KINDS)[number];

/** What a vendor of market data can and cannot do, declared by its adapter. */
export interface MarketDataCapabilities {
  /** Timeframes that its history has. Bars of more than a minute may lie at the clock's hours: see `barsAlign`. */
  readonly timeframes: readonly Timeframe[];
  /** Where its intraday bars of more than a minute begin. */
  readonly barsAlign: 'clock' | 'session';
  readonly history: {
    readonly trades: boolean;
    readonly quotes: boolean;
    readonly options: boolean;
    readonly actions: boolean;
    readonly calendar: boolean;
  };
  /** What it streams; empty where it has no stream, which is then polled. */
  readonly streams: readonly StreamKind[];
  /** Adjustments that its history can apply: Capstan stores raw bars and asks for others by a person's wish only. */
  readonly adjustments: readonly BarAdjustment[];
  /** It says its clock's time. */
  readonly tellsTime: boolean;
  /** How long after the end of a day, by New York's clocks, its history is there whole; at once where it is left out. */
  readonly dayLagUs?: number;
  /** Many symbols cost no more than one, as its files hold them all: they are asked for together. */
  readonly holdsAllTogether?: boolean;
}

export const BAR_ADJUSTMENTS = ['raw', 'split', 'all'] as const;
/** `split`: restated by splits; `all`: by splits and dividends. */
export type BarAdjustment = (typeof BAR_ADJUSTMENTS)[number];

/** A span of history of some symbols: bars, trades or quotes whose time is in `[fromUs, toUs)`. */
export interface HistoryRequest {
  readonly symbols: readonly string[];
  readonly fromUs: TimeUs;
  readonly toUs: TimeUs;
}

export interface BarsRequest extends HistoryRequest {
  readonly timeframe: Timeframe;
  readonly adjustment: BarAdjustment;
}

/** Corporate actions of some symbols by ex-date: `[fromDate, toDate]`, `YYYY-MM-DD`. */
export interface ActionsRequest {
  readonly symbols: readonly string[];
  readonly fromDate: string;
  readonly toDate: string;
}

/** Options of an underlying; all of them where nothing narrows it. */
export interface OptionsRequest {
  readonly underlying: string;
  /** `YYYY-MM-DD`, both inclusive. */
  readonly fromExpiration?: string;
  readonly toExpiration?: string;
  readonly fromStrikeNanos?: PriceNanos;
  readonly toStrikeNanos?: PriceNanos;
  readonly right?: OptionRight;
}

/** What a stream should bring. */
export interface StreamWish {
  readonly bars: readonly string[];
  /** Only of a vendor that streams them. */
  readonly seconds?: readonly string[];
  readonly trades: readonly string[];
  readonly quotes: readonly string[];
}

export interface MarketStream {
  /**
   * Returns what came, waiting for at least one; an empty array only after `close`. Reconnects by itself and says so:
   * `disconnected`, later `connected`.
   * @throws MARKET.CREDENTIALS, MARKET.ENTITLEMENT where going on makes no sense.
   */
  next(): Promise<readonly MarketEvent[]>;
  /** Changes what it brings; returns when the vendor has confirmed it. @throws MARKET.ENTITLEMENT, MARKET.UNAVAILABLE */
  want(wish: StreamWish): Promise<void>;
  close(): Promise<void>;
}

/**
 * A vendor of market data. Pages come as the vendor gives them, each page the rows of one or more symbols, oldest first within a
 * symbol; calls are retried and kept under the vendor's rate by the adapter. All may throw:
 * - MARKET.CREDENTIALS: the key is wrong, or has died;
 * - MARKET.ENTITLEMENT: the plan does not hold what was asked, with what it does hold;
 * - MARKET.SYMBOL: the vendor does not know the symbol;
 * - MARKET.RATE: the vendor goes on saying that it is asked too often;
 * - MARKET.ANSWER: what it answered is not what it says it answers: cut off, or no JSON;
 * - MARKET.UNAVAILABLE: no answer, or a failure of its own, after all tries.
 */
export interface MarketDataVenue {
  readonly capabilities: MarketDataCapabilities;
  /** Asks for as little as possible, to find out whether the credentials are good. */
  check(signal?: AbortSignal): Promise<void>;
  bars(request: BarsRequest, signal?: AbortSignal): AsyncIterable<readonly Bar[]>;
  trades(request: HistoryRequest, signal?: AbortSignal): AsyncIterable<readonly MarketTrade[]>;
  quotes(request: HistoryRequest, signal?: AbortSignal): AsyncIterable<readonly MarketQuote[]>;
  actions(request: ActionsRequest, signal?: AbortSignal): AsyncIterable<readonly MarketAction[]>;
  optionContracts(
    request: OptionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly OptionContract[]>;
  optionChain(
    request: OptionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly OptionSnapshot[]>;
  /**
   * What a vendor that keeps a file a day calls the present version of each, by date: one that is not what it was has been written
   * again. Only such vendors have it. @param request of bars those of one minute, unless it names a timeframe.
   */
  dayVersions?(
    request: ActionsRequest & {
      readonly of: Exclude<StreamKind, 'seconds'>;
      readonly timeframe?: Timeframe;
    },
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;
  /** Sessions of `[fromDate, toDate]`. Called only where its history has a calendar. */
  sessions(fromDate: string, toDate: string): Promise<readonly MarketSession[]>;
  /** Called only where the venue `tellsTime`. */
  nowUs(): Promise<TimeUs>;
  /** Opens the stream, or starts polling where there is none. @throws MARKET.CREDENTIALS, MARKET.ENTITLEMENT, MARKET.UNAVAILABLE */
  subscribe(wish: StreamWish): Promise<MarketStream>;
  close(): void;
}
