import type { SymbolRestriction } from '@capstan/domain';

/** The symbols in which a simulated exchange restricts trading. */
export class ExchangeRestrictions {
  readonly #bySymbol = new Map<string, SymbolRestriction>();

  /** Notes how a symbol is restricted from now on. */
  set({ symbol, halted, shortRestricted }: SymbolRestriction): void {
    if (halted || shortRestricted) {
      this.#bySymbol.set(symbol, { symbol, halted, shortRestricted });
    } else this.#bySymbol.delete(symbol);
  }

  isHalted(symbol: string): boolean {
    return this.#bySymbol.get(symbol)?.halted === true;
  }

  /** Those that are restricted in some way, sorted. */
  all(): readonly SymbolRestriction[] {
    return [...this.#bySymbol.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }
}
