import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@capstan/e2e';
import type { Bus } from '@capstan/ports';
import { slicesThrough } from './bar-file.ts';
import { type Workload, withWorkload } from './bench-stack.ts';
import type { RunOptions } from './benchmark.ts';
import { openBus } from './bus-reading.ts';
import { type HopTimes, readHopTimes } from './hop-times.ts';
import { cpuMsOfTree } from './process-cpu.ts';

const POLL_MS = 500;
const SAY_MS = 15_000;
const SERVICES_READY_MS = 30_000;
/** Slowest pace that a playback is waited for. */
const SLICE_MS_MAX = 2_500;

/** What a playback showed. */
export interface Played extends HopTimes {
  /** Processor time by process, first quarter of the playback left out. Empty where it cannot be read. */
  readonly cpuMsPerSlice: ReadonlyMap<string, number>;
}

/**
 * Plays a workload from its first to its last slice and returns what the streams say about it. While it plays nothing is read
 * but how far the bots are, twice a second: the watching must not be measured.
 */
export function play(workload: Workload, options: RunOptions): Promise<Played> {
  return withWorkload(workload, options, async (stack) => {
    const connection = await openBus(stack.servers.nats.url);
    try {
      const { plan } = workload;
      const meter = new CpuMeter(stack, plan.slices);
      await waitForEnd(stack, workload, options, (slices) => meter.note(slices));
      const cpuMsPerSlice = meter.perSlice();
      await waitForSilence(connection.bus);
      return { ...(await readHopTimes(connection.bus)), cpuMsPerSlice };
    } finally {
      await connection.close();
    }
  });
}

/** Waits until every bot is through with the last slice. */
async function waitForEnd(
  stack: Stack,
  { plan, slicesPerSecond }: Workload,
  { say }: RunOptions,
  onProgress: (slices: number) => void,
): Promise<void> {
  const paceMs = slicesPerSecond === 'max' ? 0 : 1_000 / slicesPerSecond;
  const limitMs = SERVICES_READY_MS + plan.slices * (paceMs + SLICE_MS_MAX);
  const startedMs = performance.now();
  let saidMs = startedMs;
  for (;;) {
    await sleep(POLL_MS);
    const nowMs = performance.now();
    const bots = await stack.store.bots({});
    const through = Math.min(...bots.map((bot) => bot.lastSliceEndUs ?? 0));
    const slices = bots.length === 0 ? 0 : slicesThrough(plan, through);
    onProgress(slices);
    if (slices === plan.slices) return;
    if (nowMs - saidMs > SAY_MS) {
      saidMs = nowMs;
      say(`${slices} of ${plan.slices} slices`);
    }
    if (nowMs - startedMs > limitMs) {
      throw new Error(`the playback did not end in ${limitMs} ms\n${await stack.logs()}`);
    }
  }
}

/** Waits until nothing more is said of trading: what the last slice led to is stored. */
async function waitForSilence(bus: Bus): Promise<void> {
  let stored = -1;
  for (;;) {
    const { lastSequence } = await bus.streamState('TRADING');
    if (lastSequence === stored) return;
    stored = lastSequence;
    await sleep(4 * POLL_MS);
  }
}

/** Processor time of every process of a stack, from a quarter of the playback on. */
class CpuMeter {
  readonly #pids: ReadonlyMap<string, number>;
  readonly #slices: number;
  readonly #fromMs = new Map<string, number>();
  #fromSlice = 0;
  #toMs = new Map<string, number>();

  constructor(stack: Stack, slices: number) {
    const services = [...stack.services.values()].flatMap(({ name, pid }) =>
      pid === undefined ? [] : [[name, pid] as const],
    );
    const { nats, postgres } = stack.servers;
    this.#pids = new Map([...services, ['nats', nats.pid], ['postgres', postgres.pid]]);
    this.#slices = slices;
  }

  /** Takes notice of how many slices are over. */
  note(slices: number): void {
    if (this.#fromSlice === 0 && slices >= this.#slices / 4) {
      for (const [name, pid] of this.#pids) this.#fromMs.set(name, cpuMsOfTree(pid));
      this.#fromSlice = slices;
    } else if (slices === this.#slices) {
      this.#toMs = new Map([...this.#pids].map(([name, pid]) => [name, cpuMsOfTree(pid)]));
    }
  }

  /** Returns milliseconds a slice, by process. */
  perSlice(): ReadonlyMap<string, number> {
    const slices = this.#slices - this.#fromSlice;
    const rows = [...this.#toMs].map(
      ([name, ms]) => [name, (ms - (this.#fromMs.get(name) ?? 0)) / slices] as const,
    );
    return new Map(slices > 0 ? rows.sort((a, b) => b[1] - a[1]) : []);
  }
}

/** Says how much processor time a slice takes, in one line. */
export function cpuNote(cpuMsPerSlice: ReadonlyMap<string, number>): string {
  const parts = [...cpuMsPerSlice].map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
  const sum = [...cpuMsPerSlice.values()].reduce((total, ms) => total + ms, 0);
  return `Processor time of a slice, in ms: ${sum.toFixed(1)} in all; ${parts.join(', ')}.`;
}
