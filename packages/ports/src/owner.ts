import type { TimeUs } from '@capstan/domain';
import type { Headers } from './bus.ts';

/**
 * The right to write for a key: the lease token taken. Greater `(epochUs, token)` wins for ever.
 */
export interface Fence {
  /** Such as `bot/sma-spy`, `risk/paper`, `execution/paper`, `feed/demo`. */
  readonly key: string;
  /** Creation time of the lease bucket. */
  readonly epochUs: TimeUs;
  /** Revision of the lease write that acquired the key. */
  readonly token: number;
}

/** How far an ordered input has been applied. */
export interface StreamPosition {
  /** A bus stream's name, or `venue/<account>` for a venue's event stream. */
  readonly stream: string;
  readonly epochUs: TimeUs;
  readonly sequence: number;
}

/** The last outbox sequence of a producer on one subject that an owner has applied. One row a (producer, subject). */
export interface AppliedSequence {
  readonly producer: string;
  readonly subject: string;
  readonly sequence: number;
}

/** A message to be published after its transaction, exactly these bytes, in this sequence of its key. */
export interface OutboxMessage {
  /** The producing owner's key. */
  readonly producer: string;
  /** From 1, without gaps, per producer. */
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Headers;
  readonly data: Uint8Array;
}

/** What an owner finds when it takes a key. */
export interface OwnerRecord {
  readonly positions: readonly StreamPosition[];
  readonly applied: readonly AppliedSequence[];
  /** Sequence of the newest outbox message; 0 before the first. */
  readonly lastOutboxSequence: number;
  /** All outbox messages up to this one are known to be published. */
  readonly publishedThrough: number;
  /** The owner's own small state, as its last commit left it. */
  readonly state?: Uint8Array;
}
