import { METRICS, type MetricUnit, type Summary } from '@capstan/analytics';
import { AppError } from '@capstan/domain';
import { metricsHeader, metricsLine } from '@capstan/reports';
import type { Strategy } from '@capstan/strategy';
import type { GivenParameters, Grid } from '../config/grid.ts';
import type { CombinationRunner } from './combination-runner.ts';

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

const NONE = new Float64Array(METRICS.length).fill(Number.NaN);
/** What follows the columns that every `metrics.csv` has. */
const MORE_COLUMNS = ['state', 'why'];

/** Returns the first line of `metrics.csv`. */
export function metricsFileHeader(strategy: Strategy): string {
  return [...metricsHeader(Object.keys(strategy.params)), ...MORE_COLUMNS].join(',');
}

/** Runs one combination of a grid, and says what came of it on one line. */
export function runCombination(
  runner: Pick<CombinationRunner, 'run'>,
  strategy: Strategy,
  grid: Grid,
  index: number,
): CombinationRow {
  const params = grid.at(index);
  const line = (state: RowState, why: string, summary: Partial<Summary>, digest?: string) => {
    const names = Object.keys(strategy.params);
    const row = { combination: index, params: allOf(strategy, params), metrics: summary };
    const cells = metricsLine(names, digest === undefined ? row : { ...row, digest });
    return `${cells.trimEnd()},${state},${csvCell(why)}`;
  };
  try {
    const { digest, metrics: summary } = runner.run(params);
    const metrics = Float64Array.from(METRICS, ({ key, unit }) =>
      asKept(summary[key] ?? Number.NaN, unit),
    );
    return {
      index,
      state: 'done',
      digest,
      metrics,
      line: line('done', '', summary, digest),
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const state = error.code === 'STRATEGY.PARAMETER_RELATION' ? 'skipped' : 'failed';
    return { index, state, digest: '', metrics: NONE, line: line(state, error.why, {}) };
  }
}

/** The file keeps money to the micro: a sweep that goes on from it must rank by the same numbers. */
function asKept(value: number, unit: MetricUnit): number {
  return unit === 'micros' ? Math.round(value) : value;
}

function allOf(strategy: Strategy, given: GivenParameters): GivenParameters {
  return Object.fromEntries(
    Object.entries(strategy.params).map(([name, { default: byDefault }]) => [
      name,
      given[name] ?? byDefault,
    ]),
  );
}

/** Writes a cell of a CSV file, in quotes where it needs them. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
