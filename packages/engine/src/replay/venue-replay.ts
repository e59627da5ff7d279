import type { Calendar } from '@capstan/calendar';
import {
  type BarSlice,
  type CauseKind,
  type Fill,
  type InstrumentBook,
  isExit,
  isInternalOrder,
  type Order,
  revisionOf,
  type SplitEvent,
  type TimeUs,
  type VenueEvent,
  ZERO_CASH,
} from '@capstan/domain';
import { ExchangeCore, type ExchangeSettings } from '../exchange-core.ts';
import { END_REASONS } from '../matching/matcher-event.ts';
import type { Told, ToldFills } from './account-replay.ts';
import { compareFills, type Trade } from './compare-fills.ts';
import type { Decided } from './decision-comparison.ts';
import { type Difference, type DifferenceCause, NOTHING } from './difference.ts';
import { orderText } from './in-words.ts';

/** What the venue of a replay is made of. */
export interface VenueReplaySettings extends ExchangeSettings {
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  /** Accounts whose venue is this very model: in what they differ from it has no excuse. */
  readonly modelled: ReadonlySet<string>;
}

/** An order as live has it, beside what the replay knows of it. */
interface Known {
  order: Order;
  /** False where the replay does not send it. */
  readonly isMirrored: boolean;
  wasUnknown: boolean;
  isAnswered: boolean;
  /** Why it was sent, changed or cancelled between slices; absent where only decisions of slices have touched it. */
  between?: DifferenceCause | undefined;
  fills: Fill[];
}

type Filled = Extract<VenueEvent, { kind: 'filled' }>;

/**
 * Replays the venue: the orders that live sent it, when live sent them, against the bars that live had. Live's executions are
 * compared with those of the model, order by order. One exchange serves all accounts, which share the volume of a bar.
 */
export class VenueReplay {
  readonly #settings: VenueReplaySettings;
  readonly #exchange: ExchangeCore;
  /** Orders that risk approved, by id: the slice that they were approved at. */
  readonly #approved = new Map<string, { readonly feed: string; readonly sliceEndUs: TimeUs }>();
  /** Orders that a decision wants to be cancelled. */
  readonly #unwanted = new Set<string>();
  readonly #intents = new Set<string>();
  readonly #causes = new Map<string, CauseKind>();
  readonly #orders = new Map<string, Known>();
  readonly #filled = new Map<string, Filled[]>();
  /** What orders that are to be crossed are to be filled by, by id. */
  readonly #crosses = new Map<string, Trade>();
  readonly #sequences = new Map<string, number>();
  readonly #matchedThrough = new Map<string, TimeUs>();
  /** Splits that were taken: every account that holds the symbol tells of one. */
  readonly #splits = new Set<string>();
  #waiting: BarSlice[] = [];

  constructor(settings: VenueReplaySettings) {
    const { behaviour, accounts, instruments, calendarOf } = settings;
    this.#settings = settings;
    this.#exchange = new ExchangeCore({ behaviour, accounts }, instruments, calendarOf);
  }

  /** A feed has closed a slice: it is matched once an account says that its venue has. */
  addSlice(slice: BarSlice): void {
    this.#waiting.push(slice);
  }

  /** A slice was decided: these orders are to be sent, or to fill each other, and those cancelled. */
  approve({ feed, sliceEndUs, orders, cancelOrderIds, crosses = [] }: Decided): void {
    for (const orderId of cancelOrderIds) this.#unwanted.add(orderId);
    for (const { orderId, intentId, quantity } of orders) {
      this.#approved.set(orderId, { feed, sliceEndUs });
      this.#intents.add(intentId);
      const cross = crosses.find((one) => [one.buyOrderId, one.sellOrderId].includes(orderId));
      if (cross === undefined) continue;
      const { priceNanos } = cross;
      const trade = { quantity, priceNanos, eventAtUs: sliceEndUs, feeMicros: ZERO_CASH };
      this.#crosses.set(orderId, trade);
    }
  }

  /** Says why there is an intent that no decision of risk has made. */
  noteCause(intentId: string, cause: CauseKind): void {
    this.#causes.set(intentId, cause);
  }

  /** Takes what execution told of an account, in its order. */
  take(told: Told): readonly Difference[] {
    if ('orders' in told) return told.orders.flatMap((order) => this.#takeOrder(order));
    return this.#takeFills(told);
  }

  /** Compares all that has been executed and is not compared yet. */
  settle(): readonly Difference[] {
    const ids = new Set([...this.#filled.keys(), ...this.#withFills(), ...this.#crossed()]);
    const differences = [...ids].sort().flatMap((orderId) => this.#settleOrder(orderId));
    this.#filled.clear();
    for (const known of this.#orders.values()) known.fills = [];
    return differences;
  }

  #withFills(): readonly string[] {
    return [...this.#orders].filter(([, { fills }]) => fills.length > 0).map(([id]) => id);
  }

  /** Orders that were crossed and are not compared yet. */
  #crossed(): readonly string[] {
    return [...this.#crosses.keys()].filter((orderId) => this.#orders.has(orderId));
  }

  #settleOrder(orderId: string): readonly Difference[] {
    const known = this.#orders.get(orderId);
    const terms = known?.order ?? this.#exchange.order(orderId)?.terms;
    const { instruments } = this.#settings;
    if (known !== undefined && isInternalOrder(known.order)) {
      const cross = this.#crosses.get(orderId);
      const trades = cross === undefined ? [] : [cross];
      this.#crosses.delete(orderId);
      return compareFills(known.order, known.fills, trades, instruments, 'unexplained');
    }
    if (terms === undefined || known?.isMirrored === false) return [];
    const replay = (this.#filled.get(orderId) ?? []).map(tradeOf);
    const cause = this.#modelCause(terms.accountId);
    return compareFills(terms, known?.fills ?? [], replay, instruments, cause, known?.between);
  }

  #modelCause(accountId: string): DifferenceCause {
    return this.#settings.modelled.has(accountId) ? 'unexplained' : 'venue';
  }

  #takeOrder(order: Order): readonly Difference[] {
    const before = this.#orders.get(order.orderId);
    const known = before ?? this.#met(order);
    if (before === undefined) this.#orders.set(order.orderId, known);
    if (known.isMirrored) this.#mirror(before?.order, order);
    this.#noteHand(known, order);
    known.order = order;
    known.wasUnknown ||= order.state === 'unknown';
    const origin = before === undefined ? this.#ofOrigin(order) : [];
    return [...origin, ...this.#ofAnswer(known)];
  }

  /** Notes what no decision of a slice has done to an order. */
  #noteHand(known: Known, { orderId, intentId, state, replaces }: Order): void {
    if (!this.#intents.has(intentId))
      known.between ??= CAUSES[this.#causes.get(intentId) ?? 'signal'];
    const isCancelled = state === 'cancelling' && !this.#unwanted.has(orderId);
    if (isCancelled || replaces !== undefined) known.between ??= 'operator';
  }

  /** What was denied or crossed was never sent, and somebody else's order is not ours to send: all else is mirrored. */
  #met(order: Order): Known {
    const isForeign = this.#causes.get(order.intentId) === 'adoption';
    if (!isInternalOrder(order)) this.#crosses.delete(order.orderId);
    const isMirrored = order.state !== 'denied' && !isForeign && !isInternalOrder(order);
    return { order, isMirrored, wasUnknown: false, isAnswered: false, fills: [] };
  }

  /** Does here what live did to an order: sends it, replaces it, cancels it. Exits are the exchange's own. */
  #mirror(before: Order | undefined, order: Order): void {
    const { orderId, accountId, updatedAtUs: atUs, replaces } = order;
    if (before === undefined && !isExit(order)) {
      const terms = replaces === undefined ? order : { ...order, ...replaces.approved };
      this.#exchange.apply({ kind: 'submit', order: terms, atUs });
    }
    if (replaces !== undefined && replaces.count > (before?.replaces?.count ?? 0)) {
      const revision = replaces.asked ?? revisionOf(order);
      const { count } = replaces;
      this.#exchange.apply({ kind: 'replace', accountId, orderId, count, revision, atUs });
    }
    const isAsked =
      order.state === 'cancelling' ||
      (order.state === 'cancelled' && order.reason === END_REASONS.requested);
    if (isAsked && this.#exchange.order(orderId)?.state === 'working') {
      this.#exchange.apply({ kind: 'cancel', accountId, orderId, atUs });
    }
  }

  /** An order that no decision of risk has sent has a reason of its own; one that was not sent, or late, too. */
  #ofOrigin(order: Order): readonly Difference[] {
    const { instruments } = this.#settings;
    const [live, cause] = [orderText(order, instruments), this.#causes.get(order.intentId)];
    if (isExit(order) && cause === undefined) return [];
    const because = order.reason === undefined ? {} : { why: order.reason };
    const approved = this.#approved.get(order.orderId);
    if (order.state === 'denied') {
      const [policy = ''] = (order.reason ?? '').split(':');
      const denied = EXECUTION_POLICIES[policy] ?? 'unexplained';
      const said = { live: 'not sent', replay: live, ...because };
      return [this.#difference(order, { kind: 'order', cause: denied, ...said })];
    }
    if (approved === undefined) {
      const isAttempt = this.#intents.has(order.intentId) && order.attempt > 1;
      const named = (isAttempt ? 'unfilled' : CAUSES[cause ?? 'signal']) ?? 'unexplained';
      const said = { live, replay: NOTHING, ...because };
      return [this.#difference(order, { kind: 'order', cause: named, ...said })];
    }
    const matchedUs = this.#matchedThrough.get(approved.feed) ?? 0;
    if (matchedUs <= approved.sliceEndUs) return [];
    const said = { live: `${live}, after the next slice`, replay: `${live}, at once` };
    return [this.#difference(order, { kind: 'timing', cause: 'sent late', ...said })];
  }

  /** What the venue refused, or the replay's alone. */
  #ofAnswer(known: Known): readonly Difference[] {
    const { order, isMirrored, isAnswered, wasUnknown } = known;
    const here = this.#exchange.order(order.orderId);
    if (here === undefined || !isMirrored || isAnswered || order.state === 'unknown') return [];
    known.isAnswered = true;
    const [refused, refuses] = [order.state === 'rejected', here.state === 'rejected'];
    if (refused === refuses) return [];
    if (refused) this.#withdraw(order);
    const cause = refused && wasUnknown ? 'outage' : this.#modelCause(order.accountId);
    const text = (is: boolean, why = 'for no reason told') =>
      is ? `rejected: ${why}` : 'accepted';
    const said = { live: text(refused, order.reason), replay: text(refuses, here.reason) };
    return [this.#difference(order, { kind: 'order', cause, ...said })];
  }

  #withdraw({ orderId, accountId, updatedAtUs: atUs }: Order): void {
    this.#exchange.apply({ kind: 'cancel', accountId, orderId, atUs });
  }

  #takeFills({ entries, venueSlice }: ToldFills): readonly Difference[] {
    for (const entry of entries) if (entry.kind === 'split') this.#split(entry);
    if (venueSlice !== undefined) this.#match(venueSlice.feed, venueSlice.sliceEndUs);
    return entries.flatMap((entry) => ('fillId' in entry ? this.#takeFill(entry) : []));
  }

  /** The venue restates what works before the first bar on the new share count. */
  #split({ symbol, newShares, oldShares, eventAtUs: atUs }: SplitEvent): void {
    const key = `${symbol} ${atUs}`;
    if (this.#splits.has(key)) return;
    this.#splits.add(key);
    const ratio = { numerator: newShares, denominator: oldShares };
    this.#exchange.apply({ kind: 'split', symbol, ratio, atUs });
  }

  #takeFill(fill: Fill): readonly Difference[] {
    const known = this.#orders.get(fill.orderId);
    if (fill.kind === 'fill') {
      known?.fills.push(fill);
      return [];
    }
    const live = fill.kind === 'bust' ? 'a fill was taken back' : 'a fill was corrected';
    const { eventAtUs: atUs, accountId, botId, symbol, orderId } = fill;
    const of = { atUs, accountId, botId, symbol, orderId };
    return [{ ...of, kind: 'fill', cause: 'correction', live, replay: 'the fill stands' }];
  }

  /** Matches the slices of a feed up to one, and takes the executions that come of it. */
  #match(feed: string, throughUs: TimeUs): void {
    const isDue = (slice: BarSlice) => slice.feed === feed && slice.endUs <= throughUs;
    const due = this.#waiting.filter(isDue).sort((a, b) => a.endUs - b.endUs);
    this.#waiting = this.#waiting.filter((slice) => !isDue(slice));
    for (const slice of due) {
      const input = this.#exchange.relevant(slice);
      if (input !== undefined) this.#exchange.apply(input);
    }
    const before = this.#matchedThrough.get(feed) ?? 0;
    if (throughUs > before) this.#matchedThrough.set(feed, throughUs);
    for (const accountId of this.#exchange.accountIds()) this.#takeEvents(accountId);
  }

  #takeEvents(accountId: string): void {
    for (const event of this.#exchange.events(accountId, this.#sequences.get(accountId) ?? 0)) {
      this.#sequences.set(accountId, event.sequence);
      if (event.kind !== 'filled') continue;
      const list = this.#filled.get(event.orderId) ?? [];
      list.push(event);
      this.#filled.set(event.orderId, list);
    }
  }

  #difference(
    { updatedAtUs: atUs, accountId, botId, symbol, orderId }: Order,
    rest: Omit<Difference, 'atUs' | 'accountId' | 'botId' | 'symbol' | 'orderId'>,
  ): Difference {
    return { atUs, accountId, botId, symbol, orderId, ...rest };
  }
}

const tradeOf = ({ eventAtUs, quantity, priceNanos, feeMicros }: Filled): Trade => ({
  eventAtUs,
  quantity,
  priceNanos,
  feeMicros,
});

/** What is said of an order by why there is its intent. */
const CAUSES: Readonly<Record<CauseKind, DifferenceCause | undefined>> = {
  signal: undefined,
  schedule: undefined,
  command: 'operator',
  protection: 'protection',
  adoption: 'foreign',
};

/** The names under which execution denies what risk approved. */
const EXECUTION_POLICIES: Readonly<Record<string, DifferenceCause>> = {
  'decision-age': 'age',
  'kill-switch': 'kill',
  breaker: 'breaker',
  hold: 'hold',
  closing: 'being closed',
  drift: 'drift',
  capability: 'capability',
  'dry-run': 'dry run',
  throttle: 'age',
  uncrossed: 'uncrossed',
};
