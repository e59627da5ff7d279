import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppError } from '@capstan/domain';
import { isPortFree } from './free-port.ts';

const run = promisify(execFile);
const LISTENING = '0A';

/** The process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  /** Its command line, at most 200 characters. */
  readonly command: string;
}

/**
 * Finds the process that listens on TCP `port` of this machine.
 * @returns undefined when nobody listens, or when this user may not see whose socket it is.
 */
export async function whoHoldsPort(port: number): Promise<PortHolder | undefined> {
  return process.platform === 'linux' ? fromProc(port) : fromLsof(port);
}

async function fromProc(port: number): Promise<PortHolder | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readOr(`/proc/net/${name}`)));
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await holdsOneOf(entry, inodes))) {
      return { pid: Number(entry), command: await commandOf(Number(entry)) };
    }
  }
  return undefined;
}

/** Reads the socket inodes that listen on `port` out of a `/proc/net/tcp` table. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const [, local, , state] = columns;
    const inode = columns[9];
    const listens = local?.endsWith(suffix) === true && state === LISTENING;
    return listens && inode !== undefined ? [inode] : [];
  });
}

async function holdsOneOf(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function fromLsof(port: number): Promise<PortHolder | undefined> {
  const listed = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']).catch(
    () => null,
  );
  const pid = Number(listed?.stdout.trim().split('\n')[0] ?? '');
  return pid > 0 ? { pid, command: await commandOf(pid) } : undefined;
}

/** Returns the command line of `pid`, at most 200 characters; empty when it has ended. */
export async function commandOf(pid: number): Promise<string> {
  const raw =
    process.platform === 'linux'
      ? (await readOr(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ')
      : await run('ps', ['-p', String(pid), '-o', 'command=']).then(
          (result) => result.stdout,
          () => '',
        );
  return raw.trim().slice(0, 200);
}

function readOr(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** What the message about a taken port says. */
export interface PortClaim {
  readonly port: number;
  /** The server that wants it, as a person calls it. */
  readonly server: string;
  /** The configuration key that sets it, when there is one. */
  readonly portKey?: string | undefined;
}

/** Makes the error for a port that somebody else holds, naming the holder when it can be told. */
export async function portTaken(claim: PortClaim, cause?: unknown): Promise<AppError> {
  const holder = await whoHoldsPort(claim.port);
  const by =
    holder === undefined ? 'another process' : `process ${holder.pid} (${holder.command || '?'})`;
  const change =
    claim.portKey === undefined ? 'choose another port' : `set '${claim.portKey}' to another port`;
  return new AppError({
    code: 'EMBEDDED.PORT_TAKEN',
    why: `${claim.server} cannot listen on 127.0.0.1:${claim.port}: ${by} holds the port.`,
    fix: `Stop that process, or ${change}.`,
    cause,
    details: { port: claim.port, ...(holder === undefined ? {} : { holderPid: holder.pid }) },
  });
}

/** Checks that a port can be bound. @throws EMBEDDED.PORT_TAKEN */
export async function claimPort(claim: PortClaim): Promise<void> {
  if (!(await isPortFree(claim.port))) throw await portTaken(claim);
}
