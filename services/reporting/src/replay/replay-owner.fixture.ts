import { type Signal, timeUs } from '@capstan/domain';
import type { OwnerSession } from '@capstan/journal';
import type { AppliedSequence, BusMessage, Commit, Store } from '@capstan/ports';
import { MemoryLog, nullMeter, VirtualClock } from '@capstan/testkit';
import { ReplayOwner } from './replay-owner.ts';
import { type Planted, REPLAY, ReplayWorld, RUN } from './replay-world.fixture.ts';

export const FENCE = { key: 'replay', epochUs: timeUs(1), token: 1 };

/** What the key's owners leave to each other. */
export interface Left {
  state?: Uint8Array;
}

/** Returns a session that writes to a store what it is told. */
export function sessionOver(
  store: Pick<Store, 'commit'>,
  log: MemoryLog,
  left: Left = {},
  commits: object[] = [],
): OwnerSession {
  let applied: AppliedSequence[] = [];
  return {
    log,
    get state() {
      return left.state;
    },
    noteApplied: (one: AppliedSequence) => applied.push(one),
    commit: async (draft: Omit<Commit, 'fence'>) => {
      const { state, ...step } = draft;
      commits.push(step);
      const noted = applied;
      applied = [];
      const written = state === undefined ? {} : { state };
      await store.commit({ fence: FENCE, ...step, ...written, applied: noted });
    },
  } as unknown as OwnerSession;
}

/** Returns a new owner over a store. */
export const ownerOver = (store: Store, log: MemoryLog): ReplayOwner =>
  new ReplayOwner({ store, clock: new VirtualClock(timeUs(1)), log, meter: nullMeter }, REPLAY);

/** A world that is played, and owners over it. */
export async function opened(planted: Planted = {}) {
  const world = new ReplayWorld(planted);
  await world.play();
  await world.store.takeOwnership(FENCE);
  const log = new MemoryLog();
  const commits: object[] = [];
  const { store } = world;
  const left: Left = {};
  const session = sessionOver(keeping(store, left), log, left, commits);
  const owner = (other: Store = store) => ownerOver(other, log);
  const hear = async (one: ReplayOwner, ...messages: readonly BusMessage[]) => {
    for (const message of messages) await one.onMessage(session, message);
    await one.onBatchEnd(session);
  };
  const found = async () =>
    (await store.replays({ runId: RUN, limit: 9 })).map(
      ({ tradeDate, differences, unexplained }) => [tradeDate, differences, unexplained],
    );
  const doneAt = (index: number) => world.done(world.ends.at(index) ?? 0);
  return { world, log, owner, hear, found, doneAt, commits, session };
}

/** A store that keeps what a key's owners leave to each other. */
export const keeping = (store: Store, left: Left): Store =>
  over(store, {
    commit: async (step) => {
      await store.commit(step);
      if (step.state !== undefined) left.state = step.state;
    },
  });

/** A store that answers some things otherwise. */
export function over(store: Store, changes: Partial<Store>): Store {
  const get = (target: Store, key: keyof Store) => changes[key] ?? target[key].bind(target);
  return new Proxy(store, { get: (target, key) => get(target, key as keyof Store) });
}

/** A bot that now and then says something else than its bars lead to. */
export const lying = (...at: readonly number[]): Planted => ({
  slice: (slice, index) => {
    const mark = slice.marks[0];
    if (!at.includes(index) || mark === undefined) return slice;
    const { runId, botId, accountId, sliceEndUs: barEndUs } = slice;
    const signal: Signal = {
      ...{ signalId: 'planted', runId, botId, accountId, configRevision: 1, barEndUs },
      ...{ symbol: mark.symbol, timeframe: '1m', inputRevision: 0, direction: 'flat' },
      ...{ strength: 0, referencePriceNanos: mark.priceNanos, reason: 'planted' },
    };
    return { ...slice, signals: [signal] };
  },
});
