import { type Instrument, NANOS_PER_MICRO, powerOfTen } from '@capstan/domain';

/**
 * Returns what a nano of price is worth to a holding, in micros: `closeNanos × holdingFactor` is its worth, a float. Every path
 * multiplies in this order, so that equity columns are the same bit for bit.
 * @param quantity signed, at the instrument's scale.
 */
export function holdingFactor(instrument: Instrument, quantity: number): number {
  const units = powerOfTen(instrument.quantityScale) * NANOS_PER_MICRO;
  return (quantity * instrument.multiplier) / units;
}
