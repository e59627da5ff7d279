import { CalendarBook } from '@capstan/calendar';
import {
  encodeBotSlice,
  encodeFillEvent,
  encodeOrderEvent,
  reportingService,
  subjects,
} from '@capstan/contracts';
import {
  type CashEvent,
  type CashEventKind,
  type CashMicros,
  cashMicros,
  type Fill,
  InstrumentBook,
  priceNanos,
  quantity,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
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
import { AlertAnswers } from './alerts/alert-answers.ts';
import { days } from './days.ts';
import { ReplayAnswers } from './replay/replay-answers.ts';
import { REPLAY } from './replay/replay-world.fixture.ts';
import { type EquityPace, ReportOwner } from './report-owner.ts';
import { ReportingService } from './service.ts';
import { SessionAnswers } from './sessions/session-answers.ts';

/** 2024-01-03 12:00 in New York. */
const NOON_US = 1_704_301_200_000_000;
const at = (minute: number): TimeUs => timeUs(NOON_US + minute * US_PER_MINUTE);

class BreakingStore extends MemoryStore {
  readonly #at: number;
  readonly #when: 'before' | 'after';
  commits = 0;

  constructor(at = 0, when: 'before' | 'after' = 'before') {
    super();
    this.#at = at;
    this.#when = when;
  }

  override async commit(commit: Commit): Promise<void> {
    if (commit.fence.key !== 'report/paper') return super.commit(commit);
    this.commits += 1;
    const breaks = this.commits === this.#at;
    if (!breaks || this.#when === 'after') await super.commit(commit);
    if (breaks) throw portErrors.storeUnavailable('the connection broke.');
  }
}

class World {
  readonly clock = new VirtualClock(at(0));
  readonly bus = new MemoryBus(this.clock);
  readonly kv = new MemoryKv(this.clock);
  readonly log = new MemoryLog();
  readonly store: BreakingStore;
  #lives = 0;
  #words = 0;
  readonly #openingMicros: CashMicros;
  #pace: EquityPace | undefined;
  #owner: KeyedOwner;
  readonly #fence = { key: 'execution/paper', epochUs: timeUs(1), token: 1 };

  constructor(store = new BreakingStore(), openingMicros = 1_000_000_000) {
    this.store = store;
    this.#openingMicros = cashMicros(openingMicros);
    this.#owner = this.#make();
  }

  async fill(accountSequence: number, side: 'buy' | 'sell', units: number, price: number) {
    const fill: Fill = {
      fillId: `f${accountSequence}`,
      kind: 'fill',
      orderId: `o${accountSequence}`,
      runId: 'run',
      accountId: 'paper',
      botId: 'bot',
      symbol: 'SPY',
      side,
      quantity: quantity(units),
      priceNanos: priceNanos(price * 1e9),
      feeMicros: cashMicros(1_000_000),
      eventAtUs: at(accountSequence),
      accountSequence,
    };
    await this.take(fill);
    return fill;
  }

  async take(fill: Fill): Promise<void> {
    await this.store.takeOwnership(this.#fence);
    await this.store.commit({ fence: this.#fence, fills: [fill] });
    const event = { accountId: 'paper', runId: 'run', fills: [fill] };
    await this.publish(subjects.fill('paper'), encodeFillEvent(event));
  }

  async mark(minute: number, price: number, accountId = 'paper'): Promise<void> {
    const marks = [{ symbol: 'SPY', priceNanos: priceNanos(price * 1e9), barEndUs: at(minute) }];
    const slice = { runId: 'run', botId: 'bot', accountId, feed: 'demo', sliceEndUs: at(minute) };
    const data = encodeBotSlice({ ...slice, state: 'running', signals: [], marks });
    await this.publish(subjects.signal('bot'), data);
  }

  async done(minute: number, runId = 'run'): Promise<void> {
    const sliceDone = { feed: 'demo', sliceEndUs: at(minute), activeBots: 1 };
    const data = encodeOrderEvent({ accountId: 'paper', runId, orders: [], sliceDone });
    await this.publish(subjects.order('paper'), data);
    await this.settle();
  }

  async publish(subject: string, data: Uint8Array): Promise<void> {
    this.#words += 1;
    await this.bus.publish([{ subject, data, headers: {}, messageId: `m${this.#words}` }]);
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn += 1) {
      await drained();
      this.clock.wakeNext();
    }
  }

  /** @param pace of the next owner. */
  async restart(pace?: EquityPace): Promise<void> {
    this.#pace = pace;
    const stopping = this.#owner.stop();
    await this.settle();
    await stopping;
    this.#owner = this.#make();
    await this.settle();
  }

  /** Equity of the whole account in units, oldest first. */
  async equity(): Promise<readonly number[]> {
    const points = await this.store.equity({ botId: '*', limit: 100 });
    return [...points]
      .reverse()
      .map((point) => (point.cashMicros + point.marketValueMicros) / 1_000_000);
  }

  #make(): KeyedOwner {
    this.#lives += 1;
    const { bus, kv, store, clock, log } = this;
    const ports = { bus, kv, store, clock, log, meter: nullMeter };
    const settings = {
      runId: 'run',
      accountId: 'paper',
      openingMicros: this.#openingMicros,
      instruments: new InstrumentBook([usEquity('SPY')]),
      ...(this.#pace === undefined ? {} : { pace: this.#pace }),
    };
    const logic = () => new ReportOwner(ports, settings);
    const owner = new KeyedOwner(ports, 'report/paper', `life-${this.#lives}`, logic);
    void owner.run();
    return owner;
  }
}

/** A day of trading, with a bust of its second fill. */
async function day(world: World, between: () => Promise<void> = async () => undefined) {
  await world.fill(1, 'buy', 10, 50);
  await world.mark(1, 55);
  await world.done(1);
  await between();
  const second = await world.fill(2, 'sell', 4, 60);
  await world.mark(2, 58);
  await world.done(2);
  await between();
  await world.take({ ...second, fillId: 'f3', kind: 'bust', refersTo: 'f2', accountSequence: 3 });
  await world.done(3);
  return world.store.equity({ limit: 100 });
}

describe('ReportOwner', () => {
  it('writes the equity of account, house and bots at the end of each slice', async () => {
    const world = new World();
    const points = await day(world);
    expect(await world.equity()).toEqual([1_049, 1_086, 1_079]);
    expect(new Set(points.map((point) => point.botId))).toEqual(new Set(['*', 'bot', 'house']));
    expect(points.find((point) => point.botId === 'bot' && point.atUs === at(2))).toMatchObject({
      feesMicros: 2_000_000,
    });
  });

  it('comes to the same over any restart, and wherever the journal breaks', async () => {
    const calm = new World();
    const points = await day(calm);
    const restarted = new World();
    expect(await day(restarted, () => restarted.restart())).toEqual(points);
    for (let cut = 1; cut <= calm.store.commits; cut += 1) {
      for (const when of ['before', 'after'] as const) {
        expect(await day(new World(new BreakingStore(cut, when)))).toEqual(points);
      }
    }
  });

  it('passes over other runs and accounts, hellos, and slices that it has', async () => {
    const world = new World();
    await world.fill(1, 'buy', 10, 50);
    await world.mark(1, 55);
    await world.mark(2, 99, 'other');
    await world.done(1);
    await world.done(2, 'other');
    await world.done(1);
    expect(await world.equity()).toEqual([1_049]);
  });

  it('writes nothing of an account before it is opened: its capital is no gain', async () => {
    const world = new World(new BreakingStore(), 0);
    await world.done(1);
    expect(await world.equity()).toEqual([]);
    const opening: CashEvent = {
      ...{ cashEventId: 'opening', kind: 'transfer', accountId: 'paper', botId: 'house' },
      ...{ amountMicros: cashMicros(100_000_000), eventAtUs: at(1), accountSequence: 1 },
    };
    const event = { accountId: 'paper', runId: 'run', fills: [], events: [opening] };
    await world.publish(subjects.fill('paper'), encodeFillEvent(event));
    await world.done(2);
    await world.restart();
    await world.done(3);
    expect(await world.equity()).toEqual([100, 100]);
  });

  it('halts at a state of another version', async () => {
    const world = new World();
    const state = new TextEncoder().encode('{"version":2}');
    const owner = new ReportOwner(
      { store: world.store, clock: world.clock, log: world.log, meter: nullMeter },
      {
        runId: 'run',
        accountId: 'paper',
        openingMicros: cashMicros(0),
        instruments: new InstrumentBook([]),
      },
    );
    const session = { state } as Parameters<ReportOwner['load']>[0];
    await expect(owner.load(session)).rejects.toMatchObject({ code: 'REPORTING.STATE' });
  });
});

describe('ReportOwner at a pace', () => {
  it('writes with the first slice that is so far from the last point, and with the last of each day and each owner', async () => {
    const world = new World();
    const tradeDate = (us: TimeUs) => (us < at(10) ? 'first' : 'second');
    const pace = { everyMs: 180_000, isLive: false, tradeDate };
    await world.restart(pace);
    await world.fill(1, 'buy', 10, 50);
    for (const minute of [1, 2, 3, 4, 5, 6, 20, 21]) {
      await world.mark(minute, 50 + minute);
      await world.done(minute);
    }
    const minutes = async () =>
      (await world.store.equity({ botId: '*', limit: 100 }))
        .map((point) => (point.atUs - NOON_US) / US_PER_MINUTE)
        .sort((a, b) => a - b);
    expect(await minutes()).toEqual([1, 4, 6, 20]);
    await world.restart(pace);
    expect(await minutes()).toEqual([1, 4, 6, 20, 21]);
    expect(await world.equity()).toEqual([1_009, 1_039, 1_059, 1_199, 1_209]);
  });
});

describe('ReportOwner between slices', () => {
  it('writes equity as often as it is told, where something has changed', async () => {
    const world = new World();
    await world.restart({ everyMs: 30_000, isLive: true, tradeDate: () => 'today' });
    const points = async () =>
      (await world.store.equity({ botId: '*', limit: 100 })).map((point) => point.atUs).sort();
    await world.clock.advance(35_000);
    expect(await points()).toHaveLength(1);
    await world.clock.advance(120_000);
    expect(await points()).toHaveLength(1);
    const soon = world.clock.nowUs();
    await world.fill(1, 'buy', 10, 50);
    await world.clock.advance(30_000);
    expect((await points()).at(-1)).toBeGreaterThan(soon);
    expect(await world.equity()).toEqual([1_000, 499]);
  });
});

describe('days', () => {
  it('count no cash that was brought in or taken out as a result, and interest as one', () => {
    const point = (minute: number, cash: number) => ({
      ...{ runId: 'run', accountId: 'paper', botId: '*', atUs: at(minute) },
      ...{ cashMicros: cashMicros(cash), marketValueMicros: cashMicros(0) },
      ...{ realisedMicros: cashMicros(0), unrealisedMicros: cashMicros(0) },
      feesMicros: cashMicros(0),
    });
    const event = (kind: CashEventKind, minute: number, amount: number): CashEvent => ({
      ...{ cashEventId: `${kind} ${minute}`, kind, accountId: 'paper', botId: 'house' },
      ...{ amountMicros: cashMicros(amount), eventAtUs: at(minute), accountSequence: minute },
    });
    const events = [event('deposit', 0, 100), event('deposit', 2, 40), event('interest', 3, 5)];
    const withdrawal = event('withdrawal', 4, -7);
    const points = [point(0, 100), point(4, 138), point(5, 138)];
    const [day] = days(points, [], () => '2024-01-03', [...events, withdrawal]);
    expect(day).toMatchObject({ pnlMicros: 5, endEquityMicros: 138 });
  });
});

describe('ReportingService', () => {
  it('gives the equity of an account or a bot, and its days', async () => {
    const world = new World();
    await day(world);
    const calendar = new CalendarBook().get('XNYS');
    const service = new ReportingService(
      world.store,
      { runId: 'run', calendar },
      {
        alerts: new AlertAnswers(world, []),
        sessions: new SessionAnswers([], { clock: world.clock, feeds: async () => [] }),
        replays: new ReplayAnswers(world.store, REPLAY),
      },
    );
    const ask = reportingService.GetEquityRequest.create({ accountId: 'paper' });
    const { points } = await service.getEquity(ask);
    expect(points.map((point) => [point.botId, Number(point.atUs)])).toEqual(
      [1, 2, 3].map((minute) => ['*', at(minute)]),
    );
    const last = await service.getEquity({ ...ask, botId: 'bot', afterUs: BigInt(at(2)) });
    expect(last.points).toMatchObject([{ botId: 'bot', atUs: BigInt(at(3)) }]);
    expect((await service.getEquity({ ...ask, limit: 2 })).points).toHaveLength(2);
    const days = await service.getDays({ accountId: 'paper', botId: '' });
    expect(days.days).toMatchObject([
      { tradeDate: '2024-01-03', botId: '*', fills: 2, pnlMicros: 30_000_000n },
    ]);
    const ofBot = await service.getDays({ accountId: 'paper', botId: 'bot' });
    expect(ofBot.days).toMatchObject([{ botId: 'bot', fills: 2 }]);
  });
});
