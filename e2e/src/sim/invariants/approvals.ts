import { decodeApprovedSlice, subjects } from '@capstan/contracts';
import type { AccountLedger, OrderTerms } from '@capstan/domain';
import type { Commit, ReservationRecord } from '@capstan/ports';
import { ACCOUNT_ID } from '../scenario.ts';

/**
 * What risk let through: no order of it takes a bot's position beyond the limit that holds, however those that it let through before
 * fill. What execution closes by itself, risk may hear of after the decision and in the same commit.
 */
export class Approvals {
  readonly #isAmended: (botId: string, symbol: string) => boolean;
  readonly #ledger: () => Omit<AccountLedger, 'apply' | 'fund'>;
  readonly #reservations = new Map<string, ReservationRecord>();
  readonly #orders = new Map<string, OrderTerms>();
  /** Limits that people asked for and that do not hold yet, by command. */
  readonly #asked = new Map<string, number>();
  #unitsMax: number;
  #unitsPeak: number;

  /**
   * @param ledger what risk's ledgers hold.
   * @param isAmended tells where the venue took something back.
   * @param unitsMax most of one position of one bot.
   */
  constructor(
    ledger: () => Omit<AccountLedger, 'apply' | 'fund'>,
    isAmended: (botId: string, symbol: string) => boolean,
    unitsMax: number,
  ) {
    this.#ledger = ledger;
    this.#isAmended = isAmended;
    this.#unitsMax = unitsMax;
    this.#unitsPeak = unitsMax;
  }

  /** Orders that risk approved, by id. */
  get orders(): ReadonlyMap<string, OrderTerms> {
    return this.#orders;
  }

  /** The greatest limit that ever held. */
  get unitsPeak(): number {
    return this.#unitsPeak;
  }

  /** Notes that a person asks for another limit: it holds once its command is answered. */
  ask(commandId: string, unitsMax: number): void {
    this.#asked.set(commandId, unitsMax);
  }

  /** @throws Error where a limit is exceeded. */
  check({ reservations = [], outbox = [], commands = [] }: Commit): void {
    for (const row of reservations) this.#reservations.set(row.orderId, row);
    for (const { subject, data } of outbox) {
      if (subject !== subjects.approved(ACCOUNT_ID)) continue;
      for (const order of decodeApprovedSlice(data).orders) this.#approve(order);
      for (const order of decodeApprovedSlice(data).orders) this.#checkOrder(order, reservations);
    }
    for (const { commandId, state } of commands) {
      const units = this.#asked.get(commandId);
      if (units === undefined || state !== 'done') continue;
      this.#unitsMax = units;
      this.#unitsPeak = Math.max(this.#unitsPeak, units);
    }
  }

  #approve(order: OrderTerms): void {
    const { orderId } = order;
    if (this.#orders.has(orderId)) throw new Error(`order ${orderId} is approved twice`);
    this.#orders.set(orderId, order);
  }

  #checkOrder(order: OrderTerms, changed: readonly ReservationRecord[]): void {
    const { orderId, botId, symbol, side, reducing } = order;
    const isOfPair = (row: ReservationRecord) => row.botId === botId && row.symbol === symbol;
    const isClosing = changed.some((row) => isOfPair(row) && !this.#orders.has(row.orderId));
    // What the venue takes back after the decision cannot be foreseen by it.
    if (reducing || isClosing || this.#isAmended(botId, symbol)) return;
    const sign = side === 'buy' ? 1 : -1;
    let most = sign * this.#ledger().position(botId, symbol).quantity;
    for (const row of this.#reservations.values()) {
      if (isOfPair(row) && row.side === side) most += row.openQuantity;
    }
    if (most > this.#unitsMax) {
      throw new Error(
        `order ${orderId} may take ${botId} ${symbol} to ${most}, and ${this.#unitsMax} is the limit`,
      );
    }
  }
}
