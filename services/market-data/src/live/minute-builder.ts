import {
  type Bar,
  type MarketEvent,
  type MarketTrade,
  type SecondBar,
  US_PER_MINUTE,
} from '@capstan/domain';
import type { StreamKind } from '@capstan/ports';
import {
  barOfRange,
  barOfSeconds,
  barOfTrades,
  type MinuteOf,
  type PriceRange,
  quoteTick,
  widened,
} from './minute-bars.ts';
import { floorMinute } from './minute-grid.ts';
import type { SaleRule } from './sale-conditions.ts';

export interface BuilderRules {
  readonly from: Exclude<StreamKind, 'bars'>;
  readonly sales: SaleRule;
  /** Whether the regular session of a symbol is open at a time. */
  readonly isRegular: (symbol: string, us: number) => boolean;
}

/** A minute's ticks or seconds, and its bar as they make it. */
interface Minute extends MinuteOf {
  /** By exchange and id: a trade that comes twice counts once. */
  readonly trades: Map<string, MarketTrade>;
  /** By start: of one that is told again the later word counts. */
  readonly seconds: Map<number, SecondBar>;
  range: PriceRange | undefined;
  bar: Bar | undefined;
}

/**
 * Builds bars of one minute from ticks, or from bars of one second, as they come: late, twice, out of order, and cancelled. At any time a
 * bar is that of the batch over what its minute is made of.
 */
export class MinuteBuilder {
  readonly #rules: BuilderRules;
  /** By end, then by symbol. */
  readonly #minutes = new Map<number, Map<string, Minute>>();

  constructor(rules: BuilderRules) {
    this.#rules = rules;
  }

  /** Takes what a stream says. @returns the minute whose ticks it changed; `undefined` where it changed none. */
  take(event: MarketEvent): MinuteOf | undefined {
    switch (event.kind) {
      case 'second':
        return this.#rules.from === 'seconds' ? this.#second(event.second) : undefined;
      case 'trade':
        return this.#rules.from === 'trades' ? this.#trade(event.trade) : undefined;
      case 'tradeCancelled':
        return this.#cancel(event.symbol, event.tradeId);
      case 'quote': {
        const tick = this.#rules.from === 'quotes' ? quoteTick(event.quote) : undefined;
        if (tick === undefined) return undefined;
        const minute = this.#minute(event.quote.symbol, tick.atUs);
        minute.range = widened(minute.range, tick);
        minute.bar = undefined;
        return minute;
      }
      default:
        return undefined;
    }
  }

  /** Returns the bar of a minute as it is now; `undefined` where nothing makes a price. */
  bar({ symbol, endUs }: MinuteOf): Bar | undefined {
    const minute = this.#minutes.get(endUs)?.get(symbol);
    if (minute === undefined) return undefined;
    minute.bar ??= this.#made(minute);
    return minute.bar;
  }

  /** Returns the bars of the minutes that end at a time, sorted by symbol. */
  barsAt(endUs: number): readonly Bar[] {
    const symbols = [...(this.#minutes.get(endUs)?.keys() ?? [])].sort();
    return symbols.flatMap((symbol) => this.bar({ symbol, endUs }) ?? []);
  }

  /** Forgets the minutes that ended before a time: what comes late for them is not counted. */
  forgetBefore(us: number): void {
    for (const endUs of this.#minutes.keys()) if (endUs < us) this.#minutes.delete(endUs);
  }

  /** Forgets everything: ticks were lost. */
  clear(): void {
    this.#minutes.clear();
  }

  #made(minute: Minute): Bar | undefined {
    const { from, sales, isRegular } = this.#rules;
    if (from === 'seconds') return barOfSeconds(minute, [...minute.seconds.values()]);
    if (minute.range !== undefined) return barOfRange(minute, minute.range, 0);
    const regular = isRegular(minute.symbol, minute.endUs - US_PER_MINUTE);
    return barOfTrades(minute, [...minute.trades.values()], (codes) => sales(codes, regular));
  }

  #second(second: SecondBar): MinuteOf | undefined {
    const minute = this.#minute(second.symbol, second.startUs);
    const known = minute.seconds.get(second.startUs);
    if (known !== undefined && isSameSecond(known, second)) return undefined;
    minute.seconds.set(second.startUs, second);
    minute.bar = undefined;
    return minute;
  }

  #trade(trade: MarketTrade): MinuteOf | undefined {
    const minute = this.#minute(trade.symbol, trade.atUs);
    const key = `${trade.exchange} ${trade.tradeId}`;
    if (minute.trades.has(key)) return undefined;
    minute.trades.set(key, trade);
    minute.bar = undefined;
    return minute;
  }

  #cancel(symbol: string, tradeId: string): MinuteOf | undefined {
    for (const ofEnd of this.#minutes.values()) {
      const minute = ofEnd.get(symbol);
      for (const [key, trade] of minute?.trades ?? []) {
        if (minute === undefined || trade.tradeId !== tradeId) continue;
        minute.trades.delete(key);
        minute.bar = undefined;
        return minute;
      }
    }
    return undefined;
  }

  #minute(symbol: string, atUs: number): Minute {
    const endUs = floorMinute(atUs) + US_PER_MINUTE;
    const ofEnd = this.#minutes.get(endUs) ?? new Map<string, Minute>();
    this.#minutes.set(endUs, ofEnd);
    const known = ofEnd.get(symbol);
    if (known !== undefined) return known;
    const fresh = {
      ...{ symbol, endUs, trades: new Map(), seconds: new Map() },
      ...{ range: undefined, bar: undefined },
    };
    ofEnd.set(symbol, fresh);
    return fresh;
  }
}

const SECOND_NUMBERS = ['openNanos', 'highNanos', 'lowNanos', 'closeNanos', 'volume'] as const;

const isSameSecond = (one: SecondBar, other: SecondBar): boolean =>
  SECOND_NUMBERS.every((name) => one[name] === other[name]);
