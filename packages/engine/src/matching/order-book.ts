import { byPriority, type WorkingOrder } from './working-order.ts';

/** The working orders of a matcher: by id, and by symbol in matching order. */
export class OrderBook {
  readonly #byId = new Map<string, WorkingOrder>();
  readonly #bySymbol = new Map<string, readonly WorkingOrder[]>();

  get(orderId: string): WorkingOrder | undefined {
    return this.#byId.get(orderId);
  }

  /** Returns the orders of a symbol in matching order; the list never changes afterwards. */
  ofSymbol(symbol: string): readonly WorkingOrder[] {
    return this.#bySymbol.get(symbol) ?? [];
  }

  /** Returns all orders in matching order. */
  all(): readonly WorkingOrder[] {
    return [...this.#byId.values()].sort(byPriority);
  }

  /** Puts an order in, in place of what had its id. */
  put(order: WorkingOrder): void {
    const { orderId, symbol } = order.terms;
    this.#byId.set(orderId, order);
    const others = this.ofSymbol(symbol).filter((other) => other.terms.orderId !== orderId);
    this.#bySymbol.set(symbol, [...others, order].sort(byPriority));
  }

  remove(order: WorkingOrder): void {
    const { orderId, symbol } = order.terms;
    this.#byId.delete(orderId);
    const others = this.ofSymbol(symbol).filter((other) => other.terms.orderId !== orderId);
    if (others.length === 0) this.#bySymbol.delete(symbol);
    else this.#bySymbol.set(symbol, others);
  }

  clear(): void {
    this.#byId.clear();
    this.#bySymbol.clear();
  }
}
