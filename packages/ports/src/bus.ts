import type { TimeUs } from '@capstan/domain';

/** Headers of a message. Keys are lower case. */
export type Headers = Readonly<Record<string, string>>;

/** A message to be stored in a stream. */
export interface OutgoingMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Headers;
  /** The transport drops a second message of the same id within its window; only an optimisation. */
  readonly messageId: string;
}

/** A stored message. */
export interface BusMessage {
  readonly stream: string;
  /** Position in the stream, rising, with gaps where filters skip. */
  readonly sequence: number;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Headers;
  /** When the transport stored it. */
  readonly storedAtUs: TimeUs;
}

/** What a stream holds now. `epochUs` is its creation time: positions of another epoch mean nothing. */
export interface StreamState {
  readonly epochUs: TimeUs;
  /** Sequence of the oldest message kept; `lastSequence + 1` when it is empty. */
  readonly firstSequence: number;
  /** Sequence of the newest message ever stored; 0 before the first. */
  readonly lastSequence: number;
}

export interface SubscribeOptions {
  readonly stream: string;
  /** Subject filters; empty means all. */
  readonly filters: readonly string[];
  /** Delivers messages after this sequence, in order, without gaps among the filtered. */
  readonly afterSequence: number;
  /** Most messages of one batch; 256 unless told. */
  readonly maxBatch?: number;
}

/** An ordered reading of a stream that survives reconnects without loss, repeats or reordering. */
export interface Subscription {
  /**
   * Returns the next messages, waiting for at least one; an empty array only after `close`.
   * @throws BUS.STREAM_CHANGED when the stream was made anew or no longer holds the next message.
   */
  next(): Promise<readonly BusMessage[]>;
  close(): Promise<void>;
}

/** A core message: delivered at most once to whoever listens now. */
export interface Notice {
  readonly subject: string;
  readonly data: Uint8Array;
}

export interface Listener {
  /** Returns the notices that came, waiting for at least one; an empty array only after `close`. */
  next(): Promise<readonly Notice[]>;
  close(): Promise<void>;
}

/** Durable streams and fleeting notices. */
export interface Bus {
  /**
   * Stores the messages in the order given and waits for every acknowledgement.
   * @returns the stored sequences. @throws BUS.UNAVAILABLE when any is not acknowledged: some may be stored.
   */
  publish(messages: readonly OutgoingMessage[]): Promise<readonly number[]>;
  /**
   * Stores a message where the newest of its subject still is the one at `lastSequence`; 0 where there is to be none.
   * @returns the stored sequence. @throws BUS.CONFLICT when it is another. @throws BUS.UNAVAILABLE: it may be stored.
   */
  publishAfter(message: OutgoingMessage, lastSequence: number): Promise<number>;
  /** Returns the newest message of a subject; `undefined` where there is none. @throws BUS.UNAVAILABLE, BUS.NO_STREAM */
  newest(stream: string, subject: string): Promise<BusMessage | undefined>;
  /** @throws BUS.UNAVAILABLE, BUS.NO_STREAM */
  streamState(stream: string): Promise<StreamState>;
  /** @throws BUS.UNAVAILABLE, BUS.NO_STREAM, BUS.STREAM_CHANGED */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Sends to whoever listens now; never waits for them. */
  notify(subject: string, data: Uint8Array): Promise<void>;
  listen(subject: string): Promise<Listener>;
}

/** Question and answer over the bus. */
export interface Requests {
  /** @throws BUS.NO_RESPONDER, BUS.TIMEOUT, BUS.UNAVAILABLE */
  request(subject: string, data: Uint8Array, options: RequestOptions): Promise<Reply>;
  /** Answers requests of a subject as a member of `queue`; returns how to stop. */
  serve(
    subject: string,
    queue: string,
    handler: (data: Uint8Array, headers: Headers) => Promise<Reply>,
  ): Promise<{ close(): Promise<void> }>;
}

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly headers?: Headers;
}

export interface Reply {
  readonly data: Uint8Array;
  readonly headers: Headers;
}

/** A piece of work taken from a queue; it returns to the queue unless finished or kept alive in time. */
export interface WorkItem {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Headers;
  /** 1 for the first delivery. */
  readonly delivery: number;
  /** Says that the work goes on. */
  working(): Promise<void>;
  /** Says that it is done. @throws BUS.UNAVAILABLE when that is not acknowledged. */
  done(): Promise<void>;
  /** Gives it back, to be delivered after `delayMs`. */
  giveBack(delayMs: number): Promise<void>;
  /** Says that it can never be done. */
  discard(reason: string): Promise<void>;
}

export interface WorkQueue {
  /** Stores one piece of work. @throws BUS.UNAVAILABLE */
  add(message: OutgoingMessage): Promise<void>;
  /** Takes up to `max` items, waiting up to `waitMs` for the first. */
  take(options: { subject: string; max: number; waitMs: number }): Promise<readonly WorkItem[]>;
  /** Tells how much work of a subject there is. @throws BUS.UNAVAILABLE */
  depth(subject: string): Promise<WorkDepth>;
}

/** How much work there is. */
export interface WorkDepth {
  /** Not given to anybody, or given back. */
  readonly waiting: number;
  /** Given to somebody who has not said how it ended. */
  readonly inHand: number;
}
