import {
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
  ZERO_QUANTITY,
} from '@capstan/domain';
import { partsOf, takeParts } from './fraction.ts';
import { FEE_PARTS, FEE_PARTS_PER_BPS } from './limits.ts';
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
}

/**
 * Works out the size of a position: the rule's full size × strength, in whole lots, rounded down.
 * @returns the quantity, 0 where not even one lot fits; `undefined` where it is too large to be a quantity.
 */
export function positionSize(inputs: SizeInputs): Quantity | undefined {
  const { instrument, sizing, strength } = inputs;
  if (sizing.kind === 'fixedQuantity') {
    return roundToLot(instrument, quantity(takeParts(sizing.quantity, partsOf(strength))));
  }
  if (sizing.kind === 'fixedNotional') {
    const budget = cashMicros(takeParts(sizing.notionalMicros, partsOf(strength)));
    return affordableLots(instrument, budget, inputs.priceNanos);
  }
  const byCash = sizing.kind === 'cashFraction';
  const baseMicros = byCash ? inputs.spendableMicros : inputs.equityMicros;
  if (baseMicros <= 0) return ZERO_QUANTITY;
  if (baseMicros * sizing.fraction >= Number.MAX_SAFE_INTEGER) return undefined;
  const fullMicros = takeParts(baseMicros, partsOf(sizing.fraction));
  const budget = cashMicros(takeParts(fullMicros, partsOf(strength)));
  const notional = byCash ? lessCommission(budget, sizing.feeBps) : budget;
  return affordableLots(instrument, notional, inputs.priceNanos);
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
