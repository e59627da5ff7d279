import { assert } from '@capstan/domain';

/** Refuses NaN and infinities. Says nothing, and writes no message, while all is well: each input passes here. */
export function checkFinite(value: number): void {
  if (!Number.isFinite(value)) assert(false, `input is not a finite number: ${value}`);
}
