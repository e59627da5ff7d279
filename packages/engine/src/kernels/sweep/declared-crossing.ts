import { resolveParameters } from '@capstan/strategy';
import type { BacktestOptions } from '../../run/backtest-result.ts';
import type { BacktestSpec } from '../../run/backtest-spec.ts';
import { columnsOfSeries } from '../../run/graph-of-series.ts';
import type { BacktestSeries } from '../../run/series-columns.ts';
import type { CrossRule } from './cross-sweep.ts';

/**
 * Returns the crossing that a spec's strategy declares with its parameters, over the bars of a series, or why there is none.
 * @throws STRATEGY.PARAMETER_RELATION and what else parameters lead to.
 */
export function declaredCrossing(
  spec: BacktestSpec,
  series: BacktestSeries,
  options: Pick<BacktestOptions, 'columnCache'> = {},
): CrossRule | string {
  const { strategy, params: given, timeframe } = spec;
  const params = resolveParameters(strategy, given);
  if (strategy.crossing === undefined) return `${strategy.name} declares no crossing`;
  const crossing = strategy.crossing(params);
  if (crossing === undefined) return `${strategy.name} is more than a crossing with its parameters`;
  const graph = strategy.indicators(params);
  const extra = Object.keys(graph).find((name) => name !== crossing.fast && name !== crossing.slow);
  if (extra !== undefined) return `${strategy.name} waits for '${extra}' beside its crossing`;
  const { calendarOf, instruments } = spec;
  const calendar = calendarOf(instruments.get(series.symbol).calendar);
  const columns = columnsOfSeries({
    ...{ graph, base: timeframe, series, options },
    ...{ calendar, calendarOf },
    indicatorsSee: spec.execution.indicatorsSee ?? 'splits',
  });
  const fast = columns[crossing.fast];
  const slow = columns[crossing.slow];
  if (fast === undefined || slow === undefined) {
    return `${strategy.name} declares a crossing of what is not among its indicators`;
  }
  const fromRow = Math.min(fast.length, Math.max(0, (strategy.warmup?.(params) ?? 1) - 1));
  return { fast, slow, entry: crossing.entry, fromRow };
}
