import { type CashMicros, formatCash, scheduleText, sizingText } from '@capstan/domain';
import type { BacktestSpec, CommissionModel, MatcherConfig } from '@capstan/engine';
import type { PortfolioRule } from '@capstan/portfolio';
import { type LimitFields, limitFields, type RiskLimits } from '@capstan/risk';
import { percent, plural } from './format.ts';
import type { ReportSetting } from './run-report.ts';

const cash = (micros: number): string => formatCash(micros as CashMicros);

/** Says how a run sized, filled, charged and limited its orders. */
export function settingsOf(
  spec: Pick<
    BacktestSpec,
    'sizing' | 'portfolio' | 'schedule' | 'matcher' | 'execution' | 'limits'
  >,
  quantityScale: number,
): ReportSetting[] {
  const { execution, matcher, limits } = spec;
  return [
    ...(spec.portfolio === undefined
      ? [{ name: 'Sizing', value: sizingText(spec.sizing, quantityScale) }]
      : portfolioRows(spec.portfolio)),
    ...(spec.schedule === undefined
      ? []
      : [{ name: 'Opens only', value: scheduleText(spec.schedule) }]),
    {
      name: 'Market orders fill',
      value:
        execution.fillAt === 'sameClose'
          ? 'at the close that decided them'
          : 'at the open of the next bar',
    },
    { name: 'Commission', value: commissionText(matcher.commission) },
    { name: 'Slippage', value: slippageText(matcher) },
    {
      name: 'Limit orders fill',
      value: matcher.limitFill === 'through' ? 'one tick through' : 'at the touch',
    },
    {
      name: 'Volume cap',
      value:
        matcher.maxVolumeFraction === undefined
          ? 'none'
          : `${percent(matcher.maxVolumeFraction)} of a bar's volume`,
    },
    { name: 'At the end', value: execution.closeAtEnd ? 'everything is sold' : 'marked, not sold' },
    {
      name: 'Indicators see',
      value: (execution.indicatorsSee ?? 'splits') === 'splits' ? 'splits' : 'splits and dividends',
    },
    { name: 'Risk limits', value: limitsText(limits) },
    ...(limits.maxDailyLossFraction === undefined && limits.maxDailyLossMicros === undefined
      ? []
      : [{ name: 'A daily loss halts', value: `the ${execution.haltFor ?? 'session'}` }]),
  ];
}

function portfolioRows(rule: PortfolioRule): ReportSetting[] {
  const { driftFraction = 0, cashReserveFraction = 0, maxGrossFraction = 1 } = rule;
  const limits = [
    `${percent(maxGrossFraction)} of equity in all`,
    ...(rule.maxWeightFraction === undefined
      ? []
      : [`${percent(rule.maxWeightFraction)} a symbol`]),
    ...(cashReserveFraction === 0 ? [] : [`${percent(cashReserveFraction)} kept free`]),
    ...(driftFraction === 0 ? [] : [`left alone within ${percent(driftFraction)}`]),
  ];
  return [
    { name: 'Weights', value: weightText(rule.weights) },
    { name: 'Rebalanced', value: rebalanceText(rule.rebalance) },
    { name: 'Weights at most', value: limits.join(', ') },
  ];
}

function weightText(rule: PortfolioRule['weights']): string {
  switch (rule.kind) {
    case 'equal':
      return 'equal';
    case 'inverseVolatility':
      return `one over the volatility of ${plural(rule.lookbackBars, 'bar')}`;
    case 'momentumRanking': {
      const least =
        rule.minReturnFraction === undefined ? '' : `, above ${percent(rule.minReturnFraction)}`;
      return `the ${rule.top} that moved most in ${plural(rule.lookbackBars, 'bar')}${least}`;
    }
  }
}

function rebalanceText(rule: PortfolioRule['rebalance']): string {
  switch (rule.kind) {
    case 'onSignal':
      return 'when an opinion changes';
    case 'everyBars':
      return `every ${plural(rule.bars, 'bar')}`;
    default:
      return rule.kind;
  }
}

function commissionText(model: CommissionModel): string {
  switch (model.kind) {
    case 'none':
      return 'none';
    case 'perOrder':
      return `${cash(model.feeMicros)} an order`;
    case 'perUnit':
      return `${cash(model.feeMicrosPerUnit)} a unit${minimumText(model.minimumMicros)}`;
    case 'bps':
      return `${model.feeBps} bps of notional${minimumText(model.minimumMicros)}`;
  }
}

const minimumText = (micros: number | undefined): string =>
  micros === undefined || micros === 0 ? '' : `, at least ${cash(micros)} an order`;

function slippageText({ slippage }: MatcherConfig): string {
  switch (slippage.kind) {
    case 'none':
      return 'none';
    case 'bps':
      return `${slippage.slippageBps} bps of the price`;
    case 'ticks':
      return plural(slippage.slippageTicks, 'tick');
  }
}

/** Keys that say nothing of a cap, and those that {@link limitsText} says in words of its own. */
const SAID: readonly string[] = [
  ...['policies', 'bufferBps', 'entryTiming', 'maxDecisionAgeSeconds', 'calendar'],
  ...['maxSymbolNotional', 'maxGrossExposure', 'maxDailyLossFraction', 'maxDailyLoss'],
];

/** Says the limits that have no words of their own by their keys, those of a bot or symbol under its name. */
function furtherLimits(limits: RiskLimits): readonly string[] {
  const { scopes = [], ...own } = limitFields(limits);
  const said = (fields: LimitFields, besides: readonly string[]): readonly string[] =>
    Object.entries(fields)
      .filter(([key]) => !besides.includes(key))
      .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(' ') : value}`);
  const parts = (scopes as readonly LimitFields[]).map((part) => {
    const name = [part.bot, part.symbol].filter((one) => one !== undefined).join(' in ');
    return `${name}: ${said(part, ['bot', 'symbol']).join(', ')}`;
  });
  return [...said(own, SAID), ...parts];
}

function limitsText(limits: RiskLimits): string {
  const {
    maxSymbolNotionalMicros,
    maxGrossExposureMicros,
    maxDailyLossFraction,
    maxDailyLossMicros,
  } = limits;
  const caps = [
    maxSymbolNotionalMicros === undefined ? [] : [`${cash(maxSymbolNotionalMicros)} a symbol`],
    maxGrossExposureMicros === undefined ? [] : [`${cash(maxGrossExposureMicros)} gross`],
    maxDailyLossFraction === undefined ? [] : [`${percent(maxDailyLossFraction)} loss a session`],
    maxDailyLossMicros === undefined ? [] : [`${cash(maxDailyLossMicros)} loss a session`],
    limits.policies.includes('buying-power') ? ['buying power'] : [],
    furtherLimits(limits),
  ].flat();
  return caps.length === 0 ? 'none' : caps.join(', ');
}
