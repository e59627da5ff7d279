import { headerNames } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { Bus, Clock, Log, OutboxMessage, OutgoingMessage } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/** Names an outbox message for the transport's own de-duplication. */
export function messageId(message: {
  readonly producer: string;
  readonly sequence: number;
}): string {
  return `${message.producer}:${message.sequence}`;
}

function outgoing(message: OutboxMessage): OutgoingMessage {
  return {
    subject: message.subject,
    data: message.data,
    headers: {
      ...message.headers,
      [headerNames.producer]: message.producer,
      [headerNames.sequence]: String(message.sequence),
    },
    messageId: messageId(message),
  };
}

/** What a publisher needs of the world. */
export interface PublisherPorts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells whether the owner's lease is held at this very moment. */
  readonly held: () => boolean;
  /** Told of each sequence up to which all is on the bus. */
  readonly published?: (throughSequence: number) => void;
}

/**
 * Publishes one owner's committed outbox in sequence. A message that fails is sent again, with all that follow it, until it is
 * acknowledged or the owner stops; nothing is sent while the lease is not held. Receivers drop what they have seen.
 */
export class Publisher {
  readonly #ports: PublisherPorts;
  readonly #stop = new AbortController();
  readonly #queue: OutboxMessage[] = [];
  readonly #onFailure: (error: unknown) => void;
  #running: Promise<void> | undefined;
  #publishedThrough: number;

  /** @param onFailure told once of an error that sending again does not heal; nothing is published after it. */
  constructor(
    ports: PublisherPorts,
    publishedThrough: number,
    onFailure: (error: unknown) => void,
  ) {
    this.#ports = ports;
    this.#onFailure = onFailure;
    this.#publishedThrough = publishedThrough;
  }

  /** The sequence up to which every message was acknowledged. */
  get publishedThrough(): number {
    return this.#publishedThrough;
  }

  /** How many messages are not acknowledged yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Takes committed messages, which continue the sequence of those taken before. */
  enqueue(messages: readonly OutboxMessage[]): void {
    this.#queue.push(...messages);
    if (this.#queue.length > 0 && !this.#stop.signal.aborted) this.#running ??= this.#run();
  }

  /** Resolves when all that was taken is published, or the publisher stopped. */
  async flush(): Promise<void> {
    await this.#running;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    let retryMs: number = LIMITS.retryFirstMs;
    while (this.#queue.length > 0 && !this.#stop.signal.aborted) {
      // A process that was frozen may wake here with what its successor has long published. Where a renewal is only late, the
      // lease is held again in a moment; where it is lost, the owner stops this.
      if (!this.#ports.held()) {
        await this.#ports.clock.sleep(LIMITS.retryFirstMs, this.#stop.signal);
        continue;
      }
      const batch = this.#queue.slice(0, LIMITS.batchMax);
      try {
        await this.#ports.bus.publish(batch.map(outgoing));
        this.#queue.splice(0, batch.length);
        this.#publishedThrough = batch.at(-1)?.sequence ?? this.#publishedThrough;
        this.#ports.published?.(this.#publishedThrough);
        retryMs = LIMITS.retryFirstMs;
      } catch (error) {
        if (!(error instanceof AppError) || error.retry !== 'retryable') {
          this.stop();
          this.#onFailure(error);
          break;
        }
        this.#ports.log.warn('publishing waits for the bus', {
          producer: batch[0]?.producer,
          error,
        });
        await this.#ports.clock.sleep(retryMs, this.#stop.signal);
        retryMs = Math.min(retryMs * 2, LIMITS.retryMaxMs);
      }
    }
    this.#running = undefined;
  }
}
