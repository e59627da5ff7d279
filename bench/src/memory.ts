import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SERVICES, type ServiceName, Stack } from '@capstan/e2e';
import { writeBars } from './bar-file.ts';
import { durableServers } from './bench-stack.ts';
import type { Benchmark, Figure, RunOptions } from './benchmark.ts';
import { readGrants } from './chart-memory.ts';
import {
  DATE,
  DAY_ACCOUNT,
  DAY_SYMBOLS,
  dayConfig,
  MINUTES,
  minutesThrough,
  stretchOf,
} from './memory-day.ts';
import { type MemoryGroup, openMemoryGroups } from './memory-group.ts';
import { type Held, MemoryWatch, type Watched } from './memory-watch.ts';
import { PageViewer } from './page-viewer.ts';
import { treeOf } from './process-tree.ts';
import { profiled } from './profiled.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DIST = join(ROOT, 'dist');
const DAY_SERVICES: readonly ServiceName[] = [...SERVICES, 'gateway'];
const LOOK_MS = 1_000;
const SAY_EVERY = 15;
/** Longest that nothing may get on. */
const STALL_MS = 180_000;
/** How long it is watched after everything. */
const SETTLE_LOOKS = 20;
/** Jobs of the day's bars, of ever slower crossings: from a trade a bar on. */
const JOBS = 8;
const ROWS_MAX = 1_000_000;

/** Whether what the chart grants holds for a day. */
export const memoryBenchmark: Benchmark = {
  name: 'memory',
  title: 'memory of each service in a day of 500 symbols, beside what the chart requests',
  run: async (options) => {
    await promisify(execFile)(process.execPath, [join(ROOT, 'tools', 'build', 'main.ts')]);
    const grants = await readGrants();
    const groups = openMemoryGroups();
    const made = new Map<string, MemoryGroup>();
    const grantOf = (name: string) => {
      const grant = grants.get(name);
      if (grant === undefined) throw new Error(`the chart grants '${name}' nothing`);
      return grant;
    };
    for (const name of [...DAY_SERVICES, 'nats', 'postgres']) {
      made.set(name, groups.make(name, grantOf(name).limitMib));
    }
    try {
      const { held, notes } = await watchedDay(made, options);
      const figures = held.map(
        ({ name, mostMib }): Figure => ({
          what: `${name}: most memory`,
          value: mostMib,
          unit: 'MiB',
          bar: { value: grantOf(name).requestMib, better: 'less' },
        }),
      );
      const limits = held.map(({ name }) => `${name} ${grantOf(name).limitMib}`).join(', ');
      const killed = [...made.values()].reduce((sum, group) => sum + group.kills(), 0);
      const limitNote = `Killed for lack of memory: ${killed}. Limits, which V8 sizes its heap by, in MiB: ${limits}.`;
      return { benchmark: 'memory', how: HOW, figures, notes: [...notes, limitNote] };
    } finally {
      groups.close();
    }
  },
};

const HOW =
  `A day of ${DAY_SYMBOLS.length} symbols with a bar in each of its ${MINUTES} minutes, after one of history, as fast as the services keep up: the built services as images start them, each in a control group ` +
  'with the limit of the chart. A browser has the page open; the day ends with its replay; then the worker computes ' +
  `${JOBS} backtests of such a day. Once a second it is looked at what counts as in use, as Kubernetes counts. The bar is what the chart requests.`;

interface WatchedDay {
  readonly held: readonly Held[];
  readonly notes: readonly string[];
}

async function watchedDay(
  groups: ReadonlyMap<string, MemoryGroup>,
  options: RunOptions,
): Promise<WatchedDay> {
  const groupOf = (name: string): MemoryGroup => {
    const group = groups.get(name);
    if (group === undefined) throw new Error(`no group of ${name}`);
    return group;
  };
  const servers = await durableServers();
  for (const name of ['nats', 'postgres'] as const) {
    for (const pid of treeOf(servers[name].pid)) groupOf(name).add(pid);
  }
  let stack: Stack | undefined;
  try {
    const barFile = join(servers.folder, 'bars.csv');
    const plan = { symbols: DAY_SYMBOLS, slices: MINUTES, bars: 'all at once' } as const;
    await writeBars(barFile, plan);
    stack = await Stack.start({
      servers,
      services: DAY_SERVICES,
      config: dayConfig(servers.postgres.url('postgres')),
      environmentOf: (name) => ({ NODE_ENV: 'production', ...profiled(name, options) }),
      programOf: (name) => groupOf(name).programOf(builtProgram(name)),
    });
    const services = [...stack.services.values()];
    const watched: readonly Watched[] = [
      ...services.map(({ name, pid }) => ({ name, pid, group: groupOf(name) })),
      { name: 'nats', pid: servers.nats.pid, group: groupOf('nats') },
      { name: 'postgres', pid: undefined, group: groupOf('postgres') },
    ];
    return await new Day(stack, new MemoryWatch(watched), options.say).through(barFile);
  } finally {
    await stack?.stop();
    await servers.stop();
  }
}

/** How an image starts a service. */
function builtProgram(name: ServiceName): readonly string[] {
  const hook = join(DIST, 'packages', 'runtime', 'src', 'hook.js');
  const main = join(DIST, 'services', name, 'src', 'main.js');
  return [process.execPath, '--import', hook, main];
}

/** A day that is lived under watch. */
class Day {
  readonly #stack: Stack;
  readonly #watch: MemoryWatch;
  readonly #say: RunOptions['say'];
  readonly #url: string;

  constructor(stack: Stack, watch: MemoryWatch, say: RunOptions['say']) {
    this.#stack = stack;
    this.#watch = watch;
    this.#say = say;
    this.#url = `http://127.0.0.1:${stack.service('gateway').httpPort}`;
  }

  async through(barFile: string): Promise<WatchedDay> {
    const shown = { account: DAY_ACCOUNT, symbol: DAY_SYMBOLS[0] ?? '' };
    const viewer = new PageViewer(this.#url, shown);
    const startMs = performance.now();
    await this.#until(
      () => this.#minutes(),
      MINUTES + 1,
      (minutes) => [stretchOf(minutes), `${minutes} minutes`],
    );
    const seconds = (performance.now() - startMs) / 1_000;
    await this.#until(
      () => this.#replays(),
      1,
      () => ['evening', 'the replay of the day'],
    );
    for (let job = 0; job < JOBS; job += 1) {
      const params = { fast: 1, slow: job + 2 };
      const spec = { bars: barFile, hours: 'all', strategy: 'ma-cross', params };
      await this.#ask('jobs', JSON.stringify({ spec }));
    }
    await this.#until(
      () => this.#jobsDone(),
      JOBS,
      (jobs) => ['jobs', `${jobs} jobs`],
    );
    for (let looks = 0; looks < SETTLE_LOOKS; looks += 1) {
      this.#watch.look('after all');
      await sleep(LOOK_MS);
    }
    const held = this.#watch.held();
    await viewer.close();
    return { held, notes: [await this.#workNote(seconds, viewer), ...middleNotes(held)] };
  }

  /** Looks each second until a count is there. @throws Error with the logs where it stands still. */
  async #until(
    count: () => Promise<number>,
    goal: number,
    told: (count: number) => readonly [stretch: string, words: string],
  ): Promise<void> {
    let best = -1;
    let movedMs = performance.now();
    for (let looks = 0; ; looks += 1) {
      const now = await count();
      const [stretch, words] = told(now);
      this.#watch.look(stretch);
      if (looks % SAY_EVERY === 0) this.#say(words);
      if (now >= goal) return;
      if (now > best) movedMs = performance.now();
      best = Math.max(best, now);
      if (performance.now() - movedMs > STALL_MS) {
        throw new Error(`it stands still at ${words}\n${await this.#stack.logs()}`);
      }
      await sleep(LOOK_MS);
    }
  }

  async #minutes(): Promise<number> {
    const bots = await this.#stack.store.bots({});
    const through = bots.map((bot) => bot.lastSliceEndUs ?? 0);
    return minutesThrough(through.length === 0 ? 0 : Math.min(...through));
  }

  async #replays(): Promise<number> {
    const { replays } = await this.#ask('replays?limit=10');
    return (replays as readonly { readonly tradeDate: string }[]).filter(
      ({ tradeDate }) => tradeDate === DATE,
    ).length;
  }

  async #jobsDone(): Promise<number> {
    const jobs = await this.#stack.store.jobs(JOBS);
    const failed = jobs.find(({ state }) => state === 'failed');
    if (failed !== undefined) throw new Error(`a job failed: ${failed.error}`);
    return jobs.filter(({ state }) => state === 'done').length;
  }

  async #ask(address: string, body?: string): Promise<Readonly<Record<string, unknown>>> {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { method: 'POST', headers, body };
    const answer = await fetch(`${this.#url}/api/${address}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${text}`);
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  }

  async #workNote(seconds: number, { eventBytes }: PageViewer): Promise<string> {
    const { store } = this.#stack;
    const orders = await store.orders({ limit: ROWS_MAX });
    const fills = await store.fills({ limit: ROWS_MAX });
    const mib = (eventBytes / 1_024 ** 2).toFixed(1);
    return `The day took ${Math.round(seconds)} s: ${orders.length} orders, ${fills.length} fills, ${mib} MiB of events to the page.`;
  }
}

/** Says whether anything grew: the middle of the first hour, of the last whole one, and after all. */
function middleNotes(held: readonly Held[]): readonly string[] {
  const last = stretchOf(MINUTES);
  const stretches = [stretchOf(1), last, 'evening', 'after all'];
  const parts = held.map(({ name, middleMib }) => {
    const mibs = stretches.map((stretch) => Math.round(middleMib.get(stretch) ?? Number.NaN));
    return `${name} ${mibs.join(' → ')}`;
  });
  return [
    `In MiB, the middle of the first hour → the last → the evening → after all: ${parts.join('; ')}.`,
  ];
}
