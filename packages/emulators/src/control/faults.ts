import { z } from 'zod';

/**
 * What can be made to go wrong. `times` counts how often it does; `seconds`, of the wall's clock, how long; without either once.
 */
const limited = { times: z.int().min(1).optional(), seconds: z.number().positive().optional() };
/** A part of a path, such as `/v2/orders`, and a method: any unless given. */
const where = { path: z.string().optional(), method: z.string().optional() };

const request = { ...where, ...limited };
/** What the exchange does by them follows from what is asked of it, so these are counted, never timed. */
const counted = { times: z.int().min(1).optional() };

export const FAULT = z.discriminatedUnion('kind', [
  /** Requests are answered by a status, such as 429 or 503. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    retryAfterSeconds: z.number().min(0).optional(),
    message: z.string().optional(),
    ...request,
  }),
  /** An answer is JSON that ends in its middle. */
  z.strictObject({ kind: z.literal('truncatedJson'), ...request }),
  /** The connection ends in the middle of an answer. */
  z.strictObject({ kind: z.literal('truncatedPage'), ...request }),
  /** A page has no rows and a token for the next one. */
  z.strictObject({ kind: z.literal('emptyPage'), ...request }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().min(1), ...request }),
  /** The connection ends before anything was done. */
  z.strictObject({ kind: z.literal('dropBefore'), ...request }),
  /** It was done, and the connection ends instead of an answer. */
  z.strictObject({ kind: z.literal('dropAfter'), ...request }),
  /** An order is not found by its client id. */
  z.strictObject({ kind: z.literal('hiddenByClientId'), ...limited }),
  /** A cancel is taken, and the order fills. */
  z.strictObject({ kind: z.literal('cancelFillRace'), symbol: z.string().optional(), ...counted }),
  /** A replace is taken, and the venue refuses it. */
  z.strictObject({ kind: z.literal('replaceRejected'), symbol: z.string().optional(), ...counted }),
  /** A half of an order fills as its replace arrives. */
  z.strictObject({ kind: z.literal('replaceFillRace'), symbol: z.string().optional(), ...counted }),
  /** The stream of order updates leaves out a fill. */
  z.strictObject({ kind: z.literal('loseFill'), ...limited }),
  /** Streams say everything twice. */
  z.strictObject({ kind: z.literal('duplicateFrames'), ...limited }),
  /** Streams of data refuse who comes, by the code of too many connections unless given. */
  z.strictObject({ kind: z.literal('refuseStream'), code: z.int().optional(), ...limited }),
  /** Streams stay connected, answer pings, and say nothing. */
  z.strictObject({
    kind: z.literal('hangStream'),
    stream: z.enum(['trading', 'data', 'all']).optional(),
    ...limited,
  }),
  /** Keys are wrong from now on. */
  z.strictObject({ kind: z.literal('deadKey'), ...limited }),
  /** The clock that Alpaca tells is off. */
  z.strictObject({ kind: z.literal('clockOffset'), offsetSeconds: z.number(), ...limited }),
  /** A symbol does not trade. */
  z.strictObject({ kind: z.literal('halted'), symbol: z.string(), ...counted }),
  /** A symbol's minute bars are told short, and whole half a minute later as updated bars. */
  z.strictObject({ kind: z.literal('lateTrades'), symbol: z.string(), ...limited }),
  /** The next trades of a symbol, for orders, are of so many units. */
  z.strictObject({
    kind: z.literal('thin'),
    symbol: z.string(),
    units: z.int().min(1),
    ...counted,
  }),
]);
export type Fault = z.infer<typeof FAULT>;
export type FaultKind = Fault['kind'];

/** Kinds that hold until they are cleared where no limit is given, as they are states, not events. */
const LASTING: ReadonlySet<FaultKind> = new Set([
  'hangStream',
  'deadKey',
  'clockOffset',
  'halted',
  'refuseStream',
  'hiddenByClientId',
  'lateTrades',
]);

const MS_PER_SECOND = 1_000;

interface Armed {
  readonly fault: Fault;
  left: number;
  readonly untilMs: number;
}

/** The faults that are on. */
export class FaultBook {
  readonly #wallMs: () => number;
  #armed: Armed[] = [];

  constructor(wallMs: () => number = () => Date.now()) {
    this.#wallMs = wallMs;
  }

  add(fault: Fault): void {
    const seconds = 'seconds' in fault ? fault.seconds : undefined;
    const lasts = seconds !== undefined || LASTING.has(fault.kind);
    const left = fault.times ?? (lasts ? Number.POSITIVE_INFINITY : 1);
    const untilMs =
      seconds === undefined ? Number.POSITIVE_INFINITY : this.#wallMs() + seconds * MS_PER_SECOND;
    this.#armed.push({ fault, left, untilMs });
  }

  /** Takes off all faults, or those of a kind. */
  clear(kind?: FaultKind): void {
    this.#armed = this.#armed.filter(({ fault }) => kind !== undefined && fault.kind !== kind);
  }

  /** Returns the faults that are on. */
  list(): readonly Fault[] {
    return this.#live().map(({ fault }) => fault);
  }

  /** Counts one use of a fault that concerns a symbol, where one is on. */
  take(kind: 'cancelFillRace' | 'replaceRejected' | 'replaceFillRace', symbol: string): boolean {
    return (
      this.#use((fault) => fault.kind === kind && (fault.symbol ?? symbol) === symbol) !== undefined
    );
  }

  /** Counts one use of the first fault of a kind. */
  use<Kind extends FaultKind>(kind: Kind): Extract<Fault, { kind: Kind }> | undefined {
    return this.#use((fault) => fault.kind === kind) as Extract<Fault, { kind: Kind }> | undefined;
  }

  /** Counts one use of the first fault that concerns a request. */
  useOfRequest(kinds: readonly FaultKind[], method: string, path: string): Fault | undefined {
    return this.#use(
      (fault) =>
        kinds.includes(fault.kind) &&
        (!('path' in fault) || fault.path === undefined || path.includes(fault.path)) &&
        (!('method' in fault) || fault.method === undefined || fault.method === method),
    );
  }

  /** Returns a fault of a kind without counting it. */
  find<Kind extends FaultKind>(kind: Kind): Extract<Fault, { kind: Kind }> | undefined {
    return this.#live().find(({ fault }) => fault.kind === kind)?.fault as never;
  }

  isHalted(symbol: string): boolean {
    return this.#live().some(({ fault }) => fault.kind === 'halted' && fault.symbol === symbol);
  }

  /** Tells whether a symbol's bars are told before all of their trades are. */
  isLate(symbol: string): boolean {
    return this.#live().some(({ fault }) => fault.kind === 'lateTrades' && fault.symbol === symbol);
  }

  /** Returns how many units the next trade of a symbol offers, where that is set. */
  unitsOffered(symbol: string): number | undefined {
    const found = this.#use((fault) => fault.kind === 'thin' && fault.symbol === symbol);
    return found?.kind === 'thin' ? found.units : undefined;
  }

  #use(matches: (fault: Fault) => boolean): Fault | undefined {
    const found = this.#live().find(({ fault }) => matches(fault));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }

  #live(): readonly Armed[] {
    if (this.#armed.length === 0) return this.#armed;
    const nowMs = this.#wallMs();
    this.#armed = this.#armed.filter(({ left, untilMs }) => left > 0 && nowMs < untilMs);
    return this.#armed;
  }
}
