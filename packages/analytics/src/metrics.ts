import { CURVE_CATALOGUE } from './curve-catalogue.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { TRADE_CATALOGUE } from './trade-catalogue.ts';

/** The name of a metric. */
export type MetricKey =
  | (typeof CURVE_CATALOGUE)[number]['key']
  | (typeof TRADE_CATALOGUE)[number]['key'];

/** All metrics, in the order in which reports and files list them. */
export const METRICS: readonly (MetricDefinition & { readonly key: MetricKey })[] = [
  ...CURVE_CATALOGUE,
  ...TRADE_CATALOGUE,
];

/** The metrics of a run by key; `undefined` is a metric that has no value for it, which is not zero. */
export type Summary = Readonly<Record<MetricKey, number | undefined>>;
