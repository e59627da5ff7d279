import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError, assert } from '@capstan/domain';

const LOCK_FILE = 'writer.lock';
/** How often who holds a lock writes it again, so that machines that cannot see its process see that it lives. */
const BEAT_MS = 10_000;
/** A lock of another machine that was not written for this long is of one that is gone. */
const DEAD_MS = 120_000;
/** Who takes a lock tries again where it was released, or taken over, just then. */
const ATTEMPTS_MAX = 4;

assert(DEAD_MS > 5 * BEAT_MS, 'a lock is not dead for a beat that comes late');

/** Locks that this process holds. One in its name that it does not hold is of a predecessor: in a container all have the same number. */
const held = new Set<string>();

/**
 * Runs `work` as the only writer of a folder, among the processes of all machines that share it. A lock whose process has ended is taken
 * over: at once where that was one of this machine, else when nobody has written it for two minutes.
 * @throws LAKE.BUSY naming the process that writes.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = resolve(join(folder, LOCK_FILE));
  if (held.has(path)) throw busy(path, `${process.pid} ${hostname()}`);
  held.add(path);
  try {
    const text = await take(path);
    const file = await open(path, 'r+');
    const beat = setInterval(() => void write(file, text).catch(() => undefined), BEAT_MS);
    try {
      return await work();
    } finally {
      clearInterval(beat);
      await file.close();
      await removeIf(path, text);
    }
  } finally {
    held.delete(path);
  }
}

/** Writes the same bytes into the lock that was taken, whatever has its name now: the time of the file moves by the clock of the volume. */
const write = (file: FileHandle, text: string) => file.write(text, 0);

/** @returns what stands in the lock. */
async function take(path: string): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const text = `${process.pid} ${hostname()} ${randomUUID()}`;
    const triedMs = await claim(path, text);
    if (triedMs === undefined) return text;
    const there = await readLock(path);
    if (there === undefined) continue;
    if (isAlive(there, triedMs)) throw busy(path, there.text);
    await removeDead(path, there);
  }
  throw busy(path, '');
}

/**
 * Puts a lock in its place, where there is none: it is written before it has its name, so that one that is seen says whose it is.
 * @returns nothing where it was put, else when that was tried, by the clock of the volume.
 */
async function claim(path: string, text: string): Promise<number | undefined> {
  const temporary = `${path}-${randomUUID()}.tmp`;
  await writeFile(temporary, text);
  try {
    const { mtimeMs } = await stat(temporary);
    return (await placed(temporary, path, text)) ? undefined : mtimeMs;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function placed(temporary: string, path: string, text: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!NO_LINKS.has(codeOf(error))) throw error;
  }
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What a volume says that has no hard links: there a lock may be seen before it says whose it is. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

interface Lock {
  readonly text: string;
  readonly mtimeMs: number;
}

async function readLock(path: string): Promise<Lock | undefined> {
  try {
    return { text: await readFile(path, 'utf8'), mtimeMs: (await stat(path)).mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of a process of this machine it is known whether it runs; of any other, and where it does not say whose it is, its age tells. */
function isAlive({ text, mtimeMs }: Lock, nowMs: number): boolean {
  const [pid = '', host] = text.split(' ');
  const isOurs = pid !== '' && (host === undefined || host === hostname());
  if (!isOurs) return nowMs - mtimeMs < DEAD_MS;
  return Number(pid) !== process.pid && isRunning(Number(pid));
}

/**
 * Removes a lock that nobody holds any more, and no other: the right to do so is a lock of its own, named for the one that is removed, and
 * that one is looked at again under it.
 */
async function removeDead(path: string, dead: Lock): Promise<void> {
  const [, , id = 'old'] = dead.text.split(' ');
  const right = `${path}-${id}`;
  await take(right);
  try {
    await removeIf(path, dead.text);
  } finally {
    await rm(right, { force: true });
  }
}

/** Removes a lock where it is still the one that says so. Of who was asleep for long another has taken the lock over. */
async function removeIf(path: string, text: string): Promise<void> {
  if ((await readLock(path))?.text === text) await rm(path, { force: true });
}

/** Tells whether there is a process of a number on this machine, or in this container. */
export function isRunning(pid: number): boolean {
  if (!(Number.isInteger(pid) && pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

function busy(path: string, text: string): AppError {
  const [pid = '', host = hostname()] = text.split(' ');
  const who = pid === '' ? 'another process' : `process ${pid} of ${host}`;
  return new AppError({
    code: 'LAKE.BUSY',
    why: `${path}: ${who} writes this series.`,
    fix: 'Wait until it has ended, then run the command again.',
    retry: 'retryable',
  });
}
