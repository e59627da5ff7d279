import { type Quantity, quantity } from '@capstan/domain';
import { FRACTION_SCALE } from './limits.ts';

/**
 * Returns how much of a bar's volume our orders may take together, rounded down to the lot; exact for any volume.
 * @param volume traded units at the instrument's scale. @param parts the fraction, in 1e-6.
 */
export function volumeCap(volume: number, parts: number, lot: Quantity): Quantity {
  const rest = volume % FRACTION_SCALE;
  const millions = (volume - rest) / FRACTION_SCALE;
  const share = millions * parts + Math.floor((rest * parts) / FRACTION_SCALE);
  return quantity(share - (share % lot));
}
