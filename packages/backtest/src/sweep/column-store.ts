/**
 * Columns of indicators by symbol and node, kept between combinations up to a number of bytes: the ones that were not asked for the
 * longest are dropped first.
 */
export class ColumnStore extends Map<string, Map<string, Float64Array>> {
  readonly #bytesMax: number;
  /** Oldest first. */
  readonly #used = new Map<
    string,
    { readonly of: KeptColumns; readonly key: string; readonly bytes: number }
  >();
  #bytes = 0;

  constructor(bytesMax: number) {
    super();
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  override get(symbol: string): Map<string, Float64Array> {
    const known = super.get(symbol);
    if (known !== undefined) return known;
    const columns = new KeptColumns(symbol, this);
    super.set(symbol, columns);
    return columns;
  }

  /** Notes that a column was asked for or is new, and drops others where it is too much. */
  touch(of: KeptColumns, key: string, column: Float64Array): void {
    const name = `${of.symbol}\n${key}`;
    const known = this.#used.get(name);
    if (known !== undefined) this.#used.delete(name);
    else this.#bytes += column.byteLength;
    this.#used.set(name, { of, key, bytes: column.byteLength });
    for (const [oldest, { of: owner, key: dropped, bytes }] of this.#used) {
      if (this.#bytes <= this.#bytesMax || oldest === name) break;
      this.#used.delete(oldest);
      owner.drop(dropped);
      this.#bytes -= bytes;
    }
  }
}

/** The columns of one symbol. */
class KeptColumns extends Map<string, Float64Array> {
  readonly symbol: string;
  readonly #store: ColumnStore;

  constructor(symbol: string, store: ColumnStore) {
    super();
    this.symbol = symbol;
    this.#store = store;
  }

  override get(key: string): Float64Array | undefined {
    const column = super.get(key);
    if (column !== undefined) this.#store.touch(this, key, column);
    return column;
  }

  override set(key: string, column: Float64Array): this {
    super.set(key, column);
    this.#store.touch(this, key, column);
    return this;
  }

  drop(key: string): void {
    super.delete(key);
  }
}
