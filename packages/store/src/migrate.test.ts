import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestServers, type TestServers } from '@capstan/embedded';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations } from './migrate.ts';
import { MIGRATIONS } from './test-database.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NAMES = [
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
];

let servers: TestServers<{ readonly postgres: true }>;
let folder: string;
let url: string;
let count = 0;

beforeAll(async () => {
  servers = await startTestServers({ postgres: true });
  folder = await mkdtemp(join(tmpdir(), 'capstan-migrations-'));
});
afterAll(async () => {
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  count += 1;
  url = await servers.postgres.createDatabase(`db${count}`);
});

async function folderWith(migrations: Readonly<Record<string, string>>): Promise<string> {
  const dir = join(folder, String(count));
  for (const [name, sql] of Object.entries(migrations)) {
    await mkdir(join(dir, name), { recursive: true });
    await writeFile(join(dir, name, 'migration.sql'), sql);
  }
  return dir;
}

async function rowsOf(query: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await client.end();
  }
}

/** Runs the Prisma command. @returns what it printed. */
async function prisma(...words: readonly string[]): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('prisma/package.json');
  const command = join(manifest, '../build/index.js');
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...words], {
    cwd: ROOT,
    env: { DATABASE_URL: url, CHECKPOINT_DISABLE: '1', NO_COLOR: '1' },
  });
  return stdout;
}

describe('applyMigrations', () => {
  it('applies each migration once', async () => {
    expect(await applyMigrations(url, MIGRATIONS)).toEqual(NAMES);
    expect(await applyMigrations(url, MIGRATIONS)).toEqual([]);
  });

  it('lets those who come at the same time wait for each other', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => applyMigrations(url, MIGRATIONS)));
    expect(applied.flat()).toEqual(NAMES);
  });

  it('leaves what Prisma itself takes for up to date and without drift', async () => {
    await applyMigrations(url, MIGRATIONS);
    expect(await prisma('migrate', 'status')).toContain('up to date');
    const target = ['--to-schema', 'prisma/schema', '--exit-code'];
    const database = await prisma('migrate', 'diff', '--from-config-datasource', ...target);
    expect(database).toContain('No difference detected');
  }, 60_000);

  it('applies what is new, and nothing that was changed', async () => {
    const dir = await folderWith({ '1_a': 'CREATE TABLE a (x INT)' });
    await applyMigrations(url, dir);
    await folderWith({ '2_b': 'CREATE TABLE b (x INT)' });
    expect(await applyMigrations(url, dir)).toEqual(['2_b']);
    await folderWith({ '1_a': 'CREATE TABLE a (x INT, y INT)' });
    await expect(applyMigrations(url, dir)).rejects.toMatchObject({
      code: 'STORE.MIGRATION',
      why: 'Migration 1_a was changed after it was applied.',
    });
  });

  it('writes nothing of one that fails, says why, and takes it again when it is put right', async () => {
    const dir = await folderWith({
      '1_a': 'CREATE TABLE a (x INT)',
      '2_b': 'CREATE TABLE b (x INT); CREATE TABLE a (x INT)',
    });
    await expect(applyMigrations(url, dir)).rejects.toMatchObject({
      code: 'STORE.MIGRATION',
      why: 'Migration 2_b failed: relation "a" already exists.',
    });
    expect(await rowsOf("SELECT to_regclass('a') AS a, to_regclass('b') AS b")).toEqual([
      { a: 'a', b: null },
    ]);
    await folderWith({ '2_b': 'CREATE TABLE b (x INT)' });
    expect(await applyMigrations(url, dir)).toEqual(['2_b']);
  });

  it('refuses a database that a later version wrote', async () => {
    const dir = await folderWith({ '1_a': 'SELECT 1', '2_b': 'SELECT 1' });
    await applyMigrations(url, dir);
    await rm(join(dir, '2_b'), { recursive: true });
    await expect(applyMigrations(url, dir)).rejects.toMatchObject({
      code: 'STORE.MIGRATION',
      why: 'The database has migration 2_b, which this version does not.',
    });
  });

  it('says what is wrong with a folder and with a server', async () => {
    const missing = join(folder, 'none');
    await expect(applyMigrations(url, missing)).rejects.toMatchObject({ code: 'STORE.MIGRATION' });
    await mkdir(missing);
    await expect(applyMigrations(url, missing)).rejects.toMatchObject({
      why: `There are no migrations in ${missing}.`,
    });
    await cp(MIGRATIONS, missing, { recursive: true });
    const nowhere = 'postgresql://postgres@127.0.0.1:1/none';
    await expect(applyMigrations(nowhere, missing)).rejects.toMatchObject({
      code: 'STORE.UNAVAILABLE',
    });
  });
});
