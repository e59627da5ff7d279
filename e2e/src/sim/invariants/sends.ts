import { leaseKey } from '@capstan/contracts';
import { isExit, isTerminal, type Order, type OrderTerms, US_PER_SECOND } from '@capstan/domain';
import type { Commit, Fence } from '@capstan/ports';
import type { KillMode } from '@capstan/risk';
import type { Absences } from './absences.ts';
import type { Approvals } from './approvals.ts';
import type { BrokerTruth } from './broker-truth.ts';
import type { Fences } from './fences.ts';

/** A kill or a drift that is stored reaches every owner that may still send within the time of a lease, and a little. */
const KNOWN_AFTER_US = 5 * US_PER_SECOND;

/** The buckets and keys by which services tell each other what stops trading. */
const SWITCHES = 'switches';

/** Who sends, as its own process sees it at that moment. */
export interface Sender {
  /** What it took the account with; absent before it did. */
  readonly fence: Fence | undefined;
  readonly killMode: KillMode;
  /** The time by which its decisions grow old; absent where that is the run's clock. */
  readonly nowUs?: number;
}

interface Stop {
  readonly sinceUs: number;
  readonly why: string;
}

/** What execution has committed of itself. */
interface Execution {
  readonly breakerOpen: boolean;
  readonly clockUs: number;
}

interface Parts {
  readonly fences: Fences;
  readonly approvals: Approvals;
  readonly absences: Absences;
  readonly truth: BrokerTruth;
}

/** What is sent to the broker: written before, approved, by who owns the account, and nothing that adds while something stops it. */
export class Sends {
  readonly #parts: Parts;
  readonly #isEnforced: boolean;
  readonly #orders = new Map<string, Order>();
  readonly #sent = new Set<string>();
  #execution: Execution = { breakerOpen: false, clockUs: 0 };
  #kill: Stop | undefined;
  #drifts = new Map<string, Stop>();

  /** @param isEnforced whether the venue refuses a second order of an id. */
  constructor(parts: Parts, isEnforced: boolean) {
    this.#parts = parts;
    this.#isEnforced = isEnforced;
  }

  /** Orders as they were last committed, by id. */
  get orders(): ReadonlyMap<string, Order> {
    return this.#orders;
  }

  /**
   * Notes what execution committed.
   * @throws Error where an order is given up that may still come.
   */
  take({ orders = [] }: Commit, execution: Execution | undefined, nowUs: number): void {
    const { absences, truth } = this.#parts;
    for (const order of orders) {
      const { orderId } = order;
      const isRefused = truth.exchange.order(orderId)?.state === 'rejected';
      if (!isRefused) absences.take(this.#orders.get(orderId), order, nowUs);
      this.#orders.set(orderId, order);
    }
    if (execution !== undefined) this.#execution = execution;
  }

  /** Notes what is stored for all to see. */
  takeSwitch(bucket: string, key: string, value: Uint8Array, nowUs: number, account: string): void {
    if (bucket !== SWITCHES || value.length === 0) return;
    const said = (): unknown => JSON.parse(new TextDecoder().decode(value));
    if (key === leaseKey(`kill/${account}`)) {
      const { mode } = said() as { readonly mode: KillMode };
      if (mode === 'off') this.#kill = undefined;
      else this.#kill ??= { sinceUs: nowUs, why: `the ${mode} kill switch is thrown` };
    } else if (key === leaseKey(`drifts/${account}`)) {
      const open = (said() as readonly { readonly symbol: string }[]).map(({ symbol }) => symbol);
      this.#drifts = new Map(
        open.map((symbol) => [
          symbol,
          this.#drifts.get(symbol) ?? { sinceUs: nowUs, why: `${symbol} drifts` },
        ]),
      );
    }
  }

  /** @throws Error where one of the orders must not be sent now. */
  check(sender: Sender, orders: readonly OrderTerms[], nowUs: number): void {
    const { fence } = sender;
    if (fence === undefined || this.#parts.fences.isOver(fence)) {
      throw new Error(`${orders[0]?.orderId} was sent by who does not own the account any more`);
    }
    for (const order of orders) {
      const why = this.#objection(sender, order, nowUs);
      if (why !== undefined) throw new Error(`order ${order.orderId} was sent although ${why}`);
      this.#sent.add(order.orderId);
    }
    this.#parts.absences.underWay(orders, nowUs);
  }

  /** Notes that orders had no clear answer until now. */
  unanswered(orders: readonly OrderTerms[], nowUs: number): void {
    this.#parts.absences.underWay(orders, nowUs);
  }

  #objection(
    { killMode, nowUs: clockUs }: Sender,
    order: OrderTerms,
    nowUs: number,
  ): string | undefined {
    const { orderId, reducing, expiresAtUs, symbol, quantity } = order;
    const written = this.#orders.get(orderId);
    if (written === undefined) return 'it is not journaled';
    if (isTerminal(written.state)) return `it is ${written.state}`;
    if (!this.#isEnforced && this.#sent.has(orderId)) {
      return 'it was sent before, and the venue takes an id twice';
    }
    const approved = this.#parts.approvals.orders.get(orderId);
    if (approved === undefined ? !reducing : quantity > approved.quantity) {
      return 'risk has not approved so much';
    }
    if ((clockUs ?? this.#execution.clockUs) > expiresAtUs) return 'its decision has expired';
    if (reducing) return undefined;
    const most = this.#worst(order);
    if (most > this.#parts.approvals.unitsPeak) return `the position may then be ${most}`;
    if (killMode !== 'off') return `its own process knows of the ${killMode} kill`;
    return this.stop(symbol, nowUs);
  }

  /** Says what keeps everybody by now from adding in a symbol; `undefined` where nothing does. */
  stop(symbol: string, nowUs: number): string | undefined {
    if (this.#execution.breakerOpen) return 'the breaker is open';
    for (const stop of [this.#kill, this.#drifts.get(symbol)]) {
      if (stop !== undefined && nowUs - stop.sinceUs > KNOWN_AFTER_US) {
        return `${stop.why} for ${(nowUs - stop.sinceUs) / US_PER_SECOND} s`;
      }
    }
    return undefined;
  }

  /** Where an order and all others of its side may bring its bot's position, by what the broker really has. */
  #worst({ botId, symbol, side }: OrderTerms): number {
    const { truth } = this.#parts;
    if (truth.amended.has(`${botId} ${symbol}`)) return 0;
    let most = (side === 'buy' ? 1 : -1) * truth.ledger.position(botId, symbol).quantity;
    for (const order of this.#orders.values()) {
      if (order.botId !== botId || order.symbol !== symbol || order.side !== side) continue;
      // What protects closes no more than is held.
      if (isExit(order) || isTerminal(order.state)) continue;
      most += order.quantity - (truth.exchange.order(order.orderId)?.filledQuantity ?? 0);
    }
    return most;
  }
}
