import { assert } from '@capstan/domain';
import { FRACTION_PARTS } from './limits.ts';

/** Turns a fraction into whole parts of {@link FRACTION_PARTS}, to the nearest. */
export function partsOf(fraction: number): number {
  return Math.round(fraction * FRACTION_PARTS);
}

/**
 * Computes `amount × parts ÷ FRACTION_PARTS`, rounded down, exactly.
 * @param amount integer from 0. @param parts integer from 0.
 * @throws InvariantError when an argument is negative or the result is not a safe integer.
 */
export function takeParts(amount: number, parts: number): number {
  if (!(Number.isSafeInteger(amount) && amount >= 0))
    assert(false, `amount must be whole, from 0: ${amount}`);
  if (!(Number.isSafeInteger(parts) && parts >= 0))
    assert(false, `parts must be whole, from 0: ${parts}`);
  const remainder = amount % FRACTION_PARTS;
  const whole = ((amount - remainder) / FRACTION_PARTS) * parts;
  const taken = whole + Math.floor((remainder * parts) / FRACTION_PARTS);
  if (!Number.isSafeInteger(taken)) assert(false, `${parts} parts of ${amount} are too large`);
  return taken;
}
