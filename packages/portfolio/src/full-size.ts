import {
  type CashMicros,
  cashMicros,
  type Instrument,
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
import type { SizingRule } from './sizing-rule.ts';

/** What a size is worked out from. */
export interface SizeInputs {
  readonly instrument: Instrument;
  readonly sizing: SizingRule;
  /** 0 to 1. */
  readonly strength: number;
  /** Of the whole account. */
  readonly equityMicros: CashMicros;
  readonly priceNanos: PriceNanos;
}

/**
 * Works out the size of a position: the rule's full size × strength, in whole lots, rounded down.
 * @returns the quantity, 0 where not even one lot fits; `undefined` where it is too large to be a quantity.
 */
export function positionSize(inputs: SizeInputs): Quantity | undefined {
  const { instrument, sizing, strength, equityMicros } = inputs;
  if (sizing.kind === 'fixedQuantity') {
    return roundToLot(instrument, quantity(takeParts(sizing.quantity, partsOf(strength))));
  }
  if (equityMicros <= 0) return ZERO_QUANTITY;
  if (equityMicros * sizing.fraction >= Number.MAX_SAFE_INTEGER) return undefined;
  const fullMicros = takeParts(equityMicros, partsOf(sizing.fraction));
  const budget = cashMicros(takeParts(fullMicros, partsOf(strength)));
  return affordableLots(instrument, budget, inputs.priceNanos);
}

/** Returns the most whole lots whose notional, rounded to the micro, is within `budget`. */
function affordableLots(
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
