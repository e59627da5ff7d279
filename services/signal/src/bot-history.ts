import { type BarSlice, type Timeframe, type TimeUs, timeUs } from '@capstan/domain';
import type { Store } from '@capstan/ports';
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

/** The bars that a bot hears. */
export interface HeardBars {
  readonly feed: string;
  readonly symbols: readonly string[];
}

/** Reads back the bars that a bot has seen, or would have. */
export class BotHistory {
  readonly #store: Store;
  readonly #runId: string;

  constructor(store: Store, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  /** Returns journaled bars as slices, oldest first. A slice without a bar of the symbols is not among them. */
  async slices(heard: HeardBars, range: HistoryRange = {}): Promise<readonly BarSlice[]> {
    const { feed, symbols } = heard;
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

  /** Returns the end of the newest journaled bar of the symbols, 0 where there is none. */
  async newestEndUs(heard: HeardBars): Promise<TimeUs> {
    const [newest] = await this.slices(heard, { limit: 1 });
    return newest?.endUs ?? START_OF_TIME;
  }
}
