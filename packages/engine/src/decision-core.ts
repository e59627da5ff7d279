import type { Calendar } from '@capstan/calendar';
import {
  assert,
  type BarSlice,
  type BotSlice,
  type CashMicros,
  cashMicros,
  crossOrder,
  type Denial,
  type Fill,
  type InstrumentBook,
  type Intent,
  type InternalCross,
  newOrder,
  notionalMicros,
  type Order,
  type OrderEvent,
  type OrderTerms,
  type Signal,
  type TimeUs,
  timeUs,
  transition,
  type VenueEvent,
} from '@capstan/domain';
import type { SizingRule } from '@capstan/portfolio';
import { KILL_OFF, type RiskLimits } from '@capstan/risk';
import { AccountCore, HOUSE } from './account-core.ts';
import type { SliceDecision } from './account-slice.ts';
import { BotCore, type BotCoreOptions } from './bot-core.ts';
import type { ExchangeBehaviour } from './exchange-behaviour.ts';
import { ExchangeCore } from './exchange-core.ts';

/** A bot of a run. */
export interface RunBot extends Omit<BotCoreOptions, 'runId' | 'calendarOf'> {
  readonly sizing: SizingRule;
}

/** An account of a run. */
export interface RunAccount {
  readonly accountId: string;
  readonly currency: string;
  readonly cashMicros: CashMicros;
  readonly limits: RiskLimits;
}

/** A whole run: bots, accounts and the exchange that they trade on. */
export interface RunOptions {
  readonly runId: string;
  readonly bots: readonly RunBot[];
  readonly accounts: readonly RunAccount[];
  readonly behaviour: ExchangeBehaviour;
  readonly instruments: InstrumentBook;
  /** Finds a calendar by name; it should keep what it builds. */
  readonly calendarOf: (name: string) => Calendar;
  /**
   * Where a market order decided at the close of a bar fills: at the open of the next one unless given, or at that very close,
   * which live trading cannot do.
   */
  readonly fillAt?: 'nextOpen' | 'sameClose';
}

/** What an account's parts say to each other at a slice, as the services do. */
export type RunWord =
  /** The venue is through with the slice, or has answered to what was sent. */
  | {
      readonly kind: 'venue';
      readonly accountId: string;
      readonly fills: readonly Fill[];
      /** As these words left them. */
      readonly orders: readonly Order[];
    }
  | ({
      readonly kind: 'decided';
      readonly accountId: string;
      readonly slices: readonly BotSlice[];
    } & Pick<SliceDecision, 'orders' | 'denials' | 'cancelOrderIds' | 'crosses'>);

/** What one slice led to, in the order in which it happened. */
export interface RunStep {
  readonly fills: readonly Fill[];
  readonly signals: readonly Signal[];
  readonly intents: readonly Intent[];
  readonly denials: readonly Denial[];
  /** Orders that are new or changed, as the slice left them. */
  readonly orders: readonly Order[];
  /** In the order of the accounts: first the venue on the slice, then what each decided and what the venue answered. */
  readonly words: readonly RunWord[];
}

/** The equity of an account at the last marks. */
export interface AccountEquity {
  readonly accountId: string;
  readonly cashMicros: CashMicros;
  readonly equityMicros: CashMicros | undefined;
}

interface AccountRun {
  readonly account: RunAccount;
  readonly core: AccountCore;
  venueSequence: number;
  fillSequence: number;
}

/**
 * Everything from bar to fill in one process and without a clock: strategies, sizing, risk, order state machine, matching
 * and ledger, slice by slice. What the services do together, this does alone, with the same ids.
 */
export class DecisionCore {
  readonly #options: RunOptions;
  readonly #bots: readonly { readonly bot: RunBot; readonly core: BotCore }[];
  readonly #accounts: readonly AccountRun[];
  readonly #exchange: ExchangeCore;
  readonly #orders = new Map<string, Order>();

  constructor(options: RunOptions) {
    const { runId, instruments, calendarOf, behaviour } = options;
    this.#options = options;
    this.#exchange = new ExchangeCore(
      { behaviour, accounts: options.accounts },
      instruments,
      calendarOf,
    );
    this.#accounts = [...options.accounts].sort(by('accountId')).map((account) => {
      const { accountId, limits } = account;
      const core = new AccountCore({
        ...{ accountId, instruments, calendarOf, limits },
        countsPast: true,
      });
      core.fund(HOUSE, account.cashMicros);
      return { account, core, venueSequence: 0, fillSequence: 0 };
    });
    const calendarOfSymbol = (symbol: string) => calendarOf(instruments.get(symbol).calendar);
    this.#bots = [...options.bots].sort(by('botId')).map((bot) => ({
      bot,
      core: new BotCore({ ...bot, runId, calendarOf: calendarOfSymbol }),
    }));
  }

  /** Steps indicators and strategies over the past, in silence. */
  warmUp(slice: BarSlice): void {
    for (const { bot, core } of this.#bots) {
      if (bot.feed === slice.feed) core.step(slice, { emit: false });
    }
  }

  /** Steps everything by one slice: the exchange matches it, then strategies decide on it. */
  step(slice: BarSlice): RunStep {
    const changed = new Set<string>();
    const input = this.#exchange.relevant(slice);
    if (input !== undefined) this.#exchange.apply(input);
    const matched = this.#accounts.map((account) => this.#takeEvents(account, changed));
    const fills = matched.flatMap((one) => one.fills);
    const decided = this.#accounts.map((account) => this.#decide(account, slice, changed));
    return {
      fills: [...fills, ...decided.flatMap((one) => one.fills)],
      signals: decided.flatMap((one) => one.signals),
      intents: decided.flatMap((one) => one.intents),
      denials: decided.flatMap((one) => one.denials),
      orders: [...changed].sort().map((orderId) => this.#order(orderId)),
      words: [...matched, ...decided.flatMap((one) => one.words)],
    };
  }

  /** Returns an account's ledger, reservations and view. */
  account(accountId: string): AccountCore {
    const found = this.#accounts.find((one) => one.account.accountId === accountId);
    assert(found !== undefined, `no account ${accountId} in this run`);
    return found.core;
  }

  /** Returns every account's equity at the last marks. */
  equity(): readonly AccountEquity[] {
    return this.#accounts.map(({ account, core }) => ({
      accountId: account.accountId,
      cashMicros: core.ledger.totalCashMicros(),
      equityMicros: core.view(KILL_OFF).equityMicros,
    }));
  }

  #decide(run: AccountRun, slice: BarSlice, changed: Set<string>) {
    const { accountId } = run.account;
    const slices = this.#bots
      .filter(({ bot }) => bot.accountId === accountId && bot.feed === slice.feed)
      .map(({ bot, core }) => this.#botSlice(bot, core, slice));
    const sliceEndUs = slice.endUs;
    const decision = run.core.decideSlice({
      sliceEndUs,
      nowUs: sliceEndUs,
      slices,
      sizingOf: (botId) => this.#bots.find(({ bot }) => bot.botId === botId)?.bot.sizing,
      killSwitch: KILL_OFF,
    });
    for (const orderId of decision.cancelOrderIds) {
      this.#move(orderId, { kind: 'requestCancel' }, sliceEndUs);
      this.#exchange.apply({ kind: 'cancel', accountId, orderId, atUs: sliceEndUs });
    }
    for (const terms of decision.orders) {
      this.#orders.set(terms.orderId, newOrder(terms, sliceEndUs));
      changed.add(terms.orderId);
    }
    const crossed = decision.crosses.flatMap((cross) => this.#cross(run, cross, sliceEndUs));
    const filled = new Set(crossed.map(({ orderId }) => orderId));
    for (const terms of decision.orders) {
      const { orderId } = terms;
      if (filled.has(orderId)) continue;
      this.#move(orderId, { kind: 'submit' }, sliceEndUs);
      this.#exchange.apply({ kind: 'submit', order: terms, atUs: sliceEndUs });
      if (this.#options.fillAt === 'sameClose') this.#fillAtClose(terms, slice);
    }
    const answered = this.#takeEvents(run, changed);
    run.core.takeChanges();
    const internal = crossed.map(({ orderId }) => this.#order(orderId));
    const fills = [...crossed, ...answered.fills];
    const words: readonly RunWord[] = [
      { kind: 'decided', accountId, slices, ...decision },
      { ...answered, fills, orders: [...internal, ...answered.orders] },
    ];
    const signals = slices.flatMap((one) => one.signals);
    return { ...decision, fills, signals, words };
  }

  /** Fills two orders by each other, as execution does before it sends the rest. */
  #cross(run: AccountRun, cross: InternalCross, atUs: TimeUs): readonly Fill[] {
    return [cross.buyOrderId, cross.sellOrderId].map((orderId) => {
      run.fillSequence += 1;
      const before = this.#order(orderId);
      const instrument = this.#options.instruments.get(before.symbol);
      const place = { instrument, atUs, accountSequence: run.fillSequence };
      const { order, fill } = crossOrder(before, cross, place);
      this.#orders.set(orderId, order);
      run.core.applyFill(fill);
      run.core.applyOrder(order);
      return fill;
    });
  }

  /** Fills a market order at the close of the bar that its bot decided on; auctions keep their own time. */
  #fillAtClose({ orderId, botId, symbol, type, timeInForce }: OrderTerms, slice: BarSlice): void {
    if (type !== 'market' || timeInForce === 'onOpen' || timeInForce === 'onClose') return;
    const timeframe = this.#bots.find(({ bot }) => bot.botId === botId)?.bot.timeframe;
    const bar = slice.bars.find((one) => one.symbol === symbol && one.timeframe === timeframe);
    if (bar !== undefined) this.#exchange.apply({ kind: 'fillAtClose', orderId, bar });
  }

  #botSlice(bot: RunBot, core: BotCore, slice: BarSlice): BotSlice {
    const { runId } = this.#options;
    const { botId, accountId, feed } = bot;
    const { signals, marks } = core.step(slice, { emit: true });
    return {
      runId,
      botId,
      accountId,
      feed,
      sliceEndUs: slice.endUs,
      state: 'running',
      signals,
      marks,
    };
  }

  /** Takes what the exchange has said since the last time. */
  #takeEvents(run: AccountRun, changed: Set<string>): Extract<RunWord, { kind: 'venue' }> {
    const { accountId } = run.account;
    const fills: Fill[] = [];
    const orderIds = new Set<string>();
    for (const event of this.#exchange.events(accountId, run.venueSequence)) {
      run.venueSequence = event.sequence;
      orderIds.add(event.orderId);
      changed.add(event.orderId);
      const fill = this.#apply(run, event);
      if (fill !== undefined) fills.push(fill);
    }
    const orders = [...orderIds].map((orderId) => this.#order(orderId));
    return { kind: 'venue', accountId, fills, orders };
  }

  #apply(run: AccountRun, event: VenueEvent): Fill | undefined {
    const { orderId, eventAtUs } = event;
    if (event.kind === 'accepted' && event.exit !== undefined) {
      this.#orders.set(orderId, newOrder(event.exit.terms, eventAtUs));
    }
    if (event.kind === 'filled') {
      const order = this.#order(orderId);
      run.fillSequence += 1;
      const fill = fillOf(order, event, run.fillSequence);
      const instrument = this.#options.instruments.get(order.symbol);
      const notional = notionalMicros(instrument, fill.priceNanos, fill.quantity);
      const traded = { quantity: fill.quantity, notionalMicros: cashMicros(Math.abs(notional)) };
      this.#move(orderId, { kind: 'fill', ...traded }, eventAtUs);
      run.core.applyFill(fill);
      run.core.applyOrder(this.#order(orderId));
      return fill;
    }
    const said = orderEventOf(event);
    if (said !== undefined) this.#move(orderId, said, eventAtUs);
    run.core.applyOrder(this.#order(orderId));
    return undefined;
  }

  #move(orderId: string, event: OrderEvent, atUs: TimeUs): void {
    const moved = transition(this.#order(orderId), event, timeUs(atUs));
    if (moved.kind === 'changed') this.#orders.set(orderId, moved.order);
  }

  #order(orderId: string): Order {
    const order = this.#orders.get(orderId);
    assert(order !== undefined, `order ${orderId} is not known`);
    return order;
  }
}

function orderEventOf(event: VenueEvent): OrderEvent | undefined {
  switch (event.kind) {
    case 'accepted':
      return { kind: 'accept', venueOrderId: event.venueOrderId };
    case 'rejected':
      return { kind: 'reject', reason: event.reason };
    case 'cancelRejected':
      return { kind: 'rejectCancel', reason: event.reason };
    case 'cancelled':
      return { kind: 'cancel', reason: event.reason };
    case 'expired':
      return { kind: 'expire' };
    default:
      return undefined;
  }
}

function fillOf(
  order: Order,
  event: Extract<VenueEvent, { kind: 'filled' }>,
  accountSequence: number,
): Fill {
  const { orderId, runId, accountId, botId, symbol, side } = order;
  const { executionId: fillId, quantity, priceNanos, feeMicros, eventAtUs } = event;
  return {
    fillId,
    kind: 'fill',
    orderId,
    runId,
    accountId,
    botId,
    symbol,
    side,
    quantity,
    priceNanos,
    feeMicros,
    eventAtUs,
    accountSequence,
  };
}

const by =
  <Key extends string>(key: Key) =>
  (a: Readonly<Record<Key, string>>, b: Readonly<Record<Key, string>>): number =>
    a[key] < b[key] ? -1 : 1;
