import {
  decodeApprovedSlice,
  decodeBarsClosed,
  decodeBotSlice,
  decodeBotSliceMore,
  decodeDeniedSlice,
  decodeFillEvent,
  decodeOrderEvent,
  ledgerEntriesOf,
} from '@capstan/contracts';
import {
  AppError,
  type Bar,
  type BotState,
  type CauseKind,
  type HistoryEntry,
  type LedgerEntry,
  type Order,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import type { ReplayEvent } from '@capstan/engine';
import { looksBack, previousHeader, readSymbolHistory } from '@capstan/journal';
import type { AppliedSequence, BotRecord, OutboxMessage, Store } from '@capstan/ports';
import { readLimits } from '@capstan/risk';
import { LIMITS } from '../limits.ts';
import { type BotWorld, beginningOf } from './beginning.ts';

/** All that decides, in the words of those who decided it. */
const FILTERS = [
  'market.closed.*',
  'trading.signal.*',
  'trading.approved.*',
  'trading.denied.*',
  'trading.order.*',
  'trading.fill.*',
] as const;

type Kind = (typeof FILTERS)[number] extends `${infer Name}.*` ? Name : never;

/** The run that a message of a kind is of. */
const RUN_OF: Readonly<Record<Kind, (data: Uint8Array) => string>> = {
  'market.closed': (data) => decodeBarsClosed(data).runId,
  'trading.signal': (data) => decodeBotSlice(data).runId,
  'trading.approved': (data) => decodeApprovedSlice(data).runId,
  'trading.denied': (data) => decodeDeniedSlice(data).runId,
  'trading.order': (data) => decodeOrderEvent(data).runId,
  'trading.fill': (data) => decodeFillEvent(data).runId,
};

/** What it knows of a bot from its words so far. */
interface KnownBot {
  readonly setup: BotRecord;
  readonly state: BotState;
  readonly throughUs: TimeUs;
}

export type JournalStore = Pick<Store, 'outboxBeyond' | 'bars' | 'intents' | 'symbolEntries'>;

/** Where a reading goes on from. Plain data, safe for JSON. */
export interface JournalState {
  readonly applied: readonly AppliedSequence[];
  readonly bots: readonly (readonly [string, KnownBot])[];
  readonly open: readonly string[];
}

/**
 * Reads back what live journaled, in the order of its commits: the words of feeds, bots and accounts from the outbox, bars and other
 * intents from their tables.
 */
export class JournalReading {
  readonly #store: JournalStore;
  readonly #world: BotWorld;
  readonly #symbols: readonly string[];
  readonly #applied = new Map<string, AppliedSequence>();
  readonly #bots = new Map<string, KnownBot>();
  /** Feeds that have said that they are open. */
  readonly #open = new Set<string>();
  /** Intents of which it is known why they are there: the newest, for others are looked up. */
  readonly #knownIntents = new Set<string>();
  #bars = new Map<string, readonly Bar[]>();

  /** @param from where to go on from; the beginning of the run unless given. */
  constructor(store: JournalStore, world: BotWorld, from?: JournalState) {
    this.#store = store;
    this.#world = world;
    this.#symbols = world.instruments.all().map(({ symbol }) => symbol);
    for (const one of from?.applied ?? []) this.#applied.set(chainOf(one), one);
    for (const [botId, known] of from?.bots ?? []) this.#bots.set(botId, known);
    for (const feed of from?.open ?? []) this.#open.add(feed);
  }

  /** Returns how far it has read. */
  state(): JournalState {
    const [applied, bots] = [[...this.#applied.values()], [...this.#bots]];
    return { applied, bots, open: [...this.#open] };
  }

  /**
   * Returns the next events; none where there is nothing more.
   * @throws REPORTING.REPLAY_GONE where what comes next has been removed.
   */
  async next(): Promise<readonly ReplayEvent[]> {
    const applied = [...this.#applied.values()];
    const page = await this.#store.outboxBeyond(FILTERS, applied, LIMITS.replayPage);
    const messages = withinBars(page);
    for (const message of messages) this.#note(message);
    await this.#readBars(messages);
    const events: ReplayEvent[] = [];
    for (const message of messages) events.push(...(await this.#eventsOf(message)));
    // A page may hold no event of this run.
    return messages.length > 0 && events.length === 0 ? this.next() : events;
  }

  /** Marks a message as read, and sees that none before it is missing. Runs of before are no matter of this one. */
  #note({ producer, subject, sequence, headers, data }: OutboxMessage): void {
    const key = chainOf({ producer, subject });
    const before = Number(headers[previousHeader] ?? 0);
    const last = this.#applied.get(key)?.sequence ?? 0;
    const isOurs = () => RUN_OF[kindOf(subject)](data) === this.#world.runId;
    if (before !== last && (last > 0 || isOurs())) {
      throw new AppError({
        code: 'REPORTING.REPLAY_GONE',
        why: `messages of ${producer} on ${subject} before ${sequence} are no longer kept: the run cannot be replayed from where that would begin.`,
        fix: 'Keep the outbox for longer, or ask for a session that was replayed when it ended.',
      });
    }
    this.#applied.set(key, { producer, subject, sequence });
  }

  async #readBars(messages: readonly OutboxMessage[]): Promise<void> {
    this.#bars = new Map();
    const closings = messages
      .filter(({ subject }) => subject.startsWith('market.closed.'))
      .map(({ data }) => decodeBarsClosed(data))
      .filter(({ runId }) => runId === this.#world.runId);
    for (const [feed, ofFeed] of Map.groupBy(closings, (one) => one.feed)) {
      const ends = ofFeed.map(({ endUs }) => endUs);
      const named = ofFeed.reduce((sum, { symbols }) => sum + symbols.length, 0);
      const bars = await this.#store.bars({
        ...{ runId: this.#world.runId, feed, symbols: this.#symbols, timeframe: '1m' },
        afterUs: timeUs(Math.min(...ends) - 1),
        throughUs: timeUs(Math.max(...ends)),
        limit: LIMITS.replayRevisions * named + LIMITS.replayPage,
        revisions: 'all',
      });
      for (const [endUs, ofSlice] of Map.groupBy(bars, (bar) => bar.endUs)) {
        // What was known of a bar first: of one that missed its slice, a later revision than 0.
        const first = new Map(ofSlice.toReversed().map((bar) => [bar.symbol, bar]));
        this.#bars.set(`${feed} ${endUs}`, [...first.values()].toReversed());
      }
    }
  }

  async #eventsOf(message: OutboxMessage): Promise<readonly ReplayEvent[]> {
    const { subject, data } = message;
    switch (kindOf(subject)) {
      case 'market.closed':
        return this.#closed(data);
      case 'trading.signal':
        return this.#said(data);
      case 'trading.approved':
        return this.#decided(data);
      case 'trading.denied': {
        const { runId, accountId, denials } = decodeDeniedSlice(data);
        return this.#ours(runId, { kind: 'denied', accountId, denials });
      }
      case 'trading.order': {
        const { runId, accountId, orders } = decodeOrderEvent(data);
        if (runId !== this.#world.runId) return [];
        const { sequence } = message;
        return [...(await this.#causes(orders)), { kind: 'orders', accountId, orders, sequence }];
      }
      case 'trading.fill': {
        const event = decodeFillEvent(data);
        const { runId, accountId, venueSlice } = event;
        if (runId !== this.#world.runId) return [];
        const entries = ledgerEntriesOf(event);
        const history = await this.#historyOf(accountId, entries);
        const matched = venueSlice === undefined ? {} : { venueSlice };
        return [{ kind: 'fills', accountId, entries, history, ...matched }];
      }
    }
  }

  #ours(runId: string, event: ReplayEvent): readonly ReplayEvent[] {
    return runId === this.#world.runId ? [event] : [];
  }

  #closed(data: Uint8Array): readonly ReplayEvent[] {
    const { runId, feed, endUs, symbols } = decodeBarsClosed(data);
    if (runId !== this.#world.runId) return [];
    const all = this.#bars.get(`${feed} ${endUs}`) ?? [];
    const isNamed = ({ symbol }: Bar) => symbols.includes(symbol);
    const slice = { feed, endUs, bars: all.filter(isNamed) };
    // The first closing of a feed says that the past is journaled: none of its bars is late.
    const late = this.#open.has(feed) ? all.filter((bar) => !isNamed(bar)) : [];
    this.#open.add(feed);
    return [{ kind: 'slice', slice, late }];
  }

  async #said(data: Uint8Array): Promise<readonly ReplayEvent[]> {
    const said = decodeBotSlice(data);
    const { setup, silent = false } = decodeBotSliceMore(data);
    const { botId, runId, state, sliceEndUs } = said;
    if (runId !== this.#world.runId) return [];
    const before = this.#bots.get(botId);
    const bot = setup ?? before?.setup;
    if (bot === undefined) return [{ kind: 'said', said, isSilent: silent }];
    const wasDown = before?.state === 'crashed' && state !== 'crashed' && state !== 'stopped';
    const fromUs = state === 'starting' ? sliceEndUs : wasDown ? before.throughUs : undefined;
    const begin =
      fromUs === undefined ? [] : await beginningOf(this.#store, this.#world, bot, fromUs);
    this.#bots.set(botId, { setup: bot, state, throughUs: sliceEndUs });
    return [...begin, { kind: 'said', said, isSilent: silent }];
  }

  #decided(data: Uint8Array): readonly ReplayEvent[] {
    const slice = decodeApprovedSlice(data);
    const { runId, accountId, feed, sliceEndUs, orders, cancelOrderIds, limits, crosses } = slice;
    const { grounds } = slice;
    if (runId !== this.#world.runId) return [];
    for (const { intentId } of orders) this.#know(intentId);
    const told =
      limits === undefined
        ? {}
        : { limits: readLimits(JSON.parse(limits), `limits of ${accountId}`) };
    const crossed = crosses === undefined ? {} : { crosses };
    const by = grounds === undefined ? {} : { grounds };
    const decided = { feed, sliceEndUs, orders, cancelOrderIds, ...crossed };
    return [{ kind: 'decided', accountId, ...decided, ...by, ...told }];
  }

  #know(intentId: string): void {
    this.#knownIntents.add(intentId);
    if (this.#knownIntents.size <= LIMITS.replayIntents) return;
    const [oldest] = this.#knownIntents;
    if (oldest !== undefined) this.#knownIntents.delete(oldest);
  }

  /** Reads what ledgers need of before by entries that speak of it. */
  async #historyOf(
    accountId: string,
    entries: readonly LedgerEntry[],
  ): Promise<readonly HistoryEntry[]> {
    const last = new Map<string, number>();
    for (const entry of entries)
      if (looksBack(entry)) last.set(entry.symbol, entry.accountSequence);
    const histories: HistoryEntry[] = [];
    for (const [symbol, before] of last)
      histories.push(...(await readSymbolHistory(this.#store, accountId, symbol, before)));
    return histories;
  }

  /** Looks up why there are orders that no decision has sent. */
  async #causes(orders: readonly Order[]): Promise<readonly ReplayEvent[]> {
    const unknown = orders.filter(({ intentId }) => !this.#knownIntents.has(intentId));
    const [first] = unknown;
    if (first === undefined) return [];
    const fromUs = Math.min(...unknown.map(({ decidedAtUs }) => decidedAtUs));
    const { accountId } = first;
    const intents = await this.#store.intents({
      ...{ runId: this.#world.runId, accountId, limit: LIMITS.replayIntents },
      afterUs: timeUs(fromUs - 1),
    });
    const wanted = new Set(unknown.map(({ intentId }) => intentId));
    for (const intentId of wanted) this.#know(intentId);
    return intents
      .filter(({ intentId, causeKind }) => wanted.has(intentId) && !isDecided(causeKind))
      .map(({ intentId, causeKind }): ReplayEvent => causeOf(intentId, causeKind));
  }
}

/** Returns the first of a page's messages, as many as there is room for the bars of; the others are read again. */
function withinBars(page: readonly OutboxMessage[]): readonly OutboxMessage[] {
  let bars = 0;
  const end = page.findIndex(({ subject, data }, index) => {
    if (kindOf(subject) === 'market.closed') bars += decodeBarsClosed(data).symbols.length;
    return index > 0 && bars > LIMITS.replayBars;
  });
  return end < 0 ? page : page.slice(0, end);
}

const kindOf = (subject: string): Kind => subject.split('.').slice(0, 2).join('.') as Kind;

const chainOf = ({ producer, subject }: Pick<AppliedSequence, 'producer' | 'subject'>): string =>
  `${producer} ${subject}`;

/** Tells what decisions of slices make, which are in the journal themselves. */
const isDecided = (cause: CauseKind): boolean => cause === 'signal' || cause === 'schedule';

const causeOf = (intentId: string, cause: CauseKind): ReplayEvent => ({
  kind: 'cause',
  intentId,
  cause,
});
