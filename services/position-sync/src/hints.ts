import { decodeFillEvent, leaseKey, subjects } from '@capstan/contracts';
import type { OwnerSource } from '@capstan/journal';
import type { Bus, BusMessage, Kv } from '@capstan/ports';

/** What a hint is made of, to be read until it is closed. */
interface Readable<Item> {
  next(): Promise<readonly Item[]>;
  close(): Promise<void>;
}

/** Says that something has happened that a snapshot should be taken of soon. A hint that is lost costs the wait for the schedule. */
class Hints<Item> implements OwnerSource {
  readonly #readable: Readable<Item>;
  readonly #counts: (item: Item) => boolean;

  constructor(readable: Readable<Item>, counts: (item: Item) => boolean) {
    this.#readable = readable;
    this.#counts = counts;
  }

  async next(): Promise<readonly unknown[]> {
    for (;;) {
      const items = await this.#readable.next();
      if (items.length === 0 || items.some(this.#counts)) return items;
    }
  }

  close(): Promise<void> {
    return this.#readable.close();
  }
}

/** Hints of the account's fills from now on. @throws BUS.UNAVAILABLE */
export async function fillHints(bus: Bus, accountId: string): Promise<OwnerSource> {
  const { lastSequence: afterSequence } = await bus.streamState('TRADING');
  const filters = [subjects.fill(accountId)];
  const readable = await bus.subscribe({ stream: 'TRADING', filters, afterSequence });
  return new Hints(readable, ({ data }: BusMessage) => decodeFillEvent(data).fills.length > 0);
}

/** Hints of what is done to the account's kill switch. @throws BUS.UNAVAILABLE */
export async function killHints(kv: Kv, accountId: string): Promise<OwnerSource> {
  const readable = await kv.watch('switches', leaseKey(`kill/${accountId}`));
  return new Hints(readable, () => true);
}
