import {
  type AtrRiskSizing,
  assert,
  type CashMicros,
  cashMicros,
  type Instrument,
  isProductAtMost,
  mulDivRound,
  NANOS_PER_MICRO,
  notionalMicros,
  type PriceNanos,
  powerOfTen,
  type Quantity,
  quantity,
  roundToLot,
  type VolatilityTargetSizing,
  ZERO_CASH,
} from '@capstan/domain';
import { partsOf, takeParts } from './fraction.ts';
import { FEE_PARTS, FEE_PARTS_PER_BPS, FRACTION_PARTS } from './limits.ts';
import type { RiskMeasure } from './risk-measure.ts';
import type { SizingRule } from './sizing-rule.ts';

/** What a size is worked out from. */
export interface SizeInputs {
  readonly instrument: Instrument;
  readonly sizing: SizingRule;
  /** 0 to 1. */
  readonly strength: number;
  /** Of the whole account. */
  readonly equityMicros: CashMicros;
  /** What the position may be bought with: free cash, and what is held already at the price. */
  readonly spendableMicros: CashMicros;
  readonly priceNanos: PriceNanos;
  /** Of a rule that goes by risk. */
  readonly measure?: RiskMeasure;
}

/**
 * Works out the size of a position: the rule's full size × strength, in whole lots, rounded down.
 * @returns the quantity, 0 where not even one lot fits; `undefined` where it is too large to be a quantity.
 * @throws InvariantError where a rule that goes by risk has no measure of its kind.
 */
export function positionSize(inputs: SizeInputs): Quantity | undefined {
  const { instrument, sizing, strength, priceNanos: price } = inputs;
  switch (sizing.kind) {
    case 'fixedQuantity':
      return roundToLot(instrument, quantity(takeParts(sizing.quantity, partsOf(strength))));
    case 'fixedNotional':
      return lotsWithin(inputs, cashMicros(sizing.notionalMicros), price);
    case 'equityFraction':
      return lotsWithin(inputs, shareOf(inputs.equityMicros, partsOf(sizing.fraction)), price);
    case 'cashFraction': {
      const share = shareOf(inputs.spendableMicros, partsOf(sizing.fraction));
      if (share === undefined) return undefined;
      const budget = cashMicros(takeParts(share, partsOf(strength)));
      return affordableLots(instrument, lessCommission(budget, sizing.feeBps), price);
    }
    case 'atrRisk':
      return sizeByLoss(sizing, inputs);
    case 'volatilityTarget':
      return sizeByVolatility(sizing, inputs);
  }
}

/** As many lots as lose what may be lost over the distance, within the cap on notional. */
function sizeByLoss(sizing: AtrRiskSizing, inputs: SizeInputs): Quantity | undefined {
  const { measure, equityMicros, priceNanos: price } = inputs;
  assert(measure?.kind === 'distance', 'a size by loss needs a distance');
  const { riskFraction, riskMicros = 0, maxFraction } = sizing;
  const risk =
    riskFraction === undefined
      ? cashMicros(riskMicros)
      : shareOf(equityMicros, partsOf(riskFraction));
  const byRisk = lotsWithin(inputs, risk, measure.distanceNanos);
  const byCap = lotsWithin(inputs, shareOf(equityMicros, partsOf(maxFraction)), price);
  if (byRisk === undefined || byCap === undefined) return byCap ?? byRisk;
  return quantity(Math.min(byRisk, byCap));
}

/** As many lots as have the volatility that is wanted, within the cap on notional. The quotient counts to six decimals. */
function sizeByVolatility(
  { annualVolatility, maxFraction }: VolatilityTargetSizing,
  inputs: SizeInputs,
): Quantity | undefined {
  const { measure, equityMicros, priceNanos: price } = inputs;
  assert(measure?.kind === 'volatility', 'a size by volatility needs one');
  const wanted = Math.floor((annualVolatility / measure.annualVolatility) * FRACTION_PARTS);
  const parts = Math.min(wanted, partsOf(maxFraction));
  return lotsWithin(inputs, shareOf(equityMicros, parts), price);
}

/** Returns the lots whose worth at a price is within a budget × strength. */
function lotsWithin(
  { instrument, strength }: SizeInputs,
  budget: CashMicros | undefined,
  price: PriceNanos,
): Quantity | undefined {
  if (budget === undefined) return undefined;
  return affordableLots(instrument, cashMicros(takeParts(budget, partsOf(strength))), price);
}

/** Returns so many parts of an amount, 0 where there is none; `undefined` where they are too large. */
function shareOf(amount: CashMicros, parts: number): CashMicros | undefined {
  if (amount <= 0) return ZERO_CASH;
  if ((amount * parts) / FRACTION_PARTS >= Number.MAX_SAFE_INTEGER) return undefined;
  return cashMicros(takeParts(amount, parts));
}

/** Returns the most notional, in whole micros, that with its commission is within `budget`. */
export function lessCommission(budget: CashMicros, feeBps: number): CashMicros {
  const rate = Math.round(feeBps * FEE_PARTS_PER_BPS);
  const nearest = mulDivRound(budget, FEE_PARTS, FEE_PARTS + rate);
  const isWithin = isProductAtMost([nearest, FEE_PARTS + rate], [budget, FEE_PARTS]);
  return cashMicros(isWithin ? nearest : nearest - 1);
}

/**
 * Returns the most whole lots whose notional, rounded to the micro, is within `budget`; `undefined` where they are too many to be
 * a quantity.
 */
export function affordableLots(
  instrument: Instrument,
  budget: CashMicros,
  price: PriceNanos,
): Quantity | undefined {
  const { lot } = instrument;
  const unitsPerMicro = NANOS_PER_MICRO * powerOfTen(instrument.quantityScale);
  const lotPrice = price * instrument.multiplier * lot;
  const estimate = ((budget / lotPrice) * unitsPerMicro + 2) * lot * instrument.multiplier;
  if (!Number.isSafeInteger(lotPrice) || estimate >= Number.MAX_SAFE_INTEGER) return undefined;
  const lots = mulDivRound(budget, unitsPerMicro, lotPrice);
  const amount = quantity(lots * lot);
  return notionalMicros(instrument, price, amount) <= budget ? amount : quantity(amount - lot);
}
