import { AppError, timeUs } from '@capstan/domain';
import type { Bus, Fence, Kv, OutboxMessage } from '@capstan/ports';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  VirtualClock,
} from '@capstan/testkit';
import { previousHeader } from './session.ts';

const STEPS_MAX = 20_000;

/** Memory ports of one test. */
export class JournalWorld {
  readonly clock = new VirtualClock(timeUs(1_767_623_400_000_000));
  readonly kv = new MemoryKv(this.clock);
  readonly bus = new MemoryBus(this.clock);
  readonly store = new MemoryStore();
  readonly log = new MemoryLog();
  readonly meter = nullMeter;

  /** Lets time fly until something holds. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const flight = this.clock.fly();
    try {
      for (let step = 0; step < STEPS_MAX; step += 1) {
        if (await holds()) return;
        await drained();
      }
      throw new Error(`still not so after ${STEPS_MAX} steps:\n${this.messages().join('\n')}`);
    } finally {
      flight.stop();
    }
  }

  /** The log's lines, for checks. */
  messages(): readonly string[] {
    return this.log.lines.map(({ message }) => message);
  }
}

/** Returns `port` with some of its methods replaced. */
export function withMethods<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const own = Reflect.get(methods, name) as unknown;
      const value = own ?? (Reflect.get(target, name) as unknown);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The bus is away. */
export const away = (): AppError =>
  new AppError({ code: 'BUS.UNAVAILABLE', why: 'the bus is away.', retry: 'retryable' });

/** Something that does not heal. */
export const refused = (): AppError => new AppError({ code: 'BUS.REFUSED', why: 'refused.' });

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);

/** Returns the holder that a lease key names. */
export async function holderOf(kv: Kv, key: string): Promise<string | undefined> {
  const entry = await kv.get('leases', key);
  return entry && (JSON.parse(textOf(entry.value)) as { holder: string }).holder;
}

/** A producer whose outbox is written by hand. */
export class HandProducer {
  readonly #world: JournalWorld;
  readonly #fence: Fence;
  #sequence = 0;
  readonly #tails = new Map<string, number>();

  private constructor(world: JournalWorld, fence: Fence) {
    this.#world = world;
    this.#fence = fence;
  }

  static async start(world: JournalWorld, key: string): Promise<HandProducer> {
    const fence = { key, epochUs: timeUs(1), token: 1 };
    await world.store.takeOwnership(fence);
    return new HandProducer(world, fence);
  }

  /** Commits messages to the outbox and returns them, unpublished. */
  async commit(subject: string, texts: readonly string[], chained = true) {
    const outbox = texts.map((text): OutboxMessage => {
      this.#sequence += 1;
      const previous = String(this.#tails.get(subject) ?? 0);
      if (chained) this.#tails.set(subject, this.#sequence);
      return {
        producer: this.#fence.key,
        sequence: this.#sequence,
        subject,
        data: bytes(text),
        headers: chained ? { [previousHeader]: previous } : {},
      };
    });
    await this.#world.store.commit({ fence: this.#fence, outbox });
    return outbox;
  }

  async markPublished(publishedThrough: number): Promise<void> {
    await this.#world.store.commit({ fence: this.#fence, publishedThrough });
  }
}

/** Publishes outbox messages, each under a message id of its own, so that the transport drops no repeat. */
export async function publishAll(bus: Bus, messages: readonly OutboxMessage[]): Promise<void> {
  for (const { producer, sequence, subject, data, headers } of messages) {
    const from = { 'capstan-producer': producer, 'capstan-sequence': String(sequence) };
    const messageId = `${producer}:${sequence}:${(await bus.streamState('TRADING')).lastSequence}`;
    await bus.publish([{ subject, data, headers: { ...headers, ...from }, messageId }]);
  }
}
