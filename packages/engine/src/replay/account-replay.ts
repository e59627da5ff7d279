import {
  type BotSlice,
  type CashMicros,
  type Denial,
  type HistoryEntry,
  HOUSE,
  InvariantError,
  isExit,
  isTerminal,
  type LedgerEntry,
  newOrder,
  type Order,
  openQuantity,
  priceNanos,
  type TimeUs,
  transition,
} from '@capstan/domain';
import type { SizingRule } from '@capstan/portfolio';
import { KILL_OFF, type RiskLimits } from '@capstan/risk';
import type { AccountConfig } from '../account-config.ts';
import { AccountCore } from '../account-core.ts';
import type { SliceDecision, SliceRequest } from '../account-slice.ts';
import { circumstancesOf, SLICE_ORDER } from './circumstances.ts';
import { type Decided, DecisionComparison } from './decision-comparison.ts';
import { type Difference, NOTHING } from './difference.ts';
import { denialText, orderText } from './in-words.ts';

/** What execution told an account, in its order. */
export interface ToldOrders {
  readonly orders: readonly Order[];
}
export interface ToldFills {
  /** What the ledger is made of, by account sequence. */
  readonly entries: readonly LedgerEntry[];
  /** Set where they are all of the bars up to then. */
  readonly venueSlice?: { readonly feed: string; readonly sliceEndUs: TimeUs };
}
export type Told = ToldOrders | ToldFills;

/**
 * Replays the decisions of one account: the signals that its bots gave, the fills and words on orders that it had by then, the
 * limits of then. What kept live from trading at a slice (its kill switch, its breaker and so on) is known by its own denials and
 * told as a difference, so that what follows is decided from the same account.
 */
export class AccountReplay {
  readonly #config: AccountConfig;
  #core: AccountCore;
  readonly #history: HistoryEntry[] = [];
  readonly #sizings = new Map<string, SizingRule>();
  /** Live's orders that have not ended, as they were last told. */
  readonly #open = new Map<string, Order>();
  /** Whose an order is, by its id. */
  readonly #owners = new Map<string, { readonly botId: string; readonly symbol: string }>();
  /** What execution told and the account has not applied yet. */
  #told: Told[] = [];
  /** By feed, then the end of the slice, then the bot. */
  #slices: BotSlice[] = [];
  #denials: Denial[] = [];

  constructor(config: Omit<AccountConfig, 'fillsOf' | 'countsPast'>, cashMicros: CashMicros) {
    const fillsOf = (botId: string, symbol: string) =>
      this.#history.filter(
        (one) => one.symbol === symbol && (one.kind === 'split' || one.botId === botId),
      );
    this.#config = { ...config, fillsOf, countsPast: true };
    this.#core = new AccountCore(this.#config);
    this.#core.fund(HOUSE, cashMicros);
  }

  /** The account as the replay has it. */
  get core(): Pick<AccountCore, 'ledger' | 'limits'> {
    return this.#core;
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
    this.#applyThrough(feed, sliceEndUs);
    const ofFeed = this.#slices.filter((one) => one.feed === feed);
    const slices = ofFeed.filter((one) => one.sliceEndUs === sliceEndUs);
    this.#slices = this.#slices.filter((one) => one.feed !== feed || one.sliceEndUs > sliceEndUs);
    const denials = this.#denials;
    this.#denials = [];
    const isRepeated = slices.length === 0 && live.orders.length === 0;
    if (isRepeated && live.cancelOrderIds.length === 0) return this.#late(denials);
    const decision = this.#decision({
      ...{ sliceEndUs, nowUs: sliceEndUs, slices, killSwitch: KILL_OFF },
      sizingOf: (botId) => this.#sizings.get(botId),
      ...circumstancesOf(denials),
    });
    if (typeof decision === 'string') return [...this.#late(denials), this.#lost(live, decision)];
    this.#core.takeChanges();
    for (const one of [...live.orders, ...decision.orders]) this.#owners.set(one.orderId, one);
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
    const { ledger } = this.#core;
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
      positions: ledger
        .bots()
        .flatMap((botId) => ledger.symbols(botId).map((symbol) => ledger.row(botId, symbol))),
      cash: ledger.bots().map((botId) => ledger.cashRow(botId)),
      reservations: out.map((order) => ({
        ...{ orderId: order.orderId, accountId: order.accountId, botId: order.botId },
        ...{ symbol: order.symbol, side: order.side, reducing: order.reducing },
        openQuantity: openQuantity(order),
        priceNanos: order.limitPriceNanos ?? priceOf(order.symbol) ?? priceNanos(0),
      })),
    };
    const config = { ...this.#config, limits: this.#core.limits };
    return AccountCore.restore(config, rows, { ...state, reservations: { partly, filled: [] } });
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

  /** Applies what live had applied: everything told so far, without what the venue says of later slices. */
  #applyThrough(feed: string, sliceEndUs: TimeUs): void {
    const isLater = (told: Told) =>
      'entries' in told &&
      ((told.venueSlice?.feed === feed && told.venueSlice.sliceEndUs > sliceEndUs) ||
        told.entries.some((entry) => entry.eventAtUs > sliceEndUs));
    const later = this.#told.findIndex(isLater);
    const now = later === -1 ? this.#told : this.#told.slice(0, later);
    this.#told = later === -1 ? [] : this.#told.slice(later);
    for (const told of now) {
      if ('orders' in told) for (const order of told.orders) this.#hearOrder(order);
      else for (const entry of told.entries) this.#apply(entry);
    }
  }

  #hearOrder(order: Order): void {
    this.#owners.set(order.orderId, order);
    if (isTerminal(order.state)) this.#open.delete(order.orderId);
    else this.#open.set(order.orderId, order);
    this.#core.applyOrder(order);
  }

  #apply(entry: LedgerEntry): void {
    this.#core.applyEntry(entry);
    if (entry.kind === 'split' || 'fillId' in entry) this.#history.push(entry);
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
