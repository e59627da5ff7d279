import type { SendFailure, ToldAlert } from '@capstan/alerts';

/** Brings messages to where one channel's people read them. */
export interface ChannelSender {
  readonly channel: string;
  /**
   * Sends one message. Never rejects, and ends within a bounded time, at once when `signal` aborts.
   * @returns why it did not get through; `undefined` where it did.
   */
  send(alerts: readonly ToldAlert[], signal: AbortSignal): Promise<SendFailure | undefined>;
}
