import type { Bus, Kv, Requests, WorkQueue } from '@capstan/ports';
import { afterAll, beforeAll, describe } from 'vitest';
import { busNotices } from './bus-notices.ts';
import { busStreams } from './bus-streams.ts';
import { busSubscriptions } from './bus-subscriptions.ts';
import { describeKv } from './kv-suite.ts';
import { describeRequests } from './requests-suite.ts';
import { describeWorkQueue } from './work-queue-suite.ts';

/**
 * A transport with nothing in it: the streams MARKET (`market.bar.>`, `market.closed.>`), TRADING (`trading.>`), POSITION (`position.>`),
 * BACKTEST_WORK (`backtest.work.>`, a work queue) and BACKTEST_EVENTS (`backtest.event.>`), and the buckets `leases` and
 * `switches`.
 */
export interface OpenBus {
  readonly bus: Bus;
  readonly kv: Kv;
  readonly requests: Requests;
  readonly workQueue: WorkQueue;
  /** How soon work comes back that is neither finished nor kept alive; its tests are skipped above 2 s, or when absent. */
  readonly ackWaitMs?: number;
  /** Deletes a stream and makes it anew, of another epoch; the tests of it are skipped when absent. */
  recreateStream?(stream: string): Promise<void>;
  /** Drops the stream's messages up to a sequence; the tests of it are skipped when absent. */
  dropThrough?(stream: string, sequence: number): Promise<void>;
  close(): Promise<void>;
}

/** What the parts of the suite share: the transport, and names that no other test uses. */
export interface BusWorld {
  readonly opened: () => OpenBus;
  /** Returns `base` with a number that no other call gets: one token of a subject. */
  readonly unique: (base: string) => string;
}

/**
 * Registers the contracts of `Bus`, `Kv`, `Requests` and `WorkQueue`: every adapter passes them.
 * @param open opens an empty transport; called once.
 */
export function describeBus(name: string, open: () => Promise<OpenBus>): void {
  describe(`${name} as a Bus`, () => {
    let world: OpenBus | undefined;
    let count = 0;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(async () => {
      await world?.close();
    });
    const shared: BusWorld = {
      opened: () => {
        if (world === undefined) throw new Error('the bus was not opened');
        return world;
      },
      unique: (base) => {
        count += 1;
        return `${base}-${count}`;
      },
    };
    busStreams(shared);
    busSubscriptions(shared);
    busNotices(shared);
    describeRequests(shared);
    describeKv(shared);
    describeWorkQueue(shared);
  });
}
