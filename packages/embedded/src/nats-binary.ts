import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '@capstan/domain';
import { askShell, cacheFolder, fetchFromDebian, reasonOf } from './debian-program.ts';
import { withFileLock } from './file-lock.ts';
import { FETCH_TIMEOUT_MS } from './limits.ts';

const run = promisify(execFile);
const MINIMUM = { major: 2, minor: 10 };
const PACKAGE = 'nats-server';
const FETCHED = 'usr/sbin/nats-server';

/** Where to look for nats-server. */
export interface NatsBinaryOptions {
  /** An explicit program; nothing else is tried. */
  readonly binary?: string | undefined;
  /** Where a fetched program is kept. Default: `capstan/nats` in the user's cache folder. */
  readonly cacheDir?: string | undefined;
  /** Folders to search, as in PATH. Default: this process's PATH. */
  readonly searchPath?: string | undefined;
  /** Fetches into a folder. Default: the Debian package, from the mirror that apt uses. */
  readonly fetchInto?: ((folder: string) => Promise<void>) | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * Finds nats-server 2.10 or newer: the given program, else PATH, else an earlier fetch, else fetches it.
 * @returns the program's path.
 * @throws EMBEDDED.NATS_UNUSABLE for a given program that does not do. @throws EMBEDDED.NATS_MISSING
 */
export async function findNatsServer(options: NatsBinaryOptions = {}): Promise<string> {
  if (options.binary !== undefined) return checked(options.binary);
  const onPath = await askShell('command -v nats-server', options.searchPath);
  if (onPath !== '' && (await isUsable(onPath))) return onPath;
  const cacheDir = options.cacheDir ?? (await cacheFolder('nats'));
  const cached = join(cacheDir, 'server', FETCHED);
  if (await isUsable(cached)) return cached;
  return withFileLock(join(cacheDir, 'fetch.lock'), FETCH_TIMEOUT_MS, async () => {
    if (!(await isUsable(cached))) await fetchTo(cacheDir, options);
    return cached;
  });
}

async function checked(binary: string): Promise<string> {
  const version = await natsVersion(binary);
  if (version !== undefined && isNewEnough(version)) return binary;
  const found = version === undefined ? 'cannot be run' : `is version ${version}`;
  throw new AppError({
    code: 'EMBEDDED.NATS_UNUSABLE',
    why: `The nats-server ${binary} ${found}.`,
    fix: 'Name nats-server 2.10 or newer.',
  });
}

async function isUsable(binary: string): Promise<boolean> {
  const present = await access(binary).then(
    () => true,
    () => false,
  );
  if (!present) return false;
  const version = await natsVersion(binary);
  return version !== undefined && isNewEnough(version);
}

/** Asks a program for its version, such as `2.10.27`. @returns undefined when it cannot be run. */
export async function natsVersion(binary: string): Promise<string | undefined> {
  const shown = await run(binary, ['--version'], { timeout: 10_000 }).catch(() => undefined);
  return shown === undefined ? undefined : /v(\d+\.\d+[^\s]*)/.exec(shown.stdout)?.[1];
}

/** Tells whether a version is at least 2.10. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > MINIMUM.major || (major === MINIMUM.major && minor >= MINIMUM.minor);
}

/** Fetches beside the final place and renames, so that nobody ever sees half a program. */
async function fetchTo(cacheDir: string, options: NatsBinaryOptions): Promise<void> {
  const draft = join(cacheDir, `draft-${randomUUID()}`);
  options.log?.('Fetching nats-server; this happens once.');
  try {
    await mkdir(draft, { recursive: true });
    await (options.fetchInto ?? ((folder) => fetchFromDebian(folder, PACKAGE)))(draft);
    if (!(await isUsable(join(draft, FETCHED)))) {
      throw new Error('what was fetched cannot be run, or is too old');
    }
    await rm(join(cacheDir, 'server'), { recursive: true, force: true });
    await rename(draft, join(cacheDir, 'server'));
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw missing(cause);
  }
}

function missing(cause: unknown): AppError {
  return new AppError({
    code: 'EMBEDDED.NATS_MISSING',
    why: `No nats-server 2.10 or newer is on PATH, and none could be fetched: ${reasonOf(cause)}.`,
    fix:
      'Install it: on Debian 13 or newer `apt-get install nats-server`, on a Mac ' +
      '`brew install nats-server`; or name a program or the URL of a running server.',
    cause,
  });
}
