import { existsSync, readdirSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@capstan/domain';
import { nearestName } from '@capstan/runtime';
import type { CliErrorCode } from '../error-codes.ts';
import { WATCH_MS } from '../limits.ts';
import type { Output } from '../output.ts';

/** Which lines of which logs. */
export interface LogsQuery {
  readonly dataDir: string;
  /** All of them where it is undefined. */
  readonly service: string | undefined;
  readonly follow: boolean;
  /** Last lines of each log. */
  readonly lines: number;
}

interface Followed {
  readonly name: string;
  readonly path: string;
  offset: number;
  rest: string;
}

/** Writes the last lines of logs, and what comes after them for as long as somebody reads. @throws CLI.USAGE for a log that is not there. */
export async function showLogs(
  query: LogsQuery,
  output: Output,
  signal: AbortSignal | undefined = output.closed,
): Promise<void> {
  const files = logsOf(query);
  const tails = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file.path, 'utf8');
      file.offset = Buffer.byteLength(text);
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.slice(-query.lines);
    }),
  );
  for (const line of tails.flat().sort(byTime)) output.out(line);
  while (query.follow && signal?.aborted !== true) {
    const fresh = await Promise.all(files.map(readFresh));
    for (const line of fresh.flat().sort(byTime)) output.out(line);
    await sleep(WATCH_MS * 4, undefined, { ...(signal === undefined ? {} : { signal }) }).catch(
      () => undefined,
    );
  }
}

function logsOf(query: LogsQuery): readonly Followed[] {
  const folder = join(query.dataDir, 'logs');
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.log'))
        .map((name) => name.slice(0, -'.log'.length))
        .sort()
    : [];
  const { service } = query;
  if (service !== undefined && !names.includes(service)) throw unknownLog(service, names);
  const wanted = service === undefined ? names.filter((name) => !SERVERS.has(name)) : [service];
  return wanted.map((name) => ({ name, path: join(folder, `${name}.log`), offset: 0, rest: '' }));
}

/** Logs that are shown only when they are asked for: their lines have another form. */
const SERVERS = new Set(['nats', 'postgres', 'supervisor']);

function unknownLog(service: string, names: readonly string[]): AppError {
  const near = nearestName(service, names);
  return new AppError({
    code: 'CLI.USAGE' satisfies CliErrorCode,
    why: `There is no log of '${service}'.`,
    fix: near === undefined ? `Known: ${names.join(', ')}.` : `Did you mean '${near}'?`,
  });
}

/** Reads what was added since the last look; a file that became smaller was put aside and begins anew. */
async function readFresh(file: Followed): Promise<readonly string[]> {
  const size = await stat(file.path).then(
    (entry) => entry.size,
    () => file.offset,
  );
  if (size < file.offset) file.offset = 0;
  if (size === file.offset) return [];
  const handle = await open(file.path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(size - file.offset),
      position: file.offset,
    });
    file.offset += bytesRead;
    const lines = `${file.rest}${buffer.toString('utf8', 0, bytesRead)}`.split('\n');
    file.rest = lines.pop() ?? '';
    return lines;
  } finally {
    await handle.close();
  }
}

/** Lines begin with their time of day, or are JSON with a time in it. */
function byTime(a: string, b: string): number {
  const [left, right] = [timeOf(a), timeOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function timeOf(line: string): string {
  return /"time":"([^"]+)"/.exec(line)?.[1] ?? line.slice(0, '14:30:05.120'.length);
}
