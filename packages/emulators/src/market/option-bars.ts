import type { DayColumns } from './day-columns.ts';
import type { MarketPrices } from './market-prices.ts';
import type { BarSource, MarketWorld } from './market-world.ts';
import { type ListedOption, parseOption } from './option-chain.ts';
import { E4_PER_UNIT } from './price-scale.ts';
import type { TradingDay } from './session-days.ts';

const CENT_E4 = 100;
const VOLUME_MAX = 90;

/** Minutes of options: what a model says of them as their underlying trades in the regular session. */
export class OptionBars implements BarSource {
  readonly days: MarketWorld['days'];
  readonly #world: MarketWorld;
  readonly #prices: MarketPrices;

  constructor(world: MarketWorld, prices: MarketPrices) {
    this.days = world.days;
    this.#world = world;
    this.#prices = prices;
  }

  has(symbol: string): boolean {
    const option = parseOption(symbol);
    return option !== undefined && this.#world.has(option.underlying);
  }

  columns(symbol: string, day: TradingDay): DayColumns {
    const option = parseOption(symbol);
    const of = this.#world.columns(option?.underlying ?? '', day);
    const from = of.regularFrom;
    const isAlive = option !== undefined && day.date <= option.expiration;
    const to = isAlive ? of.regularTo : from;
    const minute = of.minute.slice(from, to);
    const priced = (column: Int32Array): Int32Array =>
      option === undefined
        ? column.slice(from, from)
        : Int32Array.from(column.subarray(from, to), (e4, at) =>
            this.#priceE4(option, e4, day.midnightUs + (minute[at] as number) * 60_000_000),
          );
    // What is good for the underlying is bad for a put.
    const [high, low] = option?.right === 'put' ? [of.low, of.high] : [of.high, of.low];
    return {
      ...{ day, minute, length: to - from, regularFrom: 0, regularTo: to - from },
      ...{ open: priced(of.open), high: priced(high), low: priced(low), close: priced(of.close) },
      vwap: priced(of.vwap),
      volume: of.volume.slice(from, to).map((volume) => 1 + (volume % VOLUME_MAX)),
      trades: of.trades.slice(from, to).map((trades) => 1 + (trades % 10)),
    };
  }

  #priceE4(option: ListedOption, underlyingE4: number, atUs: number): number {
    const { price } = this.#prices.worth(option, underlyingE4 / E4_PER_UNIT, atUs);
    return Math.max(CENT_E4, Math.round(price * 100) * CENT_E4);
  }
}
