/** What a metric is counted in. Fractions are shown in per cent, micros as money. */
export const METRIC_UNITS = ['fraction', 'ratio', 'micros', 'sessions', 'bars', 'count'] as const;
export type MetricUnit = (typeof METRIC_UNITS)[number];

/** The part of a report that a metric belongs to. */
export const METRIC_GROUPS = ['return', 'risk', 'benchmark', 'trades', 'activity'] as const;
export type MetricGroup = (typeof METRIC_GROUPS)[number];

/** One metric of the catalogue. */
export interface MetricDefinition {
  /** Its name in `summary.json` and `metrics.csv`. */
  readonly key: string;
  readonly title: string;
  readonly group: MetricGroup;
  readonly unit: MetricUnit;
  /** In words and signs: r are session returns, P the sessions of a year, n how many there are. */
  readonly formula: string;
  /** Where the formula is from; `definition` where the name says it all. */
  readonly source: string;
  /** Which way is good; `none` where neither is. */
  readonly better: 'higher' | 'lower' | 'none';
}
