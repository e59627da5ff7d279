import type { LakeBars } from '@capstan/lake';

/** A close below this times the one before, or above one over it times that, may be a split. */
const JUMP_FRACTION = 2 / 3;

/**
 * Says where raw closes jump as at a split, of bars that come without corporate actions.
 * @returns nothing where none does.
 */
export function jumpsText({ closeNanos, endUs }: LakeBars): string | undefined {
  let count = 0;
  let firstUs = 0;
  for (let row = 1; row < closeNanos.length; row += 1) {
    const before = closeNanos[row - 1] ?? 0;
    const close = closeNanos[row] ?? 0;
    if (close >= before * JUMP_FRACTION && close * JUMP_FRACTION <= before) continue;
    if (count === 0) firstUs = endUs[row] ?? 0;
    count += 1;
  }
  if (count === 0) return undefined;
  const day = new Date(firstUs / 1_000).toISOString().slice(0, 10);
  const where = count === 1 ? `on ${day}` : `${count} times, first on ${day}`;
  return `the close jumps by a third or more ${where}, and there are no corporate actions: a split would look like profit or loss. Give 'actions', or say file.adjustment`;
}
