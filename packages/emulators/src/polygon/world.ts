import type { Calendar, CivilDate, Session } from '@capstan/calendar';
import {
  type Bar,
  type MarketQuote,
  type MarketTrade,
  NANOS_PER_UNIT,
  type PriceNanos,
  priceFromFloat,
  priceNanos,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
  US_PER_SECOND,
  usEquity,
} from '@capstan/domain';
import { type SyntheticSymbol, syntheticSlices } from '@capstan/synthetic';
import { type ListedOption, listedOptions, optionAskBid, readOptionSymbol } from './options.ts';

/** A symbol of the world, and what its market is like. */
export interface WorldSymbol {
  /** As the vendor writes it: `QQQ`, or `I:NDX` for an index. */
  readonly symbol: string;
  readonly startPrice: number;
  readonly annualVolatility?: number;
  readonly dailyVolume?: number;
}

export interface WorldSplit {
  readonly symbol: string;
  readonly exDate: CivilDate;
  readonly newUnits: number;
  readonly oldUnits: number;
}

export interface WorldDividend {
  readonly symbol: string;
  readonly exDate: CivilDate;
  readonly payDate: CivilDate;
  readonly cash: number;
  /** US dollars unless told. */
  readonly currency?: string;
}

export interface WorldOptions {
  readonly seed: number;
  readonly calendar: Calendar;
  /** The first session. */
  readonly startDate: CivilDate;
  readonly symbols: readonly WorldSymbol[];
  readonly splits?: readonly WorldSplit[];
  readonly dividends?: readonly WorldDividend[];
  /** Underlyings that have listed options. */
  readonly optionable?: readonly string[];
}

/** A trade as the tape has it: the port's, and where it stands in the tape. */
export interface TapeTrade extends MarketTrade {
  readonly sequence: number;
}

export interface TapeQuote extends MarketQuote {
  readonly sequence: number;
}

/** Seconds of a minute at which its four trades happen: open, one extreme, the other, close. */
const TRADE_SECONDS = [2, 17, 33, 58] as const;
/** Quotes stand this long before the trade that follows them. */
const QUOTE_LEAD_US = 500_000;
const HALF_SPREAD = 0.01;
const QUOTE_SIZE = 200;
/** How far from the money options trade. */
const TRADED_NANOS = 4 * NANOS_PER_UNIT;
const EXTENDED_VOLUME = 100;
const PRE_MARKET_MINUTES = 30;
const AFTER_HOURS_MINUTES = 5;

/**
 * A seeded market that is known to its end: minute bars of the regular session, one bar before it and one after it, and trades and
 * quotes that agree with the bars to the cent and the unit. It shows itself as the tape does: raw, corporate actions beside it.
 */
export class PolygonWorld {
  readonly options: WorldOptions;
  readonly #slices;
  readonly #minutes = new Map<string, Bar[]>();
  #pending: { readonly endUs: TimeUs; readonly bars: readonly Bar[] } | undefined;
  #madeToUs = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    const symbols = options.symbols.map((one): SyntheticSymbol => {
      return {
        instrument: usEquity(one.symbol),
        startPriceNanos: priceFromFloat(one.startPrice),
        annualVolatility: one.annualVolatility ?? 0.2,
        marketShare: 0.5,
        dailyVolume: one.dailyVolume ?? 1_000_000,
      };
    });
    for (const { symbol } of options.symbols) this.#minutes.set(symbol, []);
    const { seed, calendar, startDate } = options;
    this.#slices = syntheticSlices({ feed: 'polygon', seed, calendar, startDate, symbols });
  }

  get calendar(): Calendar {
    return this.options.calendar;
  }

  has(symbol: string): boolean {
    return this.#minutes.has(symbol) || this.#underlyingOf(symbol) !== undefined;
  }

  /** Minute bars that start in `[fromUs, toUs)`, oldest first. */
  minutes(symbol: string, fromUs: number, toUs: number): readonly Bar[] {
    const option = readOptionSymbol(symbol);
    if (option !== undefined) return this.#optionMinutes(symbol, option, fromUs, toUs);
    this.#make(toUs);
    const bars = this.#minutes.get(symbol) ?? [];
    return bars.slice(firstFrom(bars, fromUs), firstFrom(bars, toUs));
  }

  /** The session bars of the days whose session opens in `[fromUs, toUs)`, as far as they are over at `nowUs`. */
  days(symbol: string, fromUs: number, toUs: number): readonly Bar[] {
    const sessions = this.calendar
      .sessions(fromUs, toUs)
      .filter(({ openUs }) => openUs >= fromUs && openUs < toUs);
    return sessions.flatMap((session) => {
      const bars = this.minutes(symbol, session.openUs, session.closeUs);
      return bars.length === 0 ? [] : [dayBar(symbol, session, bars)];
    });
  }

  /** Trades of `[fromUs, toUs)` in the order of the tape. */
  trades(symbol: string, fromUs: number, toUs: number): readonly TapeTrade[] {
    return this.minutes(symbol, fromUs - US_PER_MINUTE, toUs)
      .flatMap(tradesOf)
      .filter(({ atUs }) => atUs >= fromUs && atUs < toUs);
  }

  /** Quotes of `[fromUs, toUs)`, oldest first. */
  quotes(symbol: string, fromUs: number, toUs: number): readonly TapeQuote[] {
    const option = readOptionSymbol(symbol);
    const underlying = option?.underlying ?? symbol;
    return this.minutes(underlying, fromUs - US_PER_MINUTE, toUs)
      .flatMap(tradesOf)
      .map((trade) => quoteBefore(symbol, trade, option))
      .filter(({ atUs }) => atUs >= fromUs && atUs < toUs);
  }

  /** The price of the last trade before `nowUs`. */
  priceAt(symbol: string, nowUs: number): PriceNanos | undefined {
    const from = this.calendar.previousClose(nowUs) - 60 * US_PER_MINUTE;
    return this.trades(symbol, from, nowUs).at(-1)?.priceNanos;
  }

  /** Options that are listed on `date`, sorted by the vendor's ticker. */
  optionsOn(underlying: string, date: CivilDate): readonly ListedOption[] {
    if (!(this.options.optionable ?? []).includes(underlying)) return [];
    const session = this.calendar.session(date) ?? this.calendar.previousSession(date);
    const first = this.days(underlying, session.openUs, session.openUs + 1)[0];
    return first === undefined
      ? []
      : listedOptions(underlying, this.calendar, date, first.openNanos);
  }

  /** Options that trade on a date: of the nearest expiry, near the money. Nobody trades the others. */
  tradedOptions(underlying: string, date: CivilDate): readonly ListedOption[] {
    const listed = this.optionsOn(underlying, date);
    const expiry = listed.map(({ expiration }) => expiration).sort()[0];
    const near = listed.filter(({ expiration }) => expiration === expiry);
    const strikes = near.map(({ strikeNanos }) => strikeNanos).sort((a, b) => a - b);
    const middle = strikes[strikes.length >> 1] ?? 0;
    return near.filter(({ strikeNanos }) => Math.abs(strikeNanos - middle) <= TRADED_NANOS);
  }

  #underlyingOf(symbol: string): string | undefined {
    const underlying = readOptionSymbol(symbol)?.underlying;
    return underlying !== undefined && (this.options.optionable ?? []).includes(underlying)
      ? underlying
      : undefined;
  }

  #optionMinutes(
    symbol: string,
    option: ListedOption,
    fromUs: number,
    toUs: number,
  ): readonly Bar[] {
    if (this.#underlyingOf(symbol) === undefined) return [];
    return this.minutes(option.underlying, fromUs, toUs).map((bar) => {
      const mids = tradesOf(bar).map(({ priceNanos: spot, atUs }) => {
        const { bidNanos, askNanos } = optionAskBid(option, spot, atUs);
        return (bidNanos + askNanos) / 2;
      });
      const at = (index: number) => priceNanos(mids.at(index) ?? 0);
      return {
        ...bar,
        symbol,
        openNanos: at(0),
        highNanos: priceNanos(Math.max(...mids)),
        lowNanos: priceNanos(Math.min(...mids)),
        closeNanos: at(-1),
        volume: 4 + (bar.volume % 40),
      };
    });
  }

  /** Makes what there is up to a time. */
  #make(toUs: number): void {
    while (this.#madeToUs < toUs) {
      this.#pending ??= this.#slices.next().value;
      if (this.#pending.endUs - US_PER_MINUTE >= toUs) return;
      const { bars, endUs } = this.#pending;
      for (const bar of bars) this.#add(bar);
      this.#madeToUs = endUs;
      this.#pending = undefined;
    }
  }

  #add(bar: Bar): void {
    const kept = this.#minutes.get(bar.symbol) ?? [];
    const session = this.calendar.sessionAt(bar.startUs);
    if (session !== undefined && bar.startUs === session.openUs) {
      kept.push(extendedBar(bar, bar.openNanos, -PRE_MARKET_MINUTES));
    }
    kept.push(bar);
    if (session !== undefined && bar.endUs === session.closeUs) {
      kept.push(extendedBar(bar, bar.closeNanos, 1 + AFTER_HOURS_MINUTES));
    }
  }
}

/** Returns how many of the bars, oldest first, start before a time. */
function firstFrom(bars: readonly Bar[], us: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars[middle]?.startUs ?? us) < us) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A quiet bar outside the session, so that whoever takes the session's bars alone must look. */
function extendedBar(near: Bar, price: PriceNanos, minutes: number): Bar {
  const startUs = timeUs(near.startUs + minutes * US_PER_MINUTE);
  return {
    ...near,
    startUs,
    endUs: timeUs(startUs + US_PER_MINUTE),
    openNanos: price,
    highNanos: price,
    lowNanos: price,
    closeNanos: price,
    volume: EXTENDED_VOLUME,
  };
}

function dayBar(symbol: string, session: Session, bars: readonly Bar[]): Bar {
  const [first] = bars;
  const last = bars.at(-1);
  return {
    symbol,
    timeframe: '1d',
    startUs: session.openUs,
    endUs: session.closeUs,
    revision: 0,
    openNanos: first?.openNanos ?? priceNanos(0),
    highNanos: priceNanos(Math.max(...bars.map(({ highNanos }) => highNanos))),
    lowNanos: priceNanos(Math.min(...bars.map(({ lowNanos }) => lowNanos))),
    closeNanos: last?.closeNanos ?? priceNanos(0),
    volume: bars.reduce((sum, { volume }) => sum + volume, 0),
  };
}

/** The trades that make a bar: its four prices in an order that a market could have taken, its volume in full. */
export function tradesOf(bar: Bar): readonly TapeTrade[] {
  const isUp = bar.closeNanos >= bar.openNanos;
  const prices = [
    bar.openNanos,
    isUp ? bar.lowNanos : bar.highNanos,
    isUp ? bar.highNanos : bar.lowNanos,
    bar.closeNanos,
  ];
  const each = Math.floor(bar.volume / prices.length);
  const minute = Math.floor(bar.startUs / US_PER_MINUTE);
  return prices.flatMap((price, index) => {
    const isLast = index === prices.length - 1;
    const size = isLast ? bar.volume - each * (prices.length - 1) : each;
    const sequence = (minute % 10_000_000) * prices.length + index;
    // A trade without size is none; its price is then the price of another.
    if (size === 0) return [];
    return [
      {
        symbol: bar.symbol,
        atUs: timeUs(bar.startUs + (TRADE_SECONDS[index] ?? 0) * US_PER_SECOND),
        priceNanos: priceNanos(price),
        size,
        tradeId: String(sequence),
        exchange: '4',
        conditions: index === 1 ? ['12', '41'] : [],
        sequence,
      },
    ];
  });
}

function quoteBefore(
  symbol: string,
  trade: TapeTrade,
  option: ListedOption | undefined,
): TapeQuote {
  const atUs = timeUs(trade.atUs - QUOTE_LEAD_US);
  const half = priceFromFloat(HALF_SPREAD);
  const sides =
    option === undefined
      ? {
          bidNanos: priceNanos(trade.priceNanos - half),
          askNanos: priceNanos(trade.priceNanos + half),
        }
      : optionAskBid(option, trade.priceNanos, trade.atUs);
  return {
    symbol,
    atUs,
    ...sides,
    bidSize: QUOTE_SIZE,
    askSize: QUOTE_SIZE + 100,
    sequence: trade.sequence,
  };
}
