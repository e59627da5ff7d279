import { assert, type TimeUs } from '@capstan/domain';
import { timeOfNanos } from './stored-time.ts';

/** What the server says of a message that a consumer delivers. */
export interface Delivery {
  readonly stream: string;
  readonly consumer: string;
  /** 1 for the first delivery. */
  readonly delivered: number;
  readonly streamSequence: number;
  /** Counts the consumer's deliveries from 1. */
  readonly consumerSequence: number;
  readonly storedAtUs: TimeUs;
  /** How many matching messages were behind this one. */
  readonly pending: number;
}

/** Length of the subject's form without a domain and an account. */
const SHORT_FORM = 9;

/** Reads the reply subject of a delivered message, in both forms that servers write. */
export function deliveryOf(reply: string): Delivery {
  const parts = reply.split('.');
  const skip = parts.length > SHORT_FORM ? 4 : 2;
  const [stream, consumer, delivered, streamSequence, consumerSequence, nanos, pending] =
    parts.slice(skip);
  assert(
    parts[0] === '$JS' && parts[1] === 'ACK' && pending !== undefined && nanos !== undefined,
    `the reply subject of a delivery: "${reply}"`,
  );
  return {
    stream: stream ?? '',
    consumer: consumer ?? '',
    delivered: Number(delivered),
    streamSequence: Number(streamSequence),
    consumerSequence: Number(consumerSequence),
    storedAtUs: timeOfNanos(nanos),
    pending: Number(pending),
  };
}
