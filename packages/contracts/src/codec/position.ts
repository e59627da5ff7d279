import type { DriftRecord, SnapshotRecord } from '@capstan/ports';
import * as wire from '../gen/capstan/position/v1/position.ts';
import { decodeAs, int64, present } from './wire.ts';

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
