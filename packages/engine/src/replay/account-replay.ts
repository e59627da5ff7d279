import {
  type BotSlice,
  type CashMicros,
  type Denial,
  type Grounds,
  type HistoryEntry,
  HOUSE,
  InvariantError,
  isExit,
  isTerminal,
  type LedgerEntry,
  newOrder,
  type Order,
  type OrderTerms,
  openQuantity,
  priceNanos,
  type TimeUs,
  transition,
} from '@capstan/domain';
import type { SizingRule } from '@capstan/portfolio';
import { KILL_OFF, type RiskLimits } from '@capstan/risk';
import type { AccountConfig, AccountRows, AccountState } from '../account-config.ts';
import { AccountCore } from '../account-core.ts';
import { type Reservation, rests } from '../account-reservations.ts';
import type { SliceDecision, SliceRequest } from '../account-slice.ts';
import { circumstancesOf, SLICE_ORDER } from './circumstances.ts';
import { type Decided, DecisionComparison } from './decision-comparison.ts';
import { type Difference, NOTHING } from './difference.ts';
import { denialText, orderText } from './in-words.ts';

/** What execution told an account, in its order. */
export interface ToldOrders {
  readonly orders: readonly Order[];
  /** Its place in the outbox of who told; absent in checkpoints of versions that did not keep it. */
  readonly sequence?: number;
}
export interface ToldFills {
  /** What the ledger is made of, by account sequence. */
  readonly entries: readonly LedgerEntry[];
  /** Set where they are all of the bars up to then. */
  readonly venueSlice?: { readonly feed: string; readonly sliceEndUs: TimeUs };
  /** What is needed of before where an entry speaks of it: all fills and splits of its symbol. */
  readonly history?: readonly HistoryEntry[];
}
export type Told = ToldOrders | ToldFills;

/** Whose an order is, and when it was last spoken of. */
interface Owned {
  readonly botId: string;
  readonly symbol: string;
  readonly atUs: TimeUs;
}

/** All that the replay of an account goes on from. Plain data, safe for JSON. */
export interface AccountReplayState {
  readonly rows: AccountRows;
  readonly state: AccountState;
  readonly limits: RiskLimits;
  readonly sizings: readonly (readonly [string, SizingRule])[];
  readonly open: readonly Order[];
  readonly owners: readonly (readonly [string, Owned])[];
  readonly told: readonly Told[];
  readonly slices: readonly BotSlice[];
  readonly denials: readonly Denial[];
}

/**
 * Replays the decisions of one account: the signals that its bots gave, the fills and words on orders that it had by then, the
 * limits of then. What kept live from trading at a slice (its kill switch, its breaker and so on) is known by its own denials and
 * told as a difference, so that what follows is decided from the same account.
 */
export class AccountReplay {
  readonly #config: AccountConfig;
  #core: AccountCore;
  /** The open reservations of the core, by order. */
  readonly #reservations = new Map<string, Reservation>();
  /** What is needed of before by the entries that are applied just now. */
  #history: readonly HistoryEntry[] = [];
  readonly #sizings = new Map<string, SizingRule>();
  /** Live's orders that have not ended, as they were last told. */
  readonly #open = new Map<string, Order>();
  /** Whose an order is, by its id. */
  readonly #owners = new Map<string, Owned>();
  /** What execution told and the account has not applied yet. */
  #told: Told[] = [];
  /** By feed, then the end of the slice, then the bot. */
  #slices: BotSlice[] = [];
  #denials: Denial[] = [];

  constructor(
    config: Omit<AccountConfig, 'fillsOf' | 'countsPast' | 'opensByEntry'>,
    cashMicros: CashMicros,
  ) {
    const fillsOf = (botId: string, symbol: string) =>
      this.#history.filter(
        (one) => one.symbol === symbol && (one.kind === 'split' || one.botId === botId),
      );
    this.#config = { ...config, fillsOf, countsPast: true, opensByEntry: cashMicros === 0 };
    this.#core = new AccountCore(this.#config);
    this.#core.fund(HOUSE, cashMicros);
  }

  /** The account as the replay has it. */
  get core(): Pick<AccountCore, 'ledger' | 'limits'> {
    return this.#core;
  }

  /**
   * Forgets what nobody can speak of any more.
   * @param beforeUs what was last spoken of before then and has ended.
   */
  forget(beforeUs: TimeUs): void {
    for (const [orderId, { atUs }] of this.#owners) {
      const isOut = this.#open.has(orderId) || this.#reservations.has(orderId);
      if (atUs < beforeUs && !isOut) this.#owners.delete(orderId);
    }
    // The ledger keeps the entries that it has applied: begun anew, it asks for them where one speaks of them.
    this.#core = this.#restored(this.#rows(), this.#core.state(), this.#core.limits);
  }

  /** Returns all that it goes on from. */
  state(): AccountReplayState {
    return {
      ...{ rows: this.#rows(), state: this.#core.state(), limits: this.#core.limits },
      sizings: [...this.#sizings],
      open: [...this.#open.values()],
      owners: [...this.#owners],
      ...{ told: this.#told, slices: this.#slices, denials: this.#denials },
    };
  }

  /** Goes on from a state. */
  restore(from: AccountReplayState): void {
    this.#core = this.#restored(from.rows, from.state, from.limits);
    for (const [botId, sizing] of from.sizings) this.#sizings.set(botId, sizing);
    for (const order of from.open) this.#open.set(order.orderId, order);
    for (const [orderId, owned] of from.owners) this.#owners.set(orderId, owned);
    this.#told = [...from.told];
    this.#slices = [...from.slices];
    this.#denials = [...from.denials];
  }

  #restored(rows: AccountRows, state: AccountState, limits: RiskLimits): AccountCore {
    this.#reservations.clear();
    for (const one of rows.reservations) this.#reservations.set(one.orderId, one);
    return AccountCore.restore({ ...this.#config, limits }, rows, state);
  }

  /** All rows of the core. */
  #rows(): AccountRows {
    this.#noteReservations();
    const { ledger } = this.#core;
    const { rows: positions, cash } = ledger.snapshot();
    return { positions, cash, reservations: [...this.#reservations.values()] };
  }

  #noteReservations(): void {
    for (const one of this.#core.takeChanges().reservations) {
      if (one.openQuantity > 0) this.#reservations.set(one.orderId, one);
      else this.#reservations.delete(one.orderId);
    }
  }

  size(botId: string, sizing: SizingRule): void {
    this.#sizings.set(botId, sizing);
  }

  hearBot(slice: BotSlice): void {
    const isOf = (one: BotSlice) =>
      one.botId === slice.botId && one.feed === slice.feed && one.sliceEndUs === slice.sliceEndUs;
    const before = this.#slices.find(isOf);
    const signals = slice.signals.length > 0 ? slice.signals : (before?.signals ?? []);
    this.#slices = [...this.#slices.filter((one) => one !== before), { ...slice, signals }];
  }

  hearExecution(told: Told): void {
    this.#told.push(told);
  }

  hearDenials(denials: readonly Denial[]): void {
    this.#denials.push(...denials);
  }

  /** Decides a slice as live did, and compares. @param limits those that hold from now on, where they changed. */
  decide(live: Decided, limits?: RiskLimits): readonly Difference[] {
    const { feed, sliceEndUs } = live;
    if (limits !== undefined) this.#core.setLimits(limits);
    this.#applyKnown(live);
    const ofFeed = this.#slices.filter((one) => one.feed === feed);
    const slices = ofFeed.filter((one) => one.sliceEndUs === sliceEndUs);
    this.#slices = this.#slices.filter((one) => one.feed !== feed || one.sliceEndUs > sliceEndUs);
    const denials = this.#denials;
    this.#denials = [];
    const isRepeated = slices.length === 0 && live.orders.length === 0;
    if (isRepeated && live.cancelOrderIds.length === 0) return this.#late(denials);
    const decision = this.#decision({
      ...{ sliceEndUs, nowUs: live.grounds?.nowUs ?? sliceEndUs, slices, killSwitch: KILL_OFF },
      sizingOf: (botId) => this.#sizings.get(botId),
      ...circumstancesOf(denials),
    });
    if (typeof decision === 'string') return [...this.#late(denials), this.#lost(live, decision)];
    this.#noteReservations();
    for (const one of [...live.orders, ...decision.orders]) this.#own(one, sliceEndUs);
    const ownerOf = (orderId: string) => this.#owners.get(orderId);
    const differences = [
      ...this.#late(denials),
      ...new DecisionComparison(this.#config, live, decision, denials).differences(ownerOf),
    ];
    this.#release(live, decision);
    return differences;
  }

  /**
   * Decides, or says why that cannot be: where live has done what the core would not, an order can be out that it decides only now.
   * It then goes on from what live had out.
   */
  #decision(request: SliceRequest): SliceDecision | string {
    try {
      return this.#core.decideSlice(request);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      this.#core = this.#asLive();
      return error.message;
    }
  }

  /** The account with live's orders out, and nothing of its own. */
  #asLive(): AccountCore {
    const { followUps: _followUps, cancelled: _cancelled, ...state } = this.#core.state();
    const out = [...this.#open.values()].filter(
      (order) => openQuantity(order) > 0 && !isExit(order),
    );
    const partly = out
      .filter(({ filledQuantity }) => filledQuantity > 0)
      .map(({ orderId, filledQuantity: appliedQuantity }) => ({
        ...{ orderId, appliedQuantity, ended: false },
      }));
    const priceOf = (symbol: string) =>
      state.marks.find((one) => one.symbol === symbol)?.priceNanos;
    const rows = {
      ...this.#rows(),
      reservations: out.map((order) => ({
        ...{ orderId: order.orderId, accountId: order.accountId, botId: order.botId },
        ...{ symbol: order.symbol, side: order.side, reducing: order.reducing },
        openQuantity: openQuantity(order),
        priceNanos: order.limitPriceNanos ?? priceOf(order.symbol) ?? priceNanos(0),
      })),
    };
    const resting = out.filter(rests).map(({ orderId }) => orderId);
    const without = { ...state, reservations: { partly, filled: [], resting } };
    return this.#restored(rows, without, this.#core.limits);
  }

  #lost({ sliceEndUs: atUs, orders }: Decided, why: string): Difference {
    const { accountId, instruments } = this.#config;
    const [first] = orders;
    return {
      ...{ atUs, accountId, botId: first?.botId ?? '', symbol: first?.symbol ?? '' },
      ...{ kind: 'order', cause: 'unexplained', replay: 'cannot be where live is', why },
      live: first === undefined ? NOTHING : orderText(first, instruments),
    };
  }

  /** Applies what live had applied, where it says so; else what it may have known of the slice. */
  #applyKnown({ feed, sliceEndUs, grounds }: Decided): void {
    const isLater = (told: Told) =>
      'entries' in told &&
      ((told.venueSlice?.feed === feed && told.venueSlice.sliceEndUs > sliceEndUs) ||
        told.entries.some((entry) => entry.eventAtUs > sliceEndUs));
    const first = this.#told.findIndex(isLater);
    const known = new Set(
      grounds === undefined
        ? this.#told.slice(0, first === -1 ? undefined : first)
        : this.#told.filter((told) => isWithin(told, grounds)),
    );
    this.#told = this.#told.filter((told) => !known.has(told));
    for (const told of known) {
      if ('orders' in told) for (const order of told.orders) this.#hearOrder(order);
      else this.#apply(told);
    }
  }

  #apply({ entries, history = [] }: ToldFills): void {
    this.#history = history;
    for (const entry of entries) this.#core.applyEntry(entry);
    this.#history = [];
  }

  #own({ orderId, botId, symbol }: OrderTerms, atUs: TimeUs): void {
    this.#owners.set(orderId, { botId, symbol, atUs });
  }

  #hearOrder(order: Order): void {
    this.#own(order, order.updatedAtUs);
    if (isTerminal(order.state)) this.#open.delete(order.orderId);
    else this.#open.set(order.orderId, order);
    this.#core.applyOrder(order);
  }

  #late(denials: readonly Denial[]): readonly Difference[] {
    return denials
      .filter(({ policy }) => policy === SLICE_ORDER)
      .map((denial) => ({
        ...{ atUs: denial.decidedAtUs, accountId: denial.accountId, botId: denial.botId },
        ...{ symbol: denial.symbol, kind: 'timing', cause: 'late slice' },
        ...{ live: denialText(denial), replay: 'decided with its slice', why: denial.reason },
      }));
  }

  /** Gives back what the replay would have sent and live did not: what follows is decided from live's account. */
  #release(live: Decided, decision: SliceDecision): void {
    const sent = new Set(live.orders.map(({ orderId }) => orderId));
    for (const terms of decision.orders) {
      if (sent.has(terms.orderId)) continue;
      const event = { kind: 'deny', reason: 'not sent by live' } as const;
      const moved = transition(newOrder(terms, live.sliceEndUs), event, live.sliceEndUs);
      if (moved.kind === 'changed') this.#core.applyOrder(moved.order);
    }
  }
}

/** Tells whether live had applied what it was told. */
function isWithin(told: Told, { accountSequence, orderSequence }: Grounds): boolean {
  if ('orders' in told) return (told.sequence ?? 0) <= orderSequence;
  return told.entries.every((entry) => entry.accountSequence <= accountSequence);
}
