import type { Fence, Store } from '@capstan/ports';
import { afterAll, beforeAll, describe } from 'vitest';
import { at } from './samples.ts';
import { storeCommands } from './store-commands.ts';
import { storeOrders } from './store-orders.ts';
import { storeOutbox } from './store-outbox.ts';
import { storeOwnership } from './store-ownership.ts';
import { storeRecords } from './store-records.ts';
import { storeRetention } from './store-retention.ts';
import { storeSteps } from './store-steps.ts';

/** An empty store, opened for one run of the suite. */
export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
}

/** What the parts of the suite share: the store, and names that no other test uses. */
export interface StoreWorld {
  readonly store: () => Store;
  /** Returns `base` with a number that no other call gets. */
  readonly unique: (base: string) => string;
  /** Takes a new key with token 1 and returns its fence. */
  readonly own: (base?: string) => Promise<Fence>;
}

/**
 * Registers the contract of `Store`: every adapter passes it.
 * @param open opens an empty store; called once.
 */
export function describeStore(name: string, open: () => Promise<OpenStore>): void {
  describe(`${name} as a Store`, () => {
    let opened: OpenStore | undefined;
    let count = 0;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened?.close();
    });
    const store = (): Store => {
      if (opened === undefined) throw new Error('the store was not opened');
      return opened.store;
    };
    const unique = (base: string): string => {
      count += 1;
      return `${base}-${count}`;
    };
    const own = async (base = 'bot/trend'): Promise<Fence> => {
      const fence = { key: unique(base), epochUs: at(0), token: 1 };
      await store().takeOwnership(fence);
      return fence;
    };
    const world = { store, unique, own };
    storeOwnership(world);
    storeSteps(world);
    storeOutbox(world);
    storeOrders(world);
    storeRecords(world);
    storeCommands(world);
    storeRetention(world);
  });
}
