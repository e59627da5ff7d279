import { timeUs } from '@capstan/domain';
import type { OutboxMessage } from '@capstan/ports';
import { MemoryStore } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { prune, pruneText } from './prune.ts';

const CONFIG = {
  run: { id: 'run' },
  retention: {
    ...{ snapshotDays: 30, outboxDays: 14, commandDays: 90, equityDays: 90 },
    ...{ signalDays: 400, barDays: 400 },
  },
};

/** A journal with three old messages, one of which a receiver has not read, and the newest, which stays. */
async function journal(): Promise<MemoryStore> {
  const store = new MemoryStore();
  const producer = { key: 'feed/demo', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(producer);
  const subjects = ['market.bar', 'market.bar', 'market.closed', 'market.bar'];
  const outbox = subjects.map(
    (subject, index): OutboxMessage => ({
      ...{ producer: producer.key, sequence: index + 1, subject },
      ...{ headers: {}, data: Uint8Array.of(1) },
    }),
  );
  await store.commit({ fence: producer, outbox });
  await store.commit({ fence: producer, publishedThrough: 4 });
  const bot = { key: 'bot/slow', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(bot);
  const applied = [{ producer: producer.key, subject: 'market.closed', sequence: 0 }];
  await store.commit({ fence: bot, applied });
  return store;
}

it('says without removing anything how many rows would go, and who keeps which', async () => {
  const store = await journal();
  const pruned = await prune(store, CONFIG, false);
  expect(pruned.rows[0]).toMatchObject({ kind: 'outbox', old: 2, removed: 0 });
  expect(pruned.laggards).toEqual([{ key: 'bot/slow', messages: 1 }]);
  expect(await store.outbox('feed/demo', 0, 10)).toHaveLength(4);
  const text = pruneText(pruned, false).replace(/ +/g, ' ');
  expect(text).toMatch(/would go\noutbox \d{4}-\d\d-\d\d .* 2\n/);
  expect(text).toContain('! bot/slow has not read 1 old messages: they stay for it');
});

it('removes what it would have said, and keeps the audit unless it has a limit', async () => {
  const store = await journal();
  const pruned = await prune(store, CONFIG, true);
  expect(pruned.rows[0]).toMatchObject({ kind: 'outbox', old: 2, removed: 2 });
  expect(pruned.rows.map(({ kind }) => kind)).toEqual([
    'outbox',
    'commands',
    'equity',
    'signals',
    'denials',
    'bars',
    'replayCheckpoints',
  ]);
  const left = await store.outbox('feed/demo', 0, 10);
  expect(left.map(({ sequence }) => sequence)).toEqual([3, 4]);
  const audited = await prune(
    store,
    { ...CONFIG, retention: { ...CONFIG.retention, auditDays: 30 } },
    false,
  );
  expect(audited.rows.map(({ kind }) => kind)).toContain('audit');
});
