import type { TimeUs } from '@capstan/domain';
import { type Difference, isUnexplained, type ReplayEvent } from '@capstan/engine';
import { LIMITS } from '../limits.ts';

/** How much of a bot was compared. */
interface Compared {
  readonly slices: number;
  readonly signals: number;
  readonly orders: number;
  readonly fills: number;
}

/** What was compared of one bot in one session. */
export interface ReplayedBot extends Compared {
  readonly accountId: string;
  readonly botId: string;
  /** The first ones, by time. */
  readonly differences: readonly Difference[];
  /** How many there are. */
  readonly found: number;
  /** Of those, the ones of which nobody knows why. */
  readonly unexplained: number;
}

type OpenBot = { -readonly [Key in keyof ReplayedBot]: ReplayedBot[Key] } & {
  differences: Difference[];
};

/** All that a book goes on from. Plain data, safe for JSON. */
export type SessionBookState = readonly (readonly [string, readonly ReplayedBot[]])[];

/** Whose are differences that are of no bot, such as the cancel of an order that nobody knows. */
const NOBODY = '-';

/** Puts what a replay compares and finds under the sessions that it belongs to. A name such as the house's is in every account. */
export class SessionBook {
  readonly #tradeDate: (us: TimeUs) => string;
  readonly #sessions = new Map<string, Map<string, OpenBot>>();
  /** Sessions before this one are told for good. */
  #first: string;

  /** @param from where to go on from: what it does not have any more is told for good. */
  constructor(tradeDate: (us: TimeUs) => string, from: SessionBookState = []) {
    this.#tradeDate = tradeDate;
    for (const [date, bots] of from)
      this.#sessions.set(date, new Map(bots.map((bot) => [keyOf(bot), copyOf(bot)])));
    this.#first = this.tradeDates[0] ?? '';
  }

  /** Returns all that it goes on from. */
  state(): SessionBookState {
    return [...this.#sessions].map(([date, bots]) => [date, [...bots.values()].map(copyOf)]);
  }

  /** The sessions that something is known of, oldest first. */
  get tradeDates(): readonly string[] {
    return [...this.#sessions.keys()].sort();
  }

  add(differences: readonly Difference[]): void {
    for (const difference of differences) {
      const { atUs, botId, accountId } = difference;
      const bot = this.#bot(atUs, botId === '' ? NOBODY : botId, accountId);
      bot.found += 1;
      if (isUnexplained(difference)) bot.unexplained += 1;
      bot.differences.push(difference);
      // Twice as many are kept as are told, so that they are not put in order each time.
      if (bot.differences.length > 2 * LIMITS.replayDifferences)
        bot.differences = firstOf(bot.differences);
    }
  }

  /** Counts what an event brought to be compared. */
  count(event: ReplayEvent): void {
    switch (event.kind) {
      case 'said': {
        const { botId, accountId, sliceEndUs, state, signals } = event.said;
        if (state === 'starting') return;
        const bot = this.#bot(sliceEndUs, botId, accountId);
        bot.slices += 1;
        bot.signals += signals.length;
        return;
      }
      case 'decided':
        for (const { botId } of event.orders)
          this.#bot(event.sliceEndUs, botId, event.accountId).orders += 1;
        return;
      case 'fills':
        for (const entry of event.entries) {
          if ('fillId' in entry)
            this.#bot(entry.eventAtUs, entry.botId, event.accountId).fills += 1;
        }
        return;
      default:
        return;
    }
  }

  /** Returns a session's bots, sorted by name and account; `undefined` where nothing is known of it. */
  session(tradeDate: string): readonly ReplayedBot[] | undefined {
    const bots = this.#sessions.get(tradeDate);
    if (bots === undefined) return undefined;
    return [...bots]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, bot]) => ({ ...bot, differences: firstOf(bot.differences) }));
  }

  /** Forgets the sessions before one, which are told for good: what still comes of them counts for the first that is not. */
  forgetBefore(tradeDate: string): void {
    if (tradeDate > this.#first) this.#first = tradeDate;
    for (const date of this.tradeDates) if (date < tradeDate) this.#sessions.delete(date);
  }

  #bot(atUs: TimeUs, botId: string, accountId: string): OpenBot {
    const own = this.#tradeDate(atUs);
    const date = own < this.#first ? this.#first : own;
    const bots = this.#sessions.get(date) ?? new Map<string, OpenBot>();
    this.#sessions.set(date, bots);
    const key = keyOf({ botId, accountId });
    const bot = bots.get(key) ?? { accountId, botId, ...NONE, differences: [] };
    bots.set(key, bot);
    return bot;
  }
}

const NONE = { slices: 0, signals: 0, orders: 0, fills: 0, found: 0, unexplained: 0 };

const copyOf = (bot: ReplayedBot): OpenBot => ({ ...bot, differences: [...bot.differences] });

const keyOf = ({ botId, accountId }: Pick<ReplayedBot, 'botId' | 'accountId'>): string =>
  `${botId} ${accountId}`;

/** The first ones by time, of those at one time the ones that were found first. */
const firstOf = (differences: readonly Difference[]): Difference[] =>
  differences.toSorted((a, b) => a.atUs - b.atUs).slice(0, LIMITS.replayDifferences);

/** What a session's replay found, of one account. */
export interface Found {
  readonly accountId: string;
  readonly differences: number;
  readonly unexplained: number;
}

/** Sums a session up by account, sorted. */
export function foundOf(bots: readonly ReplayedBot[]): readonly Found[] {
  return [...Map.groupBy(bots, ({ accountId }) => accountId)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([accountId, ofAccount]) => {
      const differences = ofAccount.reduce((sum, { found }) => sum + found, 0);
      const unexplained = ofAccount.reduce((sum, bot) => sum + bot.unexplained, 0);
      return { accountId, differences, unexplained };
    });
}
