import {
  type Order,
  type OrderTerms,
  parseCash,
  quantity,
  type Signal,
  type SizingRule,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import type { RiskLimits } from '@capstan/risk';
import {
  configOf,
  fillOf,
  HUNDRED,
  NOON,
  orderOf,
  requestOf,
  signalOf,
  sliceOf,
} from './account-core.fixture.ts';
import { AccountCore, HOUSE } from './account-core.ts';
import type { SliceDecision } from './account-slice.ts';

const MINUTE_US = 60_000_000;
const LIMITS = { policies: ['buying-power'], bufferBps: 0 } as const;

/** An account with cash for ten units at 100, and a clock of slices. */
export class SliceAccount {
  readonly core: AccountCore;
  #fills = 0;
  /** When the next slice begins. */
  #atUs: TimeUs;

  constructor(limits: Partial<RiskLimits> = {}, fromUs: TimeUs = NOON) {
    this.#atUs = fromUs;
    this.core = new AccountCore(configOf({ ...LIMITS, ...limits }));
    this.core.fund(HOUSE, parseCash('1000'));
  }

  /** Decides the next slice. @param wants of bot a in AAA; nothing new unless given. */
  decide(
    wants?: Partial<Signal>,
    state: 'running' | 'paused' | 'stopped' = 'running',
    priceNanos = HUNDRED,
    sizing?: SizingRule,
  ): SliceDecision {
    const sliceEndUs = timeUs(this.#atUs + MINUTE_US);
    this.#atUs = sliceEndUs;
    const signals =
      wants === undefined
        ? []
        : [
            signalOf('a', 'AAA', {
              barEndUs: sliceEndUs,
              referencePriceNanos: priceNanos,
              ...wants,
            }),
          ];
    const marks = [{ symbol: 'AAA', priceNanos, barEndUs: sliceEndUs }];
    const request = requestOf([sliceOf('a', signals, { sliceEndUs, state, marks })]);
    return this.core.decideSlice(
      sizing === undefined ? request : { ...request, sizingOf: () => sizing },
    );
  }

  fill(order: OrderTerms, amount: number, before = 0): void {
    this.#fills += 1;
    this.core.applyFill(fillOf(order, this.#fills, amount));
    const filledQuantity = quantity(before + amount);
    const state = filledQuantity === order.quantity ? 'filled' : 'partiallyFilled';
    this.word(order, { state, filledQuantity });
  }

  word(order: OrderTerms, changes: Partial<Order>): void {
    this.core.applyOrder(orderOf(order, changes));
  }
}

/** The one order that a decision sends. */
export function only({ orders }: SliceDecision): SliceDecision['orders'][number] {
  const [order] = orders;
  if (order === undefined || orders.length > 1) throw new Error(`${orders.length} orders`);
  return order;
}
