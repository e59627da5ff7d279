import { type TimeUs, US_PER_MS } from '@capstan/domain';
import { MemoryBlobs } from '../memory/memory-blobs.ts';
import { MemoryBus } from '../memory/memory-bus.ts';
import { MemoryKv } from '../memory/memory-kv.ts';
import { type LogLine, MemoryLog } from '../memory/memory-log.ts';
import { MemoryRequests } from '../memory/memory-requests.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { MemoryWorkQueue } from '../memory/memory-work-queue.ts';
import { Random } from '../random.ts';
import { type FaultRates, Faults } from './faults.ts';
import { History } from './history.ts';
import { codeOf, type Life } from './life.ts';
import { SimScheduler } from './scheduler.ts';
import { SimNetwork } from './sim-network.ts';
import {
  type SimPorts,
  SimProcess,
  type SimProcessOptions,
  type SimProgram,
} from './sim-process.ts';

/** The bucket of leases, and what a stranger writes there. */
const LEASES = 'leases';
const STRANGER = new TextEncoder().encode(JSON.stringify({ holder: 'a stranger', beat: 1 }));

/** How long a process stands still where its leases shall have lapsed, in milliseconds. */
const FREEZE_MS_MIN = 5_500;
const FREEZE_MS_MAX = 10_000;

/** An error that nobody handled, and where. */
export interface SimBug {
  readonly where: string;
  readonly error: unknown;
}

/** What a world is made of. */
export interface SimWorldOptions {
  readonly seed: number;
  readonly startUs: TimeUs;
  readonly rates: FaultRates;
  /** Virtual milliseconds after which nothing goes wrong any more. */
  readonly faultsUntilMs: number;
  /** The numbers of the faults that may strike; all that the seed draws unless told. */
  readonly onlyFaults?: readonly number[] | undefined;
}

/** The whole world of a run: what outlives processes, the processes, time, and what goes wrong. */
export class SimWorld {
  readonly seed: number;
  readonly random: Random;
  readonly scheduler: SimScheduler;
  readonly history = new History();
  readonly faults: Faults;
  readonly store = new MemoryStore();
  readonly blobs = new MemoryBlobs();
  readonly bus: MemoryBus;
  readonly kv: MemoryKv;
  readonly requests: MemoryRequests;
  readonly workQueue: MemoryWorkQueue;
  readonly network = new SimNetwork();
  readonly log: MemoryLog;
  readonly #processes: SimProcess[] = [];
  readonly #bugs: SimBug[] = [];

  constructor(options: SimWorldOptions) {
    const { seed, startUs, rates, faultsUntilMs, onlyFaults } = options;
    this.seed = seed;
    this.random = new Random(seed);
    this.scheduler = new SimScheduler(startUs);
    this.faults = new Faults(this, {
      rates,
      untilUs: startUs + faultsUntilMs * US_PER_MS,
      ...(onlyFaults === undefined ? {} : { only: onlyFaults }),
    });
    this.bus = new MemoryBus(this.scheduler);
    this.kv = new MemoryKv(this.scheduler);
    this.requests = new MemoryRequests(this.scheduler);
    this.workQueue = new MemoryWorkQueue(this.scheduler);
    this.log = new MemoryLog((line) => this.#showLine(line));
    this.#stir();
  }

  /** Milliseconds since the start. */
  get nowMs(): number {
    return this.scheduler.monotonicMs();
  }

  get processes(): readonly SimProcess[] {
    return this.#processes;
  }

  /** Errors that nobody handled: bugs. */
  get bugs(): readonly SimBug[] {
    return this.#bugs;
  }

  /** Adds a process and starts it. */
  process(
    name: string,
    make: (ports: SimPorts) => SimProgram,
    options?: SimProcessOptions,
  ): SimProcess {
    const process = new SimProcess(this, name, make, options);
    this.#processes.push(process);
    process.start();
    return process;
  }

  /** Lets `run` happen so many milliseconds after the start. */
  at(ms: number, run: () => void): void {
    this.scheduler.after((ms - this.nowMs) * US_PER_MS, run);
  }

  /** Draws how long something travels, in microseconds: mostly little, now and then long. */
  latencyUs(): number {
    const slow = this.random.chance(0.02);
    return slow ? this.random.integer(3_000, 150_000) : this.random.integer(50, 3_000);
  }

  /** Notes what happened in the history. */
  note(what: string): void {
    this.history.add(`${this.scheduler.nowUs()} ${what}`);
  }

  /** Takes an error that nobody handled: the run has failed. */
  fail(error: unknown, where: string): void {
    this.#bugs.push({ where, error });
    this.history.show(`${this.scheduler.nowUs()} BUG in ${where}: ${codeOf(error)}`);
  }

  /** Lets the process whose life this is crash, where it is still alive. */
  crash(life: Life): void {
    this.#processes.find((one) => one.isLivedBy(life))?.crash();
  }

  /** Lets the process whose life this is stand still until a successor may have its leases. */
  freeze(life: Life): void {
    const ms = this.random.integer(FREEZE_MS_MIN, FREEZE_MS_MAX);
    this.#processes.find((one) => one.isLivedBy(life))?.freeze(ms);
  }

  /** A stranger writes one of the leases, and never again: its holder has lost it. */
  async #takeLease(): Promise<void> {
    const keys = await this.kv.keys(LEASES);
    if (keys.length === 0) return;
    const key = this.random.pick([...keys].sort());
    this.faults.count('leaseTaken', ` ${key}`);
    await this.kv.put(LEASES, key, STRANGER);
  }

  #showLine(line: LogLine): void {
    if (line.level !== 'warn' && line.level !== 'error') return;
    const { process, error } = line.fields;
    const why = error === undefined ? '' : ` (${codeOf(error)})`;
    const at = this.scheduler.nowUs();
    this.history.show(`${at} ${String(process)} ${line.level}: ${line.message}${why}`);
  }

  /** Lets the faults that last or strike processes begin now and then. */
  #stir(): void {
    const { faults, random } = this;
    const shortMs = () => random.integer(100, 6_000);
    const victim = (strike: (process: SimProcess) => void) => () => {
      const targets = this.#processes.filter((one) => one.isTarget && one.isAlive);
      if (targets.length > 0) strike(random.pick(targets));
    };
    faults.recur('storeDown', () => faults.takeStoreDown(shortMs()));
    faults.recur('busDown', () => faults.takeBusDown(shortMs()));
    faults.recur('bothDown', () => faults.takeBothDown(shortMs(), shortMs()));
    faults.recur('tokenExpired', () => faults.expireToken(shortMs()));
    faults.recur('leaseTaken', () => void this.#takeLease());
    faults.recur(
      'crash',
      victim((process) => {
        faults.count('crash');
        process.crash();
      }),
    );
    faults.recur(
      'freeze',
      victim((process) => {
        faults.count('freeze');
        process.freeze(random.integer(500, 9_000));
      }),
    );
    faults.recur(
      'clockStep',
      victim((process) => {
        faults.count('clockStep');
        process.stepClock(random.integer(-120_000, 120_000));
      }),
    );
  }
}
