import type { DailyCloses, RoundTrips, RunSummary } from '@capstan/analytics';
import type { Instrument } from '@capstan/domain';
import type { BacktestResult, BacktestSeries, BacktestSpec } from '@capstan/engine';
import type { ParameterValue, Strategy } from '@capstan/strategy';

/** One symbol that a run played. */
export interface ReportedSymbol {
  readonly series: Pick<BacktestSeries, 'symbol' | 'bars' | 'actions' | 'priceBasis'>;
  readonly instrument: Instrument;
}

/** What a reader should know of the data: dropped bars, gaps, adjustments. */
export interface ReportNote {
  /** The symbol it is about; of all where absent. */
  readonly symbol?: string;
  readonly text: string;
}

/** What a run can be recognised and repeated by. */
export interface Provenance {
  /** SHA-256 over orders, fills, cash events and ledger. */
  readonly digest: string;
  readonly dataFingerprint: string;
  readonly engineVersion: string;
  readonly configHash?: string;
}

/** All that a report of a run is made of. */
export interface ReportInput {
  readonly strategy: Pick<Strategy, 'name' | 'title' | 'description' | 'params'>;
  /** With the defaults filled in. */
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly spec: Pick<
    BacktestSpec,
    | 'timeframe'
    | 'cashMicros'
    | 'sizing'
    | 'portfolio'
    | 'schedule'
    | 'matcher'
    | 'execution'
    | 'limits'
    | 'calendarOf'
  >;
  /** All symbols of the result, in any order. */
  readonly symbols: readonly ReportedSymbol[];
  readonly result: BacktestResult;
  readonly trips: RoundTrips;
  readonly summary: RunSummary;
  readonly benchmark?: DailyCloses;
  readonly notes?: readonly ReportNote[];
  readonly provenance: Provenance;
}
