import type { Denial, Grounds, Intent, InternalCross, OrderTerms, TimeUs } from '@capstan/domain';
import * as wire from '../gen/capstan/risk/v1/risk.ts';
import { causeKinds, orderSides, orderTypes, timesInForce } from './enums.ts';
import { exitsFromWire, exitsToWire, termsFromWire, termsToWire } from './order.ts';
import { decodeAs, int64, present } from './wire.ts';

/** The orders that risk approved for one slice of an account; also its watermark. */
export interface ApprovedSlice {
  readonly runId: string;
  readonly accountId: string;
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
  readonly orders: readonly OrderTerms[];
  /** Bots of the account that go on after this slice. */
  readonly activeBots: number;
  /** Working orders to be cancelled at the venue before the orders are sent. */
  readonly cancelOrderIds: readonly string[];
  /** The limits that hold from this slice on, as JSON, where they are not those of the slice before. */
  readonly limits?: string;
  /** Pairs of the orders that fill each other and are not sent, in the order in which they fill; none unless given. */
  readonly crosses?: readonly InternalCross[];
  /** Absent from versions that did not say so. */
  readonly grounds?: Grounds;
}

/** What risk denied in one slice. */
export interface DeniedSlice {
  readonly runId: string;
  readonly accountId: string;
  readonly sliceEndUs: TimeUs;
  readonly denials: readonly Denial[];
}

const price = (value: bigint | undefined) => (value === undefined ? undefined : int64.price(value));

export function intentToWire(intent: Intent): wire.Intent {
  return {
    intentId: intent.intentId,
    runId: intent.runId,
    accountId: intent.accountId,
    botId: intent.botId,
    symbol: intent.symbol,
    causeKind: causeKinds.toWire(intent.causeKind),
    causeId: intent.causeId,
    side: orderSides.toWire(intent.side),
    quantity: int64.of(intent.quantity),
    type: orderTypes.toWire(intent.type),
    limitPriceNanos: int64.optional(intent.limitPriceNanos),
    stopPriceNanos: int64.optional(intent.stopPriceNanos),
    timeInForce: timesInForce.toWire(intent.timeInForce),
    reducing: intent.reducing,
    referencePriceNanos: int64.of(intent.referencePriceNanos),
    decidedAtUs: int64.of(intent.decidedAtUs),
    exits: intent.exits && exitsToWire(intent.exits),
  };
}

export function intentFromWire(intent: wire.Intent): Intent {
  return {
    intentId: intent.intentId,
    runId: intent.runId,
    accountId: intent.accountId,
    botId: intent.botId,
    symbol: intent.symbol,
    causeKind: causeKinds.fromWire(intent.causeKind),
    causeId: intent.causeId,
    side: orderSides.fromWire(intent.side),
    quantity: int64.quantity(intent.quantity),
    type: orderTypes.fromWire(intent.type),
    ...present({
      limitPriceNanos: price(intent.limitPriceNanos),
      stopPriceNanos: price(intent.stopPriceNanos),
      exits: intent.exits && exitsFromWire(intent.exits),
    }),
    timeInForce: timesInForce.fromWire(intent.timeInForce),
    reducing: intent.reducing,
    referencePriceNanos: int64.price(intent.referencePriceNanos),
    decidedAtUs: int64.time(intent.decidedAtUs),
  };
}

export function denialToWire(denial: Denial): wire.Denial {
  return {
    denialId: denial.denialId,
    runId: denial.runId,
    accountId: denial.accountId,
    botId: denial.botId,
    symbol: denial.symbol,
    intentId: denial.intentId,
    causeKind: causeKinds.toWire(denial.causeKind),
    causeId: denial.causeId,
    policy: denial.policy,
    reason: denial.reason,
    decidedAtUs: int64.of(denial.decidedAtUs),
  };
}

export function denialFromWire(denial: wire.Denial): Denial {
  return {
    denialId: denial.denialId,
    runId: denial.runId,
    accountId: denial.accountId,
    botId: denial.botId,
    symbol: denial.symbol,
    ...present({ intentId: denial.intentId }),
    causeKind: causeKinds.fromWire(denial.causeKind),
    causeId: denial.causeId,
    policy: denial.policy,
    reason: denial.reason,
    decidedAtUs: int64.time(denial.decidedAtUs),
  };
}

export function encodeApprovedSlice(slice: ApprovedSlice): Uint8Array {
  return wire.ApprovedSlice.encode({
    runId: slice.runId,
    accountId: slice.accountId,
    feed: slice.feed,
    sliceEndUs: int64.of(slice.sliceEndUs),
    orders: slice.orders.map(termsToWire),
    activeBots: slice.activeBots,
    cancelOrderIds: [...slice.cancelOrderIds],
    limits: slice.limits ?? '',
    crosses: (slice.crosses ?? []).map(crossToWire),
    grounds: slice.grounds && groundsToWire(slice.grounds),
  }).finish();
}

function crossToWire({ buyOrderId, sellOrderId, priceNanos }: InternalCross): wire.InternalCross {
  return { buyOrderId, sellOrderId, priceNanos: int64.of(priceNanos) };
}

function crossFromWire({ buyOrderId, sellOrderId, priceNanos }: wire.InternalCross): InternalCross {
  return { buyOrderId, sellOrderId, priceNanos: int64.price(priceNanos) };
}

function groundsToWire({ nowUs, accountSequence, orderSequence }: Grounds): wire.Grounds {
  return {
    nowUs: int64.of(nowUs),
    accountSequence: int64.of(accountSequence),
    orderSequence: int64.of(orderSequence),
  };
}

function groundsFromWire({ nowUs, accountSequence, orderSequence }: wire.Grounds): Grounds {
  return {
    nowUs: int64.time(nowUs),
    accountSequence: int64.number(accountSequence),
    orderSequence: int64.number(orderSequence),
  };
}

export function decodeApprovedSlice(data: Uint8Array): ApprovedSlice {
  const slice = decodeAs('ApprovedSlice', wire.ApprovedSlice, data);
  return {
    runId: slice.runId,
    accountId: slice.accountId,
    feed: slice.feed,
    sliceEndUs: int64.time(slice.sliceEndUs),
    orders: slice.orders.map(termsFromWire),
    activeBots: slice.activeBots,
    cancelOrderIds: slice.cancelOrderIds,
    ...(slice.limits === '' ? {} : { limits: slice.limits }),
    ...(slice.crosses.length === 0 ? {} : { crosses: slice.crosses.map(crossFromWire) }),
    ...(slice.grounds === undefined ? {} : { grounds: groundsFromWire(slice.grounds) }),
  };
}

export function encodeDeniedSlice(slice: DeniedSlice): Uint8Array {
  return wire.DeniedSlice.encode({
    runId: slice.runId,
    accountId: slice.accountId,
    sliceEndUs: int64.of(slice.sliceEndUs),
    denials: slice.denials.map(denialToWire),
  }).finish();
}

export function decodeDeniedSlice(data: Uint8Array): DeniedSlice {
  const slice = decodeAs('DeniedSlice', wire.DeniedSlice, data);
  return {
    runId: slice.runId,
    accountId: slice.accountId,
    sliceEndUs: int64.time(slice.sliceEndUs),
    denials: slice.denials.map(denialFromWire),
  };
}
