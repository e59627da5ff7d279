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
import type { SymbolGraph } from './graph-of-series.ts';
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
 * @param request whose bars are raw, and whose actions are in order, at least one.
 * @complexity the graph over the history up to each action.
 */
export function epochColumns(request: SymbolGraph): Readonly<Record<string, Float64Array>> {
  const { graph, base, bars, actions } = request;
  const adjusted = new Map([...bars].map(([name, columns]) => [name, adjustableCopy(columns)]));
  const rows = bars.get(base)?.endUs.length ?? 0;
  const columns = emptyColumns(graph, rows);
  let from = 0;
  for (let epoch = 0; epoch <= actions.length; epoch += 1) {
    const next = actions[epoch];
    const until = next === undefined ? rows : rowOf(request, base, next);
    if (until > from) {
      const known = new Map(
        [...adjusted].map(([name, own]) => {
          const end = next === undefined ? own.endUs.length : rowOf(request, name, next);
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
    if (next !== undefined) adjustAll(request, adjusted, next);
  }
  return columns;
}

function emptyColumns(graph: IndicatorGraph, rows: number): Record<string, Float64Array> {
  return Object.fromEntries(Object.keys(graph).map((name) => [name, new Float64Array(rows)]));
}

/** Returns the first row of a timeframe on the new count. */
function rowOf(
  { calendar, bars }: SymbolGraph,
  timeframe: Timeframe,
  { exDate }: CorporateAction,
): number {
  const startUs = bars.get(timeframe)?.startUs;
  assert(startUs !== undefined, `no columns of ${timeframe} bars were given`);
  return firstRowOn(startUs, exDate, calendar);
}

function adjustAll(
  request: SymbolGraph,
  adjusted: ReadonlyMap<Timeframe, SeriesColumns>,
  action: CorporateAction,
): void {
  const { base, symbol } = request;
  const before = rowOf(request, base, action) - 1;
  const closeNanos = adjusted.get(base)?.closeNanos[before];
  for (const [timeframe, own] of adjusted) {
    const until = rowOf(request, timeframe, action);
    if (action.kind === 'split') adjustForSplitBefore(own, action, until);
    else if (closeNanos !== undefined) {
      adjustPricesBefore(own, dividendFactor(symbol, action, closeNanos), until);
    }
  }
}
