import type { Slot } from '../../market/market-loop.ts';
import type { MarketPrices } from '../../market/market-prices.ts';
import type { SlotTrade } from '../../market/minute-trades.ts';
import { E4_PER_UNIT } from '../../market/price-scale.ts';
import type { ChannelSource } from './stream-channels.ts';
import { StreamTime } from './stream-codec.ts';

/** Options: trades and quotes of contracts that have not expired. */
export class OptionChannels implements ChannelSource {
  readonly channels = ['trades', 'quotes'] as const;
  /** No wildcard: there is no end of contracts. */
  readonly symbols: readonly string[] = [];
  readonly #prices: MarketPrices;

  constructor(prices: MarketPrices) {
    this.#prices = prices;
  }

  slotMessage(
    channel: 'trades' | 'quotes',
    symbol: string,
    { day, minute, number, startUs }: Slot,
  ): object | undefined {
    if (this.#prices.option(symbol, startUs) === undefined) return undefined;
    const trade = this.#prices.slotTrade(symbol, day, minute, number);
    if (trade === undefined) return undefined;
    return channel === 'trades'
      ? { T: 't', S: symbol, ...optionTradeFields(trade, streamTime) }
      : { T: 'q', S: symbol, ...optionQuoteFields(trade, streamTime) };
  }

  minuteMessage(): undefined {
    return undefined;
  }

  updatedMessage(): undefined {
    return undefined;
  }

  statusMessage(symbol: string, isHalted: boolean, atUs: number): object {
    return { T: 's', S: symbol, sc: isHalted ? 'H' : 'T', t: new StreamTime(atUs) };
  }
}

const streamTime = (us: number): StreamTime => new StreamTime(us);

/** Writes an option's trade; its time as it is written where it goes. */
export function optionTradeFields<At>(trade: SlotTrade, at: (us: number) => At) {
  const { atUs, priceE4, size } = trade;
  return { t: at(atUs), x: 'N', p: priceE4 / E4_PER_UNIT, s: size, c: 'a' };
}

/** Writes the quote that stood when an option's trade happened. */
export function optionQuoteFields<At>(trade: SlotTrade, at: (us: number) => At) {
  return {
    ...{ t: at(trade.atUs - 1_000), c: 'A' },
    ...{ bx: 'N', bp: trade.bidE4 / E4_PER_UNIT, bs: trade.bidSize },
    ...{ ax: 'N', ap: trade.askE4 / E4_PER_UNIT, as: trade.askSize },
  };
}
