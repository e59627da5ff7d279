import { copyOf } from './copy.ts';
import { portErrors } from './port-errors.ts';

/** What to run, last first, to take back a step. */
export type Undo = (() => void)[];

/** Rows by key. Rows are copied in and out. */
export class MemoryTable<Row> {
  readonly #name: string;
  readonly #keyOf: (row: Row) => string;
  readonly #rows = new Map<string, Row>();

  /** @param keyOf returns the parts that make a row one of its kind. */
  constructor(name: string, keyOf: (row: Row) => readonly (string | number)[]) {
    this.#name = name;
    this.#keyOf = (row) => JSON.stringify(keyOf(row));
  }

  /** Adds a row. @throws STORE.CONFLICT when its key is there. */
  insert(row: Row, undo: Undo = []): void {
    const key = this.#keyOf(row);
    if (this.#rows.has(key)) throw portErrors.conflict(`${this.#name} ${key} is there already.`);
    this.#set(key, row, undo);
  }

  /** Adds a row, or writes over the one of its key, which keeps its place. */
  put(row: Row, undo: Undo = []): void {
    this.#set(this.#keyOf(row), row, undo);
  }

  get(...key: readonly (string | number)[]): Row | undefined {
    return copyOf(this.#rows.get(JSON.stringify(key)));
  }

  /** Returns the rows that `wanted` picks, in the order of their first writing. */
  where(wanted: (row: Row) => boolean): Row[] {
    const found: Row[] = [];
    for (const row of this.#rows.values()) if (wanted(row)) found.push(copyOf(row));
    return found;
  }

  /** Returns the rows that `wanted` picks, the greatest `timeOf` first, the last written first among equals. */
  latest(wanted: (row: Row) => boolean, timeOf: (row: Row) => number, limit: number): Row[] {
    const rows = [...this.#rows.values()].filter(wanted).reverse();
    return copyOf(rows.sort((a, b) => timeOf(b) - timeOf(a)).slice(0, limit));
  }

  /** Returns how many rows `wanted` picks. */
  count(wanted: (row: Row) => boolean): number {
    let found = 0;
    for (const row of this.#rows.values()) if (wanted(row)) found += 1;
    return found;
  }

  /** Removes the rows that `wanted` picks, the least `timeOf` first, at most so many. @returns how many. */
  removeOldest(wanted: (row: Row) => boolean, timeOf: (row: Row) => number, limit: number): number {
    const old = [...this.#rows].filter(([, row]) => wanted(row));
    const removed = old.sort(([, a], [, b]) => timeOf(a) - timeOf(b)).slice(0, limit);
    for (const [key] of removed) this.#rows.delete(key);
    return removed.length;
  }

  #set(key: string, row: Row, undo: Undo): void {
    const before = this.#rows.get(key);
    undo.push(() => {
      if (before === undefined) this.#rows.delete(key);
      else this.#rows.set(key, before);
    });
    this.#rows.set(key, copyOf(row));
  }
}
