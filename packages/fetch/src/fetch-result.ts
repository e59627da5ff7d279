import type { AppError } from '@capstan/domain';
import type { BarsReport, SeriesManifest } from '@capstan/lake';

/** What became of a symbol. */
export interface SymbolOutcome {
  readonly symbol: string;
  /**
   * `fetched`: bars came; `there`: nothing was missing; `empty`: the vendor has none in the span; `kept`: chunks are kept for the next run;
   * `failed`: see `failure`.
   */
  readonly state: 'fetched' | 'there' | 'empty' | 'kept' | 'failed';
  /** Bars that the series did not have. */
  readonly added: number;
  /** Bars that gave way to newer ones. */
  readonly replaced: number;
  /** The series as it is now. */
  readonly manifest?: SeriesManifest;
  /** What the rules found in what came. */
  readonly report?: BarsReport;
  /** Corporate actions that the lake has of it, where they were asked for. */
  readonly actions?: number;
  readonly failure?: AppError;
}

/** What a fetch came to. */
export interface FetchResult {
  /** Sorted by symbol. */
  readonly outcomes: readonly SymbolOutcome[];
  readonly fromDate: string;
  readonly untilDate: string;
  /** What a reader should know beside. */
  readonly notes: readonly string[];
  readonly chunks: { readonly done: number; readonly count: number };
  /** Bars that came. */
  readonly rows: number;
  /** Why it ended before its end; what was done is kept. */
  readonly stopped?: 'interrupted' | AppError;
}
