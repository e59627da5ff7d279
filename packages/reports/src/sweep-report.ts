import type { MetricDefinition, MetricKey } from '@capstan/analytics';
import type { ParameterValue, Strategy } from '@capstan/strategy';
import type { PackedColumn } from './packed-column.ts';
import type { Provenance } from './report-input.ts';
import type { ReportSetting, ReportWarning } from './run-report.ts';

/** One swept parameter with all its values, in the order of the grid. */
export interface SweepAxis {
  readonly name: string;
  readonly values: readonly ParameterValue[];
}

/** One combination that was run. */
export interface SweepRow {
  /** Its number in the grid, whose last axis turns fastest. */
  readonly index: number;
  /** In the order of `METRICS`; NaN where there is no value. */
  readonly metrics: Float64Array;
}

/** All that the report of a sweep is made of. */
export interface SweepInput {
  readonly strategy: Pick<Strategy, 'name' | 'title' | 'description'>;
  readonly symbols: readonly string[];
  readonly timeframe: string;
  readonly period?: { readonly from: string; readonly to: string };
  readonly cashMicros: number;
  readonly currency: string;
  readonly axes: readonly SweepAxis[];
  /** Parameters that are the same in all. */
  readonly fixed: Readonly<Record<string, ParameterValue>>;
  /** What counts as best. */
  readonly rankBy: MetricKey;
  /** Metrics that the page offers, besides; a dozen unless given. */
  readonly show?: readonly MetricKey[];
  /** Combinations that were run, in order; those without any value may be among them. */
  readonly rows: readonly SweepRow[];
  /** Combinations of the whole grid. */
  readonly count: number;
  readonly isComplete: boolean;
  /** True where decisions fill at their own close. */
  readonly fillsAtSameClose: boolean;
  readonly provenance: Provenance;
}

/** A combination that is best in some way. */
export interface SweepBest {
  readonly combination: number;
  readonly params: readonly ReportSetting[];
  readonly value: number;
  readonly neighbours: number;
  readonly neighbourMean: number | undefined;
  readonly neighbourWorst: number | undefined;
  readonly neighbourDeviation: number | undefined;
}

/** One metric of a sweep's page. */
export interface SweepMetric {
  readonly key: MetricKey;
  readonly title: string;
  readonly unit: MetricDefinition['unit'];
  readonly better: MetricDefinition['better'];
  readonly formula: string;
  /** In units of money where the unit is micros. */
  readonly column: PackedColumn;
}

/** What the script of a sweep's page reads. */
export interface SweepData {
  readonly axes: readonly SweepAxis[];
  readonly rankBy: MetricKey;
  /** Axes up to which diagonal neighbours count. */
  readonly diagonalAxesMax: number;
  readonly combination: PackedColumn;
  readonly metrics: readonly SweepMetric[];
}

/** A sweep as its page shows it: plain data. */
export interface SweepReport {
  readonly strategy: SweepInput['strategy'];
  readonly symbols: readonly string[];
  readonly timeframe: string;
  readonly period?: SweepInput['period'];
  readonly cashMicros: number;
  readonly currency: string;
  readonly fixed: readonly ReportSetting[];
  readonly rankBy: Pick<MetricDefinition, 'title' | 'unit' | 'formula'>;
  /** Combinations of the grid, and those with a value to rank by. */
  readonly count: number;
  readonly ranked: number;
  readonly listed: number;
  readonly warnings: readonly ReportWarning[];
  readonly best?: SweepBest;
  readonly bestByNeighbours?: SweepBest;
  readonly provenance: Provenance;
  readonly data: SweepData;
}
