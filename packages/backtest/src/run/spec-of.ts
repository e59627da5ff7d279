import { AppError, parseCash, powerOfTen, readSizing } from '@capstan/domain';
import type { BacktestSpec, CommissionModel } from '@capstan/engine';
import type { PortfolioRule, SizingRule, WeightRule } from '@capstan/portfolio';
import { readLimits } from '@capstan/risk';
import type { Strategy } from '@capstan/strategy';
import type { GivenParameters } from '../config/grid.ts';
import type { RunFile } from '../config/run-schema.ts';
import type { Market } from '../load/run-data.ts';

/** Goes into every id of a backtest. */
export const RUN_ID = 'backtest';

/** What a spec is made of. */
export interface SpecParts {
  readonly run: RunFile;
  readonly strategy: Strategy;
  readonly params: GivenParameters;
  readonly market: Market;
}

/** Makes the engine's specification of a combination. @throws NUMBER.FORMAT, RUN.INVALID */
export function specOf({ run, strategy, params, market }: SpecParts): BacktestSpec {
  const { execution } = run;
  const { maxVolumeFraction } = execution;
  return {
    runId: RUN_ID,
    strategy,
    params,
    timeframe: run.timeframe,
    cashMicros: money(run.cash),
    sizing: sizingOf(run, market),
    ...(run.portfolio === undefined ? {} : { portfolio: portfolioOf(run.portfolio) }),
    limits: readLimits(run.risk, 'risk'),
    matcher: {
      limitFill: execution.limitFill,
      ...(maxVolumeFraction === undefined ? {} : { maxVolumeFraction }),
      commission: commissionOf(run),
      slippage: run.slippage,
    },
    execution: {
      fillAt: execution.fillAt,
      closeAtEnd: execution.closeAtEnd,
      haltFor: execution.haltFor,
      indicatorsSee: execution.indicatorsSee,
    },
    instruments: market.instruments,
    calendarOf: market.calendarOf,
  };
}

/** Returns what of a run beside its strategy needs bars before it has a value. */
export function warmingRules({
  sizing,
  portfolio,
}: Pick<RunFile, 'sizing' | 'portfolio'>): Pick<BacktestSpec, 'sizing' | 'portfolio'> {
  return {
    // How much a fixed quantity is does not matter here.
    sizing:
      sizing.kind === 'fixedQuantity'
        ? { kind: 'fixedQuantity', quantity: 1 }
        : checkedSizing(sizing),
    ...(portfolio === undefined ? {} : { portfolio: portfolioOf(portfolio) }),
  };
}

/** Returns money in micros. */
export function money(value: string | number) {
  return parseCash(typeof value === 'number' ? decimalText(value) : value);
}

/** Plain digits, also where JavaScript would write an exponent. */
function decimalText(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(9).replace(/\.?0+$/, '') : text;
}

function commissionOf({ commission }: RunFile): CommissionModel {
  switch (commission.kind) {
    case 'none':
      return commission;
    case 'perOrder':
      return { kind: 'perOrder', feeMicros: money(commission.fee) };
    case 'perUnit':
      return {
        kind: 'perUnit',
        feeMicrosPerUnit: money(commission.fee),
        minimumMicros: money(commission.minimum),
      };
    case 'bps':
      return {
        kind: 'bps',
        feeBps: commission.feeBps,
        minimumMicros: money(commission.minimum),
      };
  }
}

function sizingOf({ sizing }: RunFile, { instruments }: Market): SizingRule {
  if (sizing.kind !== 'fixedQuantity') return checkedSizing(sizing);
  const scales = [...new Set(instruments.all().map(({ quantityScale }) => quantityScale))];
  const [scale = 0] = scales;
  const quantity = Number(sizing.quantity) * powerOfTen(scale);
  if (scales.length <= 1 && Number.isSafeInteger(quantity) && quantity > 0) {
    return { kind: 'fixedQuantity', quantity };
  }
  throw new AppError({
    code: 'RUN.INVALID',
    why:
      scales.length > 1
        ? "'sizing.quantity' cannot be one number: the symbols count in different decimals."
        : `'sizing.quantity' is ${sizing.quantity}, and ${scale === 0 ? 'only whole units trade' : `units have ${scale} decimals`}.`,
    fix: 'Give a quantity that the instruments trade in, or size by equityFraction.',
  });
}

function checkedSizing(sizing: Exclude<RunFile['sizing'], { kind: 'fixedQuantity' }>): SizingRule {
  const read = readSizing(sizing);
  if (read.kind === 'sizing') return read.sizing;
  throw new AppError({
    code: 'RUN.INVALID',
    why: `'sizing.${read.key}' ${read.rule}.`,
    fix: 'Correct it in the run file.',
  });
}

/** Leaves out what was not given, which is not the same as `undefined` to the engine's types. */
function portfolioOf(given: NonNullable<RunFile['portfolio']>): PortfolioRule {
  const { weights, rebalance, ...fractions } = given;
  const { driftFraction, cashReserveFraction, maxWeightFraction, maxGrossFraction } = fractions;
  return {
    weights: weightsOf(weights),
    rebalance,
    ...(driftFraction === undefined ? {} : { driftFraction }),
    ...(cashReserveFraction === undefined ? {} : { cashReserveFraction }),
    ...(maxWeightFraction === undefined ? {} : { maxWeightFraction }),
    ...(maxGrossFraction === undefined ? {} : { maxGrossFraction }),
  };
}

function weightsOf(weights: NonNullable<RunFile['portfolio']>['weights']): WeightRule {
  if (weights.kind !== 'momentumRanking') return weights;
  const { minReturnFraction, ...ranking } = weights;
  return minReturnFraction === undefined ? ranking : { ...ranking, minReturnFraction };
}
