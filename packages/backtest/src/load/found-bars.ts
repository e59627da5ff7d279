import type { Instrument, Timeframe } from '@capstan/domain';
import type { BarsDescription, CorporateAction, LakeBars } from '@capstan/lake';

/** Bars of one symbol as a provider found them, before hours and range are applied: bars before the range warm indicators up. */
export interface FoundBars {
  readonly symbol: string;
  readonly instrument: Instrument;
  readonly description: BarsDescription;
  readonly bars: LakeBars;
  /** Longer bars that the provider has by itself. */
  readonly higher: ReadonlyMap<Timeframe, LakeBars>;
  readonly actions: readonly CorporateAction[];
  /** What a reader of the results should know. */
  readonly notes: readonly string[];
}

/** What is asked of a provider. */
export interface FindBars {
  readonly timeframe: Timeframe;
  /** Longer bars that the strategy reads too. */
  readonly higher: readonly Timeframe[];
  /** Bars before the run's start that are wanted too, where there are any. */
  readonly before: number;
  /** Columns on shared memory, for worker threads. */
  readonly shared: boolean;
}
