import { describeStore } from '@capstan/testkit';
import { openStore } from './index.ts';
import { SILENT, startTestDatabase } from './test-database.ts';

describeStore('PostgreSQL', async () => {
  const database = await startTestDatabase();
  const { store, close } = openStore({ url: database.url, log: SILENT });
  return {
    store,
    close: async () => {
      await close();
      await database.stop();
    },
  };
});
