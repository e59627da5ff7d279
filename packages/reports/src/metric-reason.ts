import type { MetricDefinition, MetricKey } from '@capstan/analytics';

/** What decides why a metric has no value. */
export interface ReasonFacts {
  readonly sessions: number;
  readonly trades: number;
  readonly winners: number;
  readonly losers: number;
  readonly hasBenchmark: boolean;
  readonly benchmarkPairs: number;
  readonly lostEverything: boolean;
  readonly hasGross: boolean;
}

const NEEDS_LOSER = new Set<MetricKey>(['profitFactor', 'averageLoss', 'payoffRatio']);
const NEEDS_WINNER = new Set<MetricKey>(['averageWin', 'payoffRatio']);
const NEEDS_SPREAD = new Set<MetricKey>([
  'volatility',
  'sharpe',
  'probabilisticSharpe',
  'skewness',
  'excessKurtosis',
]);

/** Says why a metric of a run has no value. */
export function reasonOf(
  { key, group }: MetricDefinition & { readonly key: MetricKey },
  facts: ReasonFacts,
): string {
  if (facts.sessions === 0) return 'The run has no bar.';
  switch (group) {
    case 'trades':
      return tradeReason(key, facts);
    case 'benchmark':
      return benchmarkReason(facts);
    case 'activity':
      return facts.hasGross ? 'Mean equity is not above zero.' : 'Exposure was not recorded.';
    case 'return':
    case 'risk':
      return curveReason(key, facts);
  }
}

function tradeReason(key: MetricKey, { trades, winners, losers }: ReasonFacts): string {
  if (trades === 0) return 'No trade was closed.';
  if (NEEDS_LOSER.has(key) && losers === 0) return 'No closed trade lost.';
  if (NEEDS_WINNER.has(key) && winners === 0) return 'No closed trade won.';
  return 'The trades do not determine it.';
}

function benchmarkReason({ hasBenchmark, benchmarkPairs, lostEverything }: ReasonFacts): string {
  if (!hasBenchmark) return 'The run has no benchmark.';
  if (benchmarkPairs < 2) return 'Fewer than two sessions have a return of the benchmark too.';
  return lostEverything ? 'Equity was lost.' : 'The returns do not vary.';
}

function curveReason(key: MetricKey, facts: ReasonFacts): string {
  if (facts.lostEverything) return 'Equity fell to zero or below.';
  if (NEEDS_SPREAD.has(key) || key.startsWith('conditional') || key.startsWith('valueAtRisk')) {
    return facts.sessions < 4
      ? 'There are too few session returns.'
      : 'The session returns do not vary.';
  }
  if (key === 'sortino') return 'No session lost.';
  if (key === 'calmar') return 'There was no drawdown.';
  return 'The curve does not determine it.';
}
