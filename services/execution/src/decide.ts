import {
  assert,
  type Exits,
  type Order,
  type OrderEvent,
  type OrderTerms,
  type OrderType,
  type TimeInForce,
  type TimeUs,
  transition,
} from '@capstan/domain';
import type { SubmitAnswer, VenueCapabilities, VenueOrder } from '@capstan/ports';
import {
  type Breaker,
  breakerReason,
  driftReason,
  type KillSwitch,
  type OpenDrifts,
} from '@capstan/risk';

/** Our own refusal of an approved order, before it is sent. */
export interface Refusal {
  readonly policy: string;
  /** In words, with what decided. */
  readonly reason: string;
}

/** What an approved order is checked against. */
export interface SendView {
  /** The run's clock: the slice's end in a playback. */
  readonly nowUs: TimeUs;
  readonly killSwitch: KillSwitch;
  readonly breaker: Breaker;
  readonly capabilities: VenueCapabilities;
  /** Symbols with an order of which nobody knows whether the venue has it. */
  readonly heldSymbols: ReadonlySet<string>;
  /** In what ledger and broker differ; nothing unless given. */
  readonly drifts?: OpenDrifts;
  /** Orders that were given up and that the venue has after all; nothing unless given. */
  readonly returned?: readonly OrderTerms[];
  /** Tells whether what a bot holds is being closed by orders of their own. */
  readonly isClosing: (of: { readonly botId: string; readonly symbol: string }) => boolean;
}

/** Says why an approved order must not go out; `undefined` where it may. */
export function refusalOf(order: OrderTerms, view: SendView): Refusal | undefined {
  const { nowUs, killSwitch, breaker, capabilities, heldSymbols, drifts = [] } = view;
  const { type, timeInForce, symbol } = order;
  const types: readonly OrderType[] = capabilities.orderTypes;
  const times: readonly TimeInForce[] = capabilities.timesInForce;
  const aged = ageRefusal(order, nowUs);
  if (aged !== undefined) return aged;
  if (isKilled(order, killSwitch, false)) return killRefusal(killSwitch);
  if (breaker.open && !order.reducing) return breakerRefusal(breaker);
  if (heldSymbols.has(symbol) && !order.reducing) {
    return { policy: 'hold', reason: `an order in ${symbol} is unknown: nothing is added to it` };
  }
  const back = view.returned?.find((one) => isAlike(one, order));
  if (back !== undefined) {
    const reason = `order ${back.orderId} in ${symbol}, which was given up, is at the venue: nothing is sent beside it until it has ended; ${howToResolve(back.orderId)}`;
    return { policy: 'hold', reason };
  }
  if (view.isClosing(order)) {
    const reason = `what its bot holds of ${symbol} is being closed: by two orders it would be closed twice`;
    return { policy: 'closing', reason };
  }
  const drift = order.reducing ? undefined : driftReason(drifts, symbol);
  if (drift !== undefined) return { policy: 'drift', reason: drift };
  if (!types.includes(type)) {
    return { policy: 'capability', reason: `the venue takes no ${type} orders` };
  }
  if (!times.includes(timeInForce)) {
    return { policy: 'capability', reason: `the venue takes no orders in force '${timeInForce}'` };
  }
  return undefined;
}

/** Says what a person can do about an order of which the venue does not say what became. */
export const howToResolve = (orderId: string): string =>
  `should the venue not tell its end, 'capstan orders resolve ${orderId}' does`;

/** Tells whether two orders do the same to the same position. */
const isAlike = (one: OrderTerms, { botId, symbol, side }: OrderTerms): boolean =>
  one.botId === botId && one.symbol === symbol && one.side === side;

/** Tells whether a venue makes and keeps an entry's exits by itself. */
export function holdsExits({ exits: kept }: VenueCapabilities, exits: Exits): boolean {
  return (
    (!isBracket(exits) || kept.includes('bracket')) &&
    (!isTrailing(exits) || kept.includes('trailing'))
  );
}

const isBracket = ({ stopPriceNanos, takeProfitPriceNanos }: Exits): boolean =>
  stopPriceNanos !== undefined || takeProfitPriceNanos !== undefined;

const isTrailing = ({ trailNanos, trailBps }: Exits): boolean =>
  trailNanos !== undefined || trailBps !== undefined;

/**
 * Tells whether the kill switch forbids to send an order. Any mode forbids what adds; a hard one also what reduces, as the
 * account is flattened by orders of its own.
 * @param flattens true for one of those.
 */
export function isKilled(order: OrderTerms, killSwitch: KillSwitch, flattens: boolean): boolean {
  if (killSwitch.mode === 'off' || flattens) return false;
  return killSwitch.mode === 'hard' || !order.reducing;
}

/** Says that the kill switch forbids an order. */
export function killRefusal({ mode, actor, reason }: KillSwitch): Refusal {
  const by = actor === '' ? 'nobody named' : actor;
  return {
    policy: 'kill-switch',
    reason: `the ${mode} kill switch was thrown by ${by}: ${reason}`,
  };
}

/** Says that this installation sends nothing. */
export const DRY_RUN: Refusal = {
  policy: 'dry-run',
  reason: 'everything but the send was done: this installation runs dry',
};

/** Says that a decision is too old to be sent, or `undefined`. */
export function ageRefusal({ expiresAtUs }: OrderTerms, nowUs: TimeUs): Refusal | undefined {
  if (nowUs <= expiresAtUs) return undefined;
  const reason = `the decision expired ${nowUs - expiresAtUs} µs before it could be sent`;
  return { policy: 'decision-age', reason };
}

/** Says that an order's turn came too late, or `undefined`. */
export function lateRefusal({ expiresAtUs }: OrderTerms, nowUs: TimeUs): Refusal | undefined {
  if (nowUs <= expiresAtUs) return undefined;
  const reason = `its turn at the venue came ${nowUs - expiresAtUs} µs after its decision expired`;
  return { policy: 'throttle', reason };
}

/** Says that the open breaker forbids an order that adds. */
export function breakerRefusal(breaker: Breaker): Refusal {
  return { policy: 'breaker', reason: breakerReason(breaker) };
}

/** The event of an order that we refuse. */
export function denialEvent({ policy, reason }: Refusal): OrderEvent {
  return { kind: 'deny', reason: `${policy}: ${reason}` };
}

/** What became of the wish to send an order. */
export type SendOutcome =
  | { readonly kind: 'answered'; readonly answer: SubmitAnswer }
  /** The venue may have it or not. */
  | { readonly kind: 'unclear'; readonly why: string }
  /** It was certainly not sent this time. */
  | { readonly kind: 'withheld'; readonly refusal: Refusal };

/** Returns the event that an outcome is; `undefined` where it says nothing that is not known. */
export function eventOfOutcome(order: Order, outcome: SendOutcome): OrderEvent | undefined {
  switch (outcome.kind) {
    case 'answered':
      return eventOfAnswer(outcome.answer);
    case 'unclear':
      return { kind: 'timeout', reason: outcome.why };
    case 'withheld':
      return order.state === 'submitting' ? denialEvent(outcome.refusal) : undefined;
  }
}

function eventOfAnswer(answer: SubmitAnswer): OrderEvent {
  switch (answer.kind) {
    case 'accepted':
      return { kind: 'accept', venueOrderId: answer.venueOrderId };
    case 'duplicate':
      return { kind: 'accept' };
    case 'rejected':
      return { kind: 'reject', reason: answer.reason };
  }
}

/** What the venue says when it is asked about an unknown order. */
export type FindAnswer =
  | { readonly kind: 'found'; readonly order: VenueOrder }
  | { readonly kind: 'absent' }
  /** It answers no such question. */
  | { readonly kind: 'mute' }
  | { readonly kind: 'unreachable'; readonly why: string };

export interface AbsenceView {
  readonly nowUs: TimeUs;
  /** True where the kill switch forbids to send it. */
  readonly killed: boolean;
  readonly capabilities: VenueCapabilities;
  /** Milliseconds since it may last have been sent. */
  readonly sinceSentMs: number;
  /** An absence counts as proof only so long after the last send. */
  readonly absenceMsMin: number;
}

export type Resolution =
  | { readonly kind: 'event'; readonly event: OrderEvent }
  | { readonly kind: 'resend' }
  | { readonly kind: 'wait' };

/**
 * Decides what an answer means for an unknown order. Fills are never taken from it: they come from the venue's events. What is
 * absent is sent again under the same id where the venue would refuse a second one and the decision is fresh, and is given up
 * once its absence is proved. A venue that cannot be asked but refuses a second order of an id is asked by sending it again; at
 * one that does neither the order stays unknown until its events, or a person, say what became of it.
 */
export function resolve(order: Order, answer: FindAnswer, view: AbsenceView): Resolution {
  if (answer.kind === 'unreachable') return { kind: 'wait' };
  if (answer.kind === 'found') return { kind: 'event', event: eventOfFound(order, answer.order) };
  const { nowUs, killed, capabilities, sinceSentMs, absenceMsMin } = view;
  const mayResend = capabilities.enforcesClientOrderId && nowUs <= order.expiresAtUs && !killed;
  if (answer.kind === 'mute') return { kind: mayResend ? 'resend' : 'wait' };
  if (sinceSentMs < capabilities.visibilityMs) return { kind: 'wait' };
  if (mayResend) return { kind: 'resend' };
  if (sinceSentMs < absenceMsMin) return { kind: 'wait' };
  const reason = 'the venue does not have it, and it is not sent again';
  return { kind: 'event', event: { kind: 'confirmAbsent', reason } };
}

/** An end is taken from the venue's answer only where no fill can be missing; else the events will tell it. */
function eventOfFound(order: Order, found: VenueOrder): OrderEvent {
  const { state, venueOrderId } = found;
  const reason = found.reason ?? `the venue says ${state}`;
  if (state === 'rejected') return { kind: 'reject', reason };
  if (found.filledQuantity === order.filledQuantity) {
    if (state === 'cancelled') return { kind: 'cancel', reason };
    if (state === 'expired') return { kind: 'expire', reason };
  }
  return { kind: 'accept', venueOrderId };
}

/** Applies an event; the same order where it changes nothing. */
export function advance(order: Order, event: OrderEvent, atUs: TimeUs): Order {
  const result = transition(order, event, atUs);
  return result.kind === 'changed' ? result.order : order;
}

/** Applies an event that must mean something. */
export function advanced(order: Order, event: OrderEvent, atUs: TimeUs): Order {
  const next = advance(order, event, atUs);
  assert(
    next !== order,
    `${event.kind} means nothing to the ${order.state} order ${order.orderId}`,
  );
  return next;
}
