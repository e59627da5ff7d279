import { AppError } from '@capstan/domain';
import type {
  Blobs,
  Bus,
  Clock,
  Ids,
  Kv,
  Log,
  Meter,
  Requests,
  Store,
  Tracer,
  WorkQueue,
} from '@capstan/ports';
import { nullMeter, nullTracer } from '../memory/null-telemetry.ts';
import { SeededIds } from '../memory/seeded-ids.ts';
import { codeOf, Life } from './life.ts';
import { simBus } from './sim-bus.ts';
import { simKv } from './sim-kv.ts';
import type { Network } from './sim-network.ts';
import { simRequests, simWorkQueue } from './sim-requests.ts';
import { simStore } from './sim-store.ts';
import type { SimWorld } from './sim-world.ts';

/** All that one life of a process sees of the world. */
export interface SimPorts {
  readonly bus: Bus;
  readonly kv: Kv;
  readonly requests: Requests;
  readonly workQueue: WorkQueue;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly network: Network;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
}

/** What a process runs. */
export interface SimProgram {
  /** Resolves when the program is through; rejects with the error that ends it. */
  run(): Promise<void>;
  /** Ends it in peace. */
  stop?(): Promise<void>;
}

export interface SimProcessOptions {
  /** Random crashes, freezes and clock steps may strike it; true unless told. */
  readonly isTarget?: boolean;
  /** How long after its end by crash or error it starts again, in milliseconds; never when `undefined` is given. */
  readonly restartMs?: number | undefined;
}

const RESTART_MS = 500;

/** A process: a program that lives, dies and lives again. The world outlives it. */
export class SimProcess {
  readonly name: string;
  readonly isTarget: boolean;
  readonly #world: SimWorld;
  readonly #make: (ports: SimPorts) => SimProgram;
  readonly #restartMs: number | undefined;
  #life: Life | undefined;
  #program: SimProgram | undefined;
  #lives = 0;
  #isWanted = false;

  constructor(
    world: SimWorld,
    name: string,
    make: (ports: SimPorts) => SimProgram,
    options: SimProcessOptions = {},
  ) {
    this.#world = world;
    this.name = name;
    this.#make = make;
    this.isTarget = options.isTarget ?? true;
    this.#restartMs = 'restartMs' in options ? options.restartMs : RESTART_MS;
  }

  get isAlive(): boolean {
    return this.#life?.alive ?? false;
  }

  /** Tells whether this is its present life. */
  isLivedBy(life: Life): boolean {
    return this.#life === life;
  }

  /** How often it has started. */
  get lives(): number {
    return this.#lives;
  }

  /** Starts a new life, as the next thing that happens; nothing where one is alive. */
  start(): void {
    this.#isWanted = true;
    this.#world.scheduler.after(0, () => {
      if (this.#isWanted && !this.isAlive) this.#begin();
    });
  }

  /** Ends its life at once; nothing that it has asked is answered any more. */
  crash(): void {
    if (!this.isAlive) return;
    this.#world.note(`${this.#life?.name} crashed`);
    this.#end();
    this.#restart();
  }

  /** Asks the program to end in peace; it is not started again. */
  stop(): void {
    this.#isWanted = false;
    const [life, program] = [this.#life, this.#program];
    this.#world.scheduler.after(0, () => {
      life?.deliver('is asked to stop', () => {
        program?.stop?.().catch((error: unknown) => life.report(error));
      });
    });
  }

  /** Stands still for so many milliseconds. */
  freeze(ms: number): void {
    this.#world.note(`${this.#life?.name} froze for ${ms} ms`);
    this.#life?.freeze(ms);
  }

  /** Moves its wall clock by so many milliseconds. */
  stepClock(ms: number): void {
    this.#world.note(`${this.#life?.name} stepped its clock by ${ms} ms`);
    this.#life?.stepClock(ms);
  }

  /** Ends its life for good, at the end of a run. */
  bury(): void {
    this.#isWanted = false;
    this.#end();
  }

  #begin(): void {
    this.#lives += 1;
    const life = new Life(this.#world, `${this.name}#${this.#lives}`);
    this.#life = life;
    this.#world.note(`${life.name} started`);
    let running: Promise<void>;
    try {
      this.#program = this.#make(portsOf(life));
      running = this.#program.run();
    } catch (error) {
      running = Promise.reject(error);
    }
    running.then(
      () => this.#ended(life, 'ended'),
      (error: unknown) => this.#failed(life, error),
    );
  }

  #ended(life: Life, how: string): void {
    if (!life.alive) return;
    this.#world.note(`${life.name} ${how}`);
    this.#end();
  }

  #failed(life: Life, error: unknown): void {
    if (!life.alive) return;
    if (!(error instanceof AppError)) {
      life.report(error);
      return;
    }
    this.#ended(life, `failed with ${codeOf(error)}`);
    this.#restart();
  }

  #end(): void {
    this.#life?.end();
    this.#program = undefined;
  }

  #restart(): void {
    if (this.#restartMs === undefined) return;
    const us = this.#restartMs * 1_000 + this.#world.random.integer(0, 500_000);
    this.#world.scheduler.after(us, () => {
      if (this.#isWanted && !this.isAlive) this.#begin();
    });
  }
}

function portsOf(life: Life): SimPorts {
  const { world } = life;
  const { blobs } = world;
  return {
    bus: simBus(life),
    kv: simKv(life),
    requests: simRequests(life),
    workQueue: simWorkQueue(life),
    store: simStore(life),
    blobs: {
      put: (data) => {
        const sent = new Uint8Array(data);
        return life.call({ port: 'blobs', method: 'put', effect: () => blobs.put(sent) });
      },
      get: (digest) => life.call({ port: 'blobs', method: 'get', effect: () => blobs.get(digest) }),
    },
    network: world.network.of(life),
    clock: life.clock,
    ids: new SeededIds(world.random.integer(0, 2 ** 31), `${life.name}-`),
    log: world.log.child({ process: life.name }),
    meter: nullMeter,
    tracer: nullTracer,
  };
}
