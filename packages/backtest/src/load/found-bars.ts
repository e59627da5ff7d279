import { AppError, type Instrument, type Timeframe } from '@capstan/domain';
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

/** Bars that indicators read, whether their symbols are traded or not. */
export interface BarsBeside {
  readonly symbols: readonly string[];
  /** Of each of them, the longest first. */
  readonly timeframes: readonly Timeframe[];
}

export const NOTHING_BESIDE: BarsBeside = { symbols: [], timeframes: [] };

/** Returns the symbols that are read and not traded. @param traded absent: all that the provider has. */
export function besideOnly(
  { symbols }: BarsBeside,
  traded: readonly string[] | undefined,
): readonly string[] {
  return traded === undefined ? [] : symbols.filter((symbol) => !traded.includes(symbol));
}

/** Says of a failure to read bars who wanted them. */
export function wantedByStrategy(symbol: string, error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, why, fix, details } = error;
  return new AppError({
    ...{ code, why: `the strategy reads ${symbol}: ${why}`, cause: error },
    ...(fix === undefined ? {} : { fix }),
    ...(details === undefined ? {} : { details }),
  });
}

/** What is asked of a provider. */
export interface FindBars {
  readonly timeframe: Timeframe;
  /** Longer bars that the strategy reads too. */
  readonly higher: readonly Timeframe[];
  /** Bars of other symbols that the strategy reads. */
  readonly beside: BarsBeside;
  /** Bars before the run's start that are wanted too, where there are any. */
  readonly before: number;
  /** Columns on shared memory, for worker threads. */
  readonly shared: boolean;
}
