import { type Calendar, dayNumber } from '@capstan/calendar';
import { AppError, US_PER_MINUTE } from '@capstan/domain';
import { DailyPath, MarketPath, type PathAction, type PathSplit } from './daily-path.ts';
import { type DayColumns, dayColumns, type MarketMinutes, marketMinutes } from './day-columns.ts';
import { KNOWN_SYMBOLS, profileOf, type SymbolProfile, seedOf } from './known-symbols.ts';
import { minuteTrades, type SlotTrade } from './minute-trades.ts';
import { SessionDays, type TradingDay } from './session-days.ts';

/** A split that the market is to have, whatever its seed. */
export interface GivenSplit {
  readonly symbol: string;
  /** `YYYY-MM-DD`, a trading day. */
  readonly exDate: string;
  readonly newShares: number;
  readonly oldShares: number;
}

export interface MarketOptions {
  readonly seed: number;
  readonly calendar: Calendar;
  /** Symbols that are listed; some that everyone knows unless given. */
  readonly symbols?: readonly string[];
  readonly splits?: readonly GivenSplit[];
  /** Whether there is trading before the open and after the close; there is unless told otherwise. */
  readonly extendedHours?: boolean;
}

/** Where minutes come from. */
export interface BarSource {
  readonly days: SessionDays;
  has(symbol: string): boolean;
  columns(symbol: string, day: TradingDay): DayColumns;
}

interface Listed {
  readonly profile: SymbolProfile;
  readonly seed: number;
  readonly path: DailyPath;
}

/** Days whose minutes are kept: a month of 200 symbols, some 40 MB. */
const DAYS_KEPT = 4_096;
const SYMBOL = /^[A-Z][A-Z0-9.]{0,9}$/;

/**
 * A market made from a seed: any symbol's minutes of any day of many years, made when they are asked for, and its trades, quotes,
 * splits and dividends. What was told once is told the same again, whoever asks, in history or live.
 */
export class MarketWorld implements BarSource {
  readonly days: SessionDays;
  /** Sorted. */
  readonly symbols: readonly string[];
  readonly #options: MarketOptions;
  readonly #market: MarketPath;
  readonly #listed = new Map<string, Listed>();
  readonly #isListed: ReadonlySet<string>;
  readonly #minutes = new Map<number, MarketMinutes>();
  readonly #columns = new Map<string, DayColumns>();

  /** @throws EMULATOR.OPTION for a symbol that cannot be one, and for a split on a day without trading. */
  constructor(options: MarketOptions) {
    this.#options = options;
    this.days = new SessionDays(options.calendar);
    this.symbols = [...new Set(options.symbols ?? KNOWN_SYMBOLS)].sort();
    this.#isListed = new Set(this.symbols);
    for (const symbol of this.symbols) if (!SYMBOL.test(symbol)) throw badSymbol(symbol);
    for (const split of options.splits ?? []) this.#givenSplit(split);
    this.#market = new MarketPath(options.seed, this.days.all.length);
  }

  has(symbol: string): boolean {
    return this.#isListed.has(symbol);
  }

  profile(symbol: string): SymbolProfile {
    return this.#symbol(symbol).profile;
  }

  /** Returns a symbol's splits and dividends over all the market's years, in order. */
  actions(symbol: string): readonly PathAction[] {
    return this.#symbol(symbol).path.actions;
  }

  /** Returns what a day opens and closes with. */
  close(symbol: string, day: TradingDay): number {
    return this.#symbol(symbol).path.frame(day.index).close;
  }

  /** Returns yesterday's close, in the shares of the day. */
  previousClose(symbol: string, day: TradingDay): number {
    return this.#symbol(symbol).path.frame(day.index).previousClose;
  }

  /** Returns a symbol's minutes of a day. @complexity O(1) where they were asked for lately, else O(minutes). */
  columns(symbol: string, day: TradingDay): DayColumns {
    const key = `${symbol} ${day.index}`;
    const known = this.#columns.get(key);
    if (known !== undefined) return known;
    const { profile, path } = this.#symbol(symbol);
    const made = dayColumns({
      ...{ seed: this.#options.seed, profile, day },
      frame: path.frame(day.index),
      market: this.#marketMinutes(day),
      extendedHours: this.#options.extendedHours ?? true,
    });
    if (this.#columns.size >= DAYS_KEPT) this.#forgetSome();
    this.#columns.set(key, made);
    return made;
  }

  /** Returns the trades of a row of a day's minutes. */
  trades(symbol: string, columns: DayColumns, row: number): readonly SlotTrade[] {
    return minuteTrades(symbol, this.#symbol(symbol).seed, columns, row);
  }

  /** Returns the last trade before a time; `undefined` before the market's first. */
  lastTrade(symbol: string, beforeUs: number): SlotTrade | undefined {
    let index = Math.min(this.days.firstEndingAfter(beforeUs), this.days.all.length - 1);
    for (; index >= 0; index -= 1) {
      const columns = this.columns(symbol, this.days.at(index));
      for (let row = lastRowBefore(columns, beforeUs); row >= 0; row -= 1) {
        const found = this.trades(symbol, columns, row).findLast(({ atUs }) => atUs < beforeUs);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #givenSplit({ symbol, exDate, newShares, oldShares }: GivenSplit): PathSplit {
    const day = this.days.on(dayNumber(exDate));
    if (day === undefined || !this.has(symbol)) {
      throw new AppError({
        code: 'EMULATOR.OPTION',
        why: `a split of ${symbol} on ${exDate} cannot be: no such symbol is listed, or nothing trades on that day.`,
        fix: 'Name a listed symbol and a trading day.',
      });
    }
    return { kind: 'split', index: day.index, newShares, oldShares };
  }

  #symbol(symbol: string): Listed {
    const known = this.#listed.get(symbol);
    if (known !== undefined) return known;
    const profile = profileOf(symbol);
    const given = (this.#options.splits ?? []).filter((split) => split.symbol === symbol);
    const splits = given.map((split) => this.#givenSplit(split));
    const path = new DailyPath(this.#options.seed, profile, this.#market, splits);
    const made = { profile, seed: seedOf(symbol), path };
    this.#listed.set(symbol, made);
    return made;
  }

  #marketMinutes(day: TradingDay): MarketMinutes {
    const known = this.#minutes.get(day.index);
    if (known !== undefined) return known;
    const made = marketMinutes(this.#options.seed, day);
    this.#minutes.set(day.index, made);
    return made;
  }

  /** Forgets the half that was made first: who reads on through history does not come back to it. */
  #forgetSome(): void {
    let left = DAYS_KEPT / 2;
    for (const key of this.#columns.keys()) {
      if (left === 0) return;
      this.#columns.delete(key);
      left -= 1;
    }
  }
}

/** Returns the last row whose minute starts before a time; −1 where there is none. */
export function lastRowBefore(columns: DayColumns, us: number): number {
  const minute = Math.ceil((us - columns.day.midnightUs) / US_PER_MINUTE);
  let low = 0;
  let high = columns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns.minute[middle] as number) < minute) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function badSymbol(symbol: string): AppError {
  return new AppError({
    code: 'EMULATOR.OPTION',
    why: `'${symbol}' cannot be a symbol.`,
    fix: 'Symbols are capital letters, digits and dots, at most ten, such as AAPL or BRK.B.',
  });
}
