import type { DriftRecord, ForeignHoldings, SnapshotRecord } from '@capstan/ports';
import { OrderSide } from '../gen/capstan/common/v1/common.ts';
import * as wire from '../gen/capstan/position/v1/position.ts';
import { orderSides } from './enums.ts';
import { decodeAs, int64, present, wireEnum } from './wire.ts';

export const foreignRules = wireEnum('ForeignRule', {
  hold: wire.ForeignRule.FOREIGN_RULE_HOLD,
  adopt: wire.ForeignRule.FOREIGN_RULE_ADOPT,
  ignore: wire.ForeignRule.FOREIGN_RULE_IGNORE,
});

function foreignToWire({ rule, orders, positions, cashMicros }: ForeignHoldings): wire.Foreign {
  return {
    rule: foreignRules.toWire(rule),
    orders: orders.map(({ orderId, symbol, side, filledQuantity }) => ({
      orderId,
      symbol,
      side: side === undefined ? OrderSide.ORDER_SIDE_UNSPECIFIED : orderSides.toWire(side),
      filledQuantity: int64.of(filledQuantity),
    })),
    positions: positions.map((one) => ({
      symbol: one.symbol,
      quantity: int64.of(one.quantity),
    })),
    cashMicros: int64.of(cashMicros),
  };
}

function foreignFromWire({ rule, orders, positions, cashMicros }: wire.Foreign): ForeignHoldings {
  return {
    rule: foreignRules.fromWire(rule),
    orders: orders.map(({ orderId, symbol, side, filledQuantity }) => ({
      ...{ orderId, symbol, filledQuantity: int64.quantity(filledQuantity) },
      ...present({ side: orderSides.optionalFromWire(side) }),
    })),
    positions: positions.map((one) => ({
      symbol: one.symbol,
      quantity: int64.quantity(one.quantity),
    })),
    cashMicros: int64.cash(cashMicros),
  };
}

export function snapshotToWire(snapshot: SnapshotRecord): wire.Snapshot {
  return {
    snapshotId: snapshot.snapshotId,
    accountId: snapshot.accountId,
    takenAtUs: int64.of(snapshot.takenAtUs),
    venueSequence: int64.of(snapshot.venueSequence),
    cashMicros: int64.of(snapshot.cashMicros),
    positions: snapshot.positions.map((one) => ({
      symbol: one.symbol,
      quantity: int64.of(one.quantity),
      costMicros: int64.of(one.costMicros),
    })),
    foreign: snapshot.foreign && foreignToWire(snapshot.foreign),
  };
}

export function snapshotFromWire(snapshot: wire.Snapshot): SnapshotRecord {
  return {
    snapshotId: snapshot.snapshotId,
    accountId: snapshot.accountId,
    takenAtUs: int64.time(snapshot.takenAtUs),
    venueSequence: int64.number(snapshot.venueSequence),
    cashMicros: int64.cash(snapshot.cashMicros),
    positions: snapshot.positions.map((one) => ({
      symbol: one.symbol,
      quantity: int64.quantity(one.quantity),
      costMicros: int64.cash(one.costMicros),
    })),
    ...present({ foreign: snapshot.foreign && foreignFromWire(snapshot.foreign) }),
  };
}

export function driftToWire(drift: DriftRecord): wire.Drift {
  return {
    driftId: drift.driftId,
    accountId: drift.accountId,
    symbol: drift.symbol,
    ledger: int64.of(drift.ledger),
    broker: int64.of(drift.broker),
    openedAtUs: int64.of(drift.openedAtUs),
    healedAtUs: int64.optional(drift.healedAtUs),
  };
}

export function driftFromWire(drift: wire.Drift): DriftRecord {
  const healed = drift.healedAtUs;
  return {
    driftId: drift.driftId,
    accountId: drift.accountId,
    symbol: drift.symbol,
    ledger: int64.number(drift.ledger),
    broker: int64.number(drift.broker),
    openedAtUs: int64.time(drift.openedAtUs),
    ...present({ healedAtUs: healed === undefined ? undefined : int64.time(healed) }),
  };
}

export const encodeSnapshot = (snapshot: SnapshotRecord): Uint8Array =>
  wire.Snapshot.encode(snapshotToWire(snapshot)).finish();
export const decodeSnapshot = (data: Uint8Array): SnapshotRecord =>
  snapshotFromWire(decodeAs('Snapshot', wire.Snapshot, data));
export const encodeDrift = (drift: DriftRecord): Uint8Array =>
  wire.Drift.encode(driftToWire(drift)).finish();
export const decodeDrift = (data: Uint8Array): DriftRecord =>
  driftFromWire(decodeAs('Drift', wire.Drift, data));
