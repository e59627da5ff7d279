import type {
  DatedDrawdown,
  HistogramBin,
  MetricDefinition,
  MetricKey,
  YearOfReturns,
} from '@capstan/analytics';
import type { ExecutionAssumption } from '@capstan/engine';
import type { ChartData } from './chart-data.ts';
import type { Provenance } from './report-input.ts';

/** How bad a warning is: `danger` makes the results no evidence, `warning` weakens them, `note` explains them. */
export const WARNING_LEVELS = ['danger', 'warning', 'note'] as const;
export type WarningLevel = (typeof WARNING_LEVELS)[number];

/** What a reader must know before believing the figures. */
export interface ReportWarning {
  readonly level: WarningLevel;
  readonly title: string;
  readonly text: string;
}

/** A metric, and why it has no value where it has none. */
export interface ReportMetric {
  readonly definition: MetricDefinition & { readonly key: MetricKey };
  readonly value: number | undefined;
  /** Given where there is no value. */
  readonly why?: string;
}

/** A setting in words. */
export interface ReportSetting {
  readonly name: string;
  readonly value: string;
  readonly description?: string;
}

/** What one symbol, or one side, brought. Money in micros. */
export interface ReportShare {
  readonly name: string;
  readonly trades: number;
  readonly winners: number;
  readonly grossMicros: number;
  readonly feesMicros: number;
  readonly netMicros: number;
  /** Of trades that are open at the end. */
  readonly openNetMicros: number;
}

/** Returns of a calendar year beside the benchmark's. */
export interface ReportYear extends YearOfReturns {
  readonly benchmark: number | undefined;
}

/** The distribution of session returns. */
export interface ReturnDistribution {
  readonly bins: readonly HistogramBin[];
  readonly count: number;
  readonly mean: number | undefined;
}

/** What a position is at the end. */
export interface OpenPosition {
  readonly symbol: string;
  readonly quantityText: string;
  readonly entryPriceNanos: number;
  readonly markNanos: number | undefined;
  readonly netMicros: number | undefined;
}

/** A finished run as its report shows it: plain data. Dates are those of sessions. */
export interface RunReport {
  readonly strategy: {
    readonly name: string;
    readonly title: string;
    readonly description: string;
  };
  readonly symbols: readonly string[];
  readonly timeframe: string;
  readonly timeZone: string;
  readonly currency: string;
  /** Absent where there was no bar. */
  readonly period?: { readonly from: string; readonly to: string };
  readonly bars: number;
  readonly slices: number;
  readonly cashMicros: number;
  readonly params: readonly ReportSetting[];
  readonly settings: readonly ReportSetting[];
  readonly provenance: Provenance;
  readonly benchmarkName?: string;
  readonly metrics: readonly ReportMetric[];
  readonly warnings: readonly ReportWarning[];
  readonly drawdowns: readonly DatedDrawdown[];
  readonly years: readonly ReportYear[];
  readonly distribution: ReturnDistribution;
  readonly rollingSessions: number | undefined;
  readonly bySide: readonly ReportShare[];
  readonly bySymbol: readonly ReportShare[];
  /** Symbols that the table leaves out. */
  readonly symbolsLeftOut: number;
  readonly openPositions: readonly OpenPosition[];
  readonly assumptions: readonly ExecutionAssumption[];
  /** What of the curve is drawn. */
  readonly curveShown: { readonly points: number; readonly of: number };
  readonly charts: ChartData;
}
