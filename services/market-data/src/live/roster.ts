import type { AppError } from '@capstan/domain';
import { type Market, MinuteGrid } from './minute-grid.ts';

/** Which symbols a feed is to have, has, and cannot have. */
export class Roster {
  readonly #marketOf: (symbol: string) => Market;
  readonly #grids = new Map<Market, MinuteGrid>();
  readonly #unknown = new Map<string, string>();
  #wanted: ReadonlySet<string>;
  #adopted: readonly string[] = [];
  #has: ReadonlySet<string> = new Set();
  #grid = new MinuteGrid([]);
  #version = 0;

  constructor(marketOf: (symbol: string) => Market, wanted: readonly string[]) {
    this.#marketOf = marketOf;
    this.#wanted = new Set(wanted);
  }

  /** Symbols that it has. Sorted. */
  get adopted(): readonly string[] {
    return this.#adopted;
  }

  has(symbol: string): boolean {
    return this.#has.has(symbol);
  }

  /** Symbols that the vendor does not know, with what it says. */
  get unknown(): ReadonlyMap<string, string> {
    return this.#unknown;
  }

  /** Counts the changes of what it has. */
  get version(): number {
    return this.#version;
  }

  /** The minutes in which any of its symbols trades. */
  get grid(): MinuteGrid {
    return this.#grid;
  }

  /** The minutes in which each of its symbols trades. */
  get expected(): ReadonlyMap<string, MinuteGrid> {
    return new Map(this.#adopted.map((symbol) => [symbol, this.gridOf(symbol)]));
  }

  gridOf(symbol: string): MinuteGrid {
    const market = this.#marketOf(symbol);
    const grid = this.#grids.get(market) ?? new MinuteGrid([market]);
    this.#grids.set(market, grid);
    return grid;
  }

  want(symbols: readonly string[]): void {
    this.#wanted = new Set(symbols);
    for (const symbol of this.#unknown.keys()) {
      if (!this.#wanted.has(symbol)) this.#unknown.delete(symbol);
    }
  }

  /** Returns at most so many symbols that are wanted and not there. */
  fresh(max: number): readonly string[] {
    return [...this.#wanted]
      .filter((one) => !this.#has.has(one) && !this.#unknown.has(one))
      .slice(0, max);
  }

  /** Takes symbols on; those that the vendor does not know are left out. @returns which were taken. */
  adopt(symbols: readonly string[]): readonly string[] {
    const known = symbols.filter((one) => this.#wanted.has(one) && !this.#unknown.has(one));
    if (known.length > 0) this.#set([...this.#adopted, ...known]);
    return known;
  }

  /** Lets go of what is not wanted any more. @returns which that was. */
  release(): readonly string[] {
    const gone = this.#adopted.filter((one) => !this.#wanted.has(one));
    if (gone.length > 0) this.#set(this.#adopted.filter((one) => this.#wanted.has(one)));
    return gone;
  }

  /** Notes that the vendor does not know a symbol. */
  refuse(symbol: string, why: AppError): void {
    this.#unknown.set(symbol, why.message);
    this.#set(this.#adopted.filter((one) => one !== symbol));
  }

  #set(symbols: readonly string[]): void {
    this.#has = new Set(symbols);
    this.#adopted = [...this.#has].sort();
    this.#grid = MinuteGrid.over([...new Set(this.#adopted.map((one) => this.gridOf(one)))]);
    this.#version += 1;
  }
}
