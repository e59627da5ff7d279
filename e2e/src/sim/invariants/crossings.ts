import { decodeApprovedSlice, subjects } from '@capstan/contracts';
import {
  crossPriceNanos,
  type Fill,
  type InternalCross,
  isExit,
  isInternalFill,
} from '@capstan/domain';
import type { Commit } from '@capstan/ports';
import { ACCOUNT_ID, instruments, type Scenario } from '../scenario.ts';
import type { Approvals } from './approvals.ts';
import type { BrokerTruth } from './broker-truth.ts';

interface Parts {
  readonly truth: BrokerTruth;
  readonly approvals: Approvals;
  /** Says what keeps everybody from adding in a symbol now. */
  readonly stop: (symbol: string) => string | undefined;
}

/**
 * What bots fill each other by: both sides in one commit, as risk paired them, at the close of their slice; once, of orders that the
 * broker never has, and where it keeps no exits for either; nothing that adds while something stops that. The account's net is then what
 * it was.
 */
export class Crossings {
  readonly #truth: BrokerTruth;
  readonly #parts: Parts;
  readonly #played: Scenario['played'];
  readonly #approved: InternalCross[] = [];
  readonly #crossed = new Set<string>();

  constructor(parts: Parts, { played }: Pick<Scenario, 'played'>) {
    this.#parts = parts;
    this.#truth = parts.truth;
    this.#played = played;
  }

  /** Orders that were crossed. */
  get orders(): ReadonlySet<string> {
    return this.#crossed;
  }

  /** @throws Error where one side is missing, or anything is not as risk has paired it. */
  check({ fills = [], outbox = [] }: Commit): void {
    for (const { subject, data } of outbox) {
      if (subject !== subjects.approved(ACCOUNT_ID)) continue;
      this.#approved.push(...(decodeApprovedSlice(data).crosses ?? []));
    }
    const inside = fills.filter(isInternalFill);
    for (let at = 0; at < inside.length; at += 2) {
      const why = this.#objection(inside[at], inside[at + 1]);
      if (why !== undefined) throw new Error(`bots filled each other although ${why}`);
    }
    for (const fill of inside) {
      this.#crossed.add(fill.orderId);
      this.#truth.insert(fill);
    }
  }

  #objection(buy: Fill | undefined, sell: Fill | undefined): string | undefined {
    if (buy === undefined || sell === undefined) return 'one side is missing';
    const ids = `${buy.orderId} and ${sell.orderId}`;
    const pair = this.#approved.find((one) => one.buyOrderId === buy.orderId);
    if (pair?.sellOrderId !== sell.orderId) return `risk has not paired ${ids}`;
    if (buy.side !== 'buy' || sell.side !== 'sell' || buy.botId === sell.botId) {
      return `${ids} are not against each other`;
    }
    const isEven = (['symbol', 'quantity', 'priceNanos', 'feeMicros', 'eventAtUs'] as const).every(
      (key) => buy[key] === sell[key],
    );
    if (!isEven || buy.feeMicros !== 0) return `the fills of ${ids} are not the same trade`;
    if (buy.priceNanos !== this.#closeOf(buy)) return `${ids} are not at the close of their slice`;
    return this.#objectionTo(buy) ?? this.#objectionTo(sell);
  }

  #objectionTo({ orderId, botId, symbol, quantity }: Fill): string | undefined {
    const { exchange } = this.#truth;
    if (this.#crossed.has(orderId)) return `${orderId} was crossed before`;
    const terms = this.#parts.approvals.orders.get(orderId);
    if (terms?.quantity !== quantity) return `risk has not approved ${quantity} by ${orderId}`;
    const stop = terms.reducing ? undefined : this.#parts.stop(symbol);
    if (stop !== undefined) return stop;
    if (exchange.order(orderId) !== undefined) return `the broker has order ${orderId}`;
    const exit = exchange
      .openOrders(ACCOUNT_ID)
      .find(({ terms }) => isExit(terms) && terms.botId === botId && terms.symbol === symbol);
    return exit && `the broker keeps exit ${exit.terms.orderId} of ${botId} in ${symbol}`;
  }

  #closeOf({ symbol, eventAtUs }: Fill): number | undefined {
    const slice = this.#played.find(({ endUs }) => endUs === eventAtUs);
    const bar = slice?.bars.find((one) => one.symbol === symbol && one.endUs === eventAtUs);
    return bar && crossPriceNanos(instruments.get(symbol), bar.closeNanos);
  }
}
