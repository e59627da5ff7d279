import { OPINION, type OpinionColumns } from '@capstan/strategy';

/** The rows at which an opinion changes, and to what. */
export interface OpinionChanges {
  readonly count: number;
  readonly row: Int32Array;
  readonly opinion: Int8Array;
}

/** Directions that are compared at once, where none of them has turned. */
const WORD_ROWS = 4;
const EVERY_BYTE = 0x01_01_01_01;
/** Rows that a loop takes at a time: a loop that returns often is compiled better. */
const BLOCK_ROWS = 4_096;
/** Rows that turns get at first; more where there are more. */
const FIRST_TURNS = 1_024;

/** Returns the rows at which the direction turns. */
export function turnsOf(direction: Int8Array): OpinionChanges {
  let rows = new Int32Array(FIRST_TURNS);
  const { length, byteOffset, buffer } = direction;
  const isAligned = byteOffset % WORD_ROWS === 0;
  const words = isAligned ? new Int32Array(buffer, byteOffset, length >> 2) : new Int32Array(0);
  let last: number = OPINION.none;
  let count = 0;
  for (let row = 0; row < length; ) {
    const word = firstOther(words, row >> 2, Math.imul(last & 0xff, EVERY_BYTE));
    row = Math.max(row, word * WORD_ROWS);
    const end = Math.min((word + 1) * WORD_ROWS, length);
    for (; row < end; row += 1) {
      const now = direction[row] as number;
      if (now === OPINION.none || now === last) continue;
      last = now;
      if (count === rows.length) rows = grown(rows);
      rows[count] = row;
      count += 1;
    }
  }
  return changesAt(direction, rows.slice(0, count));
}

function grown(rows: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * rows.length);
  longer.set(rows);
  return longer;
}

/** Returns the first word from one on that is not `same`. */
function firstOther(words: Int32Array, from: number, same: number): number {
  let word = from;
  while (word < words.length && words[word] === same) word += 1;
  return word;
}

/** Returns the rows at which anything of the target changes: what `sameTarget` says, asked of the columns. */
export function changesOf(opinions: OpinionColumns): OpinionChanges {
  const { direction, strength, limitPriceNanos, stopPriceNanos, takeProfitPriceNanos } = opinions;
  const prices = [limitPriceNanos, stopPriceNanos, takeProfitPriceNanos].filter(
    (column) => column !== undefined,
  );
  const rows = new Int32Array(direction.length);
  const state = { last: -1, count: 0 };
  for (let from = 0; from < direction.length; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, direction.length);
    noteChanges({ direction, strength, prices, rows }, state, from, to);
  }
  return changesAt(direction, rows.slice(0, state.count));
}

interface ChangeColumns {
  readonly direction: Int8Array;
  readonly strength: Float64Array | undefined;
  readonly prices: readonly Float64Array[];
  readonly rows: Int32Array;
}

function noteChanges(
  { direction, strength, prices, rows }: ChangeColumns,
  state: { last: number; count: number },
  from: number,
  to: number,
): void {
  let { last } = state;
  for (let row = from; row < to; row += 1) {
    const now = direction[row] as number;
    if (now === OPINION.none) continue;
    if (last >= 0 && now === direction[last]) {
      const isAsStrong =
        now === OPINION.flat || strength === undefined || strength[row] === strength[last];
      if (isAsStrong && areSamePrices(prices, row, last)) continue;
    }
    last = row;
    rows[state.count] = row;
    state.count += 1;
  }
  state.last = last;
}

/** Tells whether two rows have the same prices, none included. */
function areSamePrices(columns: readonly Float64Array[], row: number, other: number): boolean {
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at] as Float64Array;
    const price = column[row] as number;
    const before = column[other] as number;
    if (price !== before && !(Number.isNaN(price) && Number.isNaN(before))) return false;
  }
  return true;
}

function changesAt(direction: Int8Array, row: Int32Array): OpinionChanges {
  const opinion = new Int8Array(row.length);
  for (let at = 0; at < row.length; at += 1) opinion[at] = direction[row[at] as number] as number;
  return { count: row.length, row, opinion };
}
