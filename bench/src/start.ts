import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@capstan/embedded';
import type { Benchmark, Figure, RunOptions } from './benchmark.ts';
import { memoryOfTree } from './process-memory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const POLL_MS = 100;
const LIMIT_MS = 120_000;
/** How long the stack plays before its memory is read. */
const SETTLE_MS = 10_000;
const MIB = 1_024;

/** How soon after `npm start` the page is there and the demonstration trades, and what it all holds in memory. */
export const startBenchmark: Benchmark = {
  name: 'start',
  title: '`npm start`: seconds to the dashboard and to the first fill; memory of everything',
  run: async (options) => {
    const folder = await mkdtemp(join(tmpdir(), 'capstan-bench-start-'));
    const dataDir = join(folder, 'data');
    try {
      const first = await startOnce(dataDir, options, 'first start');
      const later = await startOnce(dataDir, options, 'later start');
      return {
        benchmark: 'start',
        how:
          'The command that `npm start` runs, in a new data directory and then once more in the same one: from the call to the first ' +
          'answer of the page, to every service healthy, and to a fill that the API shows and did not show before. ' +
          `Memory ${SETTLE_MS / 1_000} s later, while the demonstration plays, of the supervisor and all its descendants.`,
        figures: [
          ...timesOf('first start in a new data directory', first),
          ...timesOf('later start', later, { live: 10, fill: 30 }),
          {
            what: 'memory of all processes (PSS)',
            value: sum(later.memory, 'pssKib'),
            unit: 'MiB',
          },
          {
            what: 'memory of all processes (RSS)',
            value: sum(later.memory, 'rssKib'),
            unit: 'MiB',
          },
        ],
        notes: memoryNotes(later.memory),
      };
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

interface Start {
  readonly liveMs: number;
  readonly healthyMs: number;
  readonly fillMs: number;
  readonly memory: ReturnType<typeof memoryOfTree>;
}

function timesOf(
  what: string,
  { liveMs, healthyMs, fillMs }: Start,
  bars?: { live: number; fill: number },
): readonly Figure[] {
  const figure = (name: string, ms: number, bar?: number): Figure => ({
    what: `${what}: ${name}`,
    value: ms / 1_000,
    unit: 's',
    ...(bar === undefined ? {} : { bar: { value: bar, better: 'less' } }),
  });
  return [
    figure('dashboard answers', liveMs, bars?.live),
    figure('every service healthy', healthyMs, bars?.live),
    figure('first paper fill', fillMs, bars?.fill),
  ];
}

async function startOnce(dataDir: string, { say }: RunOptions, what: string): Promise<Start> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const main = join(ROOT, 'apps', 'cli', 'src', 'main.ts');
  const args = [main, 'up', '--data-dir', dataDir, '--http-port', String(port)];
  const isLater = existsSync(dataDir);
  let known: Set<string> | undefined;
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] });
  const said = collect(child);
  const reached = async (name: string, test: () => Promise<boolean>): Promise<number> => {
    for (;;) {
      if (await test()) break;
      const tail = said().slice(-2_000);
      if (child.exitCode !== null) throw new Error(`${what}: it ended before ${name}\n${tail}`);
      if (performance.now() - startedMs > LIMIT_MS) {
        throw new Error(`${what}: no ${name} in ${LIMIT_MS} ms\n${tail}`);
      }
      await sleep(POLL_MS);
    }
    const ms = performance.now() - startedMs;
    say(`${what}: ${name} after ${(ms / 1_000).toFixed(1)} s`);
    return ms;
  };
  try {
    const liveMs = await reached('dashboard', async () => (await page(url)) !== undefined);
    let healthyMs: number | undefined;
    const fillMs = await reached('fill', async () => {
      if (healthyMs === undefined && (await isHealthy(url))) {
        healthyMs = performance.now() - startedMs;
      }
      const fills = await fillIds(url);
      if (fills === undefined) return false;
      // A later start first shows the fills of the start before it.
      if (isLater && known === undefined) known = new Set(fills);
      return fills.some((id) => known?.has(id) !== true);
    });
    healthyMs ??= await reached('health', () => isHealthy(url));
    await sleep(SETTLE_MS);
    return { liveMs, healthyMs, fillMs, memory: memoryOfTree(child.pid ?? 0) };
  } finally {
    await end(child);
  }
}

function collect(child: ChildProcess): () => string {
  let text = '';
  const take = (data: Buffer): void => {
    text = (text + data.toString()).slice(-20_000);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  return () => text;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

async function page(url: string): Promise<string | undefined> {
  const answer = await fetch(url).catch(() => undefined);
  const text = await answer?.text();
  return answer?.ok === true && text?.includes('<html') === true ? text : undefined;
}

async function ask(url: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const answer = await fetch(url);
    return answer.ok ? ((await answer.json()) as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

async function fillIds(url: string): Promise<readonly string[] | undefined> {
  const answer = await ask(`${url}/api/fills?limit=100`);
  if (!Array.isArray(answer?.fills)) return undefined;
  return (answer.fills as readonly { readonly fillId: string }[]).map((fill) => fill.fillId);
}

async function isHealthy(url: string): Promise<boolean> {
  const answer = await ask(`${url}/api/services`);
  const services = answer?.services;
  if (!Array.isArray(services) || services.length === 0) return false;
  return (services as readonly { readonly state: string }[]).every((one) => one.state === 'ready');
}

type Memory = ReturnType<typeof memoryOfTree>;

function sum(memory: Memory, key: 'pssKib' | 'rssKib'): number {
  return memory.reduce((total, one) => total + one[key], 0) / MIB;
}

function memoryNotes(memory: Memory): readonly string[] {
  const byName = new Map<string, number>();
  for (const { name, pssKib } of memory) byName.set(name, (byName.get(name) ?? 0) + pssKib);
  const parts = [...byName]
    .sort((a, b) => b[1] - a[1])
    .map(([name, kib]) => `${name} ${Math.round(kib / MIB)}`);
  return [`PSS in MiB: ${parts.join(', ')}.`];
}
