import type { Calendar } from '@capstan/calendar';
import { assert, type Timeframe } from '@capstan/domain';
import {
  graphColumns,
  graphNeedsSession,
  graphTimeframes,
  type IndicatorGraph,
} from '@capstan/strategy';
import type { IndicatorAdjustment } from './backtest-spec.ts';
import { actionsSeen, epochColumns } from './epoch-columns.ts';
import type { BacktestSeries, SeriesColumns } from './series-columns.ts';

/** What the columns of a graph are worked out from. */
export interface SeriesGraph {
  readonly graph: IndicatorGraph;
  readonly base: Timeframe;
  readonly series: BacktestSeries;
  /** The sessions of the symbol. */
  readonly calendar: Calendar;
  readonly indicatorsSee: IndicatorAdjustment;
  /** Finds the columns by node that the caller keeps for the symbol under a key: equal keys, equal bars. */
  readonly cacheOf: (key: string) => Map<string, Float64Array>;
}

/**
 * Returns the values of a graph over a series, a row for each of the bars that indicators see; where it has actions, each as it
 * could be seen then.
 * @throws InvariantError where bars of a timeframe that the graph reads were not given.
 */
export function columnsOfSeries(request: SeriesGraph): Readonly<Record<string, Float64Array>> {
  const { graph, base, series, indicatorsSee, cacheOf } = request;
  const bars = barsByTimeframe(request);
  const actions = actionsSeen(series.actions ?? [], indicatorsSee);
  if (actions.length > 0) return epochColumns(request, bars, actions);
  return graphColumns(graph, { base, bars, cache: cacheOf('') });
}

/** Returns the bars that a graph reads, by timeframe, with the opens of their sessions where it asks for them. */
export function barsByTimeframe({
  graph,
  base,
  series,
  calendar,
}: Pick<SeriesGraph, 'graph' | 'base' | 'series' | 'calendar'>): ReadonlyMap<
  Timeframe,
  SeriesColumns
> {
  const needsSession = graphNeedsSession(graph);
  const found = new Map<Timeframe, SeriesColumns>();
  for (const timeframe of graphTimeframes(graph, base)) {
    const bars =
      timeframe === base ? (series.indicatorBars ?? series.bars) : series.higher?.get(timeframe);
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
