import { type Quantity, quantity, ZERO_QUANTITY } from './numbers.ts';
import type { Order, OrderState } from './order.ts';

/**
 * What can happen to an order. Ours: `submit` (written before it is sent), `requestCancel`, `requestReplace`, `deny` (never sent),
 * `confirmAbsent` (proved never to have reached the venue). The wire's: `timeout` (no clear answer). The rest is the venue's word;
 * `unfill` takes back a busted fill, and a correction is an `unfill` and a `fill` that says so.
 */
export const ORDER_EVENT_KINDS = [
  'submit',
  'timeout',
  'accept',
  'reject',
  'fill',
  'unfill',
  'requestCancel',
  'cancel',
  'rejectCancel',
  'requestReplace',
  'replace',
  'rejectReplace',
  'expire',
  'deny',
  'confirmAbsent',
] as const;
export type OrderEventKind = (typeof ORDER_EVENT_KINDS)[number];

/**
 * What an event does in a state: a state to go to, or
 * `byQuantity`: quantities are counted and decide the state; `count`: quantities are counted, the state stays;
 * `revise`: the new terms are taken, and the state is as their quantity says; `rest`: back to `partiallyFilled` or `accepted`, by what is filled; `learn`: only a venue order id not yet known is taken;
 * `ignore`: late, repeated or too early; `invalid`: a bug on our side.
 */
export type OrderOutcome =
  | OrderState
  | 'byQuantity'
  | 'count'
  | 'rest'
  | 'revise'
  | 'learn'
  | 'ignore'
  | 'invalid';

type Row = Readonly<Record<OrderEventKind, OrderOutcome>>;

/** The venue has it, or may have it: its word is taken. */
const LIVE = {
  submit: 'invalid',
  timeout: 'ignore',
  accept: 'learn',
  reject: 'rejected',
  fill: 'byQuantity',
  unfill: 'byQuantity',
  requestCancel: 'cancelling',
  cancel: 'cancelled',
  rejectCancel: 'ignore',
  requestReplace: 'replacing',
  replace: 'revise',
  rejectReplace: 'ignore',
  expire: 'expired',
  deny: 'invalid',
  confirmAbsent: 'ignore',
} as const satisfies Row;

/** It has ended: quantities still count, the venue's id is learnt, nothing brings it back, and sending it would be a bug. */
const ENDED = {
  submit: 'invalid',
  timeout: 'ignore',
  accept: 'learn',
  reject: 'ignore',
  fill: 'count',
  unfill: 'count',
  requestCancel: 'ignore',
  cancel: 'ignore',
  rejectCancel: 'ignore',
  requestReplace: 'ignore',
  replace: 'ignore',
  rejectReplace: 'ignore',
  expire: 'ignore',
  deny: 'ignore',
  confirmAbsent: 'ignore',
} as const satisfies Row;

/**
 * The order state machine, every event in every state.
 *
 * - `approved`: the venue's word counts here too (a journal restored from an older backup meets orders it does not remember having
 *   sent). Cancelling it before it is sent ends it at once.
 * - `submitting`: `deny` is for the owner that knows it has not written to the socket.
 * - `submitting`, `unknown`: a request to cancel or to replace changes nothing, as nobody knows yet what to cancel: ask again when it is
 *   resolved.
 * - `unknown`: `submit` sends the same id again, where the venue enforces uniqueness. `confirmAbsent` ends it as `rejected`: the venue
 *   never took it, so like a refusal it leaves nothing behind, and a next attempt may follow.
 */
export const ORDER_TABLE: Readonly<Record<OrderState, Row>> = {
  approved: {
    ...LIVE,
    submit: 'submitting',
    timeout: 'invalid',
    accept: 'accepted',
    unfill: 'invalid',
    requestCancel: 'cancelled',
    requestReplace: 'ignore',
    deny: 'denied',
    confirmAbsent: 'invalid',
  },
  submitting: {
    ...LIVE,
    timeout: 'unknown',
    accept: 'accepted',
    unfill: 'invalid',
    requestCancel: 'ignore',
    requestReplace: 'ignore',
    deny: 'denied',
  },
  unknown: {
    ...LIVE,
    submit: 'submitting',
    accept: 'accepted',
    unfill: 'invalid',
    requestCancel: 'ignore',
    requestReplace: 'ignore',
    confirmAbsent: 'rejected',
  },
  accepted: { ...LIVE, unfill: 'invalid' },
  partiallyFilled: LIVE,
  cancelling: { ...LIVE, requestCancel: 'ignore', rejectCancel: 'rest', requestReplace: 'ignore' },
  replacing: { ...LIVE, requestReplace: 'ignore', rejectReplace: 'rest' },
  filled: { ...ENDED, deny: 'invalid' },
  cancelled: ENDED,
  rejected: ENDED,
  expired: ENDED,
  denied: { ...ENDED, timeout: 'invalid' },
};

const TERMINAL: Readonly<Record<OrderState, boolean>> = {
  approved: false,
  submitting: false,
  unknown: false,
  accepted: false,
  partiallyFilled: false,
  cancelling: false,
  replacing: false,
  filled: true,
  cancelled: true,
  rejected: true,
  expired: true,
  denied: true,
};

/** Tells whether the state is an end: no event leaves it. */
export function isTerminal(state: OrderState): boolean {
  return TERMINAL[state];
}

/** Tells whether the venue has or may have the order, so that it could still fill. */
export function isWorking(state: OrderState): boolean {
  return state !== 'approved' && !TERMINAL[state];
}

type Counted = Pick<Order, 'state' | 'quantity' | 'filledQuantity' | 'executedQuantity'>;

/** Returns what the venue has executed of an order, whatever became of the fills later. */
export function executedQuantity(order: Omit<Counted, 'state'>): Quantity {
  return order.executedQuantity ?? order.filledQuantity;
}

/** Returns what of an order may still fill: nothing of a terminal one, at the instrument's scale. */
export function openQuantity(order: Counted): Quantity {
  const executed = executedQuantity(order);
  if (TERMINAL[order.state] || executed >= order.quantity) return ZERO_QUANTITY;
  return quantity(order.quantity - executed);
}
