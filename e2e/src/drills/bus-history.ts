import { headerNames } from '@capstan/contracts';
import type { Bus, BusMessage, OutboxMessage, Store } from '@capstan/ports';

const STREAMS = ['MARKET', 'TRADING', 'POSITION'] as const;
const LIMIT = 1_000_000;

/** What the bus holds, held against the journal. */
export interface BusHistory {
  readonly messages: number;
  /** Messages that are there again, word for word. */
  readonly repeats: number;
  /** What is there and should not be. */
  readonly problems: readonly string[];
}

/** Reads all that owners have published, and what each of them committed. */
export async function busHistory(bus: Bus, store: Store): Promise<BusHistory> {
  const messages: BusMessage[] = [];
  for (const stream of STREAMS) messages.push(...(await messagesOf(bus, stream)));
  const producers = new Set(messages.flatMap((one) => one.headers[headerNames.producer] ?? []));
  const committed: OutboxMessage[] = [];
  for (const producer of producers) committed.push(...(await store.outbox(producer, 0, LIMIT)));
  return compared(messages, committed);
}

async function messagesOf(bus: Bus, stream: string): Promise<readonly BusMessage[]> {
  const { firstSequence, lastSequence } = await bus.streamState(stream);
  const messages: BusMessage[] = [];
  if (lastSequence < firstSequence) return messages;
  const afterSequence = firstSequence - 1;
  const subscription = await bus.subscribe({ stream, filters: [], afterSequence });
  try {
    while ((messages.at(-1)?.sequence ?? 0) < lastSequence) {
      messages.push(...(await subscription.next()));
    }
  } finally {
    await subscription.close();
  }
  return messages;
}

/**
 * Holds the messages of owners against what the owners committed: each is there word for word, and each owner's in their order,
 * where one that is there again counts once.
 * @param messages stream after stream, in the order of each.
 */
export function compared(
  messages: readonly BusMessage[],
  committed: readonly OutboxMessage[],
): BusHistory {
  const journal = new Map(committed.map((one) => [`${one.producer} ${one.sequence}`, one]));
  const newest = new Map<string, number>();
  const seen = new Set<string>();
  const problems: string[] = [];
  let repeats = 0;
  for (const message of messages) {
    const producer = message.headers[headerNames.producer];
    const sequence = Number(message.headers[headerNames.sequence]);
    // What is from no outbox is in none.
    if (producer === undefined) continue;
    const name = `${producer} ${sequence}`;
    const row = journal.get(name);
    if (row === undefined) problems.push(`${name} was published and never committed`);
    else if (row.subject !== message.subject || !isSame(row.data, message.data))
      problems.push(`${name} was published otherwise than it was committed`);
    const of = `${message.stream} ${producer}`;
    const last = newest.get(of) ?? 0;
    if (seen.has(name)) repeats += 1;
    else if (sequence < last) problems.push(`${name} came after ${producer} ${last}`);
    else newest.set(of, sequence);
    seen.add(name);
  }
  return { messages: messages.length, repeats, problems };
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
