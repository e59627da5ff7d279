import type { Calendar } from '@capstan/calendar';
import { assert, type Timeframe } from '@capstan/domain';
import {
  alignColumn,
  graphColumns,
  graphNeedsSession,
  graphPart,
  graphReferences,
  graphTimeframes,
  type IndicatorGraph,
} from '@capstan/strategy';
import type { IndicatorAdjustment } from './backtest-spec.ts';
import { type ColumnCaches, columnCacheOf, referenceCacheOf } from './column-cache.ts';
import { actionsSeen, epochColumns } from './epoch-columns.ts';
import type { BacktestSeries, ReferenceSeries, SeriesColumns } from './series-columns.ts';

/** What the columns of a graph are worked out from. */
export interface SeriesGraph {
  readonly graph: IndicatorGraph;
  readonly base: Timeframe;
  readonly series: BacktestSeries;
  /** The sessions of the series' symbol. */
  readonly calendar: Calendar;
  /** Finds the calendar of other symbols by name. */
  readonly calendarOf: (name: string) => Calendar;
  readonly indicatorsSee: IndicatorAdjustment;
  /** Where columns are kept, and what gives new ones. */
  readonly options: ColumnCaches & { readonly allocate?: (rows: number) => Float64Array };
}

/** A graph of one symbol, and the bars that it reads. */
export interface SymbolGraph extends Pick<SeriesGraph, 'graph' | 'base' | 'options'> {
  readonly symbol: string;
  /** By timeframe. */
  readonly bars: ReadonlyMap<Timeframe, SeriesColumns>;
  readonly actions: ReturnType<typeof actionsSeen>;
  readonly calendar: Calendar;
  readonly indicatorsSee: IndicatorAdjustment;
  /** Finds the columns by node that are kept of the symbol under a key: equal keys, equal bars. */
  readonly cacheOf: (key: string) => Map<string, Float64Array>;
}

/**
 * Returns the values of a graph over a series, a row for each of the bars that indicators see; where it has actions, each as it
 * could be seen then. What reads another symbol has the value after that symbol's last bar that ends then or before.
 * @throws InvariantError where bars that the graph reads were not given.
 */
export function columnsOfSeries(request: SeriesGraph): Readonly<Record<string, Float64Array>> {
  const { graph, base, series, calendar, indicatorsSee, options } = request;
  const { symbol } = series;
  const own = graphPart(graph, undefined);
  const columns = columnsOfSymbol({
    ...{ graph: own, base, symbol, calendar, indicatorsSee, options },
    bars: barsByTimeframe(own, base, series),
    actions: actionsSeen(series.actions ?? [], indicatorsSee),
    cacheOf: (key) => columnCacheOf(options, series, key),
  });
  const references = graphReferences(graph, base);
  if (references.size === 0) return columns;
  const all = { ...columns };
  for (const [other, timeframes] of references) {
    const found = series.references?.get(other);
    assert(found !== undefined, `${symbol} was given without the bars of ${other}`);
    for (const timeframe of timeframes)
      Object.assign(all, columnsOfReference(request, found, timeframe));
  }
  // In the order of the graph, as a stream has them.
  return Object.fromEntries(Object.keys(graph).map((name) => [name, all[name] as Float64Array]));
}

/** The values of a graph that read one timeframe of another symbol, by the rows of the series. */
function columnsOfReference(
  { graph, base, series, calendarOf, indicatorsSee, options }: SeriesGraph,
  reference: ReferenceSeries,
  timeframe: Timeframe,
): Readonly<Record<string, Float64Array>> {
  const { symbol } = reference;
  const bars = reference.bars.get(timeframe);
  assert(bars !== undefined, `${symbol} has no bars of ${timeframe}`);
  const part = Object.entries(graphPart(graph, symbol)).filter(
    ([, node]) => (node.timeframe ?? base) === timeframe,
  );
  const columns = columnsOfSymbol({
    ...{ base: timeframe, symbol, indicatorsSee, options },
    graph: Object.fromEntries(part),
    bars: new Map([[timeframe, bars]]),
    actions: actionsSeen(reference.actions ?? [], indicatorsSee),
    calendar: calendarOf(reference.calendar),
    cacheOf: (key) => referenceCacheOf(options, reference, key),
  });
  const { endUs } = series.indicatorBars ?? series.bars;
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, alignColumn(column, bars.endUs, endUs)]),
  );
}

function columnsOfSymbol(request: SymbolGraph): Readonly<Record<string, Float64Array>> {
  const { graph, base, actions, cacheOf, options } = request;
  const bars = graphNeedsSession(graph) ? allWithSessions(request) : request.bars;
  if (actions.length > 0) return epochColumns({ ...request, bars });
  const { allocate } = options;
  return graphColumns(graph, {
    ...{ base, bars, cache: cacheOf('') },
    ...(allocate === undefined ? {} : { allocate }),
  });
}

function barsByTimeframe(
  graph: IndicatorGraph,
  base: Timeframe,
  series: BacktestSeries,
): ReadonlyMap<Timeframe, SeriesColumns> {
  const found = new Map<Timeframe, SeriesColumns>();
  for (const timeframe of graphTimeframes(graph, base)) {
    const bars =
      timeframe === base ? (series.indicatorBars ?? series.bars) : series.higher?.get(timeframe);
    assert(bars !== undefined, `${series.symbol} has no bars of ${timeframe}`);
    found.set(timeframe, bars);
  }
  return found;
}

/** Bars with the opens of their sessions. */
function allWithSessions({
  bars,
  calendar,
}: Pick<SymbolGraph, 'bars' | 'calendar'>): ReadonlyMap<Timeframe, SeriesColumns> {
  return new Map([...bars].map(([name, columns]) => [name, withSessions(columns, calendar)]));
}

function withSessions(bars: SeriesColumns, calendar: Calendar): SeriesColumns {
  if (bars.sessionOpenUs !== undefined) return bars;
  const sessionOpenUs = bars.startUs.map((us) => calendar.sessionAt(us)?.openUs ?? Number.NaN);
  return { ...bars, sessionOpenUs };
}
