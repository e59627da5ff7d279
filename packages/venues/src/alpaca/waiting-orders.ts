import type { Quantity, TimeUs } from '@capstan/domain';
import type { Amounts } from './amounts.ts';
import { isOlder } from './row-facts.ts';
import type { OrderRow } from './rows.ts';

/** A fill, wherever it is told. */
export interface Execution {
  readonly venueOrderId: string;
  /** Alpaca's own id of it. */
  readonly uuid: string;
  readonly quantity: Quantity;
  readonly through: Quantity;
  readonly price: string;
  readonly atUs: TimeUs;
}

interface Waiting {
  readonly row: OrderRow;
  readonly executions: readonly Execution[];
}

/** Orders of which it is not known yet whose they are, or whose turn has not come: what was shown of them is kept. */
export class WaitingOrders {
  readonly #amounts: Amounts;
  readonly #byId = new Map<string, Waiting>();

  constructor(amounts: Amounts) {
    this.#amounts = amounts;
  }

  has(venueOrderId: string): boolean {
    return this.#byId.has(venueOrderId);
  }

  rows(): readonly OrderRow[] {
    return [...this.#byId.values()].map(({ row }) => row);
  }

  /** Keeps the newest row. */
  put(row: OrderRow): void {
    const known = this.#byId.get(row.id);
    if (known !== undefined && isOlder(row, known.row, this.#amounts)) return;
    this.#byId.set(row.id, { row, executions: known?.executions ?? [] });
  }

  /** Keeps a fill. @returns false where its order does not wait. */
  keep(execution: Execution): boolean {
    const known = this.#byId.get(execution.venueOrderId);
    if (known === undefined) return false;
    const executions = [...known.executions, execution];
    this.#byId.set(execution.venueOrderId, { row: known.row, executions });
    return true;
  }

  /** Lets go of an order. @returns the fills that were kept. */
  take(venueOrderId: string): readonly Execution[] {
    const executions = this.#byId.get(venueOrderId)?.executions ?? [];
    this.#byId.delete(venueOrderId);
    return executions;
  }
}
