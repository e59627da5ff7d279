import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, hasCode } from '@capstan/domain';
import pg from 'pg';
import { accessOf, connectionOptions, type DatabaseAddress } from './database-address.ts';
import { storeFailure } from './failure.ts';
import { LIMITS } from './limits.ts';

/** The advisory lock that Prisma's own migrations take. */
const MIGRATION_LOCK = 72_707_369;

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Applies the migrations of a folder that the database does not have, in the order of their names, and keeps Prisma's table of
 * them, so that `prisma migrate` agrees. Those who call it at the same time wait for each other.
 * @param dir such as `prisma/migrations`: a folder a migration, with a `migration.sql`.
 * @returns the names of those applied now.
 * @throws STORE.MIGRATION @throws STORE.UNAVAILABLE
 */
export async function applyMigrations(
  address: DatabaseAddress,
  dir: string,
): Promise<readonly string[]> {
  const migrations = await readMigrations(dir);
  const client = new pg.Client({
    ...connectionOptions(accessOf(address)()),
    application_name: 'capstan-migrate',
    connectionTimeoutMillis: LIMITS.connectTimeoutMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(BOOKKEEPING);
    const pending = await pendingOf(client, migrations);
    for (const migration of pending) await applyOne(client, migration);
    return pending.map(({ name }) => name);
  } catch (error) {
    throw storeFailure(error, 'applying migrations');
  } finally {
    await client.end().catch(() => {});
  }
}

/** How one migration stands in a database. */
export interface MigrationState {
  readonly name: string;
  /** `changed`: another text was applied than this version has; `unknown`: this version does not have it. */
  readonly state: 'applied' | 'pending' | 'unfinished' | 'changed' | 'unknown';
}

/**
 * Tells how the migrations of a folder stand in a database, and changes nothing.
 * @throws STORE.MIGRATION when the folder cannot be read. @throws STORE.UNAVAILABLE
 */
export async function migrationStatus(
  address: DatabaseAddress,
  dir: string,
): Promise<readonly MigrationState[]> {
  const migrations = await readMigrations(dir);
  const client = new pg.Client({
    ...connectionOptions(accessOf(address)()),
    application_name: 'capstan-migrate',
    connectionTimeoutMillis: LIMITS.connectTimeoutMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows: found } = await client.query<{ readonly present: boolean }>(
      `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
    );
    const recorded = found[0]?.present === true ? await recordedIn(client) : [];
    const known = new Set(migrations.map(({ name }) => name));
    return [
      ...migrations.map((migration) => ({
        name: migration.name,
        state: stateOf(
          migration,
          recorded.find((row) => row.migration_name === migration.name),
        ),
      })),
      ...recorded
        .filter((row) => !known.has(row.migration_name))
        .map((row) => ({ name: row.migration_name, state: 'unknown' as const })),
    ];
  } catch (error) {
    throw storeFailure(error, 'reading which migrations are applied');
  } finally {
    await client.end().catch(() => {});
  }
}

function stateOf(migration: Migration, row: Recorded | undefined): MigrationState['state'] {
  if (row === undefined) return 'pending';
  if (row.finished_at === null) return 'unfinished';
  return row.checksum === migration.checksum ? 'applied' : 'changed';
}

async function readMigrations(dir: string): Promise<readonly Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: unknown) => {
    throw migrationError(`The migrations cannot be read from ${dir}.`, undefined, cause);
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.length === 0) throw migrationError(`There are no migrations in ${dir}.`);
  return Promise.all(
    names.sort().map(async (name) => {
      const file = join(dir, name, 'migration.sql');
      const sql = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw migrationError(`Migration ${name} has no readable ${file}.`, undefined, cause);
      });
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

interface Recorded {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

async function recordedIn(client: pg.Client): Promise<readonly Recorded[]> {
  const { rows } = await client.query<Recorded>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  return rows;
}

async function pendingOf(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const rows = await recordedIn(client);
  const recorded = new Map(rows.map((row) => [row.migration_name, row]));
  const known = new Set(migrations.map(({ name }) => name));
  for (const { migration_name: name, finished_at: finishedAt } of rows) {
    if (finishedAt === null) {
      throw migrationError(
        `Migration ${name} began before and did not end.`,
        `See the column logs of _prisma_migrations, put right what it left, then run 'prisma migrate resolve'.`,
      );
    }
    if (!known.has(name)) {
      throw migrationError(
        `The database has migration ${name}, which this version does not.`,
        'Run the version that wrote the database, or a later one.',
      );
    }
  }
  return migrations.filter(({ name, checksum }) => {
    const applied = recorded.get(name);
    if (applied === undefined) return true;
    if (applied.checksum === checksum) return false;
    throw migrationError(
      `Migration ${name} was changed after it was applied.`,
      'Restore the file as it was, and make the change in a new migration.',
    );
  });
}

/** A migration and the note of it are one transaction; why it failed is noted in another. */
async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  const { name, sql } = migration;
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await note(client, migration, null);
    await client.query('COMMIT');
  } catch (error) {
    const failure = storeFailure(error, `migration ${name}`);
    if (hasCode(failure, 'STORE.UNAVAILABLE')) throw failure;
    const reason = error instanceof Error ? error.message : String(error);
    await client.query('ROLLBACK');
    await note(client, migration, reason);
    throw migrationError(
      `Migration ${name} failed: ${reason}.`,
      'Nothing of it was written. Put right what it says, then apply the migrations again.',
      error,
    );
  }
}

/** Notes a migration as applied, or as tried and rolled back. */
async function note(client: pg.Client, of: Migration, failed: string | null): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations
       (id, checksum, migration_name, logs, finished_at, rolled_back_at, applied_steps_count)
     VALUES ($1, $2, $3, $4, CASE WHEN $4::text IS NULL THEN now() END,
       CASE WHEN $4::text IS NOT NULL THEN now() END, CASE WHEN $4::text IS NULL THEN 1 ELSE 0 END)`,
    [randomUUID(), of.checksum, of.name, failed],
  );
}

function migrationError(why: string, fix?: string, cause?: unknown): AppError {
  return new AppError({
    code: 'STORE.MIGRATION',
    why,
    ...(fix === undefined ? {} : { fix }),
    ...(cause === undefined ? {} : { cause }),
  });
}
