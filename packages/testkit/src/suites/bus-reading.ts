import type { BusMessage, KvEntry, Notice, OutgoingMessage } from '@capstan/ports';
import { bytes } from './samples.ts';

/** Reads until `count` have come; waits for as long as the test may last. */
export async function readMany<One extends BusMessage | Notice | KvEntry>(
  source: { next(): Promise<readonly One[]> },
  count: number,
): Promise<One[]> {
  const all: One[] = [];
  while (all.length < count) {
    const some = await source.next();
    if (some.length === 0) throw new Error(`closed after ${all.length} of ${count}`);
    all.push(...some);
  }
  return all;
}

/** Returns the text of each one's data. */
export function textsOf(messages: readonly { readonly data: Uint8Array }[]): string[] {
  return messages.map((message) => new TextDecoder().decode(message.data));
}

/** Returns a message whose id is its subject and text. */
export function outgoing(subject: string, text: string): OutgoingMessage {
  return { subject, data: bytes(text), headers: {}, messageId: `${subject}:${text}` };
}
