import { US_PER_MINUTE } from '@capstan/domain';
import type { FaultBook } from '../../control/faults.ts';
import type { Slot } from '../../market/market-loop.ts';
import type { MarketPrices } from '../../market/market-prices.ts';
import { lastRowBefore, type MarketWorld } from '../../market/market-world.ts';
import type { SlotTrade } from '../../market/minute-trades.ts';
import { E4_PER_UNIT } from '../../market/price-scale.ts';
import type { TradingDay } from '../../market/session-days.ts';
import { periodBar, scaledVolume } from '../data/bar-rows.ts';
import { StreamTime } from './stream-codec.ts';

/** What can be subscribed to. */
export const CHANNELS = [
  'trades',
  'quotes',
  'bars',
  'updatedBars',
  'dailyBars',
  'statuses',
  'lulds',
  'imbalances',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** What a feed of data says of a symbol. */
export interface ChannelSource {
  /** What can be subscribed to here. */
  readonly channels: readonly Channel[];
  /** What `*` stands for. */
  readonly symbols: readonly string[];
  slotMessage(channel: 'trades' | 'quotes', symbol: string, slot: Slot): object | undefined;
  minuteMessage(
    channel: 'bars' | 'dailyBars',
    symbol: string,
    startUs: number,
    day: TradingDay,
  ): object | undefined;
  /** A bar again, told half a minute after it ended where trades came late. */
  updatedMessage(symbol: string, slot: Slot): object | undefined;
  statusMessage(symbol: string, isHalted: boolean, atUs: number): object;
}

/** Late trades are told with the slot that ends half a minute after the bar. */
const UPDATE_SLOT = 4;

/** Shares on a feed that sees some or all of the volume. */
export class ShareChannels implements ChannelSource {
  readonly channels = CHANNELS;
  readonly symbols: readonly string[];
  readonly #world: MarketWorld;
  readonly #prices: MarketPrices;
  readonly #volumeFraction: number;
  readonly #faults: FaultBook;
  /** The last bar of each symbol that was told short. */
  readonly #short = new Map<string, object>();

  constructor(world: MarketWorld, prices: MarketPrices, volumeFraction: number, faults: FaultBook) {
    this.symbols = world.symbols;
    this.#world = world;
    this.#prices = prices;
    this.#volumeFraction = volumeFraction;
    this.#faults = faults;
  }

  slotMessage(
    channel: 'trades' | 'quotes',
    symbol: string,
    { day, minute, number }: Slot,
  ): object | undefined {
    if (!this.#world.has(symbol) || this.#faults.isHalted(symbol)) return undefined;
    const trade = this.#prices.slotTrade(symbol, day, minute, number);
    if (trade === undefined) return undefined;
    return channel === 'trades'
      ? { T: 't', S: symbol, ...tradeFields(trade, this.#volumeFraction, streamTime) }
      : { T: 'q', S: symbol, ...quoteFields(trade, streamTime) };
  }

  minuteMessage(
    channel: 'bars' | 'dailyBars',
    symbol: string,
    startUs: number,
    day: TradingDay,
  ): object | undefined {
    if (!this.#world.has(symbol)) return undefined;
    if (channel === 'dailyBars') return this.#dailyMessage(symbol, startUs, day);
    const columns = this.#world.columns(symbol, day);
    const row = lastRowBefore(columns, startUs + 1);
    const minute = (startUs - day.midnightUs) / US_PER_MINUTE;
    if (row < 0 || columns.minute[row] !== minute) return undefined;
    const price = (column: Int32Array): number => (column[row] as number) / E4_PER_UNIT;
    const bar = {
      ...{ T: 'b', S: symbol, o: price(columns.open), h: price(columns.high) },
      ...{ l: price(columns.low), c: price(columns.close) },
      v: scaledVolume(columns.volume[row] as number, this.#volumeFraction),
      n: scaledVolume(columns.trades[row] as number, this.#volumeFraction),
      vw: price(columns.vwap),
      t: new StreamTime(startUs),
    };
    if (!this.#faults.isLate(symbol)) return bar;
    this.#short.set(symbol, { ...bar, T: 'u' });
    // The last trade is missing: its shares, and the close that it made.
    return { ...bar, c: bar.o, v: Math.max(1, bar.v - 1), n: Math.max(1, bar.n - 1) };
  }

  updatedMessage(symbol: string, { number }: Slot): object | undefined {
    if (number !== UPDATE_SLOT) return undefined;
    const bar = this.#short.get(symbol);
    this.#short.delete(symbol);
    return bar;
  }

  statusMessage(symbol: string, isHalted: boolean, atUs: number): object {
    const [sc, sm] = isHalted ? ['H', 'Trading Halt'] : ['T', 'Trading Resumption'];
    const [rc, rm] = isHalted ? ['T12', 'Additional Information Requested'] : ['', ''];
    return { T: 's', S: symbol, sc, sm, rc, rm, t: new StreamTime(atUs), z: 'C' };
  }

  #dailyMessage(symbol: string, startUs: number, day: TradingDay): object | undefined {
    const untilUs = startUs + US_PER_MINUTE;
    const row = periodBar(this.#world, symbol, [day], { startUs: day.midnightUs, untilUs });
    if (row === undefined) return undefined;
    const price = (e4: number): number => Math.round(e4) / E4_PER_UNIT;
    return {
      ...{ T: 'd', S: symbol, o: price(row.open), h: price(row.high), l: price(row.low) },
      ...{ c: price(row.close), v: scaledVolume(row.volume, this.#volumeFraction) },
      n: scaledVolume(row.trades, this.#volumeFraction),
      vw: price(row.worth / row.volume),
      t: new StreamTime(row.startUs),
    };
  }
}

const streamTime = (us: number): StreamTime => new StreamTime(us);

/** Writes a trade's fields; its time as it is written where they go. */
export function tradeFields<At>(
  { atUs, tradeId, priceE4, size }: SlotTrade,
  volumeFraction: number,
  at: (us: number) => At,
) {
  const shares = scaledVolume(size, volumeFraction);
  return { i: tradeId, x: 'V', p: priceE4 / E4_PER_UNIT, s: shares, c: ['@'], z: 'C', t: at(atUs) };
}

/** Writes the fields of the quote that stood when a trade happened. */
export function quoteFields<At>(trade: SlotTrade, at: (us: number) => At) {
  return {
    ...{ bx: 'V', bp: trade.bidE4 / E4_PER_UNIT, bs: trade.bidSize },
    ...{ ax: 'V', ap: trade.askE4 / E4_PER_UNIT, as: trade.askSize },
    ...{ c: ['R'], z: 'C', t: at(trade.atUs - 1_000) },
  };
}
