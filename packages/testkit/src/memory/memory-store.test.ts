import { describeStore } from '../suites/store-suite.ts';
import { MemoryStore } from './memory-store.ts';

describeStore('MemoryStore', async () => ({
  store: new MemoryStore(),
  close: async () => undefined,
}));
