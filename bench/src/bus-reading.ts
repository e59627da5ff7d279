import { connectBus } from '@capstan/bus';
import type { Bus, BusMessage, Log } from '@capstan/ports';
import { createLogger } from '@capstan/runtime';

/** Opens a bus, quietly. */
export async function openBus(url: string): Promise<{ bus: Bus; close(): Promise<void> }> {
  const log: Log = createLogger({ service: 'bench', level: 'error', format: 'text', secrets: [] });
  const { bus, close } = await connectBus({ servers: url, name: 'bench', log });
  return { bus, close };
}

/** Hands over every message that a stream holds now, after a sequence. */
export async function readAfter(
  bus: Bus,
  stream: string,
  afterSequence: number,
  take: (message: BusMessage) => void,
): Promise<void> {
  const { lastSequence } = await bus.streamState(stream);
  if (lastSequence <= afterSequence) return;
  const reading = await bus.subscribe({ stream, filters: [], afterSequence });
  try {
    for (;;) {
      for (const message of await reading.next()) {
        if (message.sequence <= lastSequence) take(message);
        if (message.sequence >= lastSequence) return;
      }
    }
  } finally {
    await reading.close();
  }
}
