import { type Calendar, getCalendar } from '@capstan/calendar';
import {
  AppError,
  type Bar,
  type MarketAction,
  type PriceNanos,
  type TimeUs,
  timeframeUs,
  timeUs,
} from '@capstan/domain';
import {
  type ActionsRequest,
  BAR_ADJUSTMENTS,
  type BarsRequest,
  type MarketDataCapabilities,
  type MarketDataVenue,
} from '@capstan/ports';

const refuse = (): never => {
  throw new Error('a fetch asks for bars, actions and the time alone');
};

/** A vendor in memory: bars that follow from their symbol and time, and whatever a test makes of it. */
export class TestVenue implements MarketDataVenue {
  capabilities: MarketDataCapabilities = {
    timeframes: ['1m', '5m', '1h', '1d'],
    barsAlign: 'clock',
    history: { trades: false, quotes: false, options: false, actions: true, calendar: false },
    streams: [],
    adjustments: BAR_ADJUSTMENTS,
    tellsTime: true,
  };
  readonly asked: BarsRequest[] = [];
  readonly askedActions: ActionsRequest[] = [];
  /** Symbols that there are; all where empty. */
  listed: readonly string[] = [];
  /** Symbols without any bar. */
  silent: readonly string[] = [];
  actionsTold: readonly MarketAction[] = [];
  clockUs = timeUs(Date.parse('2024-03-15T16:00:00Z') * 1_000);
  /** Thrown instead of an answer to a request. */
  failure: (request: BarsRequest, count: number) => unknown = () => undefined;
  /** Adds to every price, in nanos. */
  shift = 0;
  /** What a bar is turned into. */
  change: (bar: Bar) => Bar = (bar) => bar;
  readonly #calendar: Calendar = getCalendar('XNYS');

  readonly trades = refuse;
  readonly quotes = refuse;
  readonly optionContracts = refuse;
  readonly optionChain = refuse;
  readonly sessions = refuse;
  readonly subscribe = refuse;

  async check(): Promise<void> {}
  close(): void {}

  async nowUs(): Promise<TimeUs> {
    return this.clockUs;
  }

  async *bars(request: BarsRequest, signal?: AbortSignal): AsyncIterable<readonly Bar[]> {
    this.asked.push(request);
    const count = this.asked.length;
    for (const symbol of request.symbols) {
      signal?.throwIfAborted();
      const failure = this.failure(request, count);
      if (failure !== undefined) throw failure;
      if (this.silent.includes(symbol)) continue;
      if (this.listed.length > 0 && !this.listed.includes(symbol)) {
        throw new AppError({ code: 'MARKET.SYMBOL', why: `${symbol} is unknown.` });
      }
      yield this.barsOf(symbol, request);
      await Promise.resolve();
    }
    signal?.throwIfAborted();
  }

  async *actions(request: ActionsRequest): AsyncIterable<readonly MarketAction[]> {
    this.askedActions.push(request);
    const { symbols, fromDate, toDate } = request;
    yield this.actionsTold.filter(
      ({ symbol, exDate }) => symbols.includes(symbol) && exDate >= fromDate && exDate <= toDate,
    );
  }

  /** All bars of a symbol that start in a span. */
  barsOf(
    symbol: string,
    { timeframe, fromUs, toUs }: Pick<BarsRequest, 'timeframe' | 'fromUs' | 'toUs'>,
  ): readonly Bar[] {
    const lengthUs = timeframeUs(timeframe);
    const bars: Bar[] = [];
    for (const { openUs, closeUs } of this.#calendar.sessions(fromUs, toUs)) {
      const step = lengthUs ?? closeUs - openUs;
      for (let at: number = openUs; at < closeUs; at += step) {
        if (at >= fromUs && at < toUs) bars.push(this.#bar({ symbol, timeframe }, at, at + step));
      }
    }
    return bars;
  }

  #bar(of: Pick<Bar, 'symbol' | 'timeframe'>, startUs: number, endUs: number): Bar {
    const cents = 10_000 + ((startUs / 6e7 + of.symbol.charCodeAt(0)) % 97);
    const nanos = (more: number) => (cents * 1e7 + more * 1e7 + this.shift) as PriceNanos;
    return this.change({
      ...of,
      startUs: timeUs(startUs),
      endUs: timeUs(endUs),
      revision: 0,
      openNanos: nanos(0),
      highNanos: nanos(5),
      lowNanos: nanos(-5),
      closeNanos: nanos(2),
      volume: 100,
    });
  }
}
