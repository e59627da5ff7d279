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

/**
 * The money of one symbol that is bought and sold whole: sizes, notionals and commissions, the same as those of the full path to
 * the micro, for cash and quantities from 0.
 */
export class SweepMoney {
  readonly #instrument: Instrument;
  readonly #sizing: SizingRule;
  readonly #rules: ReturnType<typeof matcherRules>;
  readonly #multiplier: number;
  readonly #lot: number;
  /** What a product of price and quantity is divided by to be micros. */
  readonly #units: number;
  readonly #perUnit: number;
  /** Commission as a part of the notional, in 1e-8; `undefined` where it is something else. */
  readonly #feeRate: number | undefined;
  /** What of the cash a position takes, and what of that is left once its commission is; `undefined` where a rule sizes otherwise. */
  readonly #share: number | undefined;
  readonly #afterFees: number;

  constructor({ instrument, sizing, matcher }: SweepMoneyParts) {
    this.#instrument = instrument;
    this.#sizing = sizing;
    this.#rules = matcherRules(matcher);
    this.#multiplier = instrument.multiplier;
    this.#lot = instrument.lot;
    this.#units = powerOfTen(instrument.quantityScale) * NANOS_PER_MICRO;
    this.#perUnit = 1 / this.#units;
    this.#feeRate = feeRateOf(matcher.commission);
    const isShare = sizing.kind === 'cashFraction' || sizing.kind === 'equityFraction';
    this.#share = isShare
      ? Math.round(sizing.fraction * FRACTION_PARTS) / FRACTION_PARTS
      : undefined;
    const feeBps = sizing.kind === 'cashFraction' ? sizing.feeBps : 0;
    this.#afterFees = 1 / (1 + Math.round(feeBps * RATE_PER_BPS) / RATE_SCALE);
  }

  /** Returns what a quantity is worth at a price, in micros. */
  notional(priceNanos: number, quantity: number): number {
    return nearestQuotient(priceNanos, quantity * this.#multiplier, this.#units, this.#perUnit);
  }

  /** Returns the commission of an order that is filled at once. */
  commission(notional: number, quantity: number): number {
    if (this.#feeRate === 0) return 0;
    if (this.#feeRate !== undefined) {
      return nearestQuotient(notional, this.#feeRate, RATE_SCALE, 1 / RATE_SCALE);
    }
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

  /** Returns what an account that holds nothing but cash buys at a price; 0 where the full path refuses. */
  size(priceNanos: number, cash: number): number {
    if (!(priceNanos > 0)) return 0;
    const budget = cash > 0 ? this.#budget(cash) : undefined;
    const quantity = budget === undefined ? undefined : this.#affordable(budget, priceNanos);
    if (quantity !== undefined) return quantity;
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

  /** Returns what may be spent on a position, `undefined` where floats do not tell. */
  #budget(cash: number): number | undefined {
    const share = this.#share === 1 ? cash : flooredProduct(cash, this.#share ?? Number.NaN);
    if (share === undefined || this.#afterFees === 1) return share;
    return flooredProduct(share, this.#afterFees);
  }

  /** Returns the most whole lots within a budget, `undefined` where they are near to more than can be counted. */
  #affordable(budget: number, priceNanos: number): number | undefined {
    const lot = this.#lot;
    const lotPrice = priceNanos * this.#multiplier * lot;
    const perLotPrice = 1 / lotPrice;
    const most = (budget * perLotPrice * this.#units + 2) * lot * this.#multiplier;
    if (!(most < COUNTED_MAX && lotPrice < COUNTED_MAX)) return undefined;
    const quantity = nearestQuotient(budget, this.#units, lotPrice, perLotPrice) * lot;
    return this.notional(priceNanos, quantity) <= budget ? quantity : quantity - lot;
  }
}

/** Well below what a number counts. */
const COUNTED_MAX = 2 ** 52;

function feeRateOf(model: CommissionModel): number | undefined {
  if (model.kind === 'none') return 0;
  if (model.kind !== 'bps' || (model.minimumMicros ?? 0) > 0) return undefined;
  return rateFromBps('feeBps', model.feeBps);
}
