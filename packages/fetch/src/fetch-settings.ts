import type { Timeframe } from '@capstan/domain';
import type { BarAdjustment } from '@capstan/ports';

/** What a fetch asks for. */
export interface FetchSettings {
  /** The vendor, and where it has several the feed: `alpaca iex`. Bars of two are never mixed. */
  readonly source: string;
  /** The venue of the lake under which the series stand. */
  readonly venue: string;
  /** Sorted, each once. */
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
  readonly adjustment: BarAdjustment;
  /** `YYYY-MM-DD`, both included, as the exchange counts days. */
  readonly fromDate: string;
  readonly toDate: string;
  /** Asks for all of it again, and puts it in place of what is there. */
  readonly force: boolean;
}
