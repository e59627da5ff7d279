import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '@capstan/embedded';
import type { DrillWorld } from './drill-world.ts';
import { type Fault, type Struck, seconds } from './fault.ts';
import { pause } from './pause.ts';
import type { ServerName } from './servers.ts';

const run = promisify(execFile);

/** How long a server is away. */
const AWAY_MS = { min: 500, max: 9_000 } as const;
const WAIT_MS = 60_000;
const POLL_MS = 50;
/** The exchange writes this much more, so that a line is cut off. */
const LAST_BYTES = 200;

const LABEL: Readonly<Record<ServerName, string>> = { nats: 'NATS', postgres: 'PostgreSQL' };

/** Faults of what everything stands on: servers away, and disks full. */
export const SERVER_FAULTS: readonly Fault[] = [
  ...(['nats', 'postgres'] as const).flatMap((name): Fault[] => [
    {
      name: `stop-${name}`,
      title: `${LABEL[name]} stopped for some seconds, then started`,
      strike: (world, random) =>
        away(world, [name], 'halt', random.integer(AWAY_MS.min, AWAY_MS.max)),
    },
    {
      name: `kill-${name}`,
      title: `kill -9 of ${LABEL[name]}, then a start`,
      strike: (world, random) =>
        away(world, [name], 'kill', random.integer(AWAY_MS.min, AWAY_MS.max)),
    },
  ]),
  {
    name: 'stop-both',
    title: 'NATS and PostgreSQL stopped together, then started',
    strike: (world, random) =>
      away(world, ['nats', 'postgres'], 'halt', random.integer(AWAY_MS.min, AWAY_MS.max)),
  },
  {
    name: 'full-disk-postgres',
    title: 'PostgreSQL may write no byte more (limit on the size of its files), then may again',
    strike: fillPostgres,
  },
  {
    name: 'full-disk-nats',
    title: 'NATS may store nothing more (its own limit), then may again',
    strike: (world, random) => fillNats(world, random.integer(AWAY_MS.min, AWAY_MS.max)),
  },
  {
    name: 'full-disk-paper-exchange',
    title:
      "the venue's journal is cut off in a line (limit on the size of its files), then a start",
    strike: fillExchange,
  },
];

/** Measures from the end of the fault until slices go all the way. */
async function mended(
  world: DrillWorld,
  afterUs: number,
  mend: () => Promise<void>,
): Promise<number> {
  const startMs = performance.now();
  await mend();
  if (!(await world.comesThrough(afterUs, 3))) throw new Error('nothing is traded any more');
  return performance.now() - startMs;
}

async function away(
  world: DrillWorld,
  names: readonly ServerName[],
  how: 'halt' | 'kill',
  ms: number,
): Promise<Struck> {
  const beforeUs = await world.throughUs();
  await Promise.all(names.map((name) => world.servers[how](name)));
  await pause(ms);
  const resumedMs = await mended(world, beforeUs, async () => {
    await Promise.all(names.map((name) => world.again(name)));
  });
  return { seen: `away for ${seconds(ms)}`, resumedMs };
}

async function fillPostgres(world: DrillWorld): Promise<Struck> {
  const { pid, exited } = world.servers.postgres;
  const beforeUs = await world.throughUs();
  if (!(await limitFiles(pid, 0))) return NO_LIMITS;
  let isOver = false;
  void exited.then(() => {
    isOver = true;
  });
  // A write-ahead log that cannot be written is the end of PostgreSQL: it does not come back before there is room.
  await waitUntil(() => isOver, WAIT_MS, POLL_MS);
  const seen = isOver ? 'it ended, and was started when there was room' : 'it stayed';
  const resumedMs = await mended(world, beforeUs, async () => {
    await world.servers.halt('postgres');
    await world.again('postgres');
  });
  return { seen, resumedMs };
}

async function fillNats(world: DrillWorld, ms: number): Promise<Struck> {
  const beforeUs = await world.throughUs();
  await world.servers.halt('nats');
  await world.servers.again('nats', 1);
  await pause(ms);
  const resumedMs = await mended(world, beforeUs, async () => {
    await world.servers.halt('nats');
    await world.again('nats');
  });
  return { seen: `full for ${seconds(ms)}`, resumedMs };
}

async function fillExchange(world: DrillWorld): Promise<Struck> {
  const exchange = world.fleet.working('paper-exchange');
  const { pid } = exchange;
  if (pid === undefined) throw new Error('the paper exchange does not run');
  const { size } = await stat(join(world.stack.folder, 'exchange', 'journal.jsonl'));
  if (!(await limitFiles(pid, size + LAST_BYTES))) return NO_LIMITS;
  if (!(await waitUntil(() => exchange.exitCode !== null, WAIT_MS, POLL_MS))) {
    throw new Error('the exchange goes on although its journal cannot be written');
  }
  const { exitCode } = exchange;
  const beforeUs = await world.throughUs();
  const resumedMs = await mended(world, beforeUs, () => world.restart('paper-exchange'));
  return { seen: `it ended with ${exitCode}, and was started when there was room`, resumedMs };
}

const NO_LIMITS: Struck = { seen: 'skipped: no `prlimit` here', isSkipped: true };

async function childrenOf(pid: number): Promise<readonly number[]> {
  const children: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [, parent] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    if (Number(parent) === pid) children.push(Number(name));
  }
  return children;
}

/**
 * Limits how far a process, and its children, may write into any file, as every user may for his own.
 * @returns false where that is not to be had.
 */
async function limitFiles(pid: number, bytes: number): Promise<boolean> {
  // As who the process runs: that takes no privilege, and root may lack the one for others'.
  const { uid, gid } = await stat(`/proc/${pid}`);
  const who = uid === process.getuid?.() ? {} : { uid, gid };
  const limit = (one: number) => run('prlimit', ['--pid', String(one), `--fsize=${bytes}:`], who);
  try {
    await limit(pid);
  } catch {
    return false;
  }
  // A child may have ended meanwhile; one that begins has the limit of its parent.
  await Promise.allSettled((await childrenOf(pid)).map(limit));
  return true;
}
