import type { Calendar } from '@capstan/calendar';
import { type PriceNanos, priceNanos, US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';
import { lastRowBefore, type MarketWorld } from './market-world.ts';
import { SLOT_US, type SlotTrade } from './minute-trades.ts';
import { type ListedOption, type OptionWorth, optionWorth, parseOption } from './option-chain.ts';
import { E4_PER_UNIT, nanosOfE4 } from './price-scale.ts';
import type { TradingDay } from './session-days.ts';

const CENT_E4 = 100;
const DAYS_PER_YEAR = 365;
const OPTION_SIZE_MAX = 9;

/** Trades and quotes of shares and options at any time. An option trades as its underlying does, at what a model says. */
export class MarketPrices {
  readonly #world: MarketWorld;
  readonly #calendar: Calendar;
  /** The trades of the minute that was asked for last. */
  readonly #minute = new Map<string, readonly SlotTrade[]>();
  #minuteStartUs = -1;

  constructor(world: MarketWorld, calendar: Calendar) {
    this.#world = world;
    this.#calendar = calendar;
  }

  /** Returns the option of a symbol, where there is such an underlying and it has not expired. */
  option(symbol: string, atUs: number): ListedOption | undefined {
    const option = parseOption(symbol);
    if (option === undefined || !this.#world.has(option.underlying)) return undefined;
    const closeUs = this.#expiresUs(option);
    return closeUs === undefined || closeUs <= atUs ? undefined : option;
  }

  /** Returns the trade of one slot of a minute of a day; `undefined` where there is none. */
  slotTrade(symbol: string, day: TradingDay, minute: number, slot: number): SlotTrade | undefined {
    const startUs = day.midnightUs + minute * US_PER_MINUTE;
    if (startUs !== this.#minuteStartUs) {
      this.#minute.clear();
      this.#minuteStartUs = startUs;
    }
    const known = this.#minute.get(symbol);
    if (known !== undefined) return known[slot];
    const made = this.#minuteTrades(symbol, day, minute);
    this.#minute.set(symbol, made);
    return made[slot];
  }

  /** Yields a day's trades that are told by a time, oldest first. */
  *dayTrades(symbol: string, day: TradingDay, toldUs: number): Generator<SlotTrade> {
    const option = parseOption(symbol);
    const name = option?.underlying ?? symbol;
    if (!this.#world.has(name)) return;
    const columns = this.#world.columns(name, day);
    const [from, to] =
      option === undefined ? [0, columns.length] : [columns.regularFrom, columns.regularTo];
    for (let row = from; row < to; row += 1) {
      for (const trade of this.#world.trades(name, columns, row)) {
        if (Math.floor(trade.atUs / SLOT_US) * SLOT_US + SLOT_US > toldUs) return;
        yield option === undefined ? trade : this.#optionTrade(option, trade);
      }
    }
  }

  /** Returns the last trade before a time, which is the last slot's; `undefined` where there was none. */
  lastTrade(symbol: string, beforeUs: number): SlotTrade | undefined {
    const option = parseOption(symbol);
    const boundUs = Math.floor(beforeUs / SLOT_US) * SLOT_US;
    if (option === undefined) return this.#world.lastTrade(symbol, boundUs);
    if (!this.#world.has(option.underlying)) return undefined;
    const trade = this.#world.lastTrade(option.underlying, boundUs);
    return trade === undefined ? undefined : this.#optionTrade(option, trade);
  }

  lastNanos(symbol: string, beforeUs: number): PriceNanos {
    const trade = this.lastTrade(symbol, beforeUs);
    return trade === undefined ? priceNanos(0) : nanosOfE4(trade.priceE4);
  }

  askNanos(symbol: string, beforeUs: number): PriceNanos {
    const trade = this.lastTrade(symbol, beforeUs);
    return trade === undefined ? priceNanos(0) : nanosOfE4(trade.askE4);
  }

  /** Returns what the model says of an option at a price of its underlying. */
  worth(option: ListedOption, underlyingPrice: number, atUs: number): OptionWorth {
    const years = ((this.#expiresUs(option) ?? atUs) - atUs) / US_PER_DAY / DAYS_PER_YEAR;
    return optionWorth(option, underlyingPrice, this.volatility(option.underlying), years);
  }

  /** Volatility that the options of an underlying imply. */
  volatility(underlying: string): number {
    return Math.round(this.#world.profile(underlying).annualVolatility * 110) / 100;
  }

  #minuteTrades(symbol: string, day: TradingDay, minute: number): readonly SlotTrade[] {
    const option = parseOption(symbol);
    if (option === undefined) return this.#shareTrades(symbol, day, minute);
    if (!this.#world.has(option.underlying) || minute < day.openMinute || minute >= day.closeMinute)
      return [];
    const trades = this.#shareTrades(option.underlying, day, minute);
    return trades.map((trade) => this.#optionTrade(option, trade));
  }

  #shareTrades(symbol: string, day: TradingDay, minute: number): readonly SlotTrade[] {
    const columns = this.#world.columns(symbol, day);
    const row = lastRowBefore(columns, day.midnightUs + minute * US_PER_MINUTE + 1);
    if (row < 0 || columns.minute[row] !== minute) return [];
    return this.#world.trades(symbol, columns, row);
  }

  #optionTrade(option: ListedOption, trade: SlotTrade): SlotTrade {
    const { price } = this.worth(option, trade.priceE4 / E4_PER_UNIT, trade.atUs);
    const priceE4 = Math.max(CENT_E4, Math.round(price * 100) * CENT_E4);
    const half = Math.max(1, Math.round(priceE4 / CENT_E4 / 100)) * CENT_E4;
    return {
      ...trade,
      symbol: option.symbol,
      priceE4,
      size: 1 + (trade.tradeId % OPTION_SIZE_MAX),
      bidE4: Math.max(0, priceE4 - half),
      askE4: priceE4 + half,
    };
  }

  #expiresUs(option: ListedOption): number | undefined {
    const isDate = !Number.isNaN(Date.parse(option.expiration));
    return isDate ? this.#calendar.session(option.expiration)?.closeUs : undefined;
  }
}
