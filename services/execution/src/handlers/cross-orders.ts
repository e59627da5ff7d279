import {
  assert,
  crossOrder,
  type Fill,
  formatPrice,
  type InternalCross,
  newOrder,
  type OrderTerms,
  type TimeUs,
} from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { Refusal } from '../decide.ts';
import type { Account } from '../effects.ts';
import type { Origin } from '../state.ts';
import type { Step } from '../step.ts';
import { update } from './update-order.ts';
import { guardFill } from './watch-exits.ts';

/** What a slice crosses. */
export interface Crossing {
  readonly crosses: readonly InternalCross[];
  /** Of the slice. */
  readonly orders: readonly OrderTerms[];
  readonly sliceEndUs: TimeUs;
  readonly origin: Origin;
  /** Says why an order must not go out at this moment. */
  readonly refusal: (order: OrderTerms) => Refusal | undefined;
}

/** What became of it. */
export interface Crossed {
  readonly fills: readonly Fill[];
  /** Why orders are not sent either, by id. */
  readonly refusals: ReadonlyMap<string, Refusal>;
}

/**
 * Fills the orders of two bots by each other: both in this step, or neither where one of them must not go out. The other one then goes
 * to the venue where it reduces; what adds is refused, as it could meet there what was let out because the two are crossed.
 */
export function crossOrders(account: Account, step: Step, crossing: Crossing): Crossed {
  const { crosses, orders, refusal } = crossing;
  const termsOf = (id: string) => orders.find(({ orderId }) => orderId === id);
  const fills: Fill[] = [];
  const refusals = new Map<string, Refusal>();
  for (const cross of crosses) {
    const [buy, sell] = [termsOf(cross.buyOrderId), termsOf(cross.sellOrderId)];
    assert(buy !== undefined && sell !== undefined, `${cross.buyOrderId}: a cross of no orders`);
    assert(buy.quantity === sell.quantity, `orders ${buy.orderId} and ${sell.orderId} differ`);
    const [refused] = [buy, sell].filter((terms) => refusal(terms) !== undefined);
    if (refused === undefined) {
      for (const terms of [buy, sell])
        fills.push(fillInside(account, step, crossing, terms, cross));
      continue;
    }
    const other = refused === buy ? sell : buy;
    if (!other.reducing && refusal(other) === undefined)
      refusals.set(other.orderId, uncrossed(refused));
  }
  return { fills, refusals };
}

function fillInside(
  account: Account,
  step: Step,
  { sliceEndUs: atUs, origin }: Crossing,
  terms: OrderTerms,
  cross: InternalCross,
): Fill {
  const { state, settings } = account;
  const before = newOrder(terms, atUs);
  const instrument = settings.instruments.get(terms.symbol);
  const place = { instrument, atUs, accountSequence: state.nextAccountSequence };
  const { order, fill } = crossOrder(before, cross, place);
  step.insert(before);
  update(account, step, order);
  state.nextAccountSequence += 1;
  state.count(fill, fill.side === 'buy' ? fill.quantity : -fill.quantity);
  guardFill(account, order, fill);
  step.fill(fill, origin);
  return fill;
}

const uncrossed = ({ orderId, botId }: OrderTerms): Refusal => ({
  policy: 'uncrossed',
  reason: `${botId}'s order ${orderId}, by which it was to be filled, must not go out`,
});

/** Says what was crossed, once it is committed. */
export function sayCrossed({ log }: OwnerSession, fills: readonly Fill[]): void {
  for (const { accountId, botId, symbol, orderId, fillId, side, quantity, priceNanos } of fills) {
    const what = { orderId, fillId, side, quantity, price: formatPrice(priceNanos) };
    log.info('order filled by another bot', { account: accountId, bot: botId, symbol, ...what });
  }
}
