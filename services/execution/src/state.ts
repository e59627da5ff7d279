import type { ApprovedSlice } from '@capstan/contracts';
import {
  type AttemptChanges,
  type Fill,
  isInternalFill,
  isTerminal,
  type Order,
  type OrderTerms,
  type PriceNanos,
  type Quantity,
  quantity,
  type TimeUs,
  timeUs,
  type VenueEvent,
} from '@capstan/domain';
import type { Headers } from '@capstan/ports';
import type { Breaker } from '@capstan/risk';
import type { DayLook } from './day-look.ts';
import type { EmergencyPlace } from './emergency-journal.ts';
import type { Guard } from './guard.ts';
import { LIMITS } from './limits.ts';

/** What led to a step: its ids, and the trace that goes on with it. */
export interface Origin {
  readonly correlationId: string;
  readonly causationId: string;
  readonly trace: Headers;
}

/** A slice that was taken and waits for its turn. */
export interface QueuedSlice {
  readonly slice: ApprovedSlice;
  readonly origin: Origin;
}

/** The slice whose orders are being dealt with. It is done when the venue's word on each is known. */
export interface SliceInHand {
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
  readonly activeBots: number;
  readonly orderIds: readonly string[];
  /** Orders whose cancel is asked for before its own are sent. */
  readonly cancelOrderIds: readonly string[];
  readonly origin: Origin;
}

/** What a bot holds by the fills journaled here. */
export interface Holding {
  readonly botId: string;
  readonly symbol: string;
  /** Signed. */
  readonly quantity: Quantity;
  /** Price of the last fill. */
  readonly priceNanos: PriceNanos;
}

/** How far a hard kill is. */
export interface Flattening {
  /** The kill that it serves. */
  readonly sinceUs: TimeUs;
  /** Rounds of flattening orders so far. */
  readonly round: number;
  readonly orderIds: readonly string[];
}

/** An order that waits for the end of the exits which hold what it closes. */
export interface Release {
  readonly terms: OrderTerms;
  /** How much its bot held as it was decided, on the side that it closes. */
  readonly held: number;
}

/** What follows the end of an order: its next attempt. */
export type FollowUp = Pick<AttemptChanges, 'type' | 'limitPriceNanos'>;

/** Which orders and holdings are meant; empty fields mean any. */
export interface Scope {
  readonly botId: string;
  readonly symbol: string;
}

/** A wish to flatten that is not done yet. */
export interface FlattenTask extends Scope {
  /** The command that it serves, or the id that the exits which were reached give it. */
  readonly commandId: string;
  /** Set where exits were reached; else a person asked for it. */
  readonly cause?: 'protection';
  readonly actor: string;
  readonly sinceUs: TimeUs;
  /** Rounds of flattening orders so far. */
  readonly round: number;
  /** Those of the last round. */
  readonly orderIds: readonly string[];
}

/** Tells whether an order or a holding is meant. */
export function isMeant({ botId, symbol }: Scope, one: Scope): boolean {
  return (botId === '' || one.botId === botId) && (symbol === '' || one.symbol === symbol);
}

/** Tells whether an order is one by which a hard kill flattens. */
export function isFlattening(
  { flattening }: { readonly flattening?: Flattening | undefined },
  { orderId }: Pick<Order, 'orderId'>,
): boolean {
  return flattening?.orderIds.includes(orderId) ?? false;
}

/** A venue's later word on an execution. */
export type Word = Extract<VenueEvent, { kind: 'busted' | 'corrected' }>;

/** What the rows do not say; plain data, safe for JSON. */
interface Stored {
  readonly nextAccountSequence: number;
  readonly clockUs: TimeUs;
  readonly feed: string;
  readonly inHand?: SliceInHand;
  readonly queue: readonly QueuedSlice[];
  readonly doneThrough: Readonly<Record<string, number>>;
  readonly venueSlices: Readonly<Record<string, number>>;
  readonly holdings: readonly Holding[];
  readonly flattening?: Flattening;
  /** Absent where nothing was ever sent without the store. */
  readonly emergency?: EmergencyPlace;
  /** Absent until something counts. */
  readonly breaker?: Breaker;
  /** Absent in a state that an older version wrote. */
  readonly cancels?: Readonly<Record<string, string>>;
  /** Absent where the venue numbers its events, or has told none. */
  readonly venueAtUs?: TimeUs;
  /** Absent where there are none. */
  readonly followUps?: Readonly<Record<string, FollowUp>>;
  /** Absent where there are none. */
  readonly tasks?: readonly FlattenTask[];
  /** Absent where there are none. */
  readonly earlyWords?: readonly Word[];
  /** Absent where there are none. */
  readonly guards?: readonly Guard[];
  /** Absent where there are none. */
  readonly returned?: readonly Order[];
  /** Absent where there are none. */
  readonly crossed?: readonly string[];
  /** Absent where there are none. */
  readonly looks?: Readonly<Record<string, DayLook>>;
  /** Absent where there are none. */
  readonly restated?: readonly string[];
  /** Absent where there are none. */
  readonly releases?: readonly Release[];
}

/**
 * What execution knows of one account. It is rebuilt from the state stored with the last commit, the rows of orders that have not
 * ended, and the last fills.
 */
export class AccountState {
  /** The sequence that the account's next fill gets. */
  nextAccountSequence = 1;
  /** The run's clock as last heard: the greatest end of a slice, or time of a venue event. */
  clockUs: TimeUs = timeUs(0);
  /** The feed of the last slice. */
  feed = '';
  inHand: SliceInHand | undefined;
  queue: QueuedSlice[] = [];
  flattening: Flattening | undefined;
  /** What of the emergency journal is taken. */
  emergency: EmergencyPlace | undefined;
  breaker: Breaker | undefined;
  /** Wishes to flatten, in the order in which they came. */
  tasks: readonly FlattenTask[] = [];
  /** Words on executions that were not told yet, in the order in which they came. */
  earlyWords: readonly Word[] = [];
  /** Exits that are watched here, in the order in which their entries were sent. */
  guards: readonly Guard[] = [];
  /** Orders of the slice in hand that wait for the end of exits, in their order. */
  releases: readonly Release[] = [];
  /** What was last seen at the broker of symbols in which exits stand. */
  readonly looks = new Map<string, DayLook>();
  /** Exits that the venue has restated by itself, as for a split, and that the books have not followed. */
  readonly restated = new Set<string>();
  /** Cancels that are wanted and of which the venue has not said whether it takes them: why, by order. */
  readonly cancels = new Map<string, string>();
  /** What follows the end of orders whose cancel is asked for. */
  readonly followUps = new Map<string, FollowUp>();
  /** Orders that were given up as never taken and that the venue has after all, by id, until they have ended there. */
  readonly returned = new Map<string, Order>();
  /** Sequence of the last venue event taken. */
  venueSequence = 0;
  /** Greatest time of a venue event taken, where the venue numbers none. */
  venueAtUs: TimeUs | undefined;
  /** End of the last slice that was declared done, by feed. */
  readonly doneThrough = new Map<string, number>();
  /** End of the last slice that the venue has matched, by feed. */
  readonly venueSlices = new Map<string, number>();
  /** Execution ids that were journaled, the last ones. */
  readonly executions = new Set<string>();
  readonly #working = new Map<string, Order>();
  readonly #ended = new Map<string, Order>();
  readonly #holdings = new Map<string, Holding>();
  /** Bots in symbols in which they have filled another's order. */
  readonly #crossed = new Set<string>();

  /** Restores what {@link encode} packed; nothing stored means a new account. */
  static restore(data: Uint8Array | undefined, working: readonly Order[]): AccountState {
    const state = new AccountState();
    for (const order of working) state.put(order);
    if (data === undefined) return state;
    const stored = JSON.parse(new TextDecoder().decode(data)) as Stored;
    state.nextAccountSequence = stored.nextAccountSequence;
    state.clockUs = stored.clockUs;
    state.feed = stored.feed;
    state.inHand = stored.inHand;
    state.queue = [...stored.queue];
    state.flattening = stored.flattening;
    state.emergency = stored.emergency;
    state.breaker = stored.breaker;
    state.venueAtUs = stored.venueAtUs;
    for (const [orderId, plan] of Object.entries(stored.followUps ?? {}))
      state.followUps.set(orderId, plan);
    state.tasks = stored.tasks ?? [];
    state.earlyWords = stored.earlyWords ?? [];
    state.guards = stored.guards ?? [];
    state.releases = stored.releases ?? [];
    for (const [symbol, look] of Object.entries(stored.looks ?? {})) state.looks.set(symbol, look);
    for (const orderId of stored.restated ?? []) state.restated.add(orderId);
    for (const order of stored.returned ?? []) state.returned.set(order.orderId, order);
    for (const [orderId, why] of Object.entries(stored.cancels ?? {}))
      state.cancels.set(orderId, why);
    for (const [feed, endUs] of Object.entries(stored.doneThrough))
      state.doneThrough.set(feed, endUs);
    for (const [feed, endUs] of Object.entries(stored.venueSlices))
      state.venueSlices.set(feed, endUs);
    for (const holding of stored.holdings) state.#holdings.set(keyOf(holding), holding);
    for (const key of stored.crossed ?? []) state.#crossed.add(key);
    return state;
  }

  encode(): Uint8Array {
    const stored: Stored = {
      nextAccountSequence: this.nextAccountSequence,
      clockUs: this.clockUs,
      feed: this.feed,
      ...(this.inHand === undefined ? {} : { inHand: this.inHand }),
      queue: this.queue,
      doneThrough: Object.fromEntries(this.doneThrough),
      venueSlices: Object.fromEntries(this.venueSlices),
      holdings: this.holdings(),
      ...(this.flattening === undefined ? {} : { flattening: this.flattening }),
      ...(this.emergency === undefined ? {} : { emergency: this.emergency }),
      ...(this.breaker === undefined ? {} : { breaker: this.breaker }),
      ...(this.venueAtUs === undefined ? {} : { venueAtUs: this.venueAtUs }),
      cancels: Object.fromEntries(this.cancels),
      ...(this.followUps.size === 0 ? {} : { followUps: Object.fromEntries(this.followUps) }),
      ...(this.tasks.length === 0 ? {} : { tasks: this.tasks }),
      ...(this.earlyWords.length === 0 ? {} : { earlyWords: this.earlyWords }),
      ...(this.guards.length === 0 ? {} : { guards: this.guards }),
      ...(this.releases.length === 0 ? {} : { releases: this.releases }),
      ...(this.looks.size === 0 ? {} : { looks: Object.fromEntries(this.looks) }),
      ...(this.restated.size === 0 ? {} : { restated: [...this.restated] }),
      ...(this.returned.size === 0 ? {} : { returned: [...this.returned.values()] }),
      ...(this.#crossed.size === 0 ? {} : { crossed: [...this.#crossed] }),
    };
    return new TextEncoder().encode(JSON.stringify(stored));
  }

  /** Returns an order that is working or ended lately; others are in the store alone. */
  order(orderId: string): Order | undefined {
    return this.#working.get(orderId) ?? this.returned.get(orderId) ?? this.#ended.get(orderId);
  }

  /** Takes the newest version of an order. */
  put(order: Order): void {
    if (!isTerminal(order.state)) {
      this.#working.set(order.orderId, order);
      return;
    }
    if (this.returned.has(order.orderId)) this.returned.set(order.orderId, order);
    this.#working.delete(order.orderId);
    this.restated.delete(order.orderId);
    this.#ended.set(order.orderId, order);
    forgetOldest(this.#ended, LIMITS.endedMax);
  }

  /** Returns the orders that have not ended, in the order in which they came. */
  working(): readonly Order[] {
    return [...this.#working.values()];
  }

  /** Returns the orders that may still fill: also, as unknown ones, those that came back after they were given up. */
  mayFill(): readonly Order[] {
    const back = [...this.returned.values()].map((order) => ({
      ...order,
      state: 'unknown' as const,
    }));
    return [...this.working(), ...back];
  }

  /** Returns the orders of which it is not known whether the venue has them. */
  unresolved(): readonly Order[] {
    return this.working().filter(isUnresolved);
  }

  /** Tells whether an exit in a symbol was restated by the venue, and the books have not followed. */
  hasRestated(symbol: string): boolean {
    return [...this.restated].some((orderId) => this.#working.get(orderId)?.symbol === symbol);
  }

  /** Moves the run's clock; it never goes back. */
  hear(atUs: TimeUs): void {
    if (atUs > this.clockUs) this.clockUs = atUs;
  }

  /** Counts a fill event. @param change signed change of the bot's position. */
  count(fill: Fill, change: number): void {
    const { botId, symbol, priceNanos } = fill;
    const key = keyOf(fill);
    const held = this.#holdings.get(key)?.quantity ?? 0;
    const after = quantity(held + change);
    if (after === 0) this.#holdings.delete(key);
    else this.#holdings.set(key, { botId, symbol, quantity: after, priceNanos });
    if (isInternalFill(fill)) this.#crossed.add(key);
    this.remember(fill.fillId);
  }

  /** Tells whether a bot has ever filled another's order in a symbol: what it holds is then not what its venue has seen of it. */
  hasCrossed(of: Scope): boolean {
    return this.#crossed.has(keyOf(of));
  }

  /** Says what a bot holds now. */
  hold(holding: Holding): void {
    if (holding.quantity === 0) this.#holdings.delete(keyOf(holding));
    else this.#holdings.set(keyOf(holding), holding);
  }

  /** Notes that an execution was journaled. */
  remember(executionId: string): void {
    this.executions.add(executionId);
    forgetOldest(this.executions, LIMITS.executionsMax);
  }

  /** Keeps a word on an execution until that is told. */
  keepWord(word: Word): void {
    this.earlyWords = [...this.earlyWords, word].slice(-LIMITS.earlyWordsMax);
  }

  /** Returns the words that were kept on an execution, by the venue's time, and keeps them no longer. */
  takeWords(executionId: string): readonly Word[] {
    const words = this.earlyWords.filter((word) => word.executionId === executionId);
    if (words.length === 0) return words;
    this.earlyWords = this.earlyWords.filter((word) => word.executionId !== executionId);
    return words.sort((a, b) => a.eventAtUs - b.eventAtUs || a.sequence - b.sequence);
  }

  /** What is held, sorted by bot and symbol; flat ones left out. */
  holdings(): readonly Holding[] {
    return [...this.#holdings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }
}

/** Tells whether only the venue can say what became of an order. */
export function isUnresolved(order: Order): boolean {
  return order.state === 'submitting' || order.state === 'unknown';
}

const keyOf = (of: { readonly botId: string; readonly symbol: string }): string =>
  `${of.botId}\n${of.symbol}`;

function forgetOldest(
  kept: { readonly size: number; keys(): Iterator<string>; delete(key: string): boolean },
  most: number,
): void {
  while (kept.size > most) {
    const oldest = kept.keys().next();
    if (oldest.done === true) return;
    kept.delete(oldest.value);
  }
}
