import { assert, type VenueExit } from '@capstan/domain';
import type { SubmitAnswer, VenueEvent, VenueOrder, VenueUpdate } from '@capstan/ports';
import { OrderSide } from '../gen/capstan/common/v1/common.ts';
import type * as wire from '../gen/capstan/execution/v1/paper_exchange_service.ts';
import { orderSides, venueOrderStates } from './enums.ts';
import { revisionFromWire, revisionToWire, termsFromWire, termsToWire } from './order.ts';
import { int64, malformed, present } from './wire.ts';

const NO_SIDE = OrderSide.ORDER_SIDE_UNSPECIFIED;

export function venueOrderToWire(order: VenueOrder): wire.VenueOrder {
  return {
    venueOrderId: order.venueOrderId,
    orderId: order.orderId,
    symbol: order.symbol,
    state: venueOrderStates.toWire(order.state),
    filledQuantity: int64.of(order.filledQuantity),
    reason: order.reason,
    side: order.side === undefined ? NO_SIDE : orderSides.toWire(order.side),
  };
}

export function venueOrderFromWire(order: wire.VenueOrder): VenueOrder {
  return {
    venueOrderId: order.venueOrderId,
    orderId: order.orderId,
    symbol: order.symbol,
    state: venueOrderStates.fromWire(order.state),
    filledQuantity: int64.quantity(order.filledQuantity),
    ...present({ reason: order.reason }),
    ...(order.side === NO_SIDE ? {} : { side: orderSides.fromWire(order.side) }),
  };
}

function executionToWire(
  event: Extract<VenueEvent, { kind: 'filled' | 'corrected' }>,
): wire.VenueExecution {
  return {
    executionId: event.executionId,
    quantity: int64.of(event.quantity),
    priceNanos: int64.of(event.priceNanos),
    feeMicros: int64.of(event.feeMicros),
  };
}

const exitToWire = ({ parentOrderId, terms }: VenueExit): wire.VenueExit => ({
  parentOrderId,
  terms: termsToWire(terms),
});

const exitFromWire = ({ parentOrderId, terms }: wire.VenueExit): VenueExit => ({
  parentOrderId,
  terms: termsFromWire(terms),
});

function detailToWire(event: VenueEvent): wire.VenueEvent['detail'] {
  switch (event.kind) {
    case 'accepted':
      return {
        $case: 'accepted',
        value: { venueOrderId: event.venueOrderId, exit: event.exit && exitToWire(event.exit) },
      };
    case 'rejected':
      return { $case: 'rejected', value: { reason: event.reason } };
    case 'filled':
      return { $case: 'filled', value: executionToWire(event) };
    case 'busted':
      return { $case: 'busted', value: { executionId: event.executionId } };
    case 'corrected':
      return { $case: 'corrected', value: executionToWire(event) };
    case 'cancelled':
      return { $case: 'cancelled', value: { reason: event.reason } };
    case 'cancelRejected':
      return { $case: 'cancelRejected', value: { reason: event.reason } };
    case 'replaced':
      return {
        $case: 'replaced',
        value: { count: event.count, revision: revisionToWire(event) },
      };
    case 'replaceRejected':
      return { $case: 'replaceRejected', value: { reason: event.reason } };
    case 'expired':
      return { $case: 'expired', value: {} };
  }
}

export function venueEventToWire(event: VenueEvent): wire.VenueEvent {
  return {
    sequence: int64.of(event.sequence),
    accountId: event.accountId,
    eventAtUs: int64.of(event.eventAtUs),
    orderId: event.orderId,
    detail: detailToWire(event),
  };
}

const execution = (value: wire.VenueExecution) => ({
  executionId: value.executionId,
  quantity: int64.quantity(value.quantity),
  priceNanos: int64.price(value.priceNanos),
  feeMicros: int64.cash(value.feeMicros),
});

export function venueEventFromWire(event: wire.VenueEvent): VenueEvent {
  const { detail, accountId, orderId } = event;
  const sequence = int64.number(event.sequence);
  const head = { sequence, accountId, orderId, eventAtUs: int64.time(event.eventAtUs) };
  if (detail === undefined) throw malformed('VenueEvent', 'detail', 'absent');
  switch (detail.$case) {
    case 'accepted':
      return {
        ...head,
        kind: 'accepted',
        venueOrderId: detail.value.venueOrderId,
        ...present({ exit: detail.value.exit && exitFromWire(detail.value.exit) }),
      };
    case 'rejected':
      return { ...head, kind: 'rejected', reason: detail.value.reason };
    case 'filled':
      return { ...head, kind: 'filled', ...execution(detail.value) };
    case 'busted':
      return { ...head, kind: 'busted', executionId: detail.value.executionId };
    case 'corrected':
      return { ...head, kind: 'corrected', ...execution(detail.value) };
    case 'cancelled':
      return { ...head, kind: 'cancelled', reason: detail.value.reason };
    case 'cancelRejected':
      return { ...head, kind: 'cancelRejected', reason: detail.value.reason };
    case 'replaced': {
      const { count, revision } = detail.value;
      return { ...head, kind: 'replaced', count, ...revisionFromWire(revision) };
    }
    case 'replaceRejected':
      return { ...head, kind: 'replaceRejected', reason: detail.value.reason };
    case 'expired':
      return { ...head, kind: 'expired' };
  }
}

/** Packs updates that are to be taken together. @param updates at least one. */
export function venueUpdatesToWire(updates: readonly VenueUpdate[]): wire.StreamUpdatesResponse {
  const [first, ...more] = updates.map((one) => ({ update: updateToWire(one), more: [] }));
  assert(first !== undefined, 'there is an update');
  return { ...first, more };
}

/** Reverses {@link venueUpdatesToWire}. @throws CONTRACT.MALFORMED */
export function venueUpdatesFromWire(message: wire.StreamUpdatesResponse): readonly VenueUpdate[] {
  return [updateFromWire(message), ...message.more.map(updateFromWire)];
}

function updateToWire(update: VenueUpdate): wire.StreamUpdatesResponse['update'] {
  if (update.kind === 'event') return { $case: 'event', value: venueEventToWire(update.event) };
  const { accountId, feed } = update;
  const sliceEndUs = int64.of(update.sliceEndUs);
  const afterSequence = int64.of(update.afterSequence);
  return { $case: 'slice', value: { accountId, feed, sliceEndUs, afterSequence } };
}

function updateFromWire(message: wire.StreamUpdatesResponse): VenueUpdate {
  const { update } = message;
  if (update === undefined) throw malformed('StreamUpdatesResponse', 'update', 'absent');
  if (update.$case === 'event') return { kind: 'event', event: venueEventFromWire(update.value) };
  const { accountId, feed, sliceEndUs, afterSequence } = update.value;
  return {
    ...{ kind: 'slice', accountId, feed, sliceEndUs: int64.time(sliceEndUs) },
    afterSequence: int64.number(afterSequence),
  };
}

/** Packs the venue's answer to a submission: an accepted order that is not named is there already. */
export function submitAnswerToWire(answer: SubmitAnswer): wire.SubmitOrderResponse {
  const { kind } = answer;
  if (kind === 'rejected') return { accepted: false, venueOrderId: '', reason: answer.reason };
  const venueOrderId = kind === 'accepted' ? answer.venueOrderId : '';
  return { accepted: true, venueOrderId, reason: '' };
}

/** Reverses {@link submitAnswerToWire}. */
export function submitAnswerFromWire(answer: wire.SubmitOrderResponse): SubmitAnswer {
  if (!answer.accepted) return { kind: 'rejected', reason: answer.reason };
  const { venueOrderId } = answer;
  return venueOrderId === '' ? { kind: 'duplicate' } : { kind: 'accepted', venueOrderId };
}
