import { assert } from '@capstan/domain';

/** Bounds and periods of the keyed owner. */
export const LIMITS = {
  /** A lease not renewed for so long is no longer held. */
  leaseTtlMs: 3_000,
  leaseRenewMs: 1_000,
  /** A candidate adds this to the TTL before it takes a silent key, for the drift between two clocks. */
  leaseGraceMs: 1_000,
  /** How often a candidate looks. */
  leasePollMs: 250,
  /** Most messages handed to logic at once, hence in one transaction. */
  batchMax: 256,
  /** Messages kept of a reading that owners share, for those that are not the foremost. */
  sharedMessagesMax: 8_192,
  /** Most outbox messages republished or read back at once. */
  outboxPage: 1_000,
  /** Most entries of a symbol's history read at once. */
  historyPage: 1_000,
  retryFirstMs: 50,
  retryMaxMs: 2_000,
  /** An ownership that lasted so long was well: the next failure is retried as the first. */
  retryForgetMs: 10_000,
  /** How long a stopping owner waits for its outbox to be published; its successor publishes the rest. */
  drainFlushMs: 1_000,
  /** How often a waiting caller looks for a command's answer, at first and at most. */
  commandPollFirstMs: 10,
  commandPollMaxMs: 200,
} as const;

assert(LIMITS.leaseRenewMs * 2 < LIMITS.leaseTtlMs, 'a lease must survive one lost renewal');
assert(LIMITS.retryMaxMs < LIMITS.retryForgetMs, 'a failing owner must not count as well');
assert(LIMITS.drainFlushMs < LIMITS.leaseTtlMs, 'a drain must end within its lease');
assert(LIMITS.batchMax < LIMITS.sharedMessagesMax, 'a batch must not push out what it follows');
assert(LIMITS.leasePollMs < LIMITS.leaseGraceMs, 'a candidate must look more often than the grace');
