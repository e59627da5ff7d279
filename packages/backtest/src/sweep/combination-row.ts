import { METRICS } from '@capstan/analytics';
import { AppError } from '@capstan/domain';
import type { Strategy } from '@capstan/strategy';
import type { GivenParameters, Grid } from '../config/grid.ts';
import type { Runner } from '../run/run-one.ts';

/** How a combination ended: run, left out because its parameters do not fit together, or failed. */
export const ROW_STATES = ['done', 'skipped', 'failed'] as const;
export type RowState = (typeof ROW_STATES)[number];

/** One combination of a sweep. */
export interface CombinationRow {
  readonly index: number;
  readonly state: RowState;
  /** Of orders, fills, cash events and final ledger; empty where it did not run. */
  readonly digest: string;
  /** In the order of `METRICS`; NaN where there is none. */
  readonly metrics: Float64Array;
  /** The line of `metrics.csv`, without its end. */
  readonly line: string;
}

const COUNTS = ['orders', 'denials', 'halts'] as const;
const NONE = new Float64Array(METRICS.length).fill(Number.NaN);

/** Returns the first line of `metrics.csv`. */
export function metricsHeader(strategy: Strategy): string {
  const params = Object.keys(strategy.params).map((name) => csvCell(name));
  const metrics = METRICS.map(({ key }) => key);
  return ['combination', ...params, 'state', ...COUNTS, ...metrics, 'digest', 'why'].join(',');
}

/** Runs one combination of a grid, and says what came of it on one line. */
export function runCombination(
  runner: Runner,
  strategy: Strategy,
  grid: Grid,
  index: number,
): CombinationRow {
  const params = grid.at(index);
  const line = (state: RowState, cells: readonly (string | number)[]) =>
    [index, ...paramCells(strategy, params), state, ...cells].join(',');
  try {
    const { result, summary } = runner.run(params);
    const metrics = Float64Array.from(METRICS, ({ key }) => summary.metrics[key] ?? Number.NaN);
    const digest = result.digest();
    const counts = [result.orders.count, result.denials.length, result.halts.length];
    const cells = [...counts, ...[...metrics].map(numberCell), digest, ''];
    return { index, state: 'done', digest, metrics, line: line('done', cells) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const state = error.code === 'STRATEGY.PARAMETER_RELATION' ? 'skipped' : 'failed';
    const empty = [...COUNTS, ...METRICS, 'digest'].map(() => '');
    const cells = [...empty, csvCell(error.why)];
    return { index, state, digest: '', metrics: NONE, line: line(state, cells) };
  }
}

function paramCells(strategy: Strategy, given: GivenParameters): readonly string[] {
  return Object.entries(strategy.params).map(([name, { default: byDefault }]) =>
    csvCell(String(given[name] ?? byDefault)),
  );
}

const numberCell = (value: number): string => (Number.isNaN(value) ? '' : String(value));

/** Writes a cell of a CSV file, in quotes where it needs them. */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
