import { US_PER_MS } from '@capstan/domain';
import type { Random } from '../random.ts';
import type { History } from './history.ts';
import type { SimScheduler } from './scheduler.ts';

/** Faults that strike a single call, with the probability of each. */
export const CALL_FAULTS = {
  noticeDropped: 0.1,
  noticeDoubled: 0.05,
  noticeDelayed: 0.1,
  /** Nothing is stored. */
  publishFailed: 0.02,
  /** The first messages are stored, the others are not. */
  publishCut: 0.02,
  /** Any of the messages are stored, the others are not. */
  publishTorn: 0.01,
  /** All is stored, and the caller does not learn it. */
  publishAckLost: 0.03,
  /** A message comes into the stream a second time, later. */
  messageDoubled: 0.03,
  /** Other calls of the bus fail without effect. */
  busFailed: 0.01,
  kvFailed: 0.01,
  kvAckLost: 0.01,
  replyLost: 0.01,
  workAckLost: 0.02,
  commitFailed: 0.01,
  /** The step is written, and the caller is told that the store is not there. */
  commitAckLost: 0.01,
  /** Other calls of the store fail without effect. */
  storeFailed: 0.005,
  storeAckLost: 0.005,
  /** A direct call does not arrive: the caller runs into its timeout. */
  requestLost: 0.02,
  /** A direct call has its effect, and the caller runs into its timeout. */
  answerLost: 0.03,
  streamBroken: 0.01,
} as const;

/** Faults that last or strike a process, with how often each begins in a minute of virtual time. */
export const EPISODE_FAULTS = {
  storeDown: 0.5,
  busDown: 0.5,
  crash: 2,
  freeze: 1,
  clockStep: 1,
} as const;

export type CallFault = keyof typeof CALL_FAULTS;
export type EpisodeFault = keyof typeof EPISODE_FAULTS;
export type FaultKind = CallFault | EpisodeFault;

/** Probabilities a call, and beginnings a minute. */
export type FaultRates = Readonly<Record<FaultKind, number>>;

/** Everything that can go wrong does, now and then. */
export const STORMY: FaultRates = { ...CALL_FAULTS, ...EPISODE_FAULTS };

/** Nothing goes wrong. */
export const CALM: FaultRates = Object.fromEntries(
  Object.keys(STORMY).map((kind) => [kind, 0]),
) as unknown as FaultRates;

/** Decides by seed what goes wrong, until a given time, and counts it. */
export class Faults {
  readonly #scheduler: SimScheduler;
  readonly #random: Random;
  readonly #history: History;
  readonly #rates: FaultRates;
  readonly #counts = new Map<FaultKind, number>();
  readonly untilUs: number;
  #storeBackUs = 0;
  #busBackUs = 0;

  constructor(
    parts: { scheduler: SimScheduler; random: Random; history: History },
    rates: FaultRates,
    untilUs: number,
  ) {
    this.#scheduler = parts.scheduler;
    this.#random = parts.random;
    this.#history = parts.history;
    this.#rates = rates;
    this.untilUs = untilUs;
  }

  /** Tells whether faults may still strike. */
  get active(): boolean {
    return this.#scheduler.nowUs() < this.untilUs;
  }

  /** Draws whether a call is struck; counts it when it is. */
  hits(kind: CallFault): boolean {
    if (!this.active || !this.#random.chance(this.#rates[kind])) return false;
    this.count(kind);
    return true;
  }

  /** Notes that a fault struck. */
  count(kind: FaultKind, detail = ''): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#history.add(`${this.#scheduler.nowUs()} fault ${kind}${detail}`);
  }

  /** Returns how often each kind struck. */
  get counts(): Readonly<Partial<Record<FaultKind, number>>> {
    return Object.fromEntries([...this.#counts].sort());
  }

  get storeIsDown(): boolean {
    return this.#scheduler.nowUs() < this.#storeBackUs;
  }

  get busIsDown(): boolean {
    return this.#scheduler.nowUs() < this.#busBackUs;
  }

  /** When the bus is back; past where it is there. */
  get busBackUs(): number {
    return this.#busBackUs;
  }

  /** Takes the store down for so many milliseconds. */
  takeStoreDown(ms: number): void {
    this.count('storeDown', ` ${ms} ms`);
    this.#storeBackUs = Math.max(this.#storeBackUs, this.#scheduler.nowUs() + ms * US_PER_MS);
  }

  /** Takes the bus down for so many milliseconds. */
  takeBusDown(ms: number): void {
    this.count('busDown', ` ${ms} ms`);
    this.#busBackUs = Math.max(this.#busBackUs, this.#scheduler.nowUs() + ms * US_PER_MS);
  }

  /** Lets `strike` happen now and then, as often as the rate of `kind` says. */
  recur(kind: EpisodeFault, strike: () => void): void {
    const rate = this.#rates[kind];
    if (rate <= 0) return;
    const meanUs = 60_000_000 / rate;
    this.#scheduler.after(this.#random.integer(0, Math.floor(2 * meanUs)), () => {
      if (!this.active) return;
      strike();
      this.recur(kind, strike);
    });
  }
}
