import {
  assert,
  DERIVED_IDS,
  type IdScheme,
  type Intent,
  type OrderTerms,
  type Quantity,
  quantity,
  timeUs,
} from '@capstan/domain';

const APPROVED = Symbol('approved by risk');
const REDUCING = Symbol('approved as reducing by risk');

/** An intent that the account's limits let pass. Only this package can make one. */
export interface ApprovedOrder extends OrderTerms {
  readonly [APPROVED]: true;
}

/** An approved order that can only bring its bot's confirmed position nearer to zero. Only this package can make one. */
export interface ReducingOrder extends ApprovedOrder {
  readonly [REDUCING]: true;
}

/** Tells whether the very object was made by this package, in this process: a copy or a decoded message was not. */
export function isApproved(order: OrderTerms): order is ApprovedOrder {
  return APPROVED in order;
}

/** How an approved order is named. */
export interface OrderNaming {
  /** Hashes unless given. */
  readonly ids?: IdScheme;
  /** 1 unless given: which order of its intent it is. */
  readonly attempt?: number;
  /** 0 unless given: which of its intent's exits it is. */
  readonly leg?: number;
}

/** The entry of an intent: what `approve` makes. Not exported by the package. */
export function approve(
  intent: Intent,
  maxDecisionAgeUs: number,
  naming: OrderNaming,
): ApprovedOrder {
  const order = termsOf(intent, maxDecisionAgeUs, naming);
  Object.defineProperty(order, APPROVED, { value: true });
  return Object.freeze(order) as ApprovedOrder;
}

/** As `approve`, for what was shown to reduce. Not exported by the package. */
export function approveAsReducing(
  intent: Intent,
  maxDecisionAgeUs: number,
  naming: OrderNaming,
): ReducingOrder {
  const order = termsOf(intent, maxDecisionAgeUs, naming);
  Object.defineProperty(order, APPROVED, { value: true });
  Object.defineProperty(order, REDUCING, { value: true });
  return Object.freeze(order) as ReducingOrder;
}

/**
 * Divides an approved order that is not sent yet in two, which are together what was approved.
 * @param amount of the first, which keeps the id; the other is the next attempt of its intent.
 * @throws InvariantError unless something is left for either, or where the first has exits: they would stand for both.
 */
export function divideOrder(
  order: ApprovedOrder,
  amount: Quantity,
  ids: IdScheme = DERIVED_IDS,
): readonly [ApprovedOrder, ApprovedOrder] {
  const { orderId, intentId, leg, exits } = order;
  assert(amount > 0 && amount < order.quantity, `order ${orderId} of ${order.quantity}: ${amount}`);
  assert(exits === undefined, `order ${orderId} has exits and cannot be divided`);
  const attempt = order.attempt + 1;
  const next = { orderId: ids.orderId({ intentId, leg, attempt }), attempt };
  return [
    branded({ ...order, quantity: amount }, order),
    branded({ ...order, ...next, quantity: quantity(order.quantity - amount) }, order),
  ];
}

/** Gives terms the marks of the order that they are part of. */
function branded(terms: OrderTerms, of: ApprovedOrder): ApprovedOrder {
  for (const mark of [APPROVED, REDUCING]) {
    if (mark in of) Object.defineProperty(terms, mark, { value: true });
  }
  return Object.freeze(terms) as ApprovedOrder;
}

function termsOf(
  intent: Intent,
  maxDecisionAgeUs: number,
  { ids = DERIVED_IDS, attempt = 1, leg = 0 }: OrderNaming,
): OrderTerms {
  const { limitPriceNanos, stopPriceNanos, exits } = intent;
  return {
    orderId: ids.orderId({ intentId: intent.intentId, leg, attempt }),
    intentId: intent.intentId,
    runId: intent.runId,
    accountId: intent.accountId,
    botId: intent.botId,
    symbol: intent.symbol,
    side: intent.side,
    quantity: intent.quantity,
    type: intent.type,
    ...(limitPriceNanos === undefined ? {} : { limitPriceNanos }),
    ...(stopPriceNanos === undefined ? {} : { stopPriceNanos }),
    ...(exits === undefined ? {} : { exits }),
    timeInForce: intent.timeInForce,
    reducing: intent.reducing,
    leg,
    attempt,
    decidedAtUs: intent.decidedAtUs,
    expiresAtUs: timeUs(intent.decidedAtUs + maxDecisionAgeUs),
  };
}
