import { US_PER_MINUTE } from '@capstan/domain';
import type { Slot } from '../../market/market-loop.ts';
import type { ChannelSource } from './stream-channels.ts';
import { StreamTime } from './stream-codec.ts';

const TEST_SYMBOL = 'FAKEPACA';
const PRICE = 134.5;
const SPREAD = 0.02;

/** The symbol of Alpaca's test stream, which trades day and night. */
export class FakepacaChannels implements ChannelSource {
  readonly channels = ['trades', 'quotes', 'bars'] as const;
  readonly symbols = [TEST_SYMBOL];
  #pulses = 0;

  slotMessage(channel: 'trades' | 'quotes', symbol: string, { startUs }: Slot) {
    if (symbol !== TEST_SYMBOL) return undefined;
    this.#pulses += 1;
    const t = new StreamTime(startUs);
    if (channel === 'trades') {
      return { T: 't', S: symbol, i: this.#pulses, x: 'N', p: PRICE, s: 100, c: ['@'], z: 'A', t };
    }
    return {
      ...{ T: 'q', S: symbol, bx: 'O', bp: PRICE - SPREAD, bs: 1 },
      ...{ ax: 'Q', ap: PRICE + SPREAD, as: 1, c: ['R'], z: 'A', t },
    };
  }

  minuteMessage(_channel: 'bars' | 'dailyBars', symbol: string, startUs: number) {
    if (symbol !== TEST_SYMBOL) return undefined;
    const t = new StreamTime(Math.floor(startUs / US_PER_MINUTE) * US_PER_MINUTE);
    const prices = { o: PRICE, h: PRICE + SPREAD, l: PRICE - SPREAD, c: PRICE, vw: PRICE };
    return { T: 'b', S: symbol, ...prices, v: 1_000, n: 10, t };
  }

  updatedMessage(): undefined {
    return undefined;
  }

  statusMessage(symbol: string): object {
    return { T: 's', S: symbol };
  }
}
