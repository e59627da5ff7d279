import { decodeBar, subjects } from '@capstan/contracts';
import { type Readings, SharedReadings } from '@capstan/journal';
import type { BarRecord, BusMessage } from '@capstan/ports';
import { FEED_TIMEFRAME } from './bot-history.ts';

/** The stream of bars and closings. */
export const MARKET = 'MARKET';

/** Reads the market once for all bots of a process, and each bar of it once. */
export class MarketReading {
  /** What the owners of bots read through. */
  readonly through: Readings;
  readonly #bars = new WeakMap<BusMessage, BarRecord>();

  constructor(bus: Readings) {
    const filters = [subjects.allBars(FEED_TIMEFRAME), subjects.allBarsClosed];
    this.through = new SharedReadings(bus, { stream: MARKET, filters });
  }

  /** Reads the bar of a message; the same one for everybody who asks. */
  barOf(message: BusMessage): BarRecord {
    const known = this.#bars.get(message);
    if (known !== undefined) return known;
    // Strategies of several bots are given it: none may change it for the others.
    const bar = Object.freeze(decodeBar(message.data));
    this.#bars.set(message, bar);
    return bar;
  }
}
