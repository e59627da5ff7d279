import type { Intent, OrderTerms, TimeUs } from '@capstan/domain';
import { EmergencyRound as Wire } from '../gen/capstan/risk/v1/emergency.ts';
import { termsFromWire, termsToWire } from './order.ts';
import { intentFromWire, intentToWire } from './risk.ts';
import { decodeAs, int64 } from './wire.ts';

/** What a hard kill sends while the journal is out of reach, written down before it is sent. */
export interface EmergencyRound {
  readonly runId: string;
  readonly accountId: string;
  /** When the kill was thrown: it names the kill. */
  readonly killSinceUs: TimeUs;
  /** From 1, per kill. */
  readonly round: number;
  /** The lease under which it was written. */
  readonly lease: { readonly epochUs: TimeUs; readonly token: number };
  readonly intents: readonly Intent[];
  /** An order for each intent, in their order. */
  readonly orders: readonly OrderTerms[];
}

export function encodeEmergencyRound(round: EmergencyRound): Uint8Array {
  return Wire.encode({
    runId: round.runId,
    accountId: round.accountId,
    killSinceUs: int64.of(round.killSinceUs),
    round: round.round,
    leaseEpochUs: int64.of(round.lease.epochUs),
    leaseToken: int64.of(round.lease.token),
    intents: round.intents.map(intentToWire),
    orders: round.orders.map(termsToWire),
  }).finish();
}

/** @throws CONTRACTS.MALFORMED */
export function decodeEmergencyRound(data: Uint8Array): EmergencyRound {
  const round = decodeAs('EmergencyRound', Wire, data);
  return {
    runId: round.runId,
    accountId: round.accountId,
    killSinceUs: int64.time(round.killSinceUs),
    round: round.round,
    lease: { epochUs: int64.time(round.leaseEpochUs), token: int64.number(round.leaseToken) },
    intents: round.intents.map(intentFromWire),
    orders: round.orders.map(termsFromWire),
  };
}
