import { METRICS, type MetricDefinition, type MetricKey } from '@capstan/analytics';
import { MICROS_PER_UNIT } from '@capstan/domain';
import { count, metricText, number, plural } from './format.ts';
import { DIAGONAL_AXES_MAX, SWEEP_CELLS_MAX, SWEEP_ROWS_MAX } from './limits.ts';
import { expectedBestSharpe } from './luck.ts';
import { type Neighbourhoods, neighbourhoods, placesOf } from './neighbourhood.ts';
import { packColumn } from './pack-column.ts';
import type { ReportSetting, ReportWarning } from './run-report.ts';
import type { SweepBest, SweepInput, SweepMetric, SweepReport, SweepRow } from './sweep-report.ts';

const SHOWN: readonly MetricKey[] = [
  'totalReturn',
  'cagr',
  'volatility',
  'sharpe',
  'sortino',
  'calmar',
  'maxDrawdown',
  'trades',
  'hitRate',
  'profitFactor',
  'netProfit',
  'costs',
];

const DECIMALS: Record<MetricDefinition['unit'], number> = {
  fraction: 5,
  ratio: 4,
  micros: 2,
  sessions: 0,
  bars: 1,
  count: 0,
};

/** Makes the report of a sweep. The same input gives the same report. @complexity O(combinations × neighbours) */
export function sweepOf(input: SweepInput): SweepReport {
  const definition = definitionOf(input.rankBy);
  const values = columnOf(input.rows, input.rankBy);
  const combinations = input.rows.map(({ index }) => index);
  const near = neighbourhoods({
    shape: {
      lengths: input.axes.map((axis) => axis.values.length),
      ordered: input.axes.map((axis) => axis.values.every((value) => typeof value === 'number')),
    },
    combinations,
    values,
    isLowerBetter: definition.better === 'lower',
    diagonalAxesMax: DIAGONAL_AXES_MAX,
  });
  const best = bestRow(values, definition);
  const calm = bestRow(near.score, definition);
  const ranked = values.filter((value) => !Number.isNaN(value)).length;
  const keys = [...new Set([input.rankBy, ...(input.show ?? SHOWN)])];
  const listedMax = Math.min(SWEEP_ROWS_MAX, Math.floor(SWEEP_CELLS_MAX / keys.length));
  const listed = input.rows.slice(0, listedMax);
  const { strategy, symbols, timeframe, period, cashMicros, currency, provenance } = input;
  return {
    strategy: { name: strategy.name, title: strategy.title, description: strategy.description },
    symbols,
    timeframe,
    ...(period === undefined ? {} : { period }),
    cashMicros,
    currency,
    fixed: Object.entries(input.fixed).map(([name, value]) => ({ name, value: String(value) })),
    rankBy: { title: definition.title, unit: definition.unit, formula: definition.formula },
    count: input.count,
    ranked,
    listed: listed.length,
    warnings: sweepWarnings(input, { best, calm, values, ranked }),
    ...(best === undefined ? {} : { best: bestOf(input, best, values, near) }),
    ...(calm === undefined ? {} : { bestByNeighbours: bestOf(input, calm, values, near) }),
    provenance,
    data: {
      axes: input.axes,
      rankBy: input.rankBy,
      diagonalAxesMax: DIAGONAL_AXES_MAX,
      combination: packColumn(
        listed.map(({ index }) => index),
        0,
      ),
      metrics: keys.map((key) => metricOf(listed, key)),
    },
  };
}

function definitionOf(key: MetricKey): MetricDefinition {
  const found = METRICS.find((one) => one.key === key);
  if (found === undefined) throw new Error(`there is no metric ${key}`);
  return found;
}

function columnOf(rows: readonly SweepRow[], key: MetricKey): Float64Array {
  const place = METRICS.findIndex((one) => one.key === key);
  return Float64Array.from(rows, ({ metrics }) => metrics[place] ?? Number.NaN);
}

function metricOf(rows: readonly SweepRow[], key: MetricKey): SweepMetric {
  const { title, unit, better, formula } = definitionOf(key);
  const values = columnOf(rows, key);
  const shown = unit === 'micros' ? values.map((micros) => micros / MICROS_PER_UNIT) : values;
  return { key, title, unit, better, formula, column: packColumn(shown, DECIMALS[unit]) };
}

/** Row of the best value, the earlier one among equals. */
function bestRow(values: Float64Array, { better }: MetricDefinition): number | undefined {
  const way = better === 'lower' ? -1 : 1;
  let best: number | undefined;
  for (const [row, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    if (best === undefined || way * value > way * (values[best] as number)) best = row;
  }
  return best;
}

function bestOf(
  input: SweepInput,
  row: number,
  values: Float64Array,
  near: Neighbourhoods,
): SweepBest {
  const combination = input.rows[row]?.index ?? 0;
  const known = (column: Float64Array): number | undefined =>
    Number.isNaN(column[row]) ? undefined : column[row];
  return {
    combination,
    params: paramsAt(input, combination),
    value: values[row] as number,
    neighbours: near.count[row] as number,
    neighbourMean: known(near.mean),
    neighbourWorst: known(near.worst),
    neighbourDeviation: known(near.deviation),
  };
}

function paramsAt({ axes }: SweepInput, combination: number): ReportSetting[] {
  const places = placesOf(
    axes.map(({ values }) => values.length),
    combination,
  );
  return axes.map(({ name, values }, axis) => ({
    name,
    value: String(values[places[axis] as number]),
  }));
}

interface Ranking {
  readonly best: number | undefined;
  readonly calm: number | undefined;
  readonly values: Float64Array;
  readonly ranked: number;
}

function sweepWarnings(
  input: SweepInput,
  { best, calm, values, ranked }: Ranking,
): ReportWarning[] {
  const warnings: ReportWarning[] = [];
  const { unit, title } = definitionOf(input.rankBy);
  if (input.fillsAtSameClose) {
    warnings.push({
      level: 'danger',
      title: 'Filled at the close that decided',
      text: 'Orders fill at the very close that the decision was made from. No live order can have that price: the results flatter.',
    });
  }
  if (ranked > 1) {
    warnings.push({ level: 'warning', title: plural(ranked, 'trial'), text: luckText(input) });
  }
  if (best !== undefined && calm !== undefined && best !== calm) {
    warnings.push({
      level: 'note',
      title: 'Two best combinations',
      text: `The best by itself (${title} ${metricText(values[best], unit)}) is not the best by its neighbourhood. A peak whose neighbours are worse is more likely to be luck than a plateau.`,
    });
  }
  if (!input.isComplete) {
    warnings.push({
      level: 'warning',
      title: 'Incomplete',
      text: `The sweep was stopped: ${count(input.rows.length)} of ${plural(input.count, 'combination')} were run.`,
    });
  }
  return warnings;
}

function luckText({ rows }: SweepInput): string {
  const ratios = columnOf(rows, 'sharpe');
  const expected = expectedBestSharpe(ratios);
  const advice = 'Confirm the choice on a period that the sweep has not seen.';
  if (expected === undefined) return `The best of many is partly luck. ${advice}`;
  const highest = ratios.reduce((most, ratio) => (ratio > most ? ratio : most), -Infinity);
  return `The best of many is partly luck: if no combination were any good and all were independent, the highest Sharpe ratio would still be expected near ${number(expected)} (found: ${number(highest)}). ${advice}`;
}
