import { type OrderTerms, type Quantity, quantity, ZERO_QUANTITY } from '@capstan/domain';
import { type Bracket, byEntry, type Holding } from './working-order.ts';

/** Whose orders belong together: those of one bot of one account in one symbol. */
export type Owner = Pick<OrderTerms, 'accountId' | 'botId' | 'symbol'>;

/** Tells whether two things belong to the same bot, account and symbol. */
export function sameOwner(a: Owner, b: Owner): boolean {
  return a.botId === b.botId && a.symbol === b.symbol && a.accountId === b.accountId;
}

const NONE: readonly Bracket[] = [];
const keyOf = ({ accountId, botId, symbol }: Owner): string => `${symbol}\n${botId}\n${accountId}`;

/** What the bots hold by their fills, and the brackets that protect it. */
export class BracketBook {
  readonly #byParent = new Map<string, Bracket>();
  readonly #bySymbol = new Map<string, readonly Bracket[]>();
  readonly #holdings = new Map<string, Holding>();

  get(parentOrderId: string): Bracket | undefined {
    return this.#byParent.get(parentOrderId);
  }

  /** Returns the brackets of a symbol in matching order; the list never changes afterwards. */
  ofSymbol(symbol: string): readonly Bracket[] {
    return this.#bySymbol.get(symbol) ?? NONE;
  }

  /** Returns all brackets in matching order. */
  all(): readonly Bracket[] {
    return [...this.#byParent.values()].sort(byEntry);
  }

  put(bracket: Bracket): void {
    const { parentOrderId, symbol } = bracket;
    this.#byParent.set(parentOrderId, bracket);
    const others = this.ofSymbol(symbol).filter((other) => other.parentOrderId !== parentOrderId);
    this.#bySymbol.set(symbol, [...others, bracket].sort(byEntry));
  }

  remove({ parentOrderId, symbol }: Bracket): void {
    this.#byParent.delete(parentOrderId);
    const others = this.ofSymbol(symbol).filter((other) => other.parentOrderId !== parentOrderId);
    if (others.length === 0) this.#bySymbol.delete(symbol);
    else this.#bySymbol.set(symbol, others);
  }

  /** Returns what a bot holds of a symbol by its fills; signed. */
  held(owner: Owner): Quantity {
    return this.#holdings.get(keyOf(owner))?.quantity ?? ZERO_QUANTITY;
  }

  /** Sets what a bot holds. @param held signed. */
  hold(owner: Owner, held: number): void {
    const { accountId, botId, symbol } = owner;
    if (held === 0) this.#holdings.delete(keyOf(owner));
    else this.#holdings.set(keyOf(owner), { accountId, botId, symbol, quantity: quantity(held) });
  }

  /** Returns what is held, sorted by symbol, bot and account. */
  holdings(): readonly Holding[] {
    return [...this.#holdings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, holding]) => holding);
  }

  clear(): void {
    this.#byParent.clear();
    this.#bySymbol.clear();
    this.#holdings.clear();
  }
}
