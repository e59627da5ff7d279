import { CalendarBook } from '@capstan/calendar';
import {
  type ApprovedSlice,
  type DeniedSlice,
  decodeApprovedSlice,
  decodeDeniedSlice,
  encodeBotSlice,
  encodeFillEvent,
  encodeOrderEvent,
  type FillEvent,
  headerNames,
  type OrderEvent,
  subjects,
} from '@capstan/contracts';
import {
  type BotSlice,
  type Fill,
  InstrumentBook,
  newOrder,
  type Order,
  type OrderTerms,
  parseCash,
  parsePrice,
  quantity,
  type Signal,
  type TimeUs,
  timeUs,
  usEquity,
  ZERO_CASH,
} from '@capstan/domain';
import type { CommitDraft, OwnerSession } from '@capstan/journal';
import type {
  BotRecord,
  BusMessage,
  Clock,
  Kv,
  KvEntry,
  LedgerCashRecord,
  LedgerPositionRecord,
  Log,
  Meter,
  OwnerRecord,
  ReservationRecord,
  Store,
} from '@capstan/ports';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { RiskAccount } from './risk-account.ts';
import type { RiskAccountSettings } from './settings.ts';

/** 2024-01-03 12:00 in New York, in the middle of a session. */
export const NOON: TimeUs = timeUs(1_704_301_200_000_000);
export const at = (minute: number): TimeUs => timeUs(NOON + minute * 60_000_000);

const calendars = new CalendarBook();

export const SETTINGS: RiskAccountSettings = {
  runId: 'run',
  accountId: 'paper',
  cashMicros: parseCash('10000'),
  limits: DEFAULT_LIMITS,
  instruments: new InstrumentBook([usEquity('AAA'), usEquity('BBB')]),
  calendarOf: (name) => calendars.get(name),
  bots: [{ botId: 'a', feed: 'demo' }],
  eventTime: true,
  venueReportsSlices: true,
};

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

export function botOf(botId: string, size: number, changes: Partial<BotRecord> = {}): BotRecord {
  return {
    botId,
    accountId: 'paper',
    strategy: 'ma-cross',
    params: {},
    symbols: ['AAA'],
    timeframe: '1m',
    feed: 'demo',
    sizing: { kind: 'fixedQuantity', quantity: size },
    configRevision: 1,
    restartOnCrash: true,
    onShutdown: 'leave',
    state: 'running',
    restarts: 0,
    updatedAtUs: NOON,
    ...changes,
  };
}

/** A journal of one account, and the account over it, which can be killed and started again at any commit. */
export class RiskWorld {
  readonly commits: CommitDraft[] = [];
  readonly bots: BotRecord[] = [botOf('a', 10), botOf('b', 10)];
  readonly journaledFills: Fill[] = [];
  readonly counted: string[] = [];
  /** What was put into key-value, the newest of each key. */
  readonly shown = new Map<string, string>();
  nowUs: TimeUs = NOON;
  killSwitch: KvEntry | undefined;
  breaker: KvEntry | undefined;
  drifts: KvEntry | undefined;
  conditions: KvEntry | undefined;
  account: RiskAccount;
  #settings: RiskAccountSettings;
  readonly #positions = new Map<string, LedgerPositionRecord>();
  readonly #cash = new Map<string, LedgerCashRecord>();
  readonly #reservations = new Map<string, ReservationRecord>();
  #state: Uint8Array | undefined;
  #messages = 0;
  /** Of the last word on orders that was handed over. */
  #orderSequence = 0;
  /** What was handed over since the last commit. */
  #uncommitted: BusMessage[] = [];

  private constructor(settings: Partial<RiskAccountSettings>) {
    this.#settings = { ...SETTINGS, ...settings };
    this.account = this.#make();
  }

  static async start(settings: Partial<RiskAccountSettings> = {}): Promise<RiskWorld> {
    const world = new RiskWorld(settings);
    await world.restart();
    return world;
  }

  /** Forgets all that is in memory, loads from the journal and hears again what no commit holds. */
  async restart(): Promise<void> {
    this.account = this.#make();
    const record: OwnerRecord = {
      positions: [],
      applied: [],
      lastOutboxSequence: 0,
      publishedThrough: 0,
    };
    await this.account.load(this.#session(), record);
    await this.#hand(this.#uncommitted.splice(0));
  }

  /** As {@link RiskWorld.restart}, with another configuration. */
  async redeploy(settings: Partial<RiskAccountSettings>): Promise<void> {
    this.#settings = { ...this.#settings, ...settings };
    await this.restart();
  }

  /** Asks for a change of limits; returns the answer. */
  async setLimits(change: object, commandId = `c${this.commits.length}`) {
    const payload = JSON.stringify(change);
    const rest = { actor: 'ana', createdAtUs: NOON, state: 'pending', key: 'risk/paper' } as const;
    const command = { commandId, kind: 'SetLimits', payload, ...rest };
    await this.account.onCommand(this.#session(), command);
    return this.commits.at(-1)?.commands?.[0];
  }

  /** Ends in peace. */
  async drain(): Promise<void> {
    await this.account.onDrain(this.#session());
  }

  async say(...slices: readonly BotSlice[]): Promise<void> {
    await this.#deliver(
      slices.map((slice) => [subjects.signal(slice.botId), encodeBotSlice(slice)]),
    );
  }

  async hearFills(event: Partial<FillEvent>): Promise<void> {
    const data = encodeFillEvent({ accountId: 'paper', runId: 'run', fills: [], ...event });
    await this.#deliver([[subjects.fill('paper'), data]]);
  }

  async venueThrough(sliceEndUs: TimeUs): Promise<void> {
    await this.hearFills({ venueSlice: { feed: 'demo', sliceEndUs } });
  }

  async hearOrders(event: Partial<OrderEvent>): Promise<void> {
    const data = encodeOrderEvent({ accountId: 'paper', runId: 'run', orders: [], ...event });
    await this.#deliver([[subjects.order('paper'), data]]);
  }

  async setKillSwitch(text: string): Promise<void> {
    this.killSwitch = { key: 'kill/paper', value: new TextEncoder().encode(text), revision: 7 };
    await this.account.onItems(this.#session(), 0, [this.killSwitch]);
  }

  async setBreaker(text: string): Promise<void> {
    this.breaker = { key: 'breaker/paper', value: new TextEncoder().encode(text), revision: 7 };
    await this.account.onItems(this.#session(), 1, [this.breaker]);
  }

  async setDrifts(text: string): Promise<void> {
    this.drifts = { key: 'drifts/paper', value: new TextEncoder().encode(text), revision: 8 };
    await this.account.onItems(this.#session(), 2, [this.drifts]);
  }

  async setConditions(text: string): Promise<void> {
    const value = new TextEncoder().encode(text);
    this.conditions = { key: 'conditions/paper', value, revision: 9 };
    await this.account.onItems(this.#session(), 3, [this.conditions]);
  }

  approved(): readonly ApprovedSlice[] {
    return this.#sent(subjects.approved('paper')).map(decodeApprovedSlice);
  }

  denied(): readonly DeniedSlice[] {
    return this.#sent(subjects.denied('paper')).map(decodeDeniedSlice);
  }

  openReservations(): readonly ReservationRecord[] {
    return [...this.#reservations.values()].filter((row) => row.openQuantity > 0);
  }

  ledger() {
    return { positions: [...this.#positions.values()], cash: [...this.#cash.values()] };
  }

  #sent(subject: string): readonly Uint8Array[] {
    return this.commits
      .flatMap((commit) => commit.outbox ?? [])
      .filter((message) => message.subject === subject)
      .map((message) => message.data);
  }

  async #deliver(messages: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    await this.#hand(
      messages.map(([subject, data]) => {
        this.#messages += 1;
        const headers = {
          [headerNames.eventId]: `event-${this.#messages}`,
          [headerNames.correlationId]: 'bar-1',
        };
        const sequence = this.#messages;
        return { stream: 'TRADING', sequence, subject, data, headers, storedAtUs: NOON };
      }),
    );
  }

  async #hand(messages: readonly BusMessage[]): Promise<void> {
    const session = this.#session();
    for (const message of messages) {
      this.#uncommitted.push(message);
      if (message.subject === subjects.order('paper')) this.#orderSequence = message.sequence;
      await this.account.onMessage(session, message);
    }
    await this.account.onBatchEnd(session);
  }

  #make(): RiskAccount {
    const store: Partial<Store> = {
      ledger: async () => this.ledger(),
      reservations: async () => this.openReservations(),
      bots: async () => this.bots,
      entriesAfter: async (_account, after, limit) =>
        this.journaledFills.filter((fill) => fill.accountSequence > after).slice(0, limit),
      symbolEntries: async (_account, symbol, limit, after = 0) =>
        this.journaledFills
          .filter((fill) => fill.symbol === symbol && fill.accountSequence > after)
          .slice(0, limit),
    };
    const kv: Partial<Kv> = {
      get: async (_bucket, key) =>
        ({
          ...{ breaker: this.breaker, drifts: this.drifts },
          ...{ conditions: this.conditions, kill: this.killSwitch },
        })[key.split('/')[0] ?? ''],
      put: async (_bucket, key, value) => {
        this.shown.set(key, new TextDecoder().decode(value));
        return 1;
      },
      watch: async (bucket, pattern) => ({
        next: async () => [{ key: `${bucket}:${pattern}`, value: new Uint8Array(), revision: 1 }],
        close: async () => undefined,
      }),
    };
    const clock: Partial<Clock> = { nowUs: () => this.nowUs };
    const meter: Meter = {
      count: (name, _value, labels) => this.counted.push(`${name} ${labels?.policy ?? ''}`),
      gauge: () => undefined,
      observe: () => undefined,
    };
    const ports = { store, kv, clock, log: silent, meter };
    return new RiskAccount(
      ports as unknown as ConstructorParameters<typeof RiskAccount>[0],
      this.#settings,
    );
  }

  #session(): OwnerSession {
    const session = {
      state: this.#state,
      trace: {},
      log: silent,
      applied: () => this.#orderSequence,
      within: (_name: string, _origin: object, work: () => Promise<void>) => work(),
      commit: async (draft: CommitDraft) => {
        this.commits.push(draft);
        this.#uncommitted = [];
        this.#state = draft.state ?? this.#state;
        for (const row of draft.ledgerPositions ?? [])
          this.#positions.set(`${row.botId} ${row.symbol}`, row);
        for (const row of draft.ledgerCash ?? []) this.#cash.set(row.botId, row);
        for (const row of draft.reservations ?? []) this.#reservations.set(row.orderId, row);
      },
    };
    return session as unknown as OwnerSession;
  }
}

export function sliceOf(
  botId: string,
  sliceEndUs: TimeUs,
  wants: readonly (readonly [string, Signal['direction']])[] = [],
  changes: Partial<BotSlice> = {},
): BotSlice {
  const priceNanos = parsePrice('100');
  return {
    runId: 'run',
    botId,
    accountId: 'paper',
    feed: 'demo',
    sliceEndUs,
    state: 'running',
    signals: wants.map(([symbol, direction]) => ({
      signalId: `${botId}-${symbol}-${sliceEndUs}`,
      runId: 'run',
      botId,
      accountId: 'paper',
      configRevision: 1,
      symbol,
      timeframe: '1m',
      barEndUs: sliceEndUs,
      inputRevision: 0,
      direction,
      strength: 1,
      referencePriceNanos: priceNanos,
      reason: 'because',
    })),
    marks: ['AAA', 'BBB'].map((symbol) => ({ symbol, priceNanos, barEndUs: sliceEndUs })),
    ...changes,
  };
}

export function fillOf(
  terms: OrderTerms,
  accountSequence: number,
  changes: Partial<Fill> = {},
): Fill {
  return {
    fillId: `fill-${accountSequence}`,
    kind: 'fill',
    orderId: terms.orderId,
    runId: terms.runId,
    accountId: terms.accountId,
    botId: terms.botId,
    symbol: terms.symbol,
    side: terms.side,
    quantity: quantity(terms.quantity),
    priceNanos: parsePrice('100'),
    feeMicros: ZERO_CASH,
    eventAtUs: NOON,
    accountSequence,
    ...changes,
  };
}

export function orderOf(terms: OrderTerms, changes: Partial<Order>): Order {
  return { ...newOrder(terms, NOON), ...changes };
}
