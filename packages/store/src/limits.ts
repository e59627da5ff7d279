import { assert } from '@capstan/domain';

/** How long the store waits before it gives up, and how many connections it has. */
export interface StoreLimits {
  /** Most connections at once. */
  readonly poolMax: number;
  /** Waiting for a connection, new or given back. */
  readonly connectTimeoutMs: number;
  /** The server ends a statement that takes longer. */
  readonly statementTimeoutMs: number;
  /** The server ends a statement that waits longer for a lock. */
  readonly lockTimeoutMs: number;
  /** The server ends a session whose transaction waits longer for its client, which would keep a key from its next owner. */
  readonly idleTransactionTimeoutMs: number;
  /** The server ends a session whose transaction takes longer, above all one of which only a part arrives. */
  readonly transactionTimeoutMs: number;
  /** The client gives a connection up that has not answered for so long. */
  readonly answerTimeoutMs: number;
  /** A connection unused for so long is closed. */
  readonly idleCloseMs: number;
}

export const LIMITS: StoreLimits = {
  poolMax: 8,
  connectTimeoutMs: 3_000,
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 5_000,
  idleTransactionTimeoutMs: 5_000,
  transactionTimeoutMs: 11_000,
  answerTimeoutMs: 12_000,
  idleCloseMs: 60_000,
};

assert(
  LIMITS.lockTimeoutMs < LIMITS.statementTimeoutMs,
  'a wait for a lock is part of a statement',
);
assert(
  LIMITS.statementTimeoutMs < LIMITS.transactionTimeoutMs,
  'a statement is part of a transaction',
);
assert(LIMITS.transactionTimeoutMs < LIMITS.answerTimeoutMs, 'the server must give up first');
