import { assert, type Timeframe } from '@capstan/domain';
import { graphColumns, type IndicatorGraph } from '@capstan/strategy';
import { inOrder } from './action-book.ts';
import { firstRowOn } from './action-rows.ts';
import {
  adjustableCopy,
  adjustForSplitBefore,
  adjustPricesBefore,
  dividendFactor,
  rowsBefore,
} from './adjusted-columns.ts';
import type { IndicatorAdjustment } from './backtest-spec.ts';
import type { CorporateAction } from './corporate-action.ts';
import type { SeriesGraph } from './graph-of-series.ts';
import type { SeriesColumns } from './series-columns.ts';

/** What of a series' actions its indicators see. */
export function actionsSeen(
  actions: readonly CorporateAction[],
  indicatorsSee: IndicatorAdjustment,
): readonly CorporateAction[] {
  const all = inOrder(actions);
  return indicatorsSee === 'splits' ? all.filter(({ kind }) => kind === 'split') : all;
}

/**
 * Returns the values of a graph as each row could see them: between two actions all history is adjusted to the share count of
 * that time, so that nothing of a later action shows.
 * @param bars by timeframe, raw. @param actions in order, at least one.
 * @complexity the graph over the history up to each action.
 */
export function epochColumns(
  request: SeriesGraph,
  bars: ReadonlyMap<Timeframe, SeriesColumns>,
  actions: readonly CorporateAction[],
): Readonly<Record<string, Float64Array>> {
  const { graph, base } = request;
  const adjusted = new Map([...bars].map(([name, columns]) => [name, adjustableCopy(columns)]));
  const rows = bars.get(base)?.endUs.length ?? 0;
  const columns = emptyColumns(graph, rows);
  let from = 0;
  for (let epoch = 0; epoch <= actions.length; epoch += 1) {
    const next = actions[epoch];
    const until = next === undefined ? rows : rowOf(request, bars, base, next);
    if (until > from) {
      const known = new Map(
        [...adjusted].map(([name, own]) => {
          const end = next === undefined ? own.endUs.length : rowOf(request, bars, name, next);
          return [name, rowsBefore(own, end)];
        }),
      );
      const cache = request.cacheOf(`${request.indicatorsSee} ${epoch}`);
      const values = graphColumns(graph, { base, bars: known, cache });
      for (const [name, column] of Object.entries(values)) {
        columns[name]?.set(column.subarray(from, until), from);
      }
      from = until;
    }
    if (next !== undefined) adjustAll(request, bars, adjusted, next);
  }
  return columns;
}

function emptyColumns(graph: IndicatorGraph, rows: number): Record<string, Float64Array> {
  return Object.fromEntries(Object.keys(graph).map((name) => [name, new Float64Array(rows)]));
}

/** Returns the first row of a timeframe on the new count. */
function rowOf(
  { calendar }: SeriesGraph,
  bars: ReadonlyMap<Timeframe, SeriesColumns>,
  timeframe: Timeframe,
  { exDate }: CorporateAction,
): number {
  const startUs = bars.get(timeframe)?.startUs;
  assert(startUs !== undefined, `no columns of ${timeframe} bars were given`);
  return firstRowOn(startUs, exDate, calendar);
}

function adjustAll(
  request: SeriesGraph,
  bars: ReadonlyMap<Timeframe, SeriesColumns>,
  adjusted: ReadonlyMap<Timeframe, SeriesColumns>,
  action: CorporateAction,
): void {
  const { base, series } = request;
  const before = rowOf(request, bars, base, action) - 1;
  const closeNanos = adjusted.get(base)?.closeNanos[before];
  for (const [timeframe, own] of adjusted) {
    const until = rowOf(request, bars, timeframe, action);
    if (action.kind === 'split') adjustForSplitBefore(own, action, until);
    else if (closeNanos !== undefined) {
      adjustPricesBefore(own, dividendFactor(series.symbol, action, closeNanos), until);
    }
  }
}
