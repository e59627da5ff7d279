import {
  ALERT_KINDS,
  KINDS_BY_DEFAULT,
  type Route,
  type SeenFeed,
  type SendFailure,
  type ToldAlert,
} from '@capstan/alerts';
import {
  encodeBotSlice,
  encodeDrift,
  encodeFillEvent,
  encodeOrderEvent,
  encodeSession,
  subjects,
} from '@capstan/contracts';
import {
  type BotState,
  cashMicros,
  type Order,
  type OrderState,
  priceNanos,
  quantity,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import { KeyedOwner } from '@capstan/journal';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  VirtualClock,
} from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { ALERTS_KEY, AlertOwner } from './alert-owner.ts';
import { readStatus } from './alert-status.ts';
import type { ChannelSender } from './channel-sender.ts';

const START = timeUs(1_767_571_200_000_000);
const SECOND_MS = 1_000;

/** A channel that writes down what reaches it. */
class TestChannel implements ChannelSender {
  readonly channel: string;
  readonly clock: VirtualClock;
  readonly got: ToldAlert[] = [];
  failure: SendFailure | undefined;
  /** How long it takes to answer. */
  takesMs = 0;

  constructor(channel: string, clock: VirtualClock) {
    this.channel = channel;
    this.clock = clock;
  }

  async send(alerts: readonly ToldAlert[], signal: AbortSignal) {
    const { failure } = this;
    if (failure === undefined) this.got.push(...alerts);
    await this.clock.sleep(this.takesMs, signal);
    return signal.aborted ? ({ why: 'given up', of: 'channel' } as const) : failure;
  }

  titles(): readonly string[] {
    return this.got.map(({ title, count }) => (count === 1 ? title : `${title} x${count}`));
  }
}

class World {
  readonly clock = new VirtualClock(START);
  readonly bus = new MemoryBus(this.clock);
  readonly kv = new MemoryKv(this.clock);
  readonly store = new MemoryStore();
  readonly log = new MemoryLog();
  readonly ops = new TestChannel('ops', this.clock);
  readonly fills = new TestChannel('fills', this.clock);
  feeds: readonly SeenFeed[] | undefined;
  #lives = 0;
  #words = 0;

  start(routes: Partial<Record<'ops' | 'fills', Partial<Route>>> = {}): KeyedOwner {
    this.#lives += 1;
    const { bus, kv, store, clock, log } = this;
    const route = (channel: 'ops' | 'fills', kinds: Route['kinds']): Route => ({
      channel,
      minLevel: 'info',
      kinds,
      ...routes[channel],
    });
    const ports = {
      kv,
      clock,
      meter: nullMeter,
      senders: [this.ops, this.fills],
      feeds: async () => this.feeds,
    };
    const settings = {
      runId: 'run',
      accountIds: ['paper'],
      rules: {
        routes: [route('ops', KINDS_BY_DEFAULT), route('fills', ['fill'])],
        repeatUs: 15 * US_PER_MINUTE,
      },
      watch: { unknownUs: US_PER_MINUTE, staleUs: 2 * US_PER_MINUTE, scaleOf: () => 0 },
    };
    const owner = new KeyedOwner(
      { bus, kv, store, clock, log, meter: nullMeter },
      ALERTS_KEY,
      `life-${this.#lives}`,
      () => new AlertOwner(ports, settings),
    );
    void owner.run();
    return owner;
  }

  async stop(owner: KeyedOwner): Promise<void> {
    let stopped = false;
    const stopping = owner.stop().then(() => {
      stopped = true;
    });
    await drained();
    while (!stopped) {
      this.clock.wakeNext();
      await drained();
    }
    await stopping;
  }

  wait(seconds: number): Promise<void> {
    return this.clock.advance(seconds * SECOND_MS);
  }

  async put(bucket: string, key: string, value: object): Promise<void> {
    await this.kv.put(bucket, key, new TextEncoder().encode(JSON.stringify(value)));
  }

  kill(mode: string, sinceUs: number): Promise<void> {
    const value = { mode, actor: 'ann', reason: 'news', sinceUs };
    return this.put('switches', 'kill/paper', value);
  }

  async bot(state: BotState, runId = 'run'): Promise<void> {
    const slice = { runId, botId: 'trend', accountId: 'paper', feed: 'demo' };
    const says = { ...slice, sliceEndUs: START, state, signals: [], marks: [] };
    await this.#publish(subjects.signal('trend'), encodeBotSlice(says));
  }

  async order(state: OrderState): Promise<void> {
    const order: Order = {
      orderId: 'o1',
      intentId: 'i1',
      runId: 'run',
      accountId: 'paper',
      botId: 'trend',
      symbol: 'SPY',
      side: 'buy',
      quantity: quantity(3),
      type: 'market',
      timeInForce: 'day',
      reducing: false,
      leg: 0,
      attempt: 1,
      decidedAtUs: START,
      expiresAtUs: START,
      state,
      filledQuantity: quantity(0),
      filledNotionalMicros: cashMicros(0),
      version: 1,
      updatedAtUs: START,
    };
    const event = { accountId: 'paper', runId: 'run', orders: [order] };
    await this.#publish(subjects.order('paper'), encodeOrderEvent(event));
  }

  async drift(healed: boolean): Promise<void> {
    const drift = {
      driftId: 'd1',
      accountId: 'paper',
      symbol: 'SPY',
      ledger: 3,
      broker: 2,
      openedAtUs: START,
      ...(healed ? { healedAtUs: START } : {}),
    };
    await this.#publish(subjects.drift('paper'), encodeDrift(drift));
  }

  async readiness(runId: string, problems: readonly string[]): Promise<void> {
    const day = { runId, calendar: 'XNYS', date: '2026-01-05', kind: 'readiness' } as const;
    const event = { ...day, atUs: START, reachedAtUs: START, problems, accounts: [] };
    await this.#publish(subjects.session('XNYS'), encodeSession(event));
  }

  async fill(): Promise<void> {
    const fill = {
      fillId: 'f1',
      kind: 'fill',
      orderId: 'o1',
      runId: 'run',
      accountId: 'paper',
      botId: 'trend',
      symbol: 'SPY',
      side: 'buy',
      quantity: quantity(3),
      priceNanos: priceNanos(600_000_000_000),
      feeMicros: cashMicros(0),
      eventAtUs: START,
      accountSequence: 1,
    } as const;
    const event = { accountId: 'paper', runId: 'run', fills: [fill] };
    await this.#publish(subjects.fill('paper'), encodeFillEvent(event));
  }

  async #publish(subject: string, data: Uint8Array): Promise<void> {
    this.#words += 1;
    await this.bus.publish([{ subject, data, headers: {}, messageId: `m${this.#words}` }]);
  }
}

async function running(): Promise<World> {
  const world = new World();
  world.start();
  await world.wait(5);
  return world;
}

describe('people are told', () => {
  it('of what is not ready before an open', async () => {
    const world = await running();
    await world.readiness('run', []);
    await world.readiness('another', ['feed a has given no bar']);
    await world.readiness('run', ['feed b has given no bar']);
    await world.wait(5);
    expect(world.ops.titles()).toEqual(['XNYS 2026-01-05: not all is ready']);
    expect(world.ops.got[0]?.text).toContain('feed b');
  });

  it('of kills, breakers, drift, crashes and access that ends, and when it is over', async () => {
    const world = await running();
    await world.kill('soft', 1);
    await world.put('switches', 'breaker/paper', {
      open: true,
      failures: 5,
      failuresMax: 5,
      reason: 'no margin',
      sinceUs: 1,
    });
    await world.wait(2);
    await world.drift(false);
    await world.bot('running');
    await world.bot('crashed');
    await world.bot('crashed', 'another run');
    await world.wait(2);
    await world.put('alerts', 'token/paper', { state: 'expired', advice: 'Log in.' });
    await world.drift(true);
    await world.wait(2);
    expect([...world.ops.titles()].sort()).toEqual([
      'paper: SPY agrees again',
      'paper: SPY differs from the broker',
      'paper: access to the broker has ended',
      'paper: soft kill switch thrown by ann',
      'paper: the breaker is open',
      'trend (paper) crashed',
    ]);
    expect(world.fills.got).toEqual([]);
  });

  it('of an order that is UNKNOWN for a minute, and of a feed that says nothing', async () => {
    const world = await running();
    const pace = { finished: false, intervalUs: 1_000_000, endUs: 0, calendars: [] };
    world.feeds = [{ feed: 'demo', slices: 4, ...pace }];
    await world.order('unknown');
    await world.wait(58);
    expect(world.ops.titles()).toEqual([]);
    await world.wait(4);
    expect(world.ops.titles()).toEqual(["paper: trend's buy of 3 SPY is UNKNOWN"]);
    await world.wait(80);
    expect(world.ops.titles().slice(1)).toEqual(['Feed demo is stale']);
    world.feeds = undefined;
    await world.wait(30);
    expect(world.ops.titles()).toHaveLength(2);
  });

  it('of fills where they ask for them', async () => {
    const world = await running();
    await world.fill();
    await world.wait(2);
    expect(world.fills.titles()).toEqual(['trend (paper): buy 3 SPY at 600.00']);
    expect(world.ops.titles()).toEqual([]);
  });

  it('not of what happened before alerting was first on, but of what did while it was off', async () => {
    const world = new World();
    await world.bot('crashed');
    await world.wait(10);
    const owner = world.start();
    await world.wait(5);
    expect(world.ops.titles()).toEqual([]);
    await world.stop(owner);
    await world.drift(false);
    await world.wait(3_600);
    world.start();
    await world.wait(10);
    expect(world.ops.titles()).toEqual(['paper: SPY differs from the broker']);
  });
});

describe('nothing is told twice', () => {
  it('while two copies run and hand over to each other', async () => {
    const world = new World();
    const first = world.start();
    world.start();
    await world.wait(10);
    await world.kill('hard', 1);
    await world.bot('crashed');
    await world.wait(2);
    await world.stop(first);
    await world.wait(20);
    await world.kill('off', 2);
    await world.wait(5);
    expect([...world.ops.titles()].sort()).toEqual([
      'paper: hard kill switch thrown by ann',
      'paper: the kill switch is lifted by ann',
      'trend (paper) crashed',
    ]);
  });

  it('where the owner stops while it sends', async () => {
    const world = new World();
    const owner = world.start();
    world.start();
    await world.wait(10);
    world.ops.takesMs = 2_000;
    await world.kill('hard', 1);
    await world.wait(1);
    expect(world.ops.titles()).toHaveLength(1);
    await world.stop(owner);
    await world.wait(20);
    expect(world.ops.titles()).toHaveLength(1);
  });

  it('and repeats are counted on over a restart', async () => {
    const world = new World();
    const owner = world.start();
    await world.wait(5);
    for (let time = 0; time < 4; time += 1) {
      await world.bot('crashed');
      await world.bot('running');
    }
    await world.wait(5);
    await world.stop(owner);
    world.start();
    await world.wait(10);
    await world.bot('crashed');
    await world.wait(15 * 60);
    expect(world.ops.titles().filter((title) => title.includes('crashed'))).toEqual([
      'trend (paper) crashed',
      'trend (paper) crashed x4',
    ]);
  });
});

describe('a channel that fails', () => {
  it('holds up no other, is shown, and gets what it missed', async () => {
    const world = new World();
    world.start({ fills: { kinds: ALERT_KINDS } });
    await world.wait(5);
    world.ops.takesMs = 8_000;
    world.ops.failure = { why: 'it answers HTTP 500', of: 'channel' };
    await world.kill('soft', 1);
    await world.wait(2);
    expect(world.fills.titles()).toHaveLength(1);
    await world.wait(8);
    const failing = (await readStatus(world.kv)).channels;
    expect(failing).toMatchObject([
      { channel: 'ops', problem: 'it answers HTTP 500', pending: 1, failures: 1 },
      { channel: 'fills', problem: '', pending: 0 },
    ]);
    expect(world.log.lines.map(({ message }) => message)).toContain('an alert channel fails');
    world.ops.failure = undefined;
    world.ops.takesMs = 0;
    await world.wait(20);
    expect(world.ops.titles()).toEqual(world.fills.titles());
    const { channels, recent } = await readStatus(world.kv);
    expect(channels).toMatchObject([{ problem: '', pending: 0 }, {}]);
    expect(recent).toMatchObject([{ kind: 'kill', sentTo: ['fills', 'ops'] }]);
  });
});

it('a state of another version halts it', async () => {
  const world = new World();
  const ports = { ...world, meter: nullMeter, senders: [], feeds: async () => undefined };
  const watch = { unknownUs: 1, staleUs: 1, scaleOf: () => 0 };
  const rules = { routes: [], repeatUs: 1 };
  const owner = new AlertOwner(ports, { runId: 'run', accountIds: [], rules, watch });
  const state = new TextEncoder().encode('{"version":2}');
  const session = { state } as Parameters<AlertOwner['load']>[0];
  await expect(owner.load(session)).rejects.toMatchObject({ code: 'REPORTING.STATE' });
});
