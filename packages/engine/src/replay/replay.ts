import type { Calendar } from '@capstan/calendar';
import {
  assert,
  type Bar,
  type BarSlice,
  type BotSlice,
  type CauseKind,
  type Denial,
  type InstrumentBook,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import type { RiskLimits } from '@capstan/risk';
import type { RunAccount, RunBot } from '../decision-core.ts';
import type { ExchangeBehaviour } from '../exchange-behaviour.ts';
import {
  AccountReplay,
  type AccountReplayState,
  type Told,
  type ToldFills,
  type ToldOrders,
} from './account-replay.ts';
import { BotReplay, type BotReplayState, type StrategyOf } from './bot-replay.ts';
import type { Decided } from './decision-comparison.ts';
import type { Difference } from './difference.ts';
import { VenueReplay, type VenueReplayState } from './venue-replay.ts';

/** What live was made of. What changes over its life comes with the events. */
export interface ReplaySettings {
  readonly runId: string;
  readonly accounts: readonly RunAccount[];
  /** Of the venue that a replay stands in for. */
  readonly behaviour: ExchangeBehaviour;
  /** Accounts whose venue is such an exchange itself: where they differ from it, nothing explains it. */
  readonly modelled: ReadonlySet<string>;
  readonly instruments: InstrumentBook;
  /** Finds a calendar by name; it should keep what it builds. */
  readonly calendarOf: (name: string) => Calendar;
  /** The session that a time belongs to. */
  readonly tradeDate: (us: TimeUs) => string;
}

interface OfAccount {
  readonly accountId: string;
}

/** What live journaled, in the order of the journal: the inputs of each part, and what it made of them. */
export type ReplayEvent =
  /** A feed closed a slice. @see late: bars of it that came afterwards. */
  | { readonly kind: 'slice'; readonly slice: BarSlice; readonly late: readonly Bar[] }
  /** A bot began, or began anew, from these slices of history. */
  | { readonly kind: 'begin'; readonly setup: RunBot; readonly history: readonly BarSlice[] }
  /** A bot spoke of a slice. */
  | { readonly kind: 'said'; readonly said: BotSlice; readonly isSilent: boolean }
  /** An account decided a slice. @see limits: those that hold from it on, where they changed. */
  | ({ readonly kind: 'decided'; readonly limits?: RiskLimits } & OfAccount & Decided)
  | ({ readonly kind: 'denied'; readonly denials: readonly Denial[] } & OfAccount)
  | ({ readonly kind: 'orders' } & OfAccount & ToldOrders)
  | ({ readonly kind: 'fills' } & OfAccount & ToldFills)
  /** There is an intent that no decision of a slice has made. */
  | { readonly kind: 'cause'; readonly intentId: string; readonly cause: CauseKind };

type SliceEvent = Extract<ReplayEvent, { kind: 'slice' }>;

/** All that a replay goes on from. Plain data, safe for JSON. */
export interface ReplayState {
  readonly session: Session;
  readonly venue: VenueReplayState;
  readonly accounts: readonly (readonly [string, AccountReplayState])[];
  readonly bots: readonly (readonly [string, BotReplayState])[];
  readonly slices: readonly SliceEvent[];
  readonly heard: readonly (readonly [string, Heard])[];
}

/** The newest session, and the end of its first slice. */
interface Session {
  readonly tradeDate: string;
  readonly firstUs: TimeUs;
}

/** The last slice that a bot has spoken of. */
interface Heard {
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
}

/** Slices of a feed that are kept for bots that have not spoken of them. */
const SLICES_KEPT = 1_000;

/** The newest slices of a feed, which a bot that starts may speak of whoever else has. */
const SLICES_FOR_NEW = 30;

/**
 * Runs what decides and what matches (strategies, sizing, limits, order matching) over what live journaled, and says in what live
 * was different. Each part is given what live's was given, so that a difference is told where it begins and nowhere else. The
 * same events give the same differences.
 */
export class Replay {
  readonly #settings: ReplaySettings;
  readonly #venue: VenueReplay;
  readonly #accounts: ReadonlyMap<string, AccountReplay>;
  readonly #bots = new Map<string, BotReplay>();
  readonly #slices = new Map<string, SliceEvent>();
  /** Slices that were kept since it was last looked at which nobody will speak of. */
  #keptSince = 0;
  /** Of bots that have not stopped. */
  readonly #heard = new Map<string, Heard>();
  #session: Session = { tradeDate: '', firstUs: timeUs(0) };

  constructor(settings: ReplaySettings) {
    const { accounts, instruments, calendarOf } = settings;
    this.#settings = settings;
    this.#venue = new VenueReplay(settings);
    this.#accounts = new Map(
      accounts.map(({ accountId, limits, cashMicros }) => [
        accountId,
        new AccountReplay({ accountId, limits, instruments, calendarOf }, cashMicros),
      ]),
    );
  }

  /** Goes on from a state: what follows is told as if there had been no pause. */
  static restore(settings: ReplaySettings, state: ReplayState, strategyOf: StrategyOf): Replay {
    const replay = new Replay(settings);
    replay.#session = state.session;
    replay.#venue.restore(state.venue);
    for (const [accountId, one] of state.accounts) replay.#accounts.get(accountId)?.restore(one);
    for (const [botId, one] of state.bots) {
      const bot = new BotReplay(replay.#world());
      bot.restore(one, strategyOf);
      replay.#bots.set(botId, bot);
    }
    for (const event of state.slices) replay.#slices.set(keyOf(event.slice), event);
    for (const [botId, heard] of state.heard) replay.#heard.set(botId, heard);
    return replay;
  }

  /** Returns all that it goes on from. */
  state(): ReplayState {
    return {
      session: this.#session,
      venue: this.#venue.state(),
      accounts: [...this.#accounts].map(([accountId, one]) => [accountId, one.state()]),
      bots: [...this.#bots].map(([botId, one]) => [botId, one.state()]),
      slices: this.#unspoken(),
      heard: [...this.#heard],
    };
  }

  /** Takes the next event of the journal. @returns in what live differs there, or differed in the session that ends with it. */
  take(event: ReplayEvent): readonly Difference[] {
    switch (event.kind) {
      case 'slice':
        return this.#slice(event);
      case 'begin':
        this.#begin(event.setup, event.history);
        return [];
      case 'said':
        return this.#said(event);
      case 'denied':
        this.#account(event.accountId)?.hearDenials(event.denials);
        return [];
      case 'decided':
        return this.#decided(event);
      case 'cause':
        this.#venue.noteCause(event.intentId, event.cause);
        return [];
      default:
        return this.#told(event.accountId, event);
    }
  }

  /**
   * Compares what was executed since the last time, as far as accounts have told of it.
   * @param through the last session that has ended; all there is unless given.
   */
  settle(through?: string): readonly Difference[] {
    const { tradeDate } = this.#settings;
    return this.#venue.settle((us) => through === undefined || tradeDate(us) <= through);
  }

  #slice(event: SliceEvent): readonly Difference[] {
    const differences = this.#beginSession(event.slice);
    this.#keep(event);
    this.#venue.addSlice(event.slice);
    return differences;
  }

  /**
   * With the first slice of a session the one before is over: it is compared, and what nobody spoke of in it any more is forgotten.
   * That is so wherever the replay began, so that each comes to the same.
   */
  #beginSession({ endUs }: BarSlice): readonly Difference[] {
    if (endUs === 0) return [];
    const date = this.#settings.tradeDate(endUs);
    const { tradeDate, firstUs } = this.#session;
    if (date <= tradeDate) return [];
    this.#session = { tradeDate: date, firstUs: endUs };
    if (tradeDate === '') return [];
    const differences = this.settle(tradeDate);
    this.#venue.forget(firstUs);
    for (const account of this.#accounts.values()) account.forget(firstUs);
    return differences;
  }

  /** The slices that bots may still speak of. */
  #unspoken(): readonly SliceEvent[] {
    const ofFeeds = Map.groupBy(this.#slices.values(), ({ slice }) => slice.feed);
    return [...ofFeeds].flatMap(([feed, events]) => {
      const ends = [...this.#heard.values()]
        .filter((one) => one.feed === feed)
        .map(({ sliceEndUs }) => sliceEndUs);
      const first = Math.min(...ends);
      return events.filter(
        ({ slice }, index) => slice.endUs > first || index >= events.length - SLICES_FOR_NEW,
      );
    });
  }

  /** Forgets now and then what nobody will speak of any more: the bars of a day are too many to be kept. */
  #keep(event: SliceEvent): void {
    this.#slices.set(keyOf(event.slice), event);
    this.#keptSince += 1;
    if (this.#keptSince >= SLICES_FOR_NEW) {
      this.#keptSince = 0;
      const kept = new Set(this.#unspoken());
      for (const [key, one] of this.#slices) if (!kept.has(one)) this.#slices.delete(key);
    }
    if (this.#slices.size <= SLICES_KEPT) return;
    const [oldest] = this.#slices.keys();
    assert(oldest !== undefined, 'what is full has a first');
    this.#slices.delete(oldest);
  }

  #begin(setup: RunBot, history: readonly BarSlice[]): void {
    const { botId, accountId, sizing } = setup;
    const bot = this.#bots.get(botId) ?? new BotReplay(this.#world());
    this.#bots.set(botId, bot);
    bot.begin(setup, history);
    this.#account(accountId)?.size(botId, sizing);
  }

  #world() {
    const { runId, instruments, calendarOf } = this.#settings;
    const ofSymbol = (symbol: string) => calendarOf(instruments.get(symbol).calendar);
    return { runId, calendarOf: ofSymbol };
  }

  #said({ said, isSilent }: Extract<ReplayEvent, { kind: 'said' }>): readonly Difference[] {
    const { botId, accountId, feed, sliceEndUs } = said;
    this.#account(accountId)?.hearBot(said);
    if (said.state === 'stopped') this.#heard.delete(botId);
    else this.#heard.set(botId, { feed, sliceEndUs });
    const { slice, late = [] } = this.#slices.get(keyOf({ feed, endUs: sliceEndUs })) ?? {};
    return this.#bots.get(botId)?.take({ said, isSilent, slice, late }) ?? [];
  }

  #decided(event: Extract<ReplayEvent, { kind: 'decided' }>): readonly Difference[] {
    const { accountId, limits } = event;
    this.#venue.approve(event);
    return this.#account(accountId)?.decide(event, limits) ?? [];
  }

  #told(accountId: string, told: Told): readonly Difference[] {
    this.#account(accountId)?.hearExecution(told);
    return this.#venue.take(accountId, told);
  }

  /** Accounts that are not configured any more are passed over. */
  #account(accountId: string): AccountReplay | undefined {
    return this.#accounts.get(accountId);
  }
}

const keyOf = ({ feed, endUs }: Pick<BarSlice, 'feed' | 'endUs'>): string => `${endUs} ${feed}`;
