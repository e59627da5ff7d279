import { AppError, InvariantError, type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import { digestOf } from './history.ts';
import type { Scheduled } from './scheduler.ts';
import type { SimWorld } from './sim-world.ts';

/** A call of a port. */
export interface PortCall<Result> {
  readonly port: string;
  readonly method: string;
  /** What happens where the call arrives. */
  readonly effect: () => Promise<Result>;
  /** Calls of one lane arrive in the order sent, and are answered in the order of their answers: one connection. */
  readonly lane?: string;
}

/** One incarnation of a process: what it asks takes time, and nothing is answered once it is dead. */
export class Life {
  readonly name: string;
  readonly world: SimWorld;
  readonly clock: Clock;
  readonly #inFlight = new Set<Scheduled>();
  readonly #endings: (() => void)[] = [];
  readonly #lanes = new Map<string, number>();
  readonly #clockBaseMs: number;
  #backlog: (() => void)[] = [];
  #thawing = false;
  #frozenUntilUs = 0;
  #clockOffsetUs = 0;
  #alive = true;

  constructor(world: SimWorld, name: string) {
    this.world = world;
    this.name = name;
    this.#clockBaseMs = world.random.integer(0, 1_000_000);
    this.clock = this.#makeClock();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Makes a call: it arrives later, has its effect or not, and is answered later still, while this life lasts. */
  call<Result>(call: PortCall<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (!this.#alive) return;
      const dies = this.world.faults.hits('crashAtCall');
      // Before the call is sent, or while it travels: by seed it then arrives or not.
      if (dies && this.world.random.chance(0.5)) return this.world.crash(this);
      this.send(call.lane, () => {
        call.effect().then(
          (value) => this.answer(call, `ok ${digestOf(value)}`, () => resolve(value)),
          (error: unknown) => this.answer(call, codeOf(error), () => reject(error)),
        );
      });
      if (dies) this.world.crash(this);
      else if (this.world.faults.hits('freezeAtCall')) this.world.freeze(this);
    });
  }

  /** Lets something arrive elsewhere later; a crash may overtake it. */
  send(lane: string | undefined, arrive: () => void): Scheduled {
    const atUs = this.#inLane(lane === undefined ? undefined : `${lane} out`);
    const flight = this.world.scheduler.at(atUs, () => {
      this.#inFlight.delete(flight);
      arrive();
    });
    this.#inFlight.add(flight);
    return flight;
  }

  /** Lets an answer come back later. */
  answer(
    call: Pick<PortCall<unknown>, 'port' | 'method' | 'lane'>,
    outcome: string,
    settle: () => void,
  ): void {
    const { port, method, lane } = call;
    this.world.scheduler.at(this.#inLane(lane === undefined ? undefined : `${lane} in`), () => {
      this.deliver(`${port}.${method} ${outcome}`, settle);
    });
  }

  /** Waits for something that is pushed to this process; `notBeforeUs` holds it back further. */
  wait<Result>(
    call: Pick<PortCall<Result>, 'port' | 'method' | 'effect'>,
    notBeforeUs: () => number,
  ): Promise<Result> {
    const { port, method } = call;
    return new Promise((resolve, reject) => {
      if (!this.#alive) return;
      const arrive = (outcome: string, settle: () => void): void => {
        const heldUntilUs = notBeforeUs();
        if (heldUntilUs > this.world.scheduler.nowUs()) {
          this.world.scheduler.at(heldUntilUs, () => arrive(outcome, settle));
        } else {
          this.deliver(`${port}.${method} ${outcome}`, settle);
        }
      };
      const later = (outcome: string, settle: () => void): void => {
        this.world.scheduler.after(this.world.latencyUs(), () => arrive(outcome, settle));
      };
      call.effect().then(
        (value) => later(`ok ${digestOf(value)}`, () => resolve(value)),
        (error: unknown) => later(codeOf(error), () => reject(error)),
      );
    });
  }

  /** Lets this process feel something now; after its thaw when it is frozen; never when it is dead. */
  deliver(what: string, feel: () => void): void {
    if (!this.#alive) return;
    const felt = () => {
      if (!this.#alive) return;
      this.world.note(`${this.name} ${what}`);
      feel();
    };
    if (this.isFrozen || this.#backlog.length > 0) {
      this.#backlog.push(felt);
      this.#thaw();
    } else {
      felt();
    }
  }

  get isFrozen(): boolean {
    return this.world.scheduler.nowUs() < this.#frozenUntilUs;
  }

  /** Stands still for so many milliseconds: its clock goes on, and it notices nothing. */
  freeze(ms: number): void {
    const untilUs = this.world.scheduler.nowUs() + ms * US_PER_MS;
    this.#frozenUntilUs = Math.max(this.#frozenUntilUs, untilUs);
  }

  /** Moves its wall clock by so many milliseconds; its monotonic clock stays. */
  stepClock(ms: number): void {
    this.#clockOffsetUs += ms * US_PER_MS;
  }

  /** Calls `end` when this life ends; at once when it has. */
  onEnd(end: () => void): void {
    if (this.#alive) this.#endings.push(end);
    else end();
  }

  /** Ends this life. What it sent and what has not arrived is lost or not, by seed. */
  end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#backlog = [];
    for (const flight of this.#inFlight) if (this.world.random.chance(0.5)) flight.cancel();
    for (const end of this.#endings.splice(0)) end();
  }

  /** Takes an error that nobody in the process handles. */
  report(error: unknown): void {
    if (this.#alive) this.world.fail(error, this.name);
  }

  #inLane(lane: string | undefined): number {
    const atUs = this.world.scheduler.nowUs() + this.world.latencyUs();
    if (lane === undefined) return atUs;
    const inOrderUs = Math.max(atUs, this.#lanes.get(lane) ?? 0);
    this.#lanes.set(lane, inOrderUs);
    return inOrderUs;
  }

  /** Feels what came while frozen, one thing a step, in order. */
  #thaw(): void {
    if (this.#thawing) return;
    this.#thawing = true;
    this.world.scheduler.at(this.#frozenUntilUs, () => {
      this.#thawing = false;
      if (!this.isFrozen) this.#backlog.shift()?.();
      if (this.#backlog.length > 0) this.#thaw();
    });
  }

  #makeClock(): Clock {
    const { scheduler, random } = this.world;
    return {
      nowUs: (): TimeUs => timeUs(scheduler.nowUs() + this.#clockOffsetUs),
      monotonicMs: () => this.#clockBaseMs + scheduler.monotonicMs(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (!this.#alive) return;
          if (signal?.aborted === true) return resolve();
          const jitterUs = random.integer(0, 1_000);
          const onAbort = () => {
            scheduled.cancel();
            resolve();
          };
          const scheduled = scheduler.after(ms * US_PER_MS + jitterUs, () => {
            this.deliver(`clock.sleep ${ms}`, () => {
              signal?.removeEventListener('abort', onAbort);
              resolve();
            });
          });
          signal?.addEventListener('abort', onAbort);
        }),
    };
  }
}

/** Names an error in a history. */
export function codeOf(error: unknown): string {
  if (error instanceof AppError) return error.code;
  if (error instanceof InvariantError) return `bug: ${error.message}`;
  return String(error);
}
