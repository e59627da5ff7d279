import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '@capstan/domain';
import { withFileLock } from './file-lock.ts';
import { FETCH_TIMEOUT_MS } from './limits.ts';

const run = promisify(execFile);

/** A program that a test needs and a Debian package holds. */
export interface DebianProgram {
  /** What is fetched together: whoever names the same finds it there. */
  readonly packages: readonly string[];
  /** Such as `usr/bin/promtool`. */
  readonly path: string;
}

/**
 * Finds a program of Debian: in an earlier fetch, else it fetches it. Nothing is installed, and no root is needed.
 * @returns the program's path.
 * @throws EMBEDDED.PROGRAM_MISSING
 */
export async function findDebianProgram(
  program: DebianProgram,
  fetch: (folder: string) => Promise<void> = (folder) =>
    fetchFromDebian(folder, ...program.packages),
  cacheDir?: string,
): Promise<string> {
  const named = program.packages.join(', ');
  const folder = join(cacheDir ?? (await cacheFolder('debian')), program.packages.join('+'));
  const path = join(folder, program.path);
  if (await isFile(path)) return path;
  return withFileLock(`${folder}.lock`, FETCH_TIMEOUT_MS, async () => {
    if (await isFile(path)) return path;
    const draft = `${folder}-${randomUUID()}`;
    try {
      await mkdir(draft, { recursive: true });
      await fetch(draft);
      if (!(await isFile(join(draft, program.path)))) {
        throw new Error(`${named}: no ${program.path} in it`);
      }
      await rm(folder, { recursive: true, force: true });
      await rename(draft, folder);
      return path;
    } catch (cause) {
      await rm(draft, { recursive: true, force: true });
      throw new AppError({
        code: 'EMBEDDED.PROGRAM_MISSING',
        why: `${named} could not be fetched: ${reasonOf(cause)}.`,
        fix: 'Run it on a Debian with apt whose mirror answers.',
        cause,
      });
    }
  });
}

/** Unpacks Debian packages into a folder, from the mirror that apt uses. */
export async function fetchFromDebian(folder: string, ...names: readonly string[]): Promise<void> {
  const script = fileURLToPath(new URL('./fetch-debian.sh', import.meta.url));
  await run('/bin/sh', [script, folder, ...names], { timeout: FETCH_TIMEOUT_MS });
}

/** Says why a fetch failed: what the script said, else what the error says. */
export function reasonOf(cause: unknown): string {
  const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
  return stderr || (cause instanceof Error ? cause.message : String(cause));
}

/** Returns a folder of ours in the user's cache folder. */
export async function cacheFolder(name: string): Promise<string> {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'capstan', name);
  const configured = await askShell('echo "$XDG_CACHE_HOME"');
  return join(configured || join(homedir(), '.cache'), 'capstan', name);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Asks a shell, which knows the environment; only the runtime package reads it in this process. */
export async function askShell(question: string, searchPath?: string): Promise<string> {
  const env = searchPath === undefined ? {} : { env: { PATH: searchPath } };
  const answer = await run('/bin/sh', ['-c', question], env).catch(() => undefined);
  return answer?.stdout.trim() ?? '';
}
