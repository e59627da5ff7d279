import type { TimeUs } from '@capstan/domain';
import { byPriority, type WorkingOrder } from './working-order.ts';

const NONE: readonly WorkingOrder[] = [];

/** The working orders of a matcher: by id, and by symbol in matching order. */
export class OrderBook {
  readonly #byId = new Map<string, WorkingOrder>();
  readonly #bySymbol = new Map<string, readonly WorkingOrder[]>();

  get(orderId: string): WorkingOrder | undefined {
    return this.#byId.get(orderId);
  }

  /** Returns the orders of a symbol in matching order; the list never changes afterwards. */
  ofSymbol(symbol: string): readonly WorkingOrder[] {
    return this.#bySymbol.get(symbol) ?? NONE;
  }

  /** Returns all orders in matching order. */
  all(): readonly WorkingOrder[] {
    return [...this.#byId.values()].sort(byPriority);
  }

  get empty(): boolean {
    return this.#byId.size === 0;
  }

  /** Tells whether the session of some order ended by then. */
  isDue(atUs: TimeUs): boolean {
    for (const { sessionCloseUs } of this.#byId.values()) {
      if (sessionCloseUs !== undefined && sessionCloseUs <= atUs) return true;
    }
    return false;
  }

  /** Puts an order in, in place of what had its id. */
  put(order: WorkingOrder): void {
    const { orderId, symbol } = order.terms;
    const before = this.#byId.get(orderId);
    this.#byId.set(orderId, order);
    const list = this.ofSymbol(symbol);
    this.#bySymbol.set(
      symbol,
      before === undefined
        ? [...list, order].sort(byPriority)
        : list.map((other) => (other === before ? order : other)),
    );
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
