import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { ReplayAnswers } from './replay-answers.ts';
import { lying, opened, over } from './replay-owner.fixture.ts';
import { REPLAY } from './replay-world.fixture.ts';

const DAYS = ['2026-03-02', '2026-03-03'] as const;

describe('ReplayOwner', () => {
  it('replays a session with the first slice of the next one, and the last with the end of its feed', async () => {
    const { world, owner, hear, found, doneAt, commits } = await opened();
    const one = owner();
    await hear(one, doneAt(0), doneAt(1));
    expect(await found()).toEqual([]);
    await hear(one, doneAt(60));
    expect(await found()).toEqual([[DAYS[0], 0, 0]]);
    const lastUs = world.ends.at(-1) ?? 0;
    await hear(one, world.lastClosing(lastUs), doneAt(-2));
    expect(await found()).toHaveLength(1);
    await hear(one, doneAt(-1));
    expect(await found()).toEqual([
      [DAYS[1], 0, 0],
      [DAYS[0], 0, 0],
    ]);
    const written = commits as readonly { readonly replays: readonly { tradeDate: string }[] }[];
    const days = written.map(({ replays }) => replays.map(({ tradeDate }) => tradeDate));
    expect(days).toEqual([[DAYS[0]], [DAYS[1]]]);
  });

  it('replays a session as its day ends by the schedule, where that is before the next one', async () => {
    const { world, log, owner, hear, found, doneAt } = await opened();
    const one = owner();
    await hear(one, doneAt(59), world.endOfDay('2026-03-01'));
    expect(await found()).toEqual([]);
    await hear(one, world.endOfDay(DAYS[0]));
    expect(await found()).toEqual([[DAYS[0], 0, 0]]);
    await hear(one, doneAt(60));
    const told = log.lines.filter(({ message }) => message === 'session replayed');
    expect(told.map(({ fields }) => fields.session)).toEqual([DAYS[0]]);
  });

  it('comes to the same when another process goes on, and fills in what that one missed', async () => {
    const { world, owner, hear, found, doneAt, session } = await opened(lying(20));
    const other = owner();
    await other.load(session);
    await hear(other, doneAt(-2), world.lastClosing(world.ends.at(-1) ?? 0), doneAt(-1));
    const [, first] = await found();
    expect(first?.slice(0, 1)).toEqual([DAYS[0]]);
    expect(Number(first?.[2])).toBeGreaterThan(0);
  });

  it('tells a session once, also where another process hears of its end again', async () => {
    const { world, owner, hear, doneAt, commits, session } = await opened();
    await hear(owner(), doneAt(0), doneAt(59), world.endOfDay(DAYS[0]));
    const other = owner();
    await other.load(session);
    await hear(other, doneAt(59), doneAt(60));
    const told = commits as readonly { readonly replays: readonly unknown[] }[];
    expect(told.map(({ replays }) => replays.length)).toEqual([1, 0]);
  });

  it('begins with the run where a checkpoint is of another format or cannot be read, and says so', async () => {
    const { world, log, owner, hear, found, doneAt } = await opened();
    const { store } = world;
    const spoilt = (change: object) =>
      over(store, {
        replayCheckpoint: async (query) => {
          const one = await store.replayCheckpoint(query);
          const is = one !== undefined && query.format === undefined;
          return is ? { ...one, ...change } : undefined;
        },
      });
    await hear(owner(), doneAt(0), doneAt(60));
    const lastUs = world.ends.at(-1) ?? 0;
    for (const change of [{ format: 99 }, { state: '{' }, {}]) {
      await hear(owner(spoilt(change)), world.lastClosing(lastUs), doneAt(-1));
      expect(await found()).toEqual([
        [DAYS[1], 0, 0],
        [DAYS[0], 0, 0],
      ]);
    }
    const said = log.lines.flatMap(({ fields: { unused, after } }) => unused ?? after ?? []);
    const start = 'the beginning of the run';
    expect(said).toEqual([
      start,
      expect.stringMatching(/^the checkpoint of 2026-03-02 is not used: it has format 99, /),
      start,
      expect.stringMatching(/^the checkpoint of 2026-03-03 is not used: /),
      start,
      DAYS[1],
    ]);
  });

  it('knows after a restart which session it is in, by what was written after so many messages', async () => {
    const { world, owner, hear, found, doneAt, commits, session } = await opened();
    const most = LIMITS.replayHeard;
    await hear(owner(), doneAt(0), ...Array.from({ length: most - 2 }, () => doneAt(1)));
    expect(commits).toEqual([]);
    const one = owner();
    await hear(one, doneAt(0), ...Array.from({ length: most - 1 }, () => doneAt(1)));
    expect(commits).toEqual([{}]);
    const other = owner();
    await other.load(session);
    await hear(other, world.endOfDay(DAYS[0]));
    expect(await found()).toEqual([[DAYS[0], 0, 0]]);
    const state = new TextEncoder().encode('{"version":2}');
    await expect(owner().load({ state })).rejects.toMatchObject({ code: 'REPORTING.STATE' });
  });

  it('goes on when a session cannot be replayed, says so, and has read it all the same', async () => {
    const { world, log, owner, hear, found, doneAt, commits } = await opened();
    const { store } = world;
    const broken = over(store, { outboxBeyond: () => Promise.reject(new Error('broken')) });
    await hear(owner(broken), doneAt(0), doneAt(60));
    expect(await found()).toEqual([]);
    expect(log.lines.map(({ message }) => message)).toContain('the session could not be replayed');
    expect(commits).toEqual([{}]);
  });
});

describe('ReplayAnswers', () => {
  const ask = { botId: '', tradeDate: '' };

  it('replays the session asked for, of all bots or one, and names those there are', async () => {
    const { world } = await opened(lying(20));
    const answers = new ReplayAnswers(world.store, REPLAY);
    const day = await answers.day({ ...ask, tradeDate: DAYS[0] });
    expect(day).toMatchObject({ tradeDate: DAYS[0], tradeDates: DAYS });
    expect(day.bots).toMatchObject([{ botId: 'cross', accountId: 'paper', slices: 60 }]);
    const [signal] = day.bots[0]?.differences ?? [];
    expect(signal).toMatchObject({
      ...{ kind: 'signal', cause: 'unexplained', live: 'flat (planted)' },
      atUs: BigInt(world.ends[20] ?? 0),
    });
    expect((await answers.day({ tradeDate: DAYS[0], botId: 'other' })).bots).toEqual([]);
    const none = await answers.day({ ...ask, tradeDate: '2026-03-04' });
    expect(none).toEqual({ tradeDate: '', bots: [], tradeDates: DAYS, note: '' });
  });

  it('replays once for all who ask while another replay is under way', async () => {
    const { world } = await opened();
    const { store } = world;
    let begun = 0;
    const counted = over(store, {
      outboxBeyond: (filters, applied, limit) => {
        if (applied.length === 0) begun += 1;
        return store.outboxBeyond(filters, applied, limit);
      },
    });
    const answers = new ReplayAnswers(counted, REPLAY);
    const first = answers.day({ ...ask, tradeDate: DAYS[0] });
    await Promise.resolve();
    const rest = DAYS.flatMap((tradeDate) => [tradeDate, tradeDate]).map((tradeDate) =>
      answers.day({ ...ask, tradeDate }),
    );
    const days = (await Promise.all([first, ...rest])).map(({ tradeDate }) => tradeDate);
    expect(days).toEqual([DAYS[0], DAYS[0], DAYS[0], DAYS[1], DAYS[1]]);
    expect(begun).toBe(2);
    await answers.day(ask);
    expect(begun).toBe(3);
  });

  it('answers as it was found at the time where the beginning of the run is no longer kept', async () => {
    const { world, owner, hear, doneAt } = await opened(lying(20));
    const { store } = world;
    await hear(owner(), doneAt(0), doneAt(60));
    const pruned = over(store, {
      outboxBeyond: async (...query) => (await store.outboxBeyond(...query)).slice(10),
    });
    const answers = new ReplayAnswers(pruned, REPLAY);
    const day = await answers.day(ask);
    expect(day).toMatchObject({ tradeDate: DAYS[0], tradeDates: [DAYS[0]] });
    expect(day.bots[0]?.differences[0]).toMatchObject({ kind: 'signal', cause: 'unexplained' });
    const empty = over(pruned, { replays: async () => [] });
    await expect(new ReplayAnswers(empty, REPLAY).day(ask)).rejects.toMatchObject({
      code: 'REPORTING.REPLAY_GONE',
    });
  });

  it('lists what was found, of the last session unless more is asked for', async () => {
    const { world, owner, hear, doneAt } = await opened();
    const lastUs = world.ends.at(-1) ?? 0;
    await hear(owner(), doneAt(0), world.lastClosing(lastUs), doneAt(-1));
    const answers = new ReplayAnswers(world.store, REPLAY);
    const dates = async (limit: number) =>
      (await answers.list(limit)).replays.map(({ tradeDate }) => tradeDate);
    expect(await dates(0)).toEqual([DAYS[1]]);
    expect(await dates(5)).toEqual([DAYS[1], DAYS[0]]);
  });
});
