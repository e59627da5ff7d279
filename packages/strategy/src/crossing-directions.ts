import { inBlocks, type RowRange } from '@capstan/indicators';
import type { Crossing } from './crossing.ts';
import { OPINION } from './opinion-columns.ts';

/** The two values of a crossing, a column each; NaN where there is none. */
export interface CrossingValues {
  readonly fast: Float64Array;
  readonly slow: Float64Array;
}

/**
 * Returns the directions of a crossing, a row for each bar: long while the fast value is above the slow one, flat while it is
 * below, none at a tie, before `fromRow`, and, where the entry waits for a cross, until the fast value has been below.
 */
export function crossingDirections(
  values: CrossingValues,
  { entry, fromRow }: { readonly entry: Crossing['entry']; readonly fromRow: number },
): Int8Array {
  const direction = new Int8Array(values.fast.length);
  const first = entry === 'level' ? fromRow : firstBelow(values, fromRow);
  direction.fill(OPINION.none, 0, first);
  inBlocks(first, direction.length, (from, to) => decideBlock(values, direction, { from, to }));
  return direction;
}

/** Returns the first row from `from` on at which the fast value is below the slow one; the number of rows where none is. */
function firstBelow({ fast, slow }: CrossingValues, from: number): number {
  let row = from;
  while (row < fast.length && !((fast[row] as number) < (slow[row] as number))) row += 1;
  return row;
}

function decideBlock(
  { fast, slow }: CrossingValues,
  direction: Int8Array,
  { from, to }: RowRange,
): void {
  const { long, flat, none } = OPINION;
  for (let row = from; row < to; row += 1) {
    const quick = fast[row] as number;
    const slack = slow[row] as number;
    direction[row] = quick > slack ? long : quick < slack ? flat : none;
  }
}
