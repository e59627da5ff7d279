import { join } from 'node:path';
import { startTestServers } from '@capstan/embedded';
import type { Log } from '@capstan/ports';
import { applyMigrations } from './migrate.ts';

/** The repository's own migrations. */
export const MIGRATIONS = join(import.meta.dirname, '../../../prisma/migrations');

export const SILENT: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => SILENT,
};

/** Starts a server with a migrated database. */
export async function startTestDatabase(): Promise<{ url: string; stop(): Promise<void> }> {
  const servers = await startTestServers({ postgres: true });
  const url = await servers.postgres.createDatabase('capstan');
  await applyMigrations(url, MIGRATIONS);
  return { url, stop: () => servers.stop() };
}
