import { movesNotionalCash } from '@capstan/domain';
import { type PolicyName, watchesDailyLoss } from '@capstan/risk';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import type { RunPlan } from '../run/run-plan.ts';
import type { BacktestSeries } from '../run/series-columns.ts';

/** What of a spec the kernels know; a run that says more takes the full path. */
const KEYS = [
  'runId',
  'botId',
  'accountId',
  'configRevision',
  'strategy',
  'params',
  'timeframe',
  'cashMicros',
  'sizing',
  'limits',
  'matcher',
  'execution',
  'instruments',
  'calendarOf',
] as const satisfies readonly (keyof BacktestSpec)[];

/** Policies that the kernels ask: some of them cannot refuse in a backtest. */
const POLICIES: readonly PolicyName[] = [
  'kill-switch',
  'decision-age',
  'market-hours',
  'daily-loss',
  'symbol-notional',
  'gross-exposure',
  'buying-power',
  'daily-loss',
];
const CAPS: readonly PolicyName[] = ['symbol-notional', 'gross-exposure', 'buying-power'];
const SIZINGS: readonly string[] = ['fixedQuantity', 'equityFraction', 'cashFraction'];

/**
 * Says how a run will be computed, by what it declares. A kernel that meets something that it does not do (an order that is
 * refused, a limit price, a change of a part of a protected position) leaves the run to the full path.
 */
export function planRun(spec: BacktestSpec, series: readonly BacktestSeries[]): RunPlan {
  const obstacle = obstacleOf(spec, series);
  if (obstacle !== undefined) return { path: 'full', why: obstacle };
  return {
    path: 'kernel',
    why: 'market orders of one bot with nothing but stops and targets: the kernel gives the same',
  };
}

function obstacleOf(spec: BacktestSpec, series: readonly BacktestSeries[]): string | undefined {
  const { strategy, execution, matcher, limits, sizing, instruments } = spec;
  const known: readonly string[] = KEYS;
  const unknown = Object.entries(spec).find(([key, value]) => {
    return value !== undefined && !known.includes(key);
  });
  if (unknown !== undefined) return `'${unknown[0]}' asks for the full path`;
  if (strategy.decideColumns === undefined) return `${strategy.name} decides bar by bar`;
  if (execution.closeAtEnd) return 'the last position is closed at the end';
  if (matcher.maxVolumeFraction !== undefined) return 'fills are capped by volume';
  if (!SIZINGS.includes(sizing.kind)) return `no kernel sizes by ${sizing.kind}`;
  const policy = limits.policies.find((name) => !POLICIES.includes(name));
  if (policy !== undefined) return `no kernel asks the policy ${policy}`;
  if (watchesDailyLoss(limits)) return 'the loss of a session may halt it';
  if (series.length > 1) {
    const cap = limits.policies.find((name) => CAPS.includes(name) && isCapped(name, limits));
    if (cap !== undefined) return `the policy ${cap} asks about several symbols at once`;
  }
  for (const { symbol, actions = [] } of series) {
    if (actions.length > 0) return `${symbol} has corporate actions`;
    if (!movesNotionalCash(instruments.get(symbol))) return `${symbol} settles by variation`;
  }
  return undefined;
}

function isCapped(name: PolicyName, limits: BacktestSpec['limits']): boolean {
  if (name === 'symbol-notional') return limits.maxSymbolNotionalMicros !== undefined;
  if (name === 'gross-exposure') return limits.maxGrossExposureMicros !== undefined;
  return true;
}
