import { graphWarmup, resolveParameters, strategyWarmup } from '@capstan/strategy';
import { portfolioGraph } from '../portfolio-graph.ts';
import { sizingGraph } from '../sizing-graph.ts';
import type { BacktestSpec } from './backtest-spec.ts';

/**
 * Returns how many bars of each symbol it takes until everything of a run has a value: the strategy, the sizing and the weights.
 * @throws what the strategy's parameters lead to.
 */
export function runWarmup(
  spec: Pick<BacktestSpec, 'strategy' | 'params' | 'timeframe' | 'sizing' | 'portfolio'>,
): number {
  const { strategy, timeframe, portfolio, sizing } = spec;
  const params = resolveParameters(strategy, spec.params);
  const beside = portfolio === undefined ? sizingGraph(sizing) : portfolioGraph(portfolio.weights);
  return Math.max(strategyWarmup(strategy, params, timeframe), graphWarmup(beside, timeframe));
}
