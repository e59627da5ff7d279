import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { TimeUs } from './numbers.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_BYTES = 16;
const ID_LENGTH = 26;

/** What a derived id may be made of; each part is length-prefixed, so no two lists collide by joining. */
export type IdPart = string | number;

/**
 * Derives a 26-character id (128 bits of SHA-256, Crockford base 32) from its parts: the same parts give the
 * same id everywhere and always. Short enough for every broker's client order id.
 */
export function deriveId(kind: string, ...parts: readonly IdPart[]): string {
  let text = kind;
  for (const part of parts) {
    const piece = String(part);
    text += `|${piece.length}:${piece}`;
  }
  return base32(sha256(utf8ToBytes(text)).subarray(0, ID_BYTES));
}

/** Tells whether a text has the form of a derived id: what others name otherwise is not ours. */
export function isDerivedId(text: string): boolean {
  return text.length === ID_LENGTH && [...text].every((one) => ALPHABET.includes(one));
}

function base32(bytes: Uint8Array): string {
  let out = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(buffer >>> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? out + ALPHABET[(buffer << (5 - bits)) & 31] : out;
}

/** Why an intent exists. */
export const CAUSE_KINDS = ['signal', 'schedule', 'command', 'protection', 'adoption'] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

export interface SignalKey {
  readonly runId: string;
  readonly botId: string;
  readonly configRevision: number;
  readonly symbol: string;
  readonly timeframe: string;
  readonly barEndUs: TimeUs;
  readonly inputRevision: number;
}

/** Derives the id of the one signal that a bot can give for a symbol at a bar. */
export function signalId(key: SignalKey): string {
  return deriveId(
    'signal',
    key.runId,
    key.botId,
    key.configRevision,
    key.symbol,
    key.timeframe,
    key.barEndUs,
    key.inputRevision,
  );
}

export interface IntentKey {
  readonly runId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly causeKind: CauseKind;
  readonly causeId: string;
}

/** Derives the id of the one intent that a cause can have for a symbol of an account. */
export function intentId(key: IntentKey): string {
  return deriveId('intent', key.runId, key.accountId, key.symbol, key.causeKind, key.causeId);
}

export interface OrderKey {
  readonly intentId: string;
  /** 0 for the entry; further legs count up. */
  readonly leg: number;
  /**
   * 1 for the first attempt; rises only in the transaction that records the previous one as terminal, and in the decision that divides
   * one order in two.
   */
  readonly attempt: number;
}

/** Derives the order id, which is also the client order id at the broker. */
export function orderId(key: OrderKey): string {
  return deriveId('order', key.intentId, key.leg, key.attempt);
}

/** How what is decided gets its ids. */
export interface IdScheme {
  intentId(key: IntentKey): string;
  orderId(key: OrderKey): string;
  /** @param causeId of the intent, or of the signal that did not become one. */
  denialId(causeId: string, policy: string): string;
}

/** The ids that everything has outside a backtest's loop: hashes of what the thing is. */
export const DERIVED_IDS: IdScheme = {
  intentId,
  orderId,
  denialId: (causeId, policy) => deriveId('denial', causeId, policy),
};
