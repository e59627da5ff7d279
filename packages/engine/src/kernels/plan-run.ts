import { movesNotionalCash } from '@capstan/domain';
import { type PolicyName, type RiskLimits, watchesDailyLoss } from '@capstan/risk';
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

/** Limits that the kernels know; a run with another one takes the full path, whatever policy asks it. */
const LIMITS = [
  'policies',
  'maxSymbolNotionalMicros',
  'maxGrossExposureMicros',
  'maxDailyLossFraction',
  'maxDailyLossMicros',
  'bufferBps',
  'entryTiming',
  'maxDecisionAgeUs',
] as const satisfies readonly (keyof RiskLimits)[];

/** Policies that the kernels ask, and some that cannot refuse the one bot of a backtest. */
const ASKED: readonly PolicyName[] = [
  'kill-switch',
  'breaker',
  'drift',
  'venue-access',
  'clock-offset',
  'decision-age',
  'market-hours',
  'daily-loss',
  'would-cross',
  'symbol-notional',
  'gross-exposure',
  'buying-power',
];
/** Policies that refuse nothing without a limit that is not among {@link LIMITS}. */
const IDLE: readonly PolicyName[] = [
  'stale-data',
  'session-window',
  'blocked-symbol',
  'halted-symbol',
  'short-sale',
  'long-only',
  'drawdown',
  'order-size',
  'price-collar',
  'duplicate-intent',
  'cooldown',
  'order-rate',
  'trades-per-day',
  'positions',
  'position-size',
  'net-exposure',
  'settled-cash',
  'capital-reserve',
];
const POLICIES: readonly PolicyName[] = [...ASKED, ...IDLE];
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
  const limit = limitUnknown(limits);
  if (limit !== undefined) return `no kernel knows the limit ${limit}`;
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

function limitUnknown(limits: RiskLimits): string | undefined {
  const known: readonly string[] = LIMITS;
  return Object.entries(limits).find(
    ([key, value]) => value !== undefined && !known.includes(key),
  )?.[0];
}

function isCapped(name: PolicyName, limits: BacktestSpec['limits']): boolean {
  if (name === 'symbol-notional') return limits.maxSymbolNotionalMicros !== undefined;
  if (name === 'gross-exposure') return limits.maxGrossExposureMicros !== undefined;
  return true;
}
