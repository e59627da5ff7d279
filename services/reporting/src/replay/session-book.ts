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
  /** By time; the first ones where it is stored or answered. */
  readonly differences: readonly Difference[];
  /** How many there are. */
  readonly found: number;
  /** Of those, the ones of which nobody knows why. */
  readonly unexplained: number;
}

type OpenBot = { -readonly [Key in keyof Compared]: Compared[Key] } & {
  readonly accountId: string;
  readonly botId: string;
  readonly differences: Difference[];
};

/** Whose are differences that are of no bot, such as the cancel of an order that nobody knows. */
const NOBODY = '-';

/** Puts what a replay compares and finds under the sessions that it belongs to. A name such as the house's is in every account. */
export class SessionBook {
  readonly #tradeDate: (us: TimeUs) => string;
  readonly #sessions = new Map<string, Map<string, OpenBot>>();

  constructor(tradeDate: (us: TimeUs) => string) {
    this.#tradeDate = tradeDate;
  }

  /** The sessions that something is known of, oldest first. */
  get tradeDates(): readonly string[] {
    return [...this.#sessions.keys()].sort();
  }

  add(differences: readonly Difference[]): void {
    for (const difference of differences) {
      const { atUs, botId, accountId } = difference;
      this.#bot(atUs, botId === '' ? NOBODY : botId, accountId).differences.push(difference);
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
      .map(([, bot]) => ({
        ...bot,
        found: bot.differences.length,
        unexplained: bot.differences.filter(isUnexplained).length,
        differences: bot.differences.toSorted((a, b) => a.atUs - b.atUs),
      }));
  }

  /** Forgets the sessions before one. */
  forgetBefore(tradeDate: string): void {
    for (const date of this.tradeDates) if (date < tradeDate) this.#sessions.delete(date);
  }

  #bot(atUs: TimeUs, botId: string, accountId: string): OpenBot {
    const date = this.#tradeDate(atUs);
    const bots = this.#sessions.get(date) ?? new Map<string, OpenBot>();
    this.#sessions.set(date, bots);
    const key = `${botId} ${accountId}`;
    const none = { slices: 0, signals: 0, orders: 0, fills: 0, differences: [] };
    const bot = bots.get(key) ?? { accountId, botId, ...none };
    bots.set(key, bot);
    return bot;
  }
}

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

/** Returns a bot with the first of its differences, and the count of all. */
export const bounded = (bot: ReplayedBot): ReplayedBot => ({
  ...bot,
  differences: bot.differences.slice(0, LIMITS.replayDifferences),
});
