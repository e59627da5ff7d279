import type { Calendar } from '@capstan/calendar';
import {
  assert,
  type Bar,
  type BarSlice,
  type BotSlice,
  type CauseKind,
  type Denial,
  type InstrumentBook,
} from '@capstan/domain';
import type { RiskLimits } from '@capstan/risk';
import type { RunAccount, RunBot } from '../decision-core.ts';
import type { ExchangeBehaviour } from '../exchange-behaviour.ts';
import { AccountReplay, type Told, type ToldFills, type ToldOrders } from './account-replay.ts';
import { BotReplay } from './bot-replay.ts';
import type { Decided } from './decision-comparison.ts';
import type { Difference } from './difference.ts';
import { VenueReplay } from './venue-replay.ts';

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

/** Slices of a feed that are kept for bots that have not spoken of them. */
const SLICES_KEPT = 1_000;

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
  readonly #slices = new Map<string, Extract<ReplayEvent, { kind: 'slice' }>>();

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

  /** Takes the next event of the journal. @returns in what live differs there. */
  take(event: ReplayEvent): readonly Difference[] {
    switch (event.kind) {
      case 'slice':
        this.#keep(event);
        this.#venue.addSlice(event.slice);
        return [];
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

  /** Compares what was executed since the last time: at the end of a session. */
  settle(): readonly Difference[] {
    return this.#venue.settle();
  }

  #keep(event: Extract<ReplayEvent, { kind: 'slice' }>): void {
    this.#slices.set(keyOf(event.slice.feed, event.slice.endUs), event);
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
    const { slice, late = [] } = this.#slices.get(keyOf(feed, sliceEndUs)) ?? {};
    return this.#bots.get(botId)?.take({ said, isSilent, slice, late }) ?? [];
  }

  #decided(event: Extract<ReplayEvent, { kind: 'decided' }>): readonly Difference[] {
    const { accountId, limits } = event;
    this.#venue.approve(event);
    return this.#account(accountId)?.decide(event, limits) ?? [];
  }

  #told(accountId: string, told: Told): readonly Difference[] {
    this.#account(accountId)?.hearExecution(told);
    return this.#venue.take(told);
  }

  /** Accounts that are not configured any more are passed over. */
  #account(accountId: string): AccountReplay | undefined {
    return this.#accounts.get(accountId);
  }
}

const keyOf = (feed: string, endUs: number): string => `${endUs} ${feed}`;
