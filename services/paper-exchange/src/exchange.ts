import type { Calendar } from '@capstan/calendar';
import { decodeBar, decodeBarsClosed, subjects } from '@capstan/contracts';
import {
  AppError,
  assert,
  type BarSlice,
  hasCode,
  type InstrumentBook,
  type OrderTerms,
  type TimeUs,
  timeUs,
  type VenueEvent,
} from '@capstan/domain';
import {
  type ExchangeAnswer,
  ExchangeCore,
  type ExchangeInput,
  type ExchangeSettings,
  SliceAssembler,
} from '@capstan/engine';
import type {
  BrokerVenue,
  Bus,
  BusMessage,
  CancelAnswer,
  Clock,
  Log,
  Meter,
  SubmitAnswer,
  Subscription,
  VenueAccount,
  VenueCapabilities,
  VenueOrder,
  VenueUpdates,
} from '@capstan/ports';
import type { ExchangeJournal, JournalEntry, MarketPosition } from './journal.ts';
import { METRICS } from './telemetry.ts';
import { UpdateFeed } from './update-feed.ts';

export interface ExchangePorts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly journal: ExchangeJournal;
}

export interface PaperExchangeSettings extends ExchangeSettings {
  /** Subject filters of the bars it trades on, and feeds whose slices it closes by. */
  readonly venues: readonly string[];
  readonly feeds: readonly string[];
  /** Milliseconds that it takes before it answers. */
  readonly latencyMs: number;
}

export const PAPER_CAPABILITIES: VenueCapabilities = {
  enforcesClientOrderId: true,
  findsByClientOrderId: true,
  visibilityMs: 0,
  reportsSlices: true,
  orderTypes: ['market', 'limit', 'stop', 'stopLimit'],
  timesInForce: ['day', 'gtc', 'ioc'],
};

/**
 * A simulated exchange that outlives its clients: it journals what is done to it before it answers, matches when a slice of
 * market data is complete, and tells each account's events in sequence.
 */
export class PaperExchange implements BrokerVenue {
  readonly capabilities = PAPER_CAPABILITIES;
  readonly #ports: ExchangePorts;
  readonly #settings: PaperExchangeSettings;
  readonly #core: ExchangeCore;
  readonly #updates = new UpdateFeed();
  readonly #slices = new Map<string, number>();
  #market: MarketPosition | undefined;
  #assembler = new SliceAssembler();
  #unwritten: JournalEntry[] = [];
  #writing: Promise<void> | undefined;
  #subscription: Subscription | undefined;
  #stopped = false;

  constructor(
    ports: ExchangePorts,
    settings: PaperExchangeSettings,
    instruments: InstrumentBook,
    calendarOf: (name: string) => Calendar,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#core = new ExchangeCore(settings, instruments, calendarOf);
  }

  /** Rebuilds the state from the journal; call it once, before anything else. */
  async load(): Promise<void> {
    const entries = await this.#ports.journal.read();
    for (const entry of entries) {
      if (entry.kind === 'settings') continue;
      this.#core.apply(entry.input);
      if (entry.market !== undefined) this.#market = entry.market;
      for (const [feed, endUs] of Object.entries(entry.slices)) this.#slices.set(feed, endUs);
    }
    if (entries.length === 0) {
      const { behaviour, accounts } = this.#settings;
      await this.#ports.journal.append([{ kind: 'settings', settings: { behaviour, accounts } }]);
    }
    for (const accountId of this.#core.accountIds()) this.#showEvents(accountId);
    this.#ports.log.info('the exchange is open', {
      entries: entries.length,
      accounts: this.#core.accountIds().length,
    });
  }

  /** Trades on market data until `stop`; resolves then. Starts over by itself when the bus gives way. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#follow();
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (this.#stopped) return;
        const lost = hasCode(error, 'BUS.STREAM_CHANGED');
        if (lost) this.#market = undefined;
        this.#ports.log.warn('market data gave way; it is taken up again', { error });
        if (!lost) await this.#ports.clock.sleep(RETRY_MS);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#updates.close();
    await this.#subscription?.close();
    await this.#writing;
  }

  async submit(order: OrderTerms): Promise<SubmitAnswer> {
    await this.#delay();
    const answer = await this.#do({ kind: 'submit', order, atUs: this.#nowUs(order.decidedAtUs) });
    this.#ports.meter.count(METRICS.orders, 1, { answer: answer.kind });
    if (answer.kind === 'requested')
      throw new AppError({ code: 'VENUE.ANSWER', why: 'a submission was answered like a cancel.' });
    return answer;
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

  async find(accountId: string, orderId: string): Promise<VenueOrder | undefined> {
    await this.#delay();
    const order = this.#core.order(orderId);
    await this.#writing;
    if (order === undefined || order.terms.accountId !== accountId) return undefined;
    return venueOrder(order);
  }

  async openOrders(accountId: string): Promise<readonly VenueOrder[]> {
    await this.#delay();
    const orders = this.#core.openOrders(accountId).map(venueOrder);
    await this.#writing;
    return orders;
  }

  async account(accountId: string): Promise<VenueAccount> {
    await this.#delay();
    const account = this.#core.account(accountId);
    await this.#writing;
    if (account === undefined) throw unknownAccount(accountId, this.#core.accountIds());
    return {
      accountId,
      currency: account.settings.currency,
      cashMicros: account.cashMicros,
      sequence: account.sequence,
      positions: account.positions.map(({ symbol, position }) => ({
        symbol,
        quantity: position.quantity,
        costMicros: position.costMicros,
      })),
    };
  }

  updates(accountId: string, afterSequence: number): Promise<VenueUpdates> {
    const account = this.#core.account(accountId);
    if (account === undefined) throw unknownAccount(accountId, this.#core.accountIds());
    return Promise.resolve(this.#updates.open(accountId, afterSequence));
  }

  /** Applies an input, writes it, and answers when it is written. */
  async #do(input: ExchangeInput): Promise<ExchangeAnswer> {
    const answer = this.#core.apply(input);
    assert(answer !== undefined, `a ${input.kind} has an answer`);
    await this.#write(input);
    return answer;
  }

  /** Queues an input for the journal; inputs that come together are written together. Events show once they are written. */
  async #write(input: ExchangeInput): Promise<void> {
    const slices = Object.fromEntries(this.#slices);
    const market = this.#market;
    this.#unwritten.push({
      kind: 'input',
      input,
      slices,
      ...(market === undefined ? {} : { market }),
    });
    while (this.#unwritten.length > 0 || this.#writing !== undefined) {
      this.#writing ??= this.#flush();
      const mine = this.#writing;
      await mine;
      if (this.#unwritten.length === 0) return;
    }
  }

  async #flush(): Promise<void> {
    try {
      const entries = this.#unwritten;
      this.#unwritten = [];
      const through = new Map(
        this.#core.accountIds().map((id) => [id, this.#core.account(id)?.sequence ?? 0]),
      );
      await this.#ports.journal.append(entries);
      for (const [accountId, sequence] of through) this.#showEvents(accountId, sequence);
    } finally {
      this.#writing = undefined;
    }
  }

  #showEvents(accountId: string, through = Number.MAX_SAFE_INTEGER): void {
    const shown = this.#updates.shown(accountId);
    const events = this.#core.events(accountId, shown).filter((event) => event.sequence <= through);
    this.#updates.add(accountId, events as readonly VenueEvent[]);
  }

  async #follow(): Promise<void> {
    const filters = [
      ...this.#settings.venues.map((venue) => subjects.barsOfVenue(venue, '1m')),
      ...this.#settings.feeds.map((feed) => subjects.barsClosed(feed)),
    ];
    const state = await this.#ports.bus.streamState('MARKET');
    const known = this.#market?.epochUs === state.epochUs ? this.#market : undefined;
    const afterSequence = Math.max(known?.sequence ?? 0, state.firstSequence - 1);
    this.#assembler = new SliceAssembler();
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
      ? this.#assembler.onClosed(decodeBarsClosed(message.data))
      : this.#assembler.onBar(decodeBar(message.data));
    for (const slice of slices) await this.#onSlice(slice);
    // A position is only good for a restart where nothing is half assembled.
    if (this.#assembler.empty) this.#market = { epochUs, sequence: message.sequence };
  }

  async #onSlice(slice: BarSlice): Promise<void> {
    const { feed, endUs } = slice;
    if (endUs <= (this.#slices.get(feed) ?? 0)) return;
    this.#slices.set(feed, endUs);
    const input = this.#core.relevant(slice);
    if (input !== undefined) {
      this.#core.apply(input);
      await this.#write(input);
    }
    for (const accountId of this.#core.accountIds()) this.#updates.slice(accountId, feed, endUs);
    this.#ports.meter.count(METRICS.slices, 1, { feed });
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
const CLOSED_PREFIX = 'market.closed.';

function venueOrder(order: {
  readonly terms: OrderTerms;
  readonly venueOrderId: string;
  readonly state: VenueOrder['state'];
  readonly filledQuantity: VenueOrder['filledQuantity'];
  readonly reason?: string;
}): VenueOrder {
  const { terms, venueOrderId, state, filledQuantity, reason } = order;
  const { orderId, symbol } = terms;
  return {
    venueOrderId,
    orderId,
    symbol,
    state,
    filledQuantity,
    ...(reason === undefined ? {} : { reason }),
  };
}

function unknownAccount(accountId: string, known: readonly string[]): AppError {
  return new AppError({
    code: 'EXCHANGE.ACCOUNT',
    why: `the exchange has no account '${accountId}'.`,
    fix: `Known: ${known.join(', ')}.`,
  });
}
