import { assert, type Timeframe } from '@capstan/domain';
import {
  type BarColumns,
  fillBarColumn,
  fillValueColumn,
  wholeMagnitude,
} from '@capstan/indicators';
import { type BarField, type IndicatorGraph, type IndicatorNode, nodeKey } from './graph.ts';

/** What {@link graphColumns} reads. */
export interface GraphColumnsInput {
  /** The timeframe of the bot: the rows of the result are its bars. */
  readonly base: Timeframe;
  /** Bars of one symbol for each timeframe that the graph reads. */
  readonly bars: ReadonlyMap<Timeframe, BarColumns>;
  /** Columns by node, kept by the caller: runs over the same bars share them. */
  readonly cache: Map<string, Float64Array>;
  /** Gives a column of so many rows, of any content, to be filled; a new one unless given. */
  readonly allocate?: (rows: number) => Float64Array;
}

/**
 * Computes a graph of one symbol over whole columns.
 * @returns for each name a column with a row for each bar of the bot's timeframe: the bits that a stream has after
 * that bar, NaN where it has none. A value of a higher timeframe stands until that timeframe's next bar ends.
 */
export function graphColumns(
  graph: IndicatorGraph,
  input: GraphColumnsInput,
): Readonly<Record<string, Float64Array>> {
  const columns: Record<string, Float64Array> = {};
  const magnitudeOf = rememberedMagnitudes();
  for (const [name, node] of Object.entries(graph)) {
    assert(node.symbol === undefined, `'${name}' reads ${node.symbol}: compute its part by itself`);
    const own = nodeColumn(node, input, magnitudeOf);
    const timeframe = node.timeframe ?? input.base;
    columns[name] =
      timeframe === input.base
        ? own
        : alignColumn(own, barsOf(input, timeframe).endUs, barsOf(input, input.base).endUs);
  }
  return columns;
}

type MagnitudeOf = (column: Float64Array) => number | undefined;

/** Looks through each column once: two averages of the closes ask the same of them. */
function rememberedMagnitudes(): MagnitudeOf {
  const known = new Map<Float64Array, number | undefined>();
  return (column) => {
    if (!known.has(column)) known.set(column, wholeMagnitude(column));
    return known.get(column);
  };
}

function nodeColumn(
  node: IndicatorNode,
  input: GraphColumnsInput,
  magnitudeOf: MagnitudeOf,
): Float64Array {
  const key = nodeKey(node, input.base);
  const known = input.cache.get(key);
  if (known !== undefined) return known;
  const bars = barsOf(input, node.timeframe ?? input.base);
  const rows = bars.endUs.length;
  const output = input.allocate?.(rows) ?? new Float64Array(rows);
  if (node.input === 'bar') fillBarColumn(node, bars, output);
  else {
    const of =
      typeof node.of === 'string'
        ? fieldColumn(bars, node.of)
        : nodeColumn(node.of, input, magnitudeOf);
    fillValueColumn(node, of, output, magnitudeOf);
  }
  input.cache.set(key, output);
  return output;
}

function barsOf(input: GraphColumnsInput, timeframe: Timeframe): BarColumns {
  const bars = input.bars.get(timeframe);
  assert(bars !== undefined, `no columns of ${timeframe} bars were given`);
  return bars;
}

function fieldColumn(bars: BarColumns, field: BarField): Float64Array {
  switch (field) {
    case 'open':
      return bars.openNanos;
    case 'high':
      return bars.highNanos;
    case 'low':
      return bars.lowNanos;
    case 'close':
      return bars.closeNanos;
    case 'volume':
      return bars.volume;
  }
}

/** Gives each row of `toEndUs` the last value whose end is not after it, NaN before the first. */
export function alignColumn(
  values: Float64Array,
  ends: Float64Array,
  toEndUs: Float64Array,
): Float64Array {
  const output = new Float64Array(toEndUs.length);
  let next = 0;
  for (let row = 0; row < output.length; row += 1) {
    const end = toEndUs[row] ?? 0;
    while (next < ends.length && (ends[next] ?? 0) <= end) next += 1;
    output[row] = next === 0 ? Number.NaN : (values[next - 1] ?? Number.NaN);
  }
  return output;
}
