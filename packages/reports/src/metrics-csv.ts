import { METRICS, type MetricKey, type MetricUnit } from '@capstan/analytics';
import { type CashMicros, formatCash } from '@capstan/domain';
import type { ParameterValue } from '@capstan/strategy';
import { csvCell, csvText } from './csv-text.ts';

/** One combination of parameters and what it came to. */
export interface MetricsRow {
  /** Its number, from 0. */
  readonly combination: number;
  readonly params: Readonly<Record<string, ParameterValue>>;
  /** Absent metrics are empty cells. */
  readonly metrics: Readonly<Partial<Record<MetricKey, number | undefined>>>;
  readonly digest?: string;
}

const snake = (key: string): string =>
  key.replace(/[A-Z]|\d+/g, (part) => `_${part.toLowerCase()}`);

/** Names a metric's column: its key in snake case, `_fraction` where it is a fraction. */
export const metricColumn = (key: string, unit: MetricUnit): string =>
  unit === 'fraction' ? `${snake(key)}_fraction` : snake(key);

/** Returns the header of `metrics.csv`: the combination, the parameters with `param.` before them, the metrics, the digest. */
export function metricsHeader(params: readonly string[]): string[] {
  return [
    'combination',
    ...params.map((name) => csvCell(`param.${name}`)),
    ...METRICS.map(({ key, unit }) => metricColumn(key, unit)),
    'digest',
  ];
}

/** Writes one row of `metrics.csv`, with its line feed: for files that are written as a sweep goes. */
export function metricsLine(params: readonly string[], row: MetricsRow): string {
  return `${cellsOf(params, row).join(',')}\n`;
}

/**
 * Writes `metrics.csv`, a row a combination, all metrics of the catalogue. Money is in units of currency, exact in micros (rounded
 * to one); the rest is written with all digits of the number. A metric without a value is empty.
 */
export function metricsCsv(params: readonly string[], rows: Iterable<MetricsRow>): string {
  const lines: string[][] = [];
  for (const row of rows) lines.push(cellsOf(params, row));
  return csvText(metricsHeader(params), lines);
}

function cellsOf(names: readonly string[], row: MetricsRow): string[] {
  const { combination, params, metrics, digest = '' } = row;
  return [
    String(combination),
    ...names.map((name) => csvCell(String(params[name] ?? ''))),
    ...METRICS.map(({ key, unit }) => metricCell(metrics[key], unit)),
    digest,
  ];
}

function metricCell(value: number | undefined, unit: MetricUnit): string {
  if (value === undefined) return '';
  return unit === 'micros' ? formatCash(Math.round(value) as CashMicros) : String(value);
}
