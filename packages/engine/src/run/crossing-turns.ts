import { inBlocks, type RowRange } from '@capstan/indicators';
import { type Crossing, OPINION } from '@capstan/strategy';
import type { OpinionChanges } from './opinion-changes.ts';

/** What a crossing is looked for in. */
export interface CrossingColumns {
  readonly fast: Float64Array;
  readonly slow: Float64Array;
  readonly entry: Crossing['entry'];
  /** The first row that is decided. */
  readonly fromRow: number;
}

/** Turns found so far. Rows has room for those of a whole block. */
interface Turns {
  rows: Int32Array;
  count: number;
  last: number;
}

/** Returns the rows at which the opinion of a crossing turns: what its column of opinions would say. */
export function turnsOfCrossing(columns: CrossingColumns): OpinionChanges {
  const { fast, fromRow } = columns;
  const turns: Turns = { rows: new Int32Array(0), count: 0, last: OPINION.none };
  inBlocks(fromRow, fast.length, (from, to) => {
    makeRoom(turns, to - from);
    noteTurns(columns, turns, { from, to });
  });
  const { rows, count, last } = turns;
  return { count, row: rows.slice(0, count), opinion: alternating(count, last) };
}

function makeRoom(turns: Turns, more: number): void {
  const needed = turns.count + more;
  if (needed <= turns.rows.length) return;
  const rows = new Int32Array(2 * needed);
  rows.set(turns.rows);
  turns.rows = rows;
}

/** One tight scan for each of what may come next. A comparison with NaN is false: such rows have no opinion. */
function noteTurns(
  { fast, slow, entry }: CrossingColumns,
  turns: Turns,
  { from, to }: RowRange,
): void {
  const { long, flat } = OPINION;
  const { rows } = turns;
  const isLevel = entry === 'level';
  let { count, last } = turns;
  for (let row = from; row < to; row += 1) {
    if (last === long) {
      while (row < to && !((fast[row] as number) < (slow[row] as number))) row += 1;
      last = row < to ? flat : last;
    } else if (last === flat) {
      while (row < to && !((fast[row] as number) > (slow[row] as number))) row += 1;
      last = row < to ? long : last;
    } else if ((fast[row] as number) < (slow[row] as number)) last = flat;
    else if (isLevel && (fast[row] as number) > (slow[row] as number)) last = long;
    else continue;
    if (row === to) break;
    rows[count] = row;
    count += 1;
  }
  turns.count = count;
  turns.last = last;
}

/** Returns so many opinions, long and flat by turns, of which one is the last. */
function alternating(count: number, last: number): Int8Array {
  const opinion = new Int8Array(count);
  const before = last === OPINION.long ? OPINION.flat : OPINION.long;
  for (let at = 0; at < count; at += 1) opinion[at] = (count - at) % 2 === 1 ? last : before;
  return opinion;
}
