import type { Calendar } from '@capstan/calendar';
import {
  type BarSlice,
  type CauseKind,
  type Fill,
  type InstrumentBook,
  isExit,
  isInternalOrder,
  isTerminal,
  type Order,
  revisionOf,
  type SplitEvent,
  type TimeUs,
  ZERO_CASH,
} from '@capstan/domain';
import { ExchangeCore, type ExchangeSettings } from '../exchange-core.ts';
import type { ExchangeSnapshot } from '../exchange-snapshot.ts';
import { END_REASONS } from '../matching/matcher-event.ts';
import type { Told, ToldFills } from './account-replay.ts';
import { compareFills, type Trade } from './compare-fills.ts';
import type { Decided } from './decision-comparison.ts';
import { type Difference, type DifferenceCause, NOTHING } from './difference.ts';
import { type Executed, Executions, type ExecutionsState } from './executions.ts';
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
}

/** Where an order was approved. */
interface Approved {
  readonly intentId: string;
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
}

/** All that the replay of a venue goes on from. Plain data, safe for JSON. */
export interface VenueReplayState {
  readonly exchange: ExchangeSnapshot;
  readonly approved: readonly (readonly [string, Approved])[];
  readonly unwanted: readonly string[];
  readonly intents: readonly string[];
  readonly causes: readonly (readonly [string, CauseKind])[];
  readonly orders: readonly Known[];
  readonly executions: ExecutionsState;
  readonly crosses: readonly (readonly [string, Trade])[];
  readonly crossed: readonly string[];
  readonly matchedThrough: readonly (readonly [string, TimeUs])[];
  readonly splits: readonly string[];
  readonly waiting: readonly BarSlice[];
  readonly forgottenUs: number;
}

/**
 * Replays the venue: the orders that live sent it, when live sent them, against the bars that live had. Live's executions are
 * compared with those of the model, order by order. One exchange serves all accounts, which share the volume of a bar.
 */
export class VenueReplay {
  readonly #settings: VenueReplaySettings;
  readonly #exchange: ExchangeCore;
  /** Orders that risk approved, by id. */
  readonly #approved = new Map<string, Approved>();
  /** Orders that a decision wants to be cancelled. */
  readonly #unwanted = new Set<string>();
  readonly #intents = new Set<string>();
  readonly #causes = new Map<string, CauseKind>();
  readonly #orders = new Map<string, Known>();
  readonly #executions = new Executions();
  /** What orders that are to be crossed are to be filled by, by id. */
  readonly #crosses = new Map<string, Trade>();
  /** Bots in symbols in which they have filled another's order: their venue is not given exits since. */
  readonly #crossed = new Set<string>();
  readonly #sequences = new Map<string, number>();
  readonly #matchedThrough = new Map<string, TimeUs>();
  /** Splits that were taken: every account that holds the symbol tells of one. */
  readonly #splits = new Set<string>();
  #waiting: BarSlice[] = [];
  /** What was decided before and has ended is forgotten. */
  #forgottenUs = 0;

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
      this.#approved.set(orderId, { intentId, feed, sliceEndUs });
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
  take(accountId: string, told: Told): readonly Difference[] {
    if ('orders' in told) return told.orders.flatMap((order) => this.#takeOrder(order));
    return this.#takeFills(accountId, told);
  }

  /** Compares what has been executed and is not compared yet. @param isDue tells by its time what is to be compared. */
  settle(isDue: (us: TimeUs) => boolean = () => true): readonly Difference[] {
    const executed = new Map(this.#executions.take(isDue).map((one) => [one.orderId, one]));
    for (const [orderId, { eventAtUs }] of this.#crosses) {
      if (!this.#orders.has(orderId) || !isDue(eventAtUs) || executed.has(orderId)) continue;
      executed.set(orderId, { orderId, live: [], model: [] });
    }
    return [...executed]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, one]) => this.#settleOrder(one));
  }

  #settleOrder({ orderId, live, model }: Executed): readonly Difference[] {
    const known = this.#orders.get(orderId);
    const terms = known?.order ?? this.#exchange.order(orderId)?.terms;
    const { instruments } = this.#settings;
    if (known !== undefined && isInternalOrder(known.order)) {
      const cross = this.#crosses.get(orderId);
      const trades = cross === undefined ? [] : [cross];
      this.#crosses.delete(orderId);
      return compareFills(known.order, live, trades, instruments, 'unexplained');
    }
    if (terms === undefined || known?.isMirrored === false) return [];
    const cause = this.#modelCause(terms.accountId);
    return compareFills(terms, live, model, instruments, cause, known?.between);
  }

  /**
   * Forgets what nobody can speak of any more.
   * @param beforeUs orders that have ended and were last spoken of before then, and all that belongs to them.
   */
  forget(beforeUs: TimeUs): void {
    this.#forgottenUs = beforeUs;
    for (const [orderId, { order }] of this.#orders) {
      const isOver = isTerminal(order.state) && order.updatedAtUs < beforeUs;
      if (!isOver || this.#executions.has(orderId)) continue;
      this.#orders.delete(orderId);
      this.#approved.delete(orderId);
      this.#crosses.delete(orderId);
    }
    const isKept = (orderId: string) => this.#orders.has(orderId) || this.#approved.has(orderId);
    for (const orderId of this.#unwanted) if (!isKept(orderId)) this.#unwanted.delete(orderId);
    const intents = new Set([
      ...[...this.#orders.values()].map(({ order }) => order.intentId),
      ...[...this.#approved.values()].map(({ intentId }) => intentId),
    ]);
    for (const one of this.#intents) if (!intents.has(one)) this.#intents.delete(one);
    for (const one of this.#causes.keys()) if (!intents.has(one)) this.#causes.delete(one);
    this.#waiting = this.#waiting.filter(({ endUs }) => endUs >= beforeUs);
    this.#exchange.forget((orderId) => this.#orders.has(orderId) || this.#executions.has(orderId));
  }

  /** Returns all that it goes on from. */
  state(): VenueReplayState {
    return {
      exchange: this.#exchange.snapshot(),
      approved: [...this.#approved],
      unwanted: [...this.#unwanted],
      intents: [...this.#intents],
      causes: [...this.#causes],
      orders: [...this.#orders.values()],
      executions: this.#executions.state(),
      crosses: [...this.#crosses],
      crossed: [...this.#crossed],
      matchedThrough: [...this.#matchedThrough],
      splits: [...this.#splits],
      ...{ waiting: this.#waiting, forgottenUs: this.#forgottenUs },
    };
  }

  /** Goes on from a state. */
  restore(from: VenueReplayState): void {
    this.#exchange.restore(from.exchange);
    for (const accountId of this.#exchange.accountIds())
      this.#sequences.set(accountId, this.#exchange.account(accountId)?.sequence ?? 0);
    for (const [orderId, approved] of from.approved) this.#approved.set(orderId, approved);
    for (const orderId of from.unwanted) this.#unwanted.add(orderId);
    for (const intentId of from.intents) this.#intents.add(intentId);
    for (const [intentId, cause] of from.causes) this.#causes.set(intentId, cause);
    for (const known of from.orders) this.#orders.set(known.order.orderId, known);
    this.#executions.restore(from.executions);
    for (const [orderId, trade] of from.crosses) this.#crosses.set(orderId, trade);
    for (const place of from.crossed) this.#crossed.add(place);
    for (const [feed, throughUs] of from.matchedThrough) this.#matchedThrough.set(feed, throughUs);
    for (const key of from.splits) this.#splits.add(key);
    this.#waiting = [...from.waiting];
    this.#forgottenUs = from.forgottenUs;
  }

  #modelCause(accountId: string): DifferenceCause {
    return this.#settings.modelled.has(accountId) ? 'unexplained' : 'venue';
  }

  #takeOrder(order: Order): readonly Difference[] {
    const before = this.#orders.get(order.orderId);
    if (before === undefined && this.#isForgotten(order)) return [];
    const known = before ?? this.#met(order);
    if (before === undefined) this.#orders.set(order.orderId, known);
    if (isInternalOrder(order)) this.#crossed.add(placeOf(order));
    if (known.isMirrored) this.#mirror(before?.order, order);
    this.#noteHand(known, order);
    known.order = order;
    known.wasUnknown ||= order.state === 'unknown';
    const origin = before === undefined ? this.#ofOrigin(order) : [];
    return [...origin, ...this.#ofAnswer(known)];
  }

  /** A late word on an order that has ended long ago. */
  #isForgotten(order: Order): boolean {
    const { orderId, state, decidedAtUs } = order;
    if (isExit(order) || this.#approved.has(orderId)) return false;
    return isTerminal(state) && decidedAtUs < this.#forgottenUs;
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
    return { order, isMirrored, wasUnknown: false, isAnswered: false };
  }

  /** Does here what live did to an order: sends it, replaces it, cancels it. Exits are the exchange's own. */
  #mirror(before: Order | undefined, order: Order): void {
    const { orderId, accountId, updatedAtUs: atUs, replaces } = order;
    if (before === undefined && !isExit(order)) {
      const { exits, ...bare } = order;
      const sent = this.#crossed.has(placeOf(order)) ? bare : order;
      const terms = replaces === undefined ? sent : { ...sent, ...replaces.approved };
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

  #takeFills(accountId: string, { entries, venueSlice }: ToldFills): readonly Difference[] {
    for (const entry of entries) if (entry.kind === 'split') this.#split(entry);
    if (venueSlice !== undefined) {
      this.#match(venueSlice.feed, venueSlice.sliceEndUs);
      this.#executions.noteTold(accountId, venueSlice);
    }
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
    if (fill.kind === 'fill') {
      if (this.#orders.has(fill.orderId)) this.#executions.takeLive(fill);
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
      if (input === undefined) continue;
      this.#exchange.apply(input);
      for (const accountId of this.#exchange.accountIds()) this.#takeEvents(accountId, slice);
    }
    const before = this.#matchedThrough.get(feed) ?? 0;
    if (throughUs > before) this.#matchedThrough.set(feed, throughUs);
  }

  #takeEvents(accountId: string, { feed, endUs: sliceEndUs }: BarSlice): void {
    for (const event of this.#exchange.events(accountId, this.#sequences.get(accountId) ?? 0)) {
      this.#sequences.set(accountId, event.sequence);
      if (event.kind === 'filled') this.#executions.takeModel(event, { feed, sliceEndUs });
    }
  }

  #difference(
    { updatedAtUs: atUs, accountId, botId, symbol, orderId }: Order,
    rest: Omit<Difference, 'atUs' | 'accountId' | 'botId' | 'symbol' | 'orderId'>,
  ): Difference {
    return { atUs, accountId, botId, symbol, orderId, ...rest };
  }
}

const placeOf = ({ accountId, botId, symbol }: Order): string => `${accountId} ${botId} ${symbol}`;

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
