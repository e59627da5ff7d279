import { US_PER_MS } from '@capstan/domain';
import { Random } from '../random.ts';
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
  /** A direct call arrives after its caller has given it up. */
  requestLate: 0.01,
  /** One of several events of a venue is lost, and its stream goes on. */
  frameLost: 0.05,
  /** A fill is lost, perhaps with nothing after it, and the stream goes on: at venues whose account is compared with the ledgers. */
  fillLost: 0.05,
  /** A stream stays open and says nothing for seconds; then it says all. */
  streamSilent: 0.01,
  /** What was asked for is there, and the answer is that it is not: asked of venues. */
  falseAbsence: 0.2,
  /** A process dies at the very moment of a call, before or after its effect. */
  crashAtCall: 0.0005,
  /** A process stands still at the very moment of a call, longer than its leases last, and then goes on with the answer. */
  freezeAtCall: 0.0005,
} as const;

/** Faults that last or strike a process, with how often each begins in a minute of virtual time. */
export const EPISODE_FAULTS = {
  storeDown: 0.5,
  busDown: 0.5,
  /** Store and bus together. */
  bothDown: 0.5,
  /** A venue refuses every call by a typed error until its token is renewed. */
  tokenExpired: 0.5,
  /** Somebody writes a lease who is not its holder. */
  leaseTaken: 0.5,
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

/** How much of what could go wrong does. */
export interface FaultOptions {
  readonly rates: FaultRates;
  /** Nothing goes wrong from here on. */
  readonly untilUs: number;
  /** The numbers of the faults that may strike, counted from 1 as the seed draws them; all of them unless told. */
  readonly only?: readonly number[];
}

/** Decides by seed what goes wrong, until a given time, and counts it. */
export class Faults {
  readonly #scheduler: SimScheduler;
  readonly #random: Random;
  readonly #history: History;
  readonly #rates: FaultRates;
  readonly #only: ReadonlySet<number> | undefined;
  readonly #counts = new Map<FaultKind, number>();
  readonly #struck: number[] = [];
  #drawn = 0;
  readonly untilUs: number;
  #storeBackUs = 0;
  #busBackUs = 0;
  #tokenBackUs = 0;

  constructor(
    parts: { scheduler: SimScheduler; random: Random; history: History },
    options: FaultOptions,
  ) {
    this.#scheduler = parts.scheduler;
    // A generator of its own: a fault that is left out shifts nothing but what follows from it.
    this.#random = new Random(parts.random.bits());
    this.#history = parts.history;
    this.#rates = options.rates;
    this.#only = options.only === undefined ? undefined : new Set(options.only);
    this.untilUs = options.untilUs;
  }

  /** Tells whether faults may still strike. */
  get active(): boolean {
    return this.#scheduler.nowUs() < this.untilUs;
  }

  /** Draws whether a call is struck; counts it when it is. */
  hits(kind: CallFault): boolean {
    if (!this.active || !this.#random.chance(this.#rates[kind]) || !this.#mayStrike()) return false;
    this.count(kind);
    return true;
  }

  /** The numbers of the faults that were let strike, in the order drawn. */
  get struck(): readonly number[] {
    return this.#struck;
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

  /** Tells whether venues refuse every call. */
  get tokenIsExpired(): boolean {
    return this.#scheduler.nowUs() < this.#tokenBackUs;
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

  /** Takes store and bus down for so many milliseconds each. */
  takeBothDown(storeMs: number, busMs: number): void {
    this.count('bothDown', ` ${storeMs} ms, ${busMs} ms`);
    const nowUs = this.#scheduler.nowUs();
    this.#storeBackUs = Math.max(this.#storeBackUs, nowUs + storeMs * US_PER_MS);
    this.#busBackUs = Math.max(this.#busBackUs, nowUs + busMs * US_PER_MS);
  }

  /** Lets venues refuse every call for so many milliseconds. */
  expireToken(ms: number): void {
    this.count('tokenExpired', ` ${ms} ms`);
    this.#tokenBackUs = Math.max(this.#tokenBackUs, this.#scheduler.nowUs() + ms * US_PER_MS);
  }

  /** Lets `strike` happen now and then, as often as the rate of `kind` says. */
  recur(kind: EpisodeFault, strike: () => void): void {
    const rate = this.#rates[kind];
    if (rate <= 0) return;
    const meanUs = 60_000_000 / rate;
    this.#scheduler.after(this.#random.integer(0, Math.floor(2 * meanUs)), () => {
      if (!this.active) return;
      if (this.#mayStrike()) strike();
      this.recur(kind, strike);
    });
  }

  /** Numbers a fault that was drawn, and tells whether it is among those that may strike. */
  #mayStrike(): boolean {
    this.#drawn += 1;
    if (this.#only?.has(this.#drawn) === false) return false;
    this.#struck.push(this.#drawn);
    return true;
  }
}
