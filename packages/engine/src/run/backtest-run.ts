import {
  assert,
  type Mark,
  type OrderTerms,
  priceNanos,
  type Signal,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import { KILL_OFF } from '@capstan/risk';
import type { AccountCore } from '../account-core.ts';
import type { SliceDecision } from '../account-slice.ts';
import { sizingMeasureAt } from '../sizing-graph.ts';
import type { ActionBook } from './action-book.ts';
import type { ActionDesk } from './action-desk.ts';
import type { RunDenial, RunFollowUp } from './backtest-result.ts';
import type { BacktestSpec, RunNames } from './backtest-spec.ts';
import { flattenTerms } from './flatten-terms.ts';
import type { HaltWatch } from './halt-watch.ts';
import type { OrderCause } from './order-columns.ts';
import type { OrderDesk } from './order-desk.ts';
import { PORTFOLIO_POLICY, type PortfolioDesk } from './portfolio-desk.ts';
import type { SignalOrder } from './signal-order.ts';
import type { SymbolRun } from './symbol-run.ts';

/** What a run goes through its slices with. */
export interface RunParts {
  readonly spec: BacktestSpec;
  readonly names: RunNames;
  readonly timelineUs: Float64Array;
  /** Sorted by symbol. */
  readonly symbols: readonly SymbolRun[];
  readonly signals: SignalOrder;
  readonly account: AccountCore;
  readonly desk: OrderDesk;
  readonly actionBook: ActionBook;
  readonly actions: ActionDesk;
  /** Absent where the limits do not watch the loss of a session. */
  readonly watch: HaltWatch | undefined;
  /** True where limits look at every slice: something may happen in one without a signal. */
  readonly everySlice: boolean;
  /** Absent where each signal is sized for itself. */
  readonly portfolio: PortfolioDesk | undefined;
  /** Tells whether an order's session is over at a time. */
  readonly isDue: (endUs: TimeUs) => boolean;
}

const NEVER = Number.POSITIVE_INFINITY;
const NONE: readonly string[] = [];
/** After so many decisions the account's lists of changed rows, which nobody stores, are emptied. */
const DECISIONS_PER_SWEEP = 1_024;

/**
 * Goes through the slices at which something can happen: a signal, a bar of a symbol with working orders, the end of a session
 * that orders end with. All others change nothing but marks.
 */
export class BacktestRun {
  readonly denials: RunDenial[] = [];
  readonly followUps: RunFollowUp[] = [];
  readonly #parts: RunParts;
  readonly #bySymbol: ReadonlyMap<string, SymbolRun>;
  #nextSignal = 0;
  #slice = -1;
  #decisions = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#bySymbol = new Map(parts.symbols.map((symbol) => [symbol.symbol, symbol]));
  }

  /** Slices that lie behind it. */
  get slicesDone(): number {
    return this.#slice + 1;
  }

  /**
   * Goes on for so many of the slices at which something can happen.
   * @returns false once the last slice is behind it.
   */
  advance(most: number): boolean {
    const { timelineUs, actions, watch, spec } = this.#parts;
    let slice = this.#slice;
    for (let count = 0; count < most; count += 1) {
      const next = this.#next(slice);
      const breach = watch?.lookUntil(Math.min(next, timelineUs.length));
      if (breach === undefined && next === NEVER) {
        this.#slice = timelineUs.length - 1;
        if (spec.execution.closeAtEnd && timelineUs.length > 0) this.#closeAll(this.#slice);
        return false;
      }
      slice = breach ?? next;
      if (breach === undefined) {
        actions.open(slice);
        this.#match(slice);
      }
      const halts = breach !== undefined || watch?.lookUntil(slice + 1) !== undefined;
      if (halts && spec.execution.haltFor === 'run') this.#halt(slice);
      this.#decide(slice, halts);
      watch?.settle(slice);
    }
    this.#slice = slice;
    return true;
  }

  /** Cancels what works and leaves every position at the next opportunity. */
  #halt(slice: number): void {
    const { symbols, desk, names } = this.#parts;
    const decidedAtUs = this.#timeOf(slice);
    desk.cancelAll(decidedAtUs, slice);
    for (const symbol of symbols) {
      if (symbol.heldQuantity === 0) continue;
      const terms = flattenTerms({ names, symbol, cause: 'halt', slice, decidedAtUs });
      desk.submit(terms, symbol, slice, 'halt');
      desk.reserve(terms);
      const endsHere = symbol.sliceOf(symbol.rowAt(slice)) === slice;
      if (endsHere && this.#fillsAtClose(terms)) desk.fillAtClose(terms.orderId, symbol, slice);
    }
  }

  /** Leaves every position at its symbol's last close, as far as that bar trades. */
  #closeAll(slice: number): void {
    const { symbols, desk, names } = this.#parts;
    const endUs = this.#timeOf(slice);
    desk.cancelAll(endUs, slice);
    for (const symbol of symbols) {
      if (symbol.heldQuantity === 0) continue;
      const decidedAtUs = timeUs(symbol.bars.endUs[symbol.rowAt(slice)] ?? endUs);
      const terms = flattenTerms({ names, symbol, cause: 'endOfRun', slice, decidedAtUs });
      desk.submit(terms, symbol, slice, 'endOfRun');
      desk.fillAtClose(terms.orderId, symbol, slice);
    }
    desk.cancelAll(endUs, slice);
  }

  /** Returns the first slice after `slice` at which something can happen. */
  #next(slice: number): number {
    const { signals, symbols, timelineUs, isDue, actionBook, account, everySlice } = this.#parts;
    const signal = this.#nextSignal < signals.count ? signals.slice[this.#nextSignal] : undefined;
    const rebalance = this.#parts.portfolio?.nextSlice ?? NEVER;
    let next = Math.min(signal ?? NEVER, actionBook.nextSlice, rebalance);
    const looksOn = everySlice || account.followUps.length > 0;
    if (looksOn && slice + 1 < timelineUs.length) next = slice + 1;
    let isWorking = false;
    for (const symbol of symbols) {
      if (symbol.workingCount === 0) continue;
      isWorking = true;
      next = Math.min(next, symbol.nextSlice(slice));
    }
    if (!isWorking || next === slice + 1) return next;
    const last = Math.min(next, timelineUs.length) - 1;
    if (last <= slice || !isDue(this.#timeOf(last))) return next;
    return this.#firstDue(slice + 1, last);
  }

  #firstDue(from: number, to: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#parts.isDue(this.#timeOf(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #match(slice: number): void {
    const { symbols, desk } = this.#parts;
    for (const symbol of symbols) {
      if (symbol.workingCount === 0) continue;
      const row = symbol.rowAt(slice);
      if (row >= 0 && symbol.sliceOf(row) === slice) desk.meetBar(symbol, slice, row);
    }
    desk.closeSlice(this.#timeOf(slice), slice);
  }

  /** @param halts true where a daily loss has just been reached: what adds is cancelled. */
  #decide(slice: number, halts: boolean): void {
    const { signals: order, symbols, account } = this.#parts;
    const sliceEndUs = this.#timeOf(slice);
    const signals: Signal[] = [];
    while (order.slice[this.#nextSignal] === slice && this.#nextSignal < order.count) {
      const symbol = symbols[order.symbolIndex[this.#nextSignal] ?? 0];
      if (symbol !== undefined) signals.push(this.#signal(symbol, this.#nextSignal, sliceEndUs));
      this.#nextSignal += 1;
    }
    const { portfolio, everySlice } = this.#parts;
    if (portfolio !== undefined) {
      if (everySlice || halts) this.#decideSignals(slice, []);
      this.#rebalance(portfolio, slice, signals);
      return;
    }
    const asks = signals.length > 0 || account.followUps.length > 0;
    if (!asks && !everySlice && !halts) return;
    this.#decideSignals(slice, signals);
  }

  #decideSignals(slice: number, signals: readonly Signal[]): void {
    const { account, names, spec, actions, watch } = this.#parts;
    const sliceEndUs = this.#timeOf(slice);
    const decision = account.decideSlice({
      sliceEndUs,
      nowUs: sliceEndUs,
      slices: [
        {
          runId: names.runId,
          botId: names.botId,
          accountId: names.accountId,
          feed: '',
          sliceEndUs,
          state: 'running',
          signals,
          marks: this.#marks(slice, signals),
        },
      ],
      sizingOf: () => spec.sizing,
      killSwitch: KILL_OFF,
      accruedMicros: actions.accruedMicros,
      ...(watch === undefined ? {} : { dailyLoss: watch.dailyLoss }),
    });
    this.#carryOut(decision, slice, 'signal');
  }

  /** Tells the portfolio what changed, and takes the steps that are due: additions as well where nothing works any more. */
  #rebalance(portfolio: PortfolioDesk, slice: number, signals: readonly Signal[]): void {
    const { actions, watch } = this.#parts;
    for (const signal of signals) {
      const symbol = this.#symbol(signal.symbol);
      const reason = portfolio.hear(symbol, signal);
      if (reason !== undefined) this.#deny({ symbol, slice, policy: PORTFOLIO_POLICY, reason });
    }
    for (;;) {
      const decision = portfolio.decide(slice, {
        accruedMicros: actions.accruedMicros,
        ...(watch === undefined ? {} : { dailyLoss: watch.dailyLoss }),
      });
      if (decision === undefined) return;
      this.#carryOut(decision, slice, decision.step);
    }
  }

  #carryOut(decision: SliceDecision, slice: number, cause: OrderCause): void {
    const { denials, orders, cancelOrderIds, intents } = decision;
    const { desk, account, signals, everySlice } = this.#parts;
    const closing =
      everySlice && cause === 'signal'
        ? intents.filter((one) => one.causeKind === 'schedule').map((one) => one.intentId)
        : NONE;
    for (const orderId of cancelOrderIds) desk.cancel(orderId, this.#timeOf(slice), slice);
    for (const { symbol, policy, reason } of denials) {
      this.#deny({ symbol: this.#symbol(symbol), slice, policy, reason });
    }
    for (const terms of orders) {
      const symbol = this.#symbol(terms.symbol);
      const { attempt, intentId } = terms;
      const isClosing = closing.includes(intentId);
      const order = desk.submit(terms, symbol, slice, isClosing ? 'closing' : cause);
      if (
        attempt > 1 ||
        (cause === 'signal' && !isClosing && signals.slice[Number(intentId)] !== slice)
      ) {
        const signalSlice = signals.slice[Number(intentId)] ?? slice;
        this.followUps.push({ order, attempt, signalSlice });
      }
      const endsHere = symbol.sliceOf(symbol.rowAt(slice)) === slice;
      if (endsHere && this.#fillsAtClose(terms)) desk.fillAtClose(terms.orderId, symbol, slice);
    }
    this.#decisions += 1;
    if (this.#decisions % DECISIONS_PER_SWEEP === 0) account.takeChanges();
  }

  #deny(denial: {
    readonly symbol: SymbolRun;
    readonly slice: number;
    readonly policy: string;
    readonly reason: string;
  }): void {
    const { symbol, slice, policy, reason } = denial;
    const row = symbol.rowAt(slice);
    this.denials.push({ slice, row, symbolIndex: symbol.index, policy, reason });
  }

  #signal(symbol: SymbolRun, at: number, barEndUs: TimeUs): Signal {
    const { names, spec, signals } = this.#parts;
    const index = signals.signal[at] ?? 0;
    const { reason: _, direction, strength, ...terms } = symbol.signals.targetOf(index);
    const { closeNanos } = symbol.bars;
    const row = symbol.signals.row[index] ?? 0;
    return {
      signalId: String(at),
      ...names,
      symbol: symbol.symbol,
      timeframe: spec.timeframe,
      barEndUs,
      inputRevision: 0,
      direction,
      strength: direction === 'flat' ? 0 : strength,
      ...terms,
      referencePriceNanos: priceNanos(closeNanos[row] ?? 0),
      ...(direction === 'flat' ? {} : sizingMeasureAt(spec.sizing, symbol.sizingColumns, row)),
      reason: '',
    };
  }

  /** The last closes of what is held, works or is signalled: no other mark can count. */
  #marks(slice: number, signals: readonly Signal[]): readonly Mark[] {
    const { symbols, timelineUs, account } = this.#parts;
    const asked = new Set<string>();
    for (const signal of signals) asked.add(signal.symbol);
    for (const { signal } of account.followUps) asked.add(signal.symbol);
    const marks: Mark[] = [];
    for (const symbol of symbols) {
      const counts = symbol.heldQuantity !== 0 || symbol.workingCount > 0;
      if (!counts && !asked.has(symbol.symbol)) continue;
      const row = symbol.rowAt(slice);
      marks.push({
        symbol: symbol.symbol,
        priceNanos: priceNanos(symbol.bars.closeNanos[row] ?? 0),
        barEndUs: timeUs(timelineUs[symbol.sliceOf(row)] ?? 0),
      });
    }
    return marks;
  }

  #fillsAtClose({ type, timeInForce }: OrderTerms): boolean {
    if (this.#parts.spec.execution.fillAt !== 'sameClose' || type !== 'market') return false;
    return timeInForce !== 'onOpen' && timeInForce !== 'onClose';
  }

  #symbol(name: string): SymbolRun {
    const found = this.#bySymbol.get(name);
    assert(found !== undefined, `a run has no symbol ${name}`);
    return found;
  }

  #timeOf(slice: number): TimeUs {
    return timeUs(this.#parts.timelineUs[slice] ?? Number.NaN);
  }
}
