import { assert } from '@capstan/domain';
import type { AlpacaOrder } from './order.ts';
import { isOpen } from './order.ts';

/** An account's orders, all that there ever were: client ids are unique for ever. */
export class OrderStore {
  readonly #all: AlpacaOrder[] = [];
  /** Those that were open when last looked at, and what came since. */
  #open: AlpacaOrder[] = [];
  readonly #byId = new Map<string, AlpacaOrder>();
  readonly #byClientId = new Map<string, AlpacaOrder>();

  add(order: AlpacaOrder): void {
    assert(!this.#byId.has(order.id), `order ${order.id} is there already`);
    this.#all.push(order);
    this.#open.push(order);
    this.#byId.set(order.id, order);
    this.#byClientId.set(order.clientOrderId, order);
  }

  get(id: string): AlpacaOrder | undefined {
    return this.#byId.get(id);
  }

  ofClientId(clientOrderId: string): AlpacaOrder | undefined {
    return this.#byClientId.get(clientOrderId);
  }

  /** Returns all orders, oldest first. */
  all(): readonly AlpacaOrder[] {
    return this.#all;
  }

  /** Returns those that have not ended, oldest first. */
  open(): readonly AlpacaOrder[] {
    this.#open = this.#open.filter(isOpen);
    return this.#open;
  }

  openOf(symbol: string): readonly AlpacaOrder[] {
    return this.open().filter((order) => order.symbol === symbol);
  }
}
