import { once } from 'node:events';
import {
  isMainThread,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { crossSweep, type SweepRoom, sweepRoom } from '@capstan/engine';
import { threadMs } from './thread-time.ts';
import { workBars } from './work-bars.ts';
import { sweepSpec } from './work-runs.ts';
import { averages, runPairs, SWEEP_BARS, SWEEP_COLUMNS, type SweepSums } from './work-sweep.ts';

const THREADS = 2;
const ROUNDS = 24;

/** What a thread needs to work with the other. */
interface Place {
  readonly thread: number;
  readonly arrived: Int32Array;
  readonly other: MessagePort;
}

/** What a thread found: its quickest round, in processor time. */
interface ThreadFound {
  readonly ms: number;
  readonly sums: SweepSums;
}

/** What both found. */
export interface ThreadsFound {
  /** Of the slower thread. */
  readonly ms: number;
  readonly sums: SweepSums;
  readonly rssMib: number;
}

/** Waits, without using the processor, until all threads are here for so many times. */
function meet(arrived: Int32Array, times: number): void {
  const wanted = times * THREADS;
  if (Atomics.add(arrived, 0, 1) + 1 === wanted) Atomics.notify(arrived, 0);
  for (let now = Atomics.load(arrived, 0); now < wanted; now = Atomics.load(arrived, 0)) {
    Atomics.wait(arrived, 0, now);
  }
}

function roomOf({ thread, other }: Place): SweepRoom {
  if (thread > 0) return receiveMessageOnPort(other)?.message as SweepRoom;
  const room = sweepRoom({ rows: SWEEP_BARS, columns: SWEEP_COLUMNS, threads: THREADS });
  if (room === undefined) throw new Error('this machine shares no memory');
  other.postMessage(room);
  return room;
}

function work(place: Place): ThreadFound {
  const { thread, arrived } = place;
  const share = { part: thread, parts: THREADS };
  const series = workBars('A', 42, SWEEP_BARS);
  let [ms, times] = [Number.POSITIVE_INFINITY, 0];
  let sums: SweepSums = { equity: 0, fills: 0, drawdown: 0, combinations: 0 };
  const together = () => {
    times += 1;
    meet(arrived, times);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = threadMs();
    const made = thread === 0 ? roomOf(place) : undefined;
    together();
    const room = made ?? roomOf(place);
    const sweep = crossSweep(sweepSpec(), series, { room, thread });
    if (typeof sweep === 'string') throw new Error(sweep);
    const columns = averages(sweep, series.bars.closeNanos, share);
    together();
    sums = runPairs(sweep, columns, share);
    ms = Math.min(ms, threadMs() - from);
    together();
  }
  return { ms, sums };
}

/** Runs work B on two threads that share the columns. */
export async function runThreads(): Promise<ThreadsFound> {
  const arrived = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const { port1, port2 } = new MessageChannel();
  const found = await Promise.all(
    [port1, port2].map(async (other, thread) => {
      const workerData = { thread, arrived, other } as unknown as Place;
      const transferList = [workerData.other];
      const worker = new Worker(new URL(import.meta.url), { workerData, transferList });
      const [message] = await once(worker, 'message');
      return message as ThreadFound;
    }),
  );
  const sums: SweepSums = { equity: 0, fills: 0, drawdown: 0, combinations: 0 };
  for (const part of found) {
    for (const key of Object.keys(sums) as (keyof SweepSums)[]) sums[key] += part.sums[key];
  }
  const rssMib = process.resourceUsage().maxRSS / 1_024;
  return { ms: Math.max(...found.map(({ ms }) => ms)), sums, rssMib };
}

if (!isMainThread) parentPort?.postMessage(work(workerData as Place));
