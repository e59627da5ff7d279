import { decodeBarsClosed } from '@capstan/contracts';
import { isTerminal, type Order, type TimeUs, timeUs } from '@capstan/domain';
import type { BusMessage, OutboxMessage, Store } from '@capstan/ports';
import { MemoryLog } from '@capstan/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayAnswers } from './replay-answers.ts';
import {
  FENCE,
  keeping,
  type Left,
  lying,
  over,
  ownerOver,
  sessionOver,
} from './replay-owner.fixture.ts';
import { REPLAY, ReplayWorld, RUN } from './replay-world.fixture.ts';

const MINUTES = 12;
const SESSIONS = 6;
const LATER = timeUs(Number.MAX_SAFE_INTEGER);
const ALL = 1_000_000;
const EVERYTHING = ['market.>', 'trading.>'];

/** What becomes of one owner after another. */
interface Life {
  /** Slices at which the bot says something else than its bars lead to. */
  readonly lies: readonly number[];
  /** How much more than a session is journaled when it is replayed. */
  readonly ahead: readonly number[];
  /** Sessions after which the process is started anew. */
  readonly restarts: readonly boolean[];
  /** Reads and writes of the store at which a process dies, counted from its start: before them, or after. */
  readonly deaths: readonly { readonly at: number; readonly isAfter: boolean }[];
  /** After so many of the sessions all goes of the outbox that may. */
  readonly pruned: number;
}

const keyOf = ({ producer, sequence }: OutboxMessage): string => `${producer} ${sequence}`;

/** A world of which so much is journaled as it is told, and the owners that replay it. */
class LivedWorld {
  readonly world: ReplayWorld;
  readonly #life: Life;
  readonly #log = new MemoryLog();
  readonly #left: Left = {};
  readonly #places = new Map<string, number>();
  /** Where in the journal each session begins, and where all ends. */
  readonly #begins: number[] = [];
  #journaled = 0;

  private constructor(life: Life) {
    this.#life = life;
    this.world = new ReplayWorld(lying(...life.lies));
  }

  static async lived(life: Life): Promise<LivedWorld> {
    const lived = new LivedWorld(life);
    await lived.world.play(MINUTES, SESSIONS);
    await lived.world.store.takeOwnership(FENCE);
    await lived.#survey();
    await lived.#live();
    return lived;
  }

  /** What is stored of all sessions. */
  async found() {
    return await this.world.store.replays({ runId: RUN, limit: ALL });
  }

  async checkpoint(): Promise<unknown> {
    const found = await this.world.store.replayCheckpoint({ runId: RUN });
    return JSON.parse(found?.state ?? 'null');
  }

  async #survey(): Promise<void> {
    const all = await this.world.store.outboxBeyond(EVERYTHING, [], ALL);
    let session = '';
    all.forEach((message, place) => {
      this.#places.set(keyOf(message), place);
      if (!message.subject.startsWith('market.closed.')) return;
      const date = REPLAY.tradeDate(decodeBarsClosed(message.data).endUs);
      if (date === session) return;
      session = date;
      this.#begins.push(place);
    });
    this.#begins.push(all.length);
  }

  async #live(): Promise<void> {
    const deaths = [...this.#life.deaths];
    let owner = await this.#born(deaths.shift());
    for (let session = 0; session < SESSIONS; session += 1) {
      const ahead = this.#life.ahead[session] ?? 0;
      this.#journaled = (this.#begins[session + 1] ?? 0) + ahead;
      const heard = this.#heardOf(session);
      while (!(await owner.hears(heard))) owner = await this.#born(deaths.shift());
      if (session < this.#life.pruned) await this.#prune(session);
      if (this.#life.restarts[session] === true) owner = await this.#born(deaths.shift());
    }
  }

  /** What the bus brings of a session: its slices, and that it has ended. */
  #heardOf(session: number): readonly BusMessage[] {
    const { world } = this;
    const [first = 0, last = 0] = [
      world.ends[session * MINUTES],
      world.ends[session * MINUTES + MINUTES - 1],
    ];
    return [world.done(first), world.done(last), world.endOfDay(REPLAY.tradeDate(timeUs(last)))];
  }

  /** Starts a process, which may die at a read or write. */
  async #born(death: Life['deaths'][number] | undefined) {
    let [calls, kill] = [0, (): void => undefined];
    const died = new Promise<false>((resolve) => {
      kill = () => resolve(false);
    });
    const never = new Promise<never>(() => undefined);
    const watched = new Proxy(this.#journal(), {
      get:
        (target, name: keyof Store) =>
        async (...args: readonly unknown[]) => {
          calls += 1;
          const dies = calls === death?.at;
          if (dies && !death.isAfter) kill();
          if (death !== undefined && (calls > death.at || (dies && !death.isAfter))) return never;
          const result = await (target[name] as (...of: unknown[]) => unknown)(...args);
          if (dies) kill();
          return dies ? never : result;
        },
    });
    const session = sessionOver(watched, this.#log, this.#left);
    const owner = ownerOver(watched, this.#log);
    const load = owner.load(session).then(() => true as const);
    const isAlive = await Promise.race([load, died]);
    const hears = async (messages: readonly BusMessage[]): Promise<boolean> => {
      if (!isAlive) return false;
      const heard = async (): Promise<true> => {
        for (const message of messages) await owner.onMessage(session, message);
        await owner.onBatchEnd(session);
        return true;
      };
      return await Promise.race([heard(), died]);
    };
    return { hears };
  }

  /** The store, without what is not journaled yet. */
  #journal(): Store {
    const { store } = this.world;
    const isJournaled = (one: OutboxMessage) =>
      (this.#places.get(keyOf(one)) ?? 0) < this.#journaled;
    return over(keeping(store, this.#left), {
      outboxBeyond: async (filters, applied, limit) =>
        (await store.outboxBeyond(filters, applied, ALL)).filter(isJournaled).slice(0, limit),
    });
  }

  /** The bus has brought all of the session, and nobody else needs it. */
  async #prune(session: number): Promise<void> {
    const { store } = this.world;
    const end = this.#begins[session + 1] ?? 0;
    const all = await store.outboxBeyond(['market.>', 'trading.order.>'], [], ALL);
    const brought = all.filter((one) => (this.#places.get(keyOf(one)) ?? 0) < end);
    await store.commit({ fence: FENCE, applied: brought });
    await store.prune(FENCE, { kind: 'outbox', beforeUs: LATER }, ALL);
  }
}

const PLAIN: Life = { lies: [], ahead: [], restarts: [], deaths: [], pruned: 0 };

const lies = fc.uniqueArray(fc.nat({ max: SESSIONS * MINUTES - 1 }), { maxLength: 8 });
const lives: fc.Arbitrary<Life> = fc.record({
  lies,
  ahead: fc.oneof(
    fc.constant([]),
    fc.array(fc.nat({ max: 30 }), { minLength: SESSIONS, maxLength: SESSIONS }),
  ),
  restarts: fc.array(fc.boolean(), { minLength: SESSIONS, maxLength: SESSIONS }),
  deaths: fc.array(fc.record({ at: fc.integer({ min: 1, max: 12 }), isAfter: fc.boolean() }), {
    maxLength: 6,
  }),
  pruned: fc.nat({ max: SESSIONS }),
});

describe('the replay of sessions', () => {
  it('comes to the same wherever it is started again or dies, also when what it has read is gone', async () => {
    let [told, alike] = [0, 0];
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const calm = await LivedWorld.lived({ ...PLAIN, lies: life.lies });
        const lived = await LivedWorld.lived(life);
        const rows = await lived.found();
        expect(rows).toEqual(await calm.found());
        expect(rows).toHaveLength(SESSIONS);
        told += rows.reduce((sum, { differences }) => sum + differences, 0);
        if (life.ahead.length > 0) return;
        alike += 1;
        expect(await lived.checkpoint()).toEqual(await calm.checkpoint());
      }),
      { numRuns: 8 },
    );
    expect(alike).toBeGreaterThan(0);
    expect(told).toBeGreaterThan(10);
  });

  it('is answered from the checkpoint before the session, or as it was found where its inputs are gone', async () => {
    const life = { ...PLAIN, lies: [3, 15, 40, 63], pruned: 4, restarts: [true, true] };
    const lived = await LivedWorld.lived(life);
    const { store } = lived.world;
    const answers = new ReplayAnswers(store, REPLAY);
    const rows = (await lived.found()).toReversed();
    const days = rows.map(({ tradeDate }) => tradeDate);
    const answered = await Promise.all(
      days.map((tradeDate) => answers.day({ tradeDate, botId: '' })),
    );
    expect(answered.map(({ tradeDate }) => tradeDate)).toEqual(days);
    expect(answered.map(({ bots }) => bots.map(({ found }) => found))).toEqual(
      rows.map(({ report }) => JSON.parse(report).map(({ found }: { found: number }) => found)),
    );
    const gone = days.slice(0, 4).map((day) => `the inputs of ${day} are no longer kept`);
    expect(answered.map(({ note }) => note.split(':')[0])).toEqual([...gone, '', '']);
    const missing = await answers.day({ tradeDate: '2026-03-07', botId: '' });
    expect(missing).toMatchObject({ tradeDate: '', tradeDates: days });
  });
});

/** What of a checkpoint could grow with the run. */
interface Kept {
  readonly replay: {
    readonly session: { readonly tradeDate: string };
    readonly venue: {
      readonly exchange: { readonly orders: readonly { readonly state: string }[] };
      readonly orders: readonly { readonly order: Order }[];
      readonly approved: readonly (readonly [string, { readonly sliceEndUs: TimeUs }])[];
      readonly intents: readonly string[];
      readonly unwanted: readonly string[];
      readonly waiting: readonly unknown[];
    };
    readonly accounts: readonly (readonly [
      string,
      { readonly owners: readonly (readonly [string, { readonly atUs: TimeUs }])[] },
    ])[];
    readonly slices: readonly unknown[];
  };
  readonly book: readonly (readonly [string, unknown])[];
}

describe('a checkpoint', () => {
  it('holds nothing of sessions before the last two but what is still open', async () => {
    const lived = await LivedWorld.lived(PLAIN);
    const dates = (await lived.found()).map(({ tradeDate }) => tradeDate);
    const { replay, book } = (await lived.checkpoint()) as Kept;
    const { venue, accounts, session, slices } = replay;
    expect(session.tradeDate).toBe(dates[0]);
    const dateOf = (us: TimeUs) => REPLAY.tradeDate(us);
    const ended = venue.orders.filter(({ order }) => isTerminal(order.state));
    const spoken = [
      ...ended.map(({ order }) => order.updatedAtUs),
      ...venue.approved.map(([, { sliceEndUs }]) => sliceEndUs),
      ...accounts.flatMap(([, { owners }]) => owners.map(([, { atUs }]) => atUs)),
    ].map(dateOf);
    expect(new Set(spoken)).toEqual(new Set(dates.slice(0, 2)));
    expect(book.map(([date]) => date)).toEqual(dates.slice(0, 1));
    const most = venue.orders.length + venue.approved.length;
    expect(venue.exchange.orders.length).toBeLessThanOrEqual(most);
    expect(venue.intents.length + venue.unwanted.length).toBeLessThanOrEqual(most);
    expect(venue.waiting).toEqual([]);
    expect(slices.length).toBeLessThanOrEqual(30);
  });
});
