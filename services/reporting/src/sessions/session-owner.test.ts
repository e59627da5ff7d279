import { getCalendar } from '@capstan/calendar';
import {
  decodeSession,
  encodeBarsClosed,
  type ReachedSession,
  sessionEventId,
  subjects,
} from '@capstan/contracts';
import {
  cashMicros,
  type Fill,
  InstrumentBook,
  priceNanos,
  quantity,
  type TimeUs,
  timeUs,
  US_PER_DAY,
  usEquity,
} from '@capstan/domain';
import { KeyedOwner } from '@capstan/journal';
import type { Commit } from '@capstan/ports';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  portErrors,
  VirtualClock,
} from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { DayAccounts } from './day-accounts.ts';
import { type OldRowsAt, RowRetention } from './row-retention.ts';
import { SessionOwner } from './session-owner.ts';
import { sessionPlans } from './session-plan.ts';

const KEY = 'session/XNYS';
const utc = (text: string): TimeUs => timeUs(Date.parse(`${text}Z`) * 1_000);

/** A store whose commit of the sessions breaks once. */
class BreakingStore extends MemoryStore {
  breaks: 'before' | 'after' | undefined;

  override async commit(commit: Commit): Promise<void> {
    const breaks = commit.fence.key === KEY ? this.breaks : undefined;
    if (breaks !== 'before') await super.commit(commit);
    if (breaks === undefined) return;
    this.breaks = undefined;
    throw portErrors.storeUnavailable('the connection broke.');
  }
}

class World {
  readonly clock = new VirtualClock(utc('2026-11-20T00:00:00'));
  readonly bus = new MemoryBus(this.clock);
  readonly kv = new MemoryKv(this.clock);
  readonly store = new BreakingStore();
  readonly log = new MemoryLog();
  readonly instruments = new InstrumentBook([usEquity('SPY')]);
  oldRowsAt: OldRowsAt = () => [];
  /** Limits by account, each with a bot of its own. */
  limits: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { paper: {} };
  feeds: readonly string[] = ['demo'];
  isLive = false;
  runId = 'run';
  #lives = 0;

  start(): KeyedOwner {
    const { bus, kv, store, clock, log, instruments } = this;
    const botFeeds = this.feeds.map((feed) => ({ feed, symbols: ['SPY'], live: this.isLive }));
    const [plan] = sessionPlans({
      instruments,
      calendarOf: getCalendar,
      preMarketMinutes: 30,
      endOfDayMinutes: 15,
      feeds: botFeeds,
      accounts: Object.entries(this.limits).map(([accountId, limits]) => ({ accountId, limits })),
      bots: Object.keys(this.limits).map((accountId) => ({
        ...{ botId: 'trend', accountId, feed: 'demo', symbols: ['SPY'] },
      })),
    });
    if (plan === undefined) throw new Error('no plan');
    const ports = {
      ...{ store, kv, clock, meter: nullMeter },
      feeds: async () =>
        this.feeds.map((feed) => ({
          ...{ feed, slices: 1, finished: false, intervalUs: 0, endUs: utc('2026-11-23T21:00:00') },
          calendars: [],
        })),
      accounts: new DayAccounts(store, 'run', instruments),
      retention: new RowRetention({ store, clock, meter: nullMeter }, (now, run) =>
        this.oldRowsAt(now, run),
      ),
    };
    this.#lives += 1;
    const shown = this.feeds.length === 0 ? { ...plan, feeds: [], eventTime: false } : plan;
    const owner = new KeyedOwner(
      { bus, kv, store, clock, log, meter: nullMeter },
      KEY,
      `life-${this.#lives}`,
      () => new SessionOwner(ports, shown, this.runId),
    );
    void owner.run();
    return owner;
  }

  async slice(text: string, runId = 'run'): Promise<void> {
    const data = encodeBarsClosed({
      ...{ runId, feed: 'demo', endUs: utc(text), symbols: ['SPY'], last: false },
    });
    await this.bus.publish([
      { subject: subjects.barsClosed('demo'), data, headers: {}, messageId: `${runId} ${text}` },
    ]);
    await drained();
  }

  wait(seconds: number): Promise<void> {
    return this.clock.advance(seconds * 1_000);
  }

  async stop(owner: KeyedOwner): Promise<void> {
    let stopped = false;
    void owner.stop().then(() => {
      stopped = true;
    });
    await drained();
    while (!stopped) {
      this.clock.wakeNext();
      await drained();
    }
  }

  reached(): readonly ReachedSession[] {
    return this.bus.messages('CONTROL').map(({ data }) => decodeSession(data));
  }

  told(): readonly string[] {
    return this.reached().map(({ date, kind }) => `${date} ${kind}`);
  }
}

const DAY = (date: string) =>
  ['preMarket', 'open', 'close', 'endOfDay'].map((kind) => `${date} ${kind}`);

describe('the days of a market', () => {
  it('are told by the clock of its feed, each point once, over an early close and a weekend', async () => {
    const world = new World();
    const owner = world.start();
    await drained();
    await world.slice('2026-11-27T14:31:00');
    expect(world.told()).toEqual(DAY('2026-11-27').slice(0, 2));
    await world.slice('2026-11-27T17:59:00');
    expect(world.told()).toHaveLength(2);
    await world.slice('2026-11-27T18:00:00');
    expect(world.told()).toEqual(DAY('2026-11-27').slice(0, 3));
    await world.slice('2026-11-30T14:31:00');
    expect(world.told()).toEqual([...DAY('2026-11-27'), ...DAY('2026-11-30').slice(0, 2)]);
    expect(world.reached().at(-1)).toMatchObject({
      atUs: utc('2026-11-30T14:30:00'),
      reachedAtUs: utc('2026-11-30T14:31:00'),
    });
    await world.stop(owner);
  });

  it('are caught up with after a time in which nobody walked them, nothing twice', async () => {
    const world = new World();
    const first = world.start();
    await drained();
    await world.slice('2026-11-24T14:31:00');
    await world.stop(first);
    await world.slice('2026-11-24T21:00:00');
    await world.slice('2026-11-27T14:31:00');
    const second = world.start();
    await world.wait(5);
    const all = [...DAY('2026-11-24'), ...DAY('2026-11-25'), ...DAY('2026-11-27').slice(0, 2)];
    expect(world.told()).toEqual(all);
    await world.stop(second);
    const third = world.start();
    await world.wait(5);
    expect(world.told()).toEqual(all);
    await world.stop(third);
  });

  it.each(['before', 'after'] as const)(
    'are told once where a commit breaks %s it is written',
    async (when) => {
      const world = new World();
      const owner = world.start();
      await drained();
      world.store.breaks = when;
      await world.slice('2026-11-24T14:31:00');
      await world.wait(10);
      await world.slice('2026-11-24T14:32:00');
      expect(world.told()).toEqual(DAY('2026-11-24').slice(0, 2));
      const ids = world.reached().map(sessionEventId);
      expect(new Set(ids).size).toBe(2);
      await world.stop(owner);
    },
  );

  it('go by the clock on the wall where the market has no feed', async () => {
    const world = new World();
    world.feeds = [];
    await world.clock.advance(14 * 3_600_000);
    const owner = world.start();
    await world.wait(3);
    expect(world.told()).toEqual(DAY('2026-11-20').slice(0, 1));
    await world.wait(1_800);
    expect(world.told()).toContain('2026-11-20 open');
    await world.stop(owner);
  });

  it('end in time where a vendor tells their feed, which stops at the close', async () => {
    const world = new World();
    world.isLive = true;
    await world.clock.advance(20.9 * 3_600_000);
    const owner = world.start();
    await world.slice('2026-11-20T21:00:00');
    await world.wait(600);
    expect(world.told()).not.toContain('2026-11-20 endOfDay');
    await world.wait(1_000);
    expect(world.told()).toEqual(expect.arrayContaining(DAY('2026-11-20')));
    await world.stop(owner);
  });

  it('begin anew with a playback of another name, and hear nothing of others', async () => {
    const world = new World();
    world.runId = 'other';
    const other = world.start();
    await drained();
    await world.slice('2026-11-24T14:31:00');
    expect(world.told()).toEqual([]);
    await world.slice('2026-11-27T14:31:00', 'other');
    expect(world.told()).toEqual(DAY('2026-11-27').slice(0, 2));
    await world.stop(other);
    world.runId = 'run';
    const owner = world.start();
    await world.wait(5);
    await world.slice('2026-11-24T14:32:00');
    expect(world.told().slice(2)).toEqual(DAY('2026-11-24').slice(0, 2));
    await world.stop(owner);
  });
});

describe('a point of a day', () => {
  const fill = (accountSequence: number, side: 'buy' | 'sell', atUs: TimeUs): Fill => ({
    ...{ fillId: `f${accountSequence}`, kind: 'fill', orderId: `o${accountSequence}` },
    ...{ accountId: 'paper', botId: 'trend', runId: 'run', symbol: 'SPY', side },
    ...{ quantity: quantity(10), priceNanos: priceNanos(1), feeMicros: cashMicros(0) },
    ...{ eventAtUs: atUs, accountSequence },
  });
  const equity = (atUs: TimeUs, cash: number, realised = 0) => ({
    ...{ runId: 'run', accountId: 'paper', botId: '*', atUs, cashMicros: cashMicros(cash) },
    ...{ marketValueMicros: cashMicros(5), realisedMicros: cashMicros(realised) },
    ...{ unrealisedMicros: cashMicros(0), feesMicros: cashMicros(Math.floor(cash / 100)) },
  });

  const cash = (kind: 'deposit' | 'interest', accountSequence: number, eventAtUs: TimeUs) => ({
    ...{ cashEventId: `c${accountSequence}`, kind, accountId: 'paper', botId: 'house' },
    ...{ amountMicros: cashMicros(200), eventAtUs, accountSequence },
  });

  it('says how each account begins its day and what it came to, without what was brought in', async () => {
    const world = new World();
    const fence = { key: 'report/paper', epochUs: timeUs(1), token: 1 };
    await world.store.takeOwnership(fence);
    await world.store.commit({
      fence,
      equity: [
        equity(utc('2026-11-23T21:00:00'), 1_000),
        equity(utc('2026-11-24T21:00:00'), 1_500, 105),
        equity(utc('2026-11-25T14:31:00'), 9_000),
      ],
      fills: [
        fill(1, 'buy', utc('2026-11-23T20:00:00')),
        fill(2, 'buy', utc('2026-11-24T15:00:00')),
        fill(3, 'sell', utc('2026-11-25T14:31:00')),
      ],
      cashEvents: [
        cash('deposit', 4, utc('2026-11-24T15:30:00')),
        cash('interest', 5, utc('2026-11-24T16:00:00')),
        cash('deposit', 6, utc('2026-11-25T14:30:00')),
      ],
    });
    const owner = world.start();
    await drained();
    await world.slice('2026-11-24T14:31:00');
    await world.slice('2026-11-25T14:31:00');
    const of = (kind: string) => world.reached().find((one) => one.kind === kind)?.accounts;
    expect(of('preMarket')).toEqual([{ accountId: 'paper', equityMicros: 1_005 }]);
    expect(of('endOfDay')).toEqual([
      { accountId: 'paper', equityMicros: 1_505, pnlMicros: 300, feesMicros: 5, fills: 1 },
    ]);
    await world.stop(owner);
  });

  it('names who closes at a kill time, and who was to be flat at the end and was not, whatever came since', async () => {
    const world = new World();
    world.limits = { paper: { killTime: '15:50' }, swing: { killTime: '12:00' } };
    const fence = { key: 'risk/paper', epochUs: timeUs(1), token: 1 };
    await world.store.takeOwnership(fence);
    const position = { accountId: 'paper', botId: 'trend', symbol: 'SPY' };
    const none = {
      costMicros: cashMicros(0),
      realisedMicros: cashMicros(0),
      feesMicros: cashMicros(0),
    };
    // Held over the close of the 24th, sold at the next open, before anybody looked.
    await world.store.commit({
      fence,
      ledgerPositions: [{ ...position, ...none, quantity: quantity(0) }],
      fills: [
        fill(1, 'buy', utc('2026-11-24T15:00:00')),
        fill(2, 'sell', utc('2026-11-25T14:31:00')),
      ],
    });
    const owner = world.start();
    await drained();
    await world.slice('2026-11-24T14:31:00');
    await world.slice('2026-11-25T14:31:00');
    await world.slice('2026-11-27T14:31:00');
    const of = (kind: string) => world.reached().filter((one) => one.kind === kind);
    // The early close of the 27th comes before 15:50.
    expect(of('killTime').map(({ date, accounts }) => [date, ...accounts])).toEqual([
      ['2026-11-24', { accountId: 'swing' }],
      ['2026-11-24', { accountId: 'paper' }],
      ['2026-11-25', { accountId: 'swing' }],
      ['2026-11-25', { accountId: 'paper' }],
    ]);
    expect(of('endOfDay').map(({ problems }) => problems)).toEqual([
      ['trend (paper) held 10 SPY and was to be flat'],
      [],
    ]);
    await world.stop(owner);
  });

  it('looks at what is ready a while after the tasks before the open, once, also by another owner', async () => {
    const world = new World();
    const first = world.start();
    await drained();
    await world.slice('2026-11-24T14:31:00');
    await world.wait(20);
    await world.stop(first);
    expect(world.told().at(-1)).toBe('2026-11-24 open');
    await world.kv.put(
      'switches',
      'kill/paper',
      new TextEncoder().encode('{"mode":"hard","actor":"ann","reason":"news","sinceUs":1}'),
    );
    const second = world.start();
    await world.wait(60);
    expect(world.reached().filter(({ kind }) => kind === 'readiness')).toEqual([
      expect.objectContaining({
        date: '2026-11-24',
        problems: [
          expect.stringMatching(/^our clock is \d+ s behind the market$/),
          'paper: no word of the broker yet',
          'paper: the hard kill switch is thrown',
        ],
      }),
    ]);
    await world.stop(second);
  });

  it('does not ask what was ready for a session that is over', async () => {
    const world = new World();
    const owner = world.start();
    await drained();
    await world.slice('2026-11-24T22:00:00');
    await world.wait(60);
    expect(world.told()).toEqual(DAY('2026-11-24'));
    await world.stop(owner);
  });

  it('lets old rows go at the end of the day, in small batches', async () => {
    const world = new World();
    const fence = { key: 'report/paper', epochUs: timeUs(1), token: 1 };
    await world.store.takeOwnership(fence);
    const hour = utc('2026-10-01T10:00:00');
    const points = Array.from({ length: 2_500 }, (_, index) => equity(timeUs(hour + index), 1));
    await world.store.commit({ fence, equity: points });
    const asked: number[][] = [];
    world.oldRowsAt = (nowUs, runNowUs) => {
      asked.push([nowUs, runNowUs]);
      return [{ kind: 'equity', runId: 'run', beforeUs: timeUs(runNowUs - 30 * US_PER_DAY) }];
    };
    const owner = world.start();
    await drained();
    await world.slice('2026-11-24T14:31:00');
    expect(await world.store.equity({ limit: 9_999 })).toHaveLength(2_500);
    await world.slice('2026-11-25T14:31:00');
    await drained();
    expect((await world.store.equity({ limit: 9_999 })).map(({ atUs }) => atUs)).toEqual([
      hour + 2_499,
      hour,
    ]);
    expect(asked).toEqual([[world.clock.nowUs(), utc('2026-11-25T14:31:00')]]);
    await world.stop(owner);
  });
});
