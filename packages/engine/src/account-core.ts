import {
  AccountLedger,
  assert,
  type BotSlice,
  type CashEvent,
  type CashMicros,
  DERIVED_IDS,
  type Denial,
  type Fill,
  HOUSE,
  type IdScheme,
  type Intent,
  isExit,
  type LedgerEntry,
  type Mark,
  mulDivRound,
  type Order,
  type PriceNanos,
  priceNanos,
  type Quantity,
  type Signal,
  type Split,
  type SplitEvent,
  type TimeUs,
  ZERO_CASH,
} from '@capstan/domain';
import { SIZING_POLICY } from '@capstan/portfolio';
import {
  type ApprovedOrder,
  checkLimits,
  type Evaluation,
  evaluate,
  executesAt,
  intentPriceNanos,
  type KillSwitch,
  type Resized,
  type RiskLimits,
  type TallyState,
} from '@capstan/risk';
import { type Asked, byOwner, type Decided, type Deciding, isSameOwner } from './account-asked.ts';
import { closesAnything, closingPlan } from './account-closing.ts';
import type { AccountConfig, AccountRows, AccountState } from './account-config.ts';
import { denySignal } from './account-denial.ts';
import { type FollowUp, FollowUps } from './account-follow-ups.ts';
import { AccountPast } from './account-past.ts';
import { planSignal, type SignalPlan } from './account-plan.ts';
import {
  type RebalanceRequest,
  type RebalanceStep,
  rebalanceIntents,
} from './account-rebalance.ts';
import { Reservations, reservationOf } from './account-reservations.ts';
import type { SliceDecision, SliceRequest } from './account-slice.ts';
import { AccountView } from './account-view.ts';
import { ExitPlaces } from './exit-places.ts';
import { SliceCrossing } from './slice-crossing.ts';

export { HOUSE } from '@capstan/domain';

/**
 * The pure account: ledger, open reservations, marks, and what is decided with them. The risk service drives it from messages,
 * a backtest from columns. Exposure = applied fills + open reservations.
 */
export class AccountCore {
  readonly #config: AccountConfig;
  #ledger: AccountLedger;
  #reservations = new Reservations();
  readonly #followUps = new FollowUps();
  /** Orders that were told to be cancelled; those that have ended since are forgotten with the state. */
  readonly #cancelled = new Set<string>();
  #exits = new ExitPlaces();
  readonly #marks = new Map<string, Mark>();
  readonly #symbols: ReadonlySet<string>;
  #changedPositions = new Set<string>();
  #changedCash = new Set<string>();
  readonly #ids: IdScheme;
  #limits: RiskLimits;
  #past: AccountPast | undefined;

  /** @throws RISK.LIMITS naming the key that cannot be used. */
  constructor(config: AccountConfig) {
    checkLimits(config.limits);
    this.#config = config;
    this.#ids = config.ids ?? DERIVED_IDS;
    this.#limits = config.limits;
    if (config.countsPast === true) this.#past = this.#pastOf(undefined);
    this.#symbols = new Set(config.instruments.all().map((one) => one.symbol));
    this.#ledger = new AccountLedger(config.accountId, config.instruments, config.fillsOf);
  }

  /** Restores an account; what it decides from then on is what it would have decided. */
  static restore(config: AccountConfig, rows: AccountRows, state: AccountState): AccountCore {
    const core = new AccountCore(config);
    const { accountId, instruments, fillsOf = () => [] } = config;
    const { lastSequence } = state;
    const snapshot = { rows: rows.positions, cash: rows.cash, lastSequence };
    core.#ledger = AccountLedger.restore(accountId, instruments, snapshot, fillsOf);
    core.#reservations = Reservations.restore(rows.reservations, state.reservations);
    core.mark(state.marks);
    for (const followUp of state.followUps ?? []) core.#followUps.put(followUp);
    for (const orderId of state.cancelled ?? []) core.#cancelled.add(orderId);
    core.#exits = new ExitPlaces(state.exits);
    if (config.countsPast === true) core.#past = core.#pastOf(state.tally);
    return core;
  }

  /** The account sequence up to which fills are applied; 0 before the first. */
  get lastSequence(): number {
    return this.#ledger.lastSequence;
  }

  /** The ledger, to be read. */
  get ledger(): Omit<AccountLedger, 'apply' | 'fund'> {
    return this.#ledger;
  }

  /** Opinions to be decided once more, sorted by bot and symbol. Where there are some, a slice of their feed must be decided. */
  get followUps(): readonly FollowUp[] {
    return this.#followUps.all();
  }

  /** The limits that hold now. */
  get limits(): RiskLimits {
    return this.#limits;
  }

  /** Changes the limits, between decisions. @throws RISK.LIMITS: those that hold then stay. */
  setLimits(limits: RiskLimits): void {
    checkLimits(limits);
    this.#limits = limits;
  }

  /** Gives a bot cash: the account's opening capital to {@link HOUSE}. */
  fund(botId: string, amountMicros: CashMicros): void {
    this.#ledger.fund(botId, amountMicros);
    this.#changedCash.add(botId);
    this.#past?.noteCash({ kind: 'transfer', amountMicros });
  }

  /**
   * Applies a fill, bust or correction, and shrinks its order's reservation by what it filled.
   * @returns false where it was applied before.
   * @throws InvariantError unless it is the next of the account's sequence.
   * @throws INSTRUMENT.UNKNOWN, LEDGER.REFERENCE, LEDGER.HISTORY
   */
  applyFill(fill: Fill): boolean {
    const { botId, symbol, accountSequence } = fill;
    if (accountSequence <= this.#ledger.lastSequence) return false;
    const expected = this.#ledger.lastSequence + 1;
    assert(accountSequence === expected, `fill ${accountSequence} came before ${expected}`);
    const before = this.#ledger.position(botId, symbol).quantity;
    const cashBefore = this.#ledger.cashMicros(botId);
    this.#ledger.apply(fill);
    this.#past?.noteFill(fill, cashBefore);
    const change = this.#ledger.position(botId, symbol).quantity - before;
    this.#reservations.applyFilled(fill.orderId, fill.side === 'buy' ? change : -change);
    this.#changedPositions.add(JSON.stringify([botId, symbol]));
    this.#changedCash.add(botId);
    return true;
  }

  /**
   * Applies the word on an order: its end releases what will not fill, UNKNOWN keeps it. A protective exit reserves nothing: it
   * can only reduce, and it shrinks as others do.
   */
  applyOrder(order: Order): void {
    assert(order.accountId === this.#config.accountId, `order of ${order.accountId}`);
    if (isExit(order)) return;
    const limit = order.limitPriceNanos ?? order.stopPriceNanos ?? 0;
    const mark = this.#marks.get(order.symbol)?.priceNanos ?? 0;
    this.#reservations.applyOrder(order, priceNanos(Math.max(limit, mark)));
    if (!this.#reservations.isOut(order.orderId)) this.#cancelled.delete(order.orderId);
    if (this.#followUps.count > 0) this.#followUps.hear(order);
  }

  /**
   * Applies cash that came or went without a trade.
   * @returns false where it was applied before. @throws InvariantError unless it is the next of the account's sequence.
   */
  applyCash(event: CashEvent): boolean {
    const { botId, accountSequence } = event;
    if (accountSequence <= this.#ledger.lastSequence) return false;
    const expected = this.#ledger.lastSequence + 1;
    assert(accountSequence === expected, `cash ${accountSequence} came before ${expected}`);
    this.#ledger.apply(event);
    this.#past?.noteCash(event);
    this.#changedCash.add(botId);
    return true;
  }

  /** Applies what the ledger is made of. @returns false where it was applied before. @throws as the others do. */
  applyEntry(entry: LedgerEntry): boolean {
    if (entry.kind === 'split') return this.#applySplitEvent(entry);
    return 'fillId' in entry ? this.applyFill(entry) : this.applyCash(entry);
  }

  /** Restates what is held and marked; what is out follows the venue's word on each order. */
  #applySplitEvent(split: SplitEvent): boolean {
    const { symbol, accountSequence, eventAtUs } = split;
    if (accountSequence <= this.#ledger.lastSequence) return false;
    const expected = this.#ledger.lastSequence + 1;
    assert(accountSequence === expected, `split ${accountSequence} came before ${expected}`);
    this.#ledger.apply(split);
    for (const botId of this.#ledger.bots()) {
      if (!this.#ledger.symbols(botId).includes(symbol)) continue;
      this.#changedPositions.add(JSON.stringify([botId, symbol]));
      this.#changedCash.add(botId);
    }
    this.#changedCash.add(HOUSE);
    this.#followUps.restate(symbol, split);
    const mark = this.#marks.get(symbol);
    const isOld = mark !== undefined && mark.barEndUs <= eventAtUs;
    if (isOld) this.#marks.set(symbol, restatedMark(mark, split));
    return true;
  }

  /**
   * Restates what is held, out and marked of a symbol for a split. Not protected against repetition.
   * @param restated the orders that go on, with what is open of each on the new share count; those that ended are told by
   * {@link AccountCore.applyOrder}.
   * @returns the cash of what was less than a lot, for each bot that holds the symbol, sorted.
   */
  applySplit(
    symbol: string,
    split: Split,
    restated: readonly { readonly orderId: string; readonly openQuantity: Quantity }[],
  ): ReturnType<AccountLedger['split']> {
    const { newShares, oldShares } = split;
    const priceOn = (price: PriceNanos) => priceNanos(mulDivRound(price, oldShares, newShares));
    const paid = this.#ledger.split(symbol, split);
    for (const { botId } of paid) {
      this.#changedPositions.add(JSON.stringify([botId, symbol]));
      this.#changedCash.add(botId);
    }
    for (const { orderId, openQuantity } of restated) {
      this.#reservations.restate(orderId, openQuantity, priceOn);
    }
    this.#followUps.restate(symbol, split);
    const mark = this.#marks.get(symbol);
    if (mark !== undefined) this.#marks.set(symbol, restatedMark(mark, split));
    return paid;
  }

  /** Takes last prices; older ones than known are passed over. */
  mark(marks: readonly Mark[]): void {
    for (const mark of marks) {
      const known = this.#marks.get(mark.symbol);
      if (known === undefined || known.barEndUs <= mark.barEndUs)
        this.#marks.set(mark.symbol, mark);
    }
  }

  /**
   * Decides a slice: takes its marks, then each signal in the order (bot, symbol), each seeing the reservations of those before
   * it. What is approved is reserved. Orders that may add and work against a signal are cancelled; the signal is then decided once
   * more, at the first slice of its feed after they and the order that it had have ended, unless a newer one has come. So is a wish to
   * be flat whose order was refused, or expired at the market. What the limits close by the time of day comes before all signals.
   */
  decideSlice(request: SliceRequest): SliceDecision {
    for (const slice of request.slices) this.mark(slice.marks);
    const decided: Decided = { intents: [], denials: [], cancelOrderIds: [] };
    const asked = this.#asked(request.slices);
    const { sliceEndUs } = request;
    // What a bot says before the first bar of its feed is of no day that a limit could count.
    if (asked.length === 0 && sliceEndUs === 0) return { ...decided, orders: [], crosses: [] };
    const closes = closesAnything(this.#limits);
    if (asked.length === 0 && this.#past === undefined && !closes)
      return { ...decided, orders: [], crosses: [] };
    const view = this.#view(request);
    this.#past?.look(view, this.#limits, sliceEndUs);
    const given = { limits: this.#limits, exits: this.#exits, ids: this.#ids };
    const crossing = new SliceCrossing({ ...given, view, sliceEndUs });
    if (closes) this.#close({ view, request, decided, crossing });
    for (const one of asked) this.#decide(one, { view, request, decided, crossing });
    decided.cancelOrderIds.sort();
    return { ...decided, orders: crossing.orders, crosses: crossing.crosses };
  }

  /**
   * Decides a step of a rebalance: takes the marks, then each change of a position by symbol, each seeing the reservations of
   * those before it. After a `reduction` the caller asks again, for the additions, once its orders have ended.
   * @throws INSTRUMENT.UNKNOWN
   */
  decideRebalance(request: RebalanceRequest): SliceDecision & { readonly step: RebalanceStep } {
    this.mark(request.marks);
    const view = this.#view(request);
    this.#past?.look(view, this.#limits, request.sliceEndUs);
    const { accountId } = this.#config;
    const context = { accountId, bufferBps: this.#limits.bufferBps, ids: this.#ids };
    const { step, intents, denials: refused } = rebalanceIntents(request, view, context);
    const denials: Denial[] = [...refused];
    const orders: ApprovedOrder[] = [];
    for (const intent of intents) {
      const verdict = this.#judge(intent, view, request.nowUs);
      if (verdict.kind !== 'approved') denials.push(verdict.denial);
      if (verdict.kind !== 'denied') orders.push(verdict.order);
    }
    return { step, intents, denials, orders, cancelOrderIds: [], crosses: [] };
  }

  /** Returns the signals, and the follow-ups whose time has come, in the order (bot, symbol). */
  #asked(slices: readonly BotSlice[]): readonly Asked[] {
    const fresh = slices.flatMap(({ feed, signals }) =>
      signals.map((signal): Asked => ({ signal, feed, attempts: 0 })),
    );
    const due = this.#followUps.due(slices, {
      isOut: (orderId) => this.#reservations.isOut(orderId),
      mayClose: (followUp, atUs) => this.#mayClose(followUp, atUs),
    });
    if (due.length === 0) return fresh.sort(byOwner);
    const again = due
      .filter(({ signal }) => !fresh.some((one) => isSameOwner(one.signal, signal)))
      .map(({ signal, waitsFor: _, closes: __, notBeforeUs: ___, ...asked }): Asked => {
        const referencePriceNanos =
          this.#marks.get(signal.symbol)?.priceNanos ?? signal.referencePriceNanos;
        return { ...asked, signal: { ...signal, referencePriceNanos } };
      });
    return [...fresh, ...again].sort(byOwner);
  }

  /** Tells whether what closes can execute now, or is denied for good: where limits let nothing wait for the next session, it is decided in that. */
  #mayClose({ signal: { symbol } }: FollowUp, atUs: TimeUs): boolean {
    const { instruments, calendarOf } = this.#config;
    if (!this.#symbols.has(symbol)) return true;
    return executesAt(this.#limits, calendarOf(instruments.get(symbol).calendar), atUs);
  }

  /** Decides one signal. The newest opinion of a bot in a symbol counts alone, also where it is refused; one to be flat is kept until it is done. */
  #decide(asked: Asked, deciding: Deciding): void {
    const { view, request, decided } = deciding;
    const { signal, attempts } = asked;
    this.#followUps.remove(signal);
    const { sizing, cancelOrderIds } = this.#plan(signal, view, request);
    if (sizing.kind === 'denied') {
      decided.denials.push(denySignal(signal, sizing, request.sliceEndUs, this.#ids));
      return;
    }
    for (const orderId of cancelOrderIds) this.#cancelled.add(orderId);
    decided.cancelOrderIds.push(...cancelOrderIds);
    if (sizing.kind !== 'intent') {
      this.#keep(asked, cancelOrderIds);
      return;
    }
    const { intent } = sizing;
    if (attempts === 0) decided.intents.push(intent);
    const sent = this.#order(intent, deciding, attempts + 1);
    const { intentId } = intent;
    const had = { ...asked, intentId, attempts: attempts + Math.max(1, sent.length) };
    if (sent.length > 0) {
      this.#keep(had, cancelOrderIds.length === 0 ? [] : [...cancelOrderIds, ...sent]);
    } else if (signal.direction === 'flat') {
      this.#followUps.put({ ...had, waitsFor: cancelOrderIds });
    }
  }

  /** Keeps an opinion that waits for the end of orders; one to be flat also until what closes has done that. */
  #keep(asked: Omit<FollowUp, 'waitsFor'>, waitsFor: readonly string[]): void {
    const { botId, symbol, direction } = asked.signal;
    if (waitsFor.length > 0) this.#followUps.put({ ...asked, waitsFor: [...waitsFor].sort() });
    else if (direction === 'flat') {
      const out = this.#reservations.of(botId, symbol).map(({ orderId }) => orderId);
      if (out.length > 0) this.#followUps.put({ ...asked, waitsFor: out.sort(), closes: true });
    }
  }

  /** Closes what the limits close by the time of day: as reducing orders, which no limit of exposure stops. */
  #close(deciding: Deciding): void {
    const { view, request, decided } = deciding;
    const { runId } = request.slices[0] ?? {};
    if (runId === undefined) return;
    const { intents, cancelOrderIds } = closingPlan({
      ...{ runId, view, sliceEndUs: request.sliceEndUs, ids: this.#ids, except: HOUSE },
      ...{ accountId: this.#config.accountId, limits: this.#limits, exits: this.#exits },
      outOf: (botId, symbol) => this.#reservations.of(botId, symbol),
      rests: (orderId) => this.#reservations.rests(orderId),
    });
    for (const orderId of cancelOrderIds) {
      this.#cancelled.add(orderId);
      if (!decided.cancelOrderIds.includes(orderId)) decided.cancelOrderIds.push(orderId);
    }
    for (const intent of intents) {
      decided.intents.push(intent);
      this.#order(intent, deciding);
    }
  }

  /** Makes the order of an intent where the policies let it. @returns its id, and those of the parts that it was divided into. */
  #order(intent: Intent, deciding: Deciding, attempt = 1): readonly string[] {
    const { view, request, decided, crossing } = deciding;
    const may = crossing.mayCross(intent);
    const limits = crossing.limitsFor(intent, may);
    const verdict = this.#judge(intent, view, request.nowUs, { attempt, limits });
    if (verdict.kind !== 'approved') decided.denials.push(verdict.denial);
    if (verdict.kind === 'denied') return [];
    const { order } = verdict;
    const sent = [order.orderId];
    for (const { orderId, rest } of crossing.take(order, may)) {
      for (const one of [this.#reservations, this.#followUps]) one.divide(orderId, rest);
      if (rest.intentId === order.intentId) sent.push(rest.orderId);
    }
    return sent;
  }

  /** Puts an intent before the policies; what they approve is reserved. */
  #judge(
    intent: Intent,
    view: AccountView,
    nowUs: TimeUs,
    { attempt, limits } = { attempt: 1, limits: this.#limits },
  ): Evaluation | Resized {
    const verdict = evaluate(intent, view, limits, nowUs, { ids: this.#ids, attempt });
    if (verdict.kind === 'denied') return verdict;
    this.#exits.note(intent, view);
    const { order } = verdict;
    const reservation = reservationOf(order, intentPriceNanos(intent));
    this.#reservations.reserve(reservation, order);
    view.reserve(reservation);
    this.#past?.noteOrder(order, nowUs);
    return verdict;
  }

  /** Returns the rows that changed since the last call. */
  takeChanges(): AccountRows {
    const positions = [...this.#changedPositions].sort().map((key) => {
      const [botId, symbol] = JSON.parse(key) as [string, string];
      return this.#ledger.row(botId, symbol);
    });
    const cash = [...this.#changedCash].sort().map((botId) => this.#ledger.cashRow(botId));
    this.#changedPositions = new Set();
    this.#changedCash = new Set();
    return { positions, cash, reservations: this.#reservations.takeChanges() };
  }

  /** Returns what the rows do not say. */
  state(): AccountState {
    const [followUps, exits] = [this.followUps, this.#exits.all()];
    for (const orderId of this.#cancelled) {
      if (!this.#reservations.isOut(orderId)) this.#cancelled.delete(orderId);
    }
    return {
      lastSequence: this.#ledger.lastSequence,
      marks: [...this.#marks.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1)),
      reservations: this.#reservations.state(),
      ...(followUps.length === 0 ? {} : { followUps }),
      ...(this.#cancelled.size === 0 ? {} : { cancelled: [...this.#cancelled].sort() }),
      ...(exits.length === 0 ? {} : { exits }),
      ...(this.#past === undefined ? {} : { tally: this.#past.state() }),
    };
  }

  /** Returns the account as its policies see it now. */
  view(killSwitch: KillSwitch): AccountView {
    return this.#view({ killSwitch });
  }

  #pastOf(state: TallyState | undefined): AccountPast {
    const { instruments, calendarOf } = this.#config;
    return new AccountPast({ instruments, calendarOf, ledger: () => this.#ledger }, state);
  }

  #view(as: Pick<SliceRequest, Viewed>): AccountView {
    return new AccountView({
      ledger: this.#ledger,
      reservations: this.#reservations.open(),
      instruments: this.#config.instruments,
      calendarOf: this.#config.calendarOf,
      markOf: (symbol) => this.#marks.get(symbol),
      killSwitch: as.killSwitch,
      accruedMicros: as.accruedMicros ?? ZERO_CASH,
      ...{ dailyLoss: as.dailyLoss, breaker: as.breaker, drifts: as.drifts },
      ...{ conditions: as.conditions, clockOffsetUs: as.clockOffsetUs },
      ...{ tally: this.#past?.tally, opensByEntry: this.#config.opensByEntry },
    });
  }

  #plan(signal: Signal, view: AccountView, request: SliceRequest): SignalPlan {
    const sizing = request.sizingOf(signal.botId);
    if (sizing === undefined) return denied(`bot '${signal.botId}' is not known`);
    if (!this.#symbols.has(signal.symbol)) return denied(`no instrument named '${signal.symbol}'`);
    const reservations = this.#reservations;
    return planSignal({
      ...{ signal, sizing, view, ids: this.#ids, decidedAtUs: request.sliceEndUs },
      out: reservations.of(signal.botId, signal.symbol),
      rests: (orderId) => reservations.rests(orderId),
      isCancelled: (orderId) => this.#cancelled.has(orderId),
    });
  }
}

type Viewed = Exclude<keyof SliceRequest, 'sliceEndUs' | 'nowUs' | 'slices' | 'sizingOf'>;

const restatedMark = (mark: Mark, { newShares, oldShares }: Split): Mark => ({
  ...mark,
  priceNanos: priceNanos(mulDivRound(mark.priceNanos, oldShares, newShares)),
});

const denied = (reason: string): SignalPlan => ({
  sizing: { kind: 'denied', policy: SIZING_POLICY, reason },
  cancelOrderIds: [],
});
