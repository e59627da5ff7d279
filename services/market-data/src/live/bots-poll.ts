import { AppError } from '@capstan/domain';
import type { OwnerSource } from '@capstan/journal';
import type { BotRecord, Clock, Log, Store } from '@capstan/ports';
import { LIMITS } from './limits.ts';

interface PollPorts {
  readonly store: Pick<Store, 'bots'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks again and again which bots there are. Its items are all of them; none where they cannot be read now. */
export class BotsPoll implements OwnerSource {
  readonly #ports: PollPorts;
  readonly #stop = new AbortController();

  constructor(ports: PollPorts) {
    this.#ports = ports;
  }

  async next(): Promise<readonly (readonly BotRecord[])[]> {
    const { store, clock, log } = this.#ports;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await clock.sleep(LIMITS.botsEveryMs, signal);
      if (signal.aborted) break;
      try {
        return [await store.bots({})];
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.warn('bots cannot be listed now', { error });
      }
    }
    return [];
  }

  close(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }
}
