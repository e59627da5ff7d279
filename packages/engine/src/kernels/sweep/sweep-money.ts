import {
  cashMicros,
  type Instrument,
  NANOS_PER_MICRO,
  type PriceNanos,
  powerOfTen,
  type Quantity,
} from '@capstan/domain';
import { positionSize, type SizingRule } from '@capstan/portfolio';
import type { CommissionModel } from '../../matching/commission.ts';
import { rateFromBps } from '../../matching/exact-rate.ts';
import { RATE_SCALE } from '../../matching/limits.ts';
import { type MatcherConfig, matcherRules } from '../../matching/matcher-config.ts';
import { flooredProduct, nearestQuotient } from './near-quotient.ts';

const FULL_STRENGTH = 1;
const FRACTION_PARTS = 1_000_000;
const RATE_PER_BPS = RATE_SCALE / 10_000;

/** What the money of a sweep follows. */
export interface SweepMoneyParts {
  readonly instrument: Instrument;
  readonly sizing: SizingRule;
  readonly matcher: MatcherConfig;
}

/** What money is counted by, in numbers that loops hold on to. */
export interface MoneyScales {
  readonly multiplier: number;
  readonly lot: number;
  /** What a product of price and quantity is divided by to be micros, and one over it. */
  readonly units: number;
  readonly perUnit: number;
  /** Commission as a part of the notional, in 1e-8; NaN where it is something else. */
  readonly feeRate: number;
  /** What of the cash a position takes, and what of that is left once its commission is; NaN where a rule sizes otherwise. */
  readonly share: number;
  readonly afterFees: number;
}

/**
 * The money of one symbol that is bought and sold whole: sizes, notionals and commissions, the same as those of the full path to
 * the micro, for cash and quantities from 0.
 */
export class SweepMoney {
  readonly scales: MoneyScales;
  readonly #instrument: Instrument;
  readonly #sizing: SizingRule;
  readonly #rules: ReturnType<typeof matcherRules>;

  constructor({ instrument, sizing, matcher }: SweepMoneyParts) {
    this.#instrument = instrument;
    this.#sizing = sizing;
    this.#rules = matcherRules(matcher);
    const units = powerOfTen(instrument.quantityScale) * NANOS_PER_MICRO;
    this.scales = {
      multiplier: instrument.multiplier,
      lot: instrument.lot,
      ...{ units, perUnit: 1 / units },
      feeRate: feeRateOf(matcher.commission),
      ...sharesOf(sizing),
    };
  }

  /** Returns what a quantity is worth at a price, in micros. */
  notional(priceNanos: number, quantity: number): number {
    return worthOf(this.scales, priceNanos, quantity);
  }

  /** Returns the commission of an order that is filled at once. */
  commission(notional: number, quantity: number): number {
    return this.#rules.commissionMicros({
      quantity: quantity as Quantity,
      quantityScale: this.#instrument.quantityScale,
      notionalMicros: cashMicros(notional),
    });
  }

  /** Returns by how much a trade at a price is worse, in nanos. */
  slippage(priceNanos: number): number {
    return this.#rules.slippageNanos(priceNanos, this.#instrument.tickNanos);
  }

  /** Returns what an account that holds nothing but cash buys at a price above 0; 0 where the full path refuses. */
  size(priceNanos: number, cash: number): number {
    const micros = cashMicros(cash);
    const sized = positionSize({
      instrument: this.#instrument,
      sizing: this.#sizing,
      strength: FULL_STRENGTH,
      equityMicros: micros,
      spendableMicros: micros,
      priceNanos: priceNanos as PriceNanos,
    });
    return sized ?? 0;
  }
}

/** Returns what a quantity is worth at a price, in micros. */
export function worthOf(scales: MoneyScales, priceNanos: number, quantity: number): number {
  const { multiplier, units, perUnit } = scales;
  return nearestQuotient(priceNanos, quantity * multiplier, units, perUnit);
}

/** Returns the size that {@link SweepMoney.size} gives where floats leave no doubt of it, else NaN. */
export function quickSize(scales: MoneyScales, priceNanos: number, cash: number): number {
  const { share, afterFees, lot, multiplier, units } = scales;
  const taken = share === 1 ? cash : flooredProduct(cash, share);
  const budget = afterFees === 1 ? taken : flooredProduct(taken, afterFees);
  const lotPrice = priceNanos * multiplier * lot;
  const lots = (budget / lotPrice) * units;
  const isCounted = lots * lot * multiplier < COUNTED_MAX && lotPrice < COUNTED_MAX;
  if (!(cash > 0 && budget > 0 && isCounted)) return Number.NaN;
  const quantity = nearestQuotient(budget, units, lotPrice, 1 / lotPrice) * lot;
  return worthOf(scales, priceNanos, quantity) <= budget ? quantity : quantity - lot;
}

/** Well below what a number counts. */
export const COUNTED_MAX = 2 ** 52;

function feeRateOf(model: CommissionModel): number {
  if (model.kind === 'none') return 0;
  if (model.kind !== 'bps' || (model.minimumMicros ?? 0) > 0) return Number.NaN;
  return rateFromBps('feeBps', model.feeBps);
}

function sharesOf(sizing: SizingRule): Pick<MoneyScales, 'share' | 'afterFees'> {
  if (sizing.kind !== 'cashFraction' && sizing.kind !== 'equityFraction') {
    return { share: Number.NaN, afterFees: 1 };
  }
  const feeBps = sizing.kind === 'cashFraction' ? sizing.feeBps : 0;
  return {
    share: Math.round(sizing.fraction * FRACTION_PARTS) / FRACTION_PARTS,
    afterFees: 1 / (1 + Math.round(feeBps * RATE_PER_BPS) / RATE_SCALE),
  };
}
