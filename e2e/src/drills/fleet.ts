import { mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type BusConnection, connectBus } from '@capstan/bus';
import { waitUntil } from '@capstan/embedded';
import { isOfProcess, releaseLeasesOf } from '@capstan/journal';
import type { Log } from '@capstan/ports';
import { createLogger } from '@capstan/runtime';
import { type ServiceName, ServiceProcess } from '../service-process.ts';
import type { Stack } from '../stack.ts';
import type { Line } from './line.ts';

/** Services that own keys: two copies of them may run, and one of each key's owners works. */
export const OWNING: readonly ServiceName[] = [
  'market-data',
  'signal',
  'risk',
  'execution',
  'position-sync',
  'reporting',
];

const LOG_POLL_MS = 10;
const LEASES = 'leases';

/** What a lease says, as far as it is read here. */
interface Holding {
  readonly holder?: string;
}

/** What a process of a service is given: its environment, and its own line to PostgreSQL where it owns keys. */
export interface Kit {
  readonly environment: Readonly<Record<string, string>>;
  readonly database?: Line;
}

/** Puts together what a process of a service is given. */
export type KitOf = (name: ServiceName) => Promise<Kit>;

/** The processes of a stack's services: one that works for each, and for a while a second copy of some. */
export class Fleet {
  readonly #stack: Stack;
  readonly #kitOf: KitOf;
  readonly #bus: BusConnection;
  readonly #log: Log;
  readonly #working: Map<ServiceName, ServiceProcess>;
  readonly #copies = new Set<ServiceProcess>();
  readonly #kits = new Map<ServiceProcess, Kit>();
  #copiesMade = 0;

  private constructor(stack: Stack, kitOf: KitOf, bus: BusConnection, log: Log) {
    this.#stack = stack;
    this.#kitOf = kitOf;
    this.#bus = bus;
    this.#log = log;
    this.#working = new Map(stack.services);
  }

  /** @param kits what the processes of the stack were given. @param kitOf makes it for their copies. */
  static async of(stack: Stack, kits: ReadonlyMap<ServiceName, Kit>, kitOf: KitOf): Promise<Fleet> {
    const log = createLogger({ service: 'drill', level: 'error', format: 'text', secrets: [] });
    const bus = await connectBus({ servers: stack.servers.nats.url, name: 'drill', log });
    const fleet = new Fleet(stack, kitOf, bus, log);
    for (const [name, kit] of kits) fleet.#kits.set(fleet.working(name), kit);
    return fleet;
  }

  get bus(): BusConnection {
    return this.#bus;
  }

  /** Every process that was started and not yet ended by a drill, second copies included. */
  get all(): readonly ServiceProcess[] {
    return [...this.#working.values(), ...this.#copies];
  }

  /** The copy of a service that works; where there are two, the first. */
  working(name: ServiceName): ServiceProcess {
    const one = this.#working.get(name);
    if (one === undefined) throw new Error(`no service ${name} in this fleet`);
    return one;
  }

  /** The line of a process to PostgreSQL, which no other has. */
  databaseOf(process: ServiceProcess): Line {
    const line = this.#kits.get(process)?.database;
    if (line === undefined) throw new Error(`${process.name} has no line of its own`);
    return line;
  }

  /** Starts a second copy of a service; resolves when it is ready. */
  async startCopy(name: ServiceName): Promise<ServiceProcess> {
    this.#copiesMade += 1;
    const folder = join(this.#stack.folder, 'logs', `copy-${this.#copiesMade}`);
    await mkdir(folder);
    const kit = await this.#kitOf(name);
    const copy = new ServiceProcess(name, this.#stack.configFile, folder, kit.environment);
    this.#kits.set(copy, kit);
    this.#copies.add(copy);
    await copy.start();
    await copy.ready();
    return copy;
  }

  /** Lets the second copy be the one that works; the first is ended, if it still runs. */
  async promote(copy: ServiceProcess): Promise<void> {
    const before = this.working(copy.name);
    this.#working.set(copy.name, copy);
    this.#copies.delete(copy);
    await before.stop();
  }

  /** Keys whose leases a process has. Sorted. */
  async keysOf({ pid }: ServiceProcess): Promise<readonly string[]> {
    if (pid === undefined) return [];
    const isMine = isOfProcess(hostname(), pid);
    const { kv } = this.#bus;
    const keys: string[] = [];
    for (const key of await kv.keys(LEASES)) {
      const entry = await kv.get(LEASES, key);
      const { holder } = JSON.parse(Buffer.from(entry?.value ?? '{}').toString()) as Holding;
      if (holder !== undefined && isMine(holder)) keys.push(key);
    }
    return keys.sort();
  }

  /** Hands over the keys of a process that was seen to end, as a supervisor does. */
  async handOver(pid: number): Promise<void> {
    const { kv } = this.#bus;
    await releaseLeasesOf({ kv, log: this.#log }, isOfProcess(hostname(), pid));
  }

  /** Ends whatever still runs, the frozen too. */
  async stop(): Promise<void> {
    for (const one of this.all) one.signal('SIGCONT');
    await Promise.all(this.all.map((one) => one.stop()));
    await this.#bus.close();
    await Promise.all([...this.#kits.values()].map((kit) => kit.database?.close()));
  }
}

/** What a process says in its log from a moment on. */
export class LogTail {
  readonly #file: string;
  readonly #from: number;

  private constructor(file: string, from: number) {
    this.#file = file;
    this.#from = from;
  }

  /** Begins at what the process has said so far. */
  static async of(service: ServiceProcess): Promise<LogTail> {
    const file = await open(service.logFile, 'r');
    try {
      return new LogTail(service.logFile, (await file.stat()).size);
    } finally {
      await file.close();
    }
  }

  async text(): Promise<string> {
    const file = await open(this.#file, 'r');
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(Math.max(0, size - this.#from)),
        position: this.#from,
      });
      return buffer.subarray(0, bytesRead).toString();
    } finally {
      await file.close();
    }
  }

  /** Returns the lines that hold one of the texts. */
  async lines(...texts: readonly string[]): Promise<readonly string[]> {
    const lines = (await this.text()).split('\n');
    return lines.filter((line) => texts.some((text) => line.includes(text)));
  }

  /** Waits until one of the texts is said of each key. @returns false when the time passed first. */
  async saysOf(
    keys: readonly string[],
    timeoutMs: number,
    ...texts: readonly string[]
  ): Promise<boolean> {
    const isSaid = async (): Promise<boolean> => {
      const lines = await this.lines(...texts);
      return keys.every((key) => lines.some((line) => line.includes(`"key":"${key}"`)));
    };
    return await waitUntil(isSaid, timeoutMs, LOG_POLL_MS);
  }
}
