import type { TimeUs } from '@capstan/domain';

/**
 * Rows that may be removed: those of a kind that are older than a time, as far as nothing that is rebuilt needs them. What is not
 * named here is kept for ever: orders, intents, fills, ledgers, positions and states.
 */
export type OldRows =
  /**
   * Messages written before the time by the store's own clock that are marked as published, and beyond which every receiver has come
   * that ever applied one of their producer and subject: the last that one has applied stays, as the next names it as the one before.
   * Never fills and emergencies, of which ledgers are rebuilt, and never the newest message of a producer.
   */
  | { readonly kind: 'outbox'; readonly beforeUs: TimeUs }
  /** Answered commands. */
  | { readonly kind: 'commands'; readonly beforeUs: TimeUs }
  | { readonly kind: 'audit'; readonly beforeUs: TimeUs }
  /** Equity points of a run but the first and the last of each UTC hour of each account and bot: the results of its days stay as they were. */
  | { readonly kind: 'equity'; readonly runId: string; readonly beforeUs: TimeUs }
  | { readonly kind: 'signals'; readonly runId: string; readonly beforeUs: TimeUs }
  | { readonly kind: 'denials'; readonly runId: string; readonly beforeUs: TimeUs }
  /** Bars of a run's feeds. */
  | { readonly kind: 'bars'; readonly runId: string; readonly beforeUs: TimeUs }
  /**
   * Checkpoints of the run's replay that have a later one from before the time: the messages between the two may be gone. Of other runs
   * all that are older than the time. Never the last of the run.
   */
  | { readonly kind: 'replayCheckpoints'; readonly runId: string; readonly beforeUs: TimeUs };

/** A receiver that keeps old messages from being removed: it has not applied them. */
export interface Laggard {
  readonly key: string;
  /** Published messages written before the time that it has not applied. */
  readonly messages: number;
}

/** What ledgers are rebuilt from where a stream was lost: messages on these subjects are never removed. */
export const KEPT_SUBJECTS = ['trading.fill.', 'trading.emergency.'] as const;
