import type { Calendar } from '@capstan/calendar';
import { assert, type Timeframe } from '@capstan/domain';
import {
  graphColumns,
  graphNeedsSession,
  graphTimeframes,
  type IndicatorGraph,
} from '@capstan/strategy';
import type { BacktestSeries, SeriesColumns } from './series-columns.ts';

/** What the columns of a graph are worked out from. */
export interface SeriesGraph {
  readonly graph: IndicatorGraph;
  readonly base: Timeframe;
  readonly series: BacktestSeries;
  /** The sessions of the symbol. */
  readonly calendar: Calendar;
  /** Columns by node, kept by the caller. */
  readonly cache: Map<string, Float64Array>;
}

/**
 * Returns the values of a graph over a series, a row for each of its bars.
 * @throws InvariantError where bars of a timeframe that the graph reads were not given.
 */
export function columnsOfSeries(request: SeriesGraph): Readonly<Record<string, Float64Array>> {
  const { graph, base, cache } = request;
  return graphColumns(graph, { base, bars: barsByTimeframe(request), cache });
}

/** Returns the bars that a graph reads, by timeframe, with the opens of their sessions where it asks for them. */
export function barsByTimeframe({
  graph,
  base,
  series,
  calendar,
}: Omit<SeriesGraph, 'cache'>): ReadonlyMap<Timeframe, SeriesColumns> {
  const needsSession = graphNeedsSession(graph);
  const found = new Map<Timeframe, SeriesColumns>();
  for (const timeframe of graphTimeframes(graph, base)) {
    const bars = timeframe === base ? series.bars : series.higher?.get(timeframe);
    assert(bars !== undefined, `${series.symbol} has no bars of ${timeframe}`);
    found.set(timeframe, needsSession ? withSessions(bars, calendar) : bars);
  }
  return found;
}

function withSessions(bars: SeriesColumns, calendar: Calendar): SeriesColumns {
  if (bars.sessionOpenUs !== undefined) return bars;
  const sessionOpenUs = bars.startUs.map((us) => calendar.sessionAt(us)?.openUs ?? Number.NaN);
  return { ...bars, sessionOpenUs };
}
