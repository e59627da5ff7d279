import type { Calendar } from '@capstan/calendar';
import { type BarsClosed, decodeBar, decodeBarsClosed, subjects } from '@capstan/contracts';
import {
  AppError,
  assert,
  type BarSlice,
  type InstrumentBook,
  type OrderTerms,
  type PostedAction,
  type TimeUs,
  timeUs,
  type VenueEvent,
  type VenueReplaced,
} from '@capstan/domain';
import {
  type ExchangeAnswer,
  ExchangeCore,
  type ExchangeInput,
  type ExchangeSettings,
  SliceAssembler,
} from '@capstan/engine';
import { originOf, type StepOrigin, StepTracing } from '@capstan/journal';
import type {
  BarRecord,
  BrokerVenue,
  Bus,
  BusMessage,
  CancelAnswer,
  Clock,
  Headers,
  Log,
  Meter,
  SubmitAnswer,
  Subscription,
  Tracer,
  VenueAccount,
  VenueActivity,
  VenueCapabilities,
  VenueConditions,
  VenueOrder,
  VenueUpdates,
} from '@capstan/ports';
import type { ExchangeJournal, JournalEntry, MarketPosition } from './journal.ts';
import { outOfOrder, unknownAccount, unknownActivity, unknownSequence } from './refusals.ts';
import { METRICS } from './telemetry.ts';
import { UpdateFeed } from './update-feed.ts';
import { venueAccount, venueOrder } from './venue-order.ts';

export interface ExchangePorts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly journal: ExchangeJournal;
  /** Opens a span for each order and each fill; without one nothing is traced. */
  readonly tracer?: Tracer;
}

export interface PaperExchangeSettings extends ExchangeSettings {
  /** Subject filters of the bars it trades on, and feeds whose slices it closes by. */
  readonly venues: readonly string[];
  readonly feeds: readonly string[];
  /** Milliseconds that it takes before it answers. */
  readonly latencyMs: number;
}

/** What waits for the journal, and the slice that is matched with it. */
interface Unwritten {
  readonly entry: JournalEntry;
  readonly matched: MatchedSlice | undefined;
}

interface MatchedSlice {
  readonly feed: string;
  readonly endUs: TimeUs;
}

export const PAPER_CAPABILITIES: VenueCapabilities = {
  enforcesClientOrderId: true,
  findsByClientOrderId: true,
  visibilityMs: 0,
  numbersEvents: true,
  reportsSlices: true,
  replaces: true,
  batchSubmitMax: 512,
  orderTypes: ['market', 'limit', 'stop', 'stopLimit', 'trailingStop'],
  timesInForce: ['day', 'gtc', 'ioc', 'onOpen', 'onClose'],
  exits: ['bracket', 'trailing'],
  ...{ exitsBegin: 'eachFill', exitsHold: false, exitsLater: false },
  activities: 'all',
};

/**
 * A simulated exchange that outlives its clients: it journals what is done to it before it answers, matches when a slice of
 * market data is complete, and tells each account's events in sequence.
 */
export class PaperExchange implements BrokerVenue {
  readonly capabilities = PAPER_CAPABILITIES;
  readonly #ports: ExchangePorts;
  readonly #settings: PaperExchangeSettings;
  readonly #instruments: InstrumentBook;
  readonly #calendarOf: (name: string) => Calendar;
  #core: ExchangeCore;
  readonly #steps: StepTracing;
  /** What open orders go back to, for their fills. What was sent to a predecessor of this process is not known. */
  readonly #origins = new Map<string, StepOrigin>();
  readonly #updates = new UpdateFeed();
  readonly #slices = new Map<string, number>();
  #market: MarketPosition | undefined;
  #assemblers = new Map<string, SliceAssembler>();
  #blindFeeds = new Set<string>();
  #unwritten: Unwritten[] = [];
  /** Resolves when everything applied so far is written; rejected for good once a write has failed. */
  #written: Promise<void> = Promise.resolve();
  #failure: AppError | undefined;
  #onFailure: (error: unknown) => void = () => undefined;
  #subscription: Subscription | undefined;
  readonly #stop = new AbortController();
  /** Rejects when the journal cannot be written: the exchange then refuses everything. Never resolves. */
  readonly failed: Promise<never>;

  constructor(
    ports: ExchangePorts,
    settings: PaperExchangeSettings,
    instruments: InstrumentBook,
    calendarOf: (name: string) => Calendar,
  ) {
    this.#ports = ports;
    this.#steps = new StepTracing('exchange', ports);
    this.#settings = settings;
    this.#instruments = instruments;
    this.#calendarOf = calendarOf;
    this.#core = new ExchangeCore(settings, instruments, calendarOf);
    this.failed = new Promise((_, reject) => {
      this.#onFailure = reject;
    });
    this.failed.catch(() => undefined);
  }

  /**
   * Rebuilds the state from the journal; call it once, before anything else. What was done under other settings stays as it was:
   * they are journaled too.
   * @throws EXCHANGE.JOURNAL
   */
  async load(): Promise<void> {
    const { journal, log } = this.#ports;
    const { behaviour, accounts } = this.#settings;
    const settings: ExchangeSettings = { behaviour, accounts };
    const entries = await journal.read();
    const first = entries[0];
    let current: ExchangeSettings | undefined;
    if (first?.kind === 'settings') {
      this.#core = new ExchangeCore(first.settings, this.#instruments, this.#calendarOf);
    }
    for (const entry of entries) {
      if (entry.kind === 'settings') {
        this.#core.reconfigure(entry.settings);
        current = entry.settings;
        continue;
      }
      this.#core.apply(entry.input);
      if (entry.market !== undefined) this.#market = entry.market;
      for (const [feed, endUs] of Object.entries(entry.slices)) this.#slices.set(feed, endUs);
    }
    if (JSON.stringify(current) !== JSON.stringify(settings)) {
      this.#core.reconfigure(settings);
      await journal.append([{ kind: 'settings', settings }]);
      if (current !== undefined) log.info('the exchange goes on by other settings');
    }
    for (const accountId of this.#core.accountIds()) {
      this.#showEvents(accountId);
      for (const [feed, endUs] of this.#slices) this.#updates.slice(accountId, feed, endUs);
    }
    log.info('the exchange is open', {
      entries: entries.length,
      accounts: this.#core.accountIds().length,
    });
  }

  /** Trades on market data until `stop`; resolves then. Starts over by itself when the bus gives way. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (signal.aborted) return;
        this.#ports.log.warn('market data gave way; it is taken up again', { error });
        await this.#ports.clock.sleep(RETRY_MS, signal);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#updates.close();
    await this.#subscription?.close();
    await this.#written.catch(() => undefined);
  }

  async submit(order: OrderTerms, cause: Headers = {}): Promise<SubmitAnswer> {
    await this.#delay();
    return this.#submit(order, cause);
  }

  /** Everything is applied before the first is written: one write for all. */
  async submitAll(
    orders: readonly OrderTerms[],
    cause: Headers = {},
  ): Promise<readonly SubmitAnswer[]> {
    await this.#delay();
    return Promise.all(orders.map((order) => this.#submit(order, cause)));
  }

  async #submit(order: OrderTerms, cause: Headers): Promise<SubmitAnswer> {
    const { accountId, botId, symbol, orderId } = order;
    const { correlationId } = originOf(cause);
    const step = this.#steps.open('submit', { trace: cause, correlationId });
    try {
      this.#origins.set(orderId, { trace: step.trace, correlationId });
      const input = { kind: 'submit', order, atUs: this.#nowUs(order.decidedAtUs) } as const;
      const answer = await this.#do(input);
      this.#ports.meter.count(METRICS.orders, 1, { answer: answer.kind });
      assert(answer.kind !== 'requested', 'a submission is accepted or rejected');
      step.log.debug(`order ${answer.kind}`, { account: accountId, bot: botId, symbol, orderId });
      if (this.#core.order(orderId)?.state !== 'working') this.#origins.delete(orderId);
      return answer;
    } finally {
      step.end();
    }
  }

  async cancel(accountId: string, orderId: string): Promise<CancelAnswer> {
    await this.#delay();
    const answer = await this.#do({
      kind: 'cancel',
      accountId,
      orderId,
      atUs: this.#nowUs(timeUs(0)),
    });
    return answer.kind === 'rejected' ? answer : { kind: 'requested' };
  }

  async replace(
    accountId: string,
    orderId: string,
    { count, ...revision }: VenueReplaced,
  ): Promise<CancelAnswer> {
    await this.#delay();
    const atUs = this.#nowUs(timeUs(0));
    const answer = await this.#do({ kind: 'replace', accountId, orderId, count, revision, atUs });
    return answer.kind === 'rejected' ? answer : { kind: 'requested' };
  }

  async find(accountId: string, orderId: string): Promise<VenueOrder | undefined> {
    await this.#delay();
    const order = this.#core.order(orderId);
    await this.#allWritten();
    if (order === undefined || order.terms.accountId !== accountId) return undefined;
    return venueOrder(order);
  }

  async openOrders(accountId: string): Promise<readonly VenueOrder[]> {
    await this.#delay();
    const orders = this.#core.openOrders(accountId).map(venueOrder);
    await this.#allWritten();
    return orders;
  }

  async account(accountId: string): Promise<VenueAccount> {
    await this.#delay();
    const account = this.#core.account(accountId);
    await this.#allWritten();
    if (account === undefined) throw unknownAccount(accountId, this.#core.accountIds());
    return venueAccount(account);
  }

  /** @throws EXCHANGE.ACCOUNT; EXCHANGE.SEQUENCE for an activity that this exchange never had. */
  async activities(accountId: string, afterActivityId: string): Promise<readonly VenueActivity[]> {
    await this.#delay();
    if (this.#core.account(accountId) === undefined) {
      throw unknownAccount(accountId, this.#core.accountIds());
    }
    const all = this.#core.activities(accountId);
    const after = all.findIndex((one) => one.activityId === afterActivityId);
    const page = all.slice(after + 1, after + 1 + ACTIVITIES_MAX);
    await this.#allWritten();
    if (after < 0 && afterActivityId !== '') throw unknownActivity(accountId, afterActivityId);
    return page;
  }

  /**
   * Lets a corporate action happen, or cash come and go, before the next bar.
   * @idempotent by `actionId`
   */
  async post(actionId: string, action: PostedAction): Promise<CancelAnswer> {
    await this.#delay();
    const atUs = this.#nowUs(timeUs(0));
    const answer = await this.#do({ kind: 'post', actionId, action, atUs });
    const { kind } = action;
    this.#ports.log.info('an action was posted', { actionId, kind, answer: answer.kind });
    return answer.kind === 'rejected' ? answer : { kind: 'requested' };
  }

  /** Restrictions are told once they are written. */
  async conditions(): Promise<VenueConditions> {
    await this.#delay();
    const restrictions = this.#core.restrictions();
    await this.#allWritten();
    return { nowUs: this.#ports.clock.nowUs(), restrictions };
  }

  /** @throws EXCHANGE.ACCOUNT; EXCHANGE.SEQUENCE for a sequence that this exchange never reached. */
  async updates(accountId: string, afterSequence: number): Promise<VenueUpdates> {
    const account = this.#core.account(accountId);
    if (account === undefined) throw unknownAccount(accountId, this.#core.accountIds());
    await this.#allWritten();
    const shown = this.#updates.shown(accountId);
    if (afterSequence > shown) throw unknownSequence(accountId, afterSequence, shown);
    return this.#updates.open(accountId, afterSequence);
  }

  /** Applies an input, writes it, and answers when it is written. */
  async #do(input: ExchangeInput): Promise<ExchangeAnswer> {
    if (this.#failure !== undefined) throw outOfOrder(this.#failure);
    const answer = this.#core.apply(input);
    assert(answer !== undefined, `a ${input.kind} has an answer`);
    await this.#write(input);
    return answer;
  }

  /**
   * Queues an input for the journal; inputs that come together are written together. Events show once they are written, and with
   * them, in one piece, that their slice is matched.
   * @throws VENUE.UNAVAILABLE when it cannot be written: the state in memory is then ahead of the journal, and nothing of it may
   * be told any more.
   */
  #write(input: ExchangeInput, matched?: MatchedSlice): Promise<void> {
    const slices = Object.fromEntries(this.#slices);
    const market = this.#market;
    const position = market === undefined ? {} : { market };
    this.#unwritten.push({ entry: { kind: 'input', input, slices, ...position }, matched });
    this.#written = this.#written.then(() => this.#flush());
    this.#written.catch(() => undefined);
    return this.#allWritten();
  }

  async #flush(): Promise<void> {
    const unwritten = this.#unwritten;
    if (unwritten.length === 0) return;
    this.#unwritten = [];
    const through = new Map(
      this.#core.accountIds().map((id) => [id, this.#core.account(id)?.sequence ?? 0]),
    );
    try {
      await this.#ports.journal.append(unwritten.map(({ entry }) => entry));
    } catch (error) {
      if (error instanceof AppError) this.#failure = error;
      this.#onFailure(error);
      throw error;
    }
    const shown = [...through].map(
      ([accountId, sequence]) => [accountId, this.#showEvents(accountId, sequence)] as const,
    );
    for (const { matched } of unwritten) if (matched !== undefined) this.#showSlice(matched);
    for (const [accountId, events] of shown) {
      for (const event of events) this.#inheritOrigin(event);
      for (const event of events) this.#trace(accountId, event);
    }
  }

  async #allWritten(): Promise<void> {
    try {
      await this.#written;
    } catch (error) {
      throw error instanceof AppError ? outOfOrder(error) : error;
    }
  }

  #showEvents(accountId: string, through = Number.MAX_SAFE_INTEGER): readonly VenueEvent[] {
    const shown = this.#updates.shown(accountId);
    const events = this.#core.events(accountId, shown).filter((event) => event.sequence <= through);
    this.#updates.add(accountId, events as readonly VenueEvent[]);
    return events as readonly VenueEvent[];
  }

  /** An exit goes back to what its entry goes back to. */
  #inheritOrigin(event: VenueEvent): void {
    if (event.kind !== 'accepted' || event.exit === undefined) return;
    const origin = this.#origins.get(event.exit.parentOrderId);
    if (origin !== undefined) this.#origins.set(event.orderId, origin);
  }

  /** Leaves a span and a line of what became of an order, under what led to the order. */
  #trace(accountId: string, event: VenueEvent): void {
    const { kind, orderId, sequence } = event;
    if (kind === 'accepted' || kind === 'rejected') return;
    const step = this.#steps.open(kind, this.#origins.get(orderId) ?? { trace: {} });
    const order = this.#core.order(orderId);
    const { botId, symbol } = order?.terms ?? {};
    step.log.debug(`order ${kind}`, { account: accountId, bot: botId, symbol, orderId, sequence });
    step.end();
    if (order?.state !== 'working') this.#origins.delete(orderId);
  }

  async #follow(): Promise<void> {
    const filters = [
      ...this.#settings.venues.map((venue) => subjects.barsOfVenue(venue, '1m')),
      ...this.#settings.feeds.map((feed) => subjects.barsClosed(feed)),
    ];
    const state = await this.#ports.bus.streamState('MARKET');
    const known = this.#market?.epochUs === state.epochUs ? this.#market : undefined;
    const afterSequence = Math.max(known?.sequence ?? 0, state.firstSequence - 1);
    this.#assemblers = new Map();
    const isWhole = afterSequence === (known?.sequence ?? 0);
    this.#blindFeeds = new Set(isWhole ? [] : this.#settings.feeds);
    this.#subscription = await this.#ports.bus.subscribe({
      stream: 'MARKET',
      filters,
      afterSequence,
    });
    try {
      for (;;) {
        const messages = await this.#subscription.next();
        if (messages.length === 0) return;
        for (const message of messages) await this.#onMessage(message, state.epochUs);
      }
    } finally {
      await this.#subscription.close();
    }
  }

  async #onMessage(message: BusMessage, epochUs: TimeUs): Promise<void> {
    const slices = message.subject.startsWith(CLOSED_PREFIX)
      ? this.#takeClosing(decodeBarsClosed(message.data))
      : this.#takeBar(decodeBar(message.data));
    for (const slice of slices) await this.#onSlice(slice);
    // A position is only good for a restart where nothing is half assembled.
    const isWhole = [...this.#assemblers.values()].every((assembler) => assembler.empty);
    if (isWhole) this.#market = { epochUs, sequence: message.sequence };
  }

  /** A bar that comes again after its slice was matched, or corrects one, would wait for a closing for ever. */
  #takeBar(bar: BarRecord): readonly BarSlice[] {
    const isOver = bar.revision > 0 || this.#isMatched(bar.feed, bar.endUs);
    return isOver ? [] : this.#assembler(bar.feed).onBar(bar);
  }

  /** Where the stream begins in the middle of a slice, its lost bars are not waited for. */
  #takeClosing(closing: BarsClosed): readonly BarSlice[] {
    const { feed, endUs } = closing;
    const isBlind = this.#blindFeeds.delete(feed);
    if (this.#isMatched(feed, endUs)) return [];
    return this.#assembler(feed).onClosed(isBlind ? { ...closing, symbols: [] } : closing);
  }

  #assembler(feed: string): SliceAssembler {
    const known = this.#assemblers.get(feed);
    if (known !== undefined) return known;
    const assembler = new SliceAssembler();
    this.#assemblers.set(feed, assembler);
    return assembler;
  }

  #isMatched(feed: string, endUs: TimeUs): boolean {
    return endUs <= (this.#slices.get(feed) ?? 0);
  }

  async #onSlice(slice: BarSlice): Promise<void> {
    const { feed, endUs } = slice;
    this.#slices.set(feed, endUs);
    const input = this.#core.relevant(slice);
    if (input !== undefined) {
      this.#core.apply(input);
      await this.#write(input, slice);
    } else {
      this.#showSlice(slice);
    }
    this.#ports.meter.count(METRICS.slices, 1, { feed });
  }

  #showSlice({ feed, endUs }: MatchedSlice): void {
    for (const accountId of this.#core.accountIds()) this.#updates.slice(accountId, feed, endUs);
  }

  /** The exchange's clock is its market data: the last slice that closed. */
  #nowUs(atLeastUs: TimeUs): TimeUs {
    return timeUs(Math.max(atLeastUs, ...this.#slices.values()));
  }

  async #delay(): Promise<void> {
    if (this.#settings.latencyMs > 0) await this.#ports.clock.sleep(this.#settings.latencyMs);
  }
}

const RETRY_MS = 250;
const ACTIVITIES_MAX = 500;
const CLOSED_PREFIX = 'market.closed.';
