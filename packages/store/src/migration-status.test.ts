import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServers, type TestServers } from '@capstan/embedded';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyMigrations, migrationStatus } from './migrate.ts';
import { NEWEST_MIGRATION } from './newest-migration.ts';
import { MIGRATIONS } from './test-database.ts';

let servers: TestServers<{ readonly postgres: true }>;
let folder: string;
let url: string;

beforeAll(async () => {
  servers = await startTestServers({ postgres: true });
  url = await servers.postgres.createDatabase('capstan');
  folder = await mkdtemp(join(tmpdir(), 'capstan-migrations-'));
  await cp(MIGRATIONS, folder, { recursive: true });
});
afterAll(async () => {
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
});

it('tells pending, applied, changed and unknown migrations apart, and changes nothing', async () => {
  const states = async (): Promise<readonly string[]> =>
    (await migrationStatus(url, folder)).map(({ name, state }) => `${name} ${state}`);
  const pending = [
    '0001_journal',
    '0002_invariants',
    '0003_bot_schedule',
    '0004_exits',
    '0005_entry_stops_and_sizing',
    '0006_order_life',
    '0007_activities',
    '0008_outbox_times',
    '0009_replays',
    '0010_replay_checkpoints',
  ].map((name) => `${name} pending`);
  expect(await states()).toEqual(pending);
  expect(await states()).toEqual(pending);
  await applyMigrations(url, folder);
  await mkdir(join(folder, '0011_new'));
  await writeFile(join(folder, '0011_new/migration.sql'), 'SELECT 1;');
  await writeFile(join(folder, '0002_invariants/migration.sql'), 'SELECT 2;');
  await rm(join(folder, '0001_journal'), { recursive: true });
  expect(await states()).toEqual([
    '0002_invariants changed',
    '0003_bot_schedule applied',
    '0004_exits applied',
    '0005_entry_stops_and_sizing applied',
    '0006_order_life applied',
    '0007_activities applied',
    '0008_outbox_times applied',
    '0009_replays applied',
    '0010_replay_checkpoints applied',
    '0011_new pending',
    '0001_journal unknown',
  ]);
});

it('knows the last migration that there is as the one that this version needs', () => {
  const names = readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(NEWEST_MIGRATION).toBe(names.sort().at(-1));
});
