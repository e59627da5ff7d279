import { type BarSlice, type Timeframe, type TimeUs, timeUs } from '@capstan/domain';
import type { BotRecord, Store } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/** The timeframe of the bars that feeds carry. */
export const FEED_TIMEFRAME: Timeframe = '1m';

export interface HistoryRange {
  /** Bars that end after this; all there are unless given. */
  readonly afterUs?: TimeUs;
  /** Bars that end then or before; all there are unless given. */
  readonly throughUs?: TimeUs;
  /** At most so many bars, the latest. */
  readonly limit?: number;
}

const START_OF_TIME = timeUs(0);
const END_OF_TIME = timeUs(Number.MAX_SAFE_INTEGER);

/** Reads back the bars that a bot has seen, or would have. */
export class BotHistory {
  readonly #store: Store;
  readonly #runId: string;

  constructor(store: Store, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  /** Returns journaled bars of the bot's symbols as slices, oldest first. A slice without a bar of them is not among them. */
  async slices(bot: BotRecord, range: HistoryRange = {}): Promise<readonly BarSlice[]> {
    const { feed, symbols } = bot;
    const { afterUs = START_OF_TIME, throughUs = END_OF_TIME, limit = LIMITS.historyRows } = range;
    const bars = await this.#store.bars({
      runId: this.#runId,
      feed,
      symbols,
      timeframe: FEED_TIMEFRAME,
      afterUs,
      throughUs,
      limit: Math.min(limit, LIMITS.historyRows),
    });
    const byEnd = Map.groupBy(bars, (bar) => bar.endUs);
    return [...byEnd]
      .sort(([a], [b]) => a - b)
      .map(([endUs, group]) => ({ feed, endUs, bars: group }));
  }

  /** Returns the end of the newest journaled bar of the bot's symbols, 0 where there is none. */
  async newestEndUs(bot: BotRecord): Promise<TimeUs> {
    const [newest] = await this.slices(bot, { limit: 1 });
    return newest?.endUs ?? START_OF_TIME;
  }
}
