import { EXIT_LEGS, type Order, type Signal, US_PER_MINUTE } from '@capstan/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journaled, playedThrough, replayed } from './outcome.ts';
import { STACK_START_MS } from './service-process.ts';
import { Stack } from './stack.ts';
import { type Outcome, playPure, stackConfig, type World } from './world.ts';

/** 09:30 in New York. */
const OPEN_US = Date.parse('2026-03-03T14:30:00Z') * 1_000;

/** For the feed to end and all of it to be reported. */
const PLAY_MS = 90_000;

/** For the session to be replayed once it has ended. */
const REPLAY_MS = 30_000;

/** What a replay's report counts of a bot. */
interface Counted {
  readonly slices: number;
  readonly signals: number;
  readonly fills: number;
}

/** The first bar of the session ends at 09:31, the last that is played at 13:50. */
const WORLD: World = {
  seed: 23,
  slices: 260,
  symbols: ['IWM', 'QQQ', 'SPY'],
  schedule: { start: '10:00', end: '12:00', afterOpenMinutes: 45, atEnd: 'flatten' },
  isSizedByRisk: true,
};

describe('the services and the pure core, given the same bars', () => {
  let stack: Stack;
  let live: Outcome;
  const pure = playPure(WORLD);

  beforeAll(async () => {
    stack = await Stack.start({ config: stackConfig(WORLD), guarded: true });
    await playedThrough(stack, WORLD.slices, PLAY_MS);
    live = await journaled(stack.store);
  }, STACK_START_MS + PLAY_MS);
  afterAll(async () => {
    await stack?.stop();
  });

  it('have something to compare: signals, orders, fills and denials', () => {
    expect(pure.signals.length).toBeGreaterThan(20);
    expect(pure.fills.length).toBeGreaterThan(10);
    expect(pure.denials.length).toBeGreaterThan(0);
  });

  it('have a bot that opens only within its schedule, and closes at its end', () => {
    const own = pure.signals.filter((one) => one.botId === 'ma-slow');
    const minuteOf = (one: Signal) => (one.barEndUs - OPEN_US) / US_PER_MINUTE;
    const opening = own.filter((one) => one.direction !== 'flat').map(minuteOf);
    expect(opening.length).toBeGreaterThan(3);
    expect(Math.min(...opening)).toBeGreaterThanOrEqual(45);
    expect(Math.max(...opening)).toBeLessThan(150);
    const closing = own.filter((one) => one.reason.startsWith('outside its schedule'));
    expect(closing.length).toBeGreaterThan(0);
    expect(new Set(closing.map(minuteOf))).toEqual(new Set([1, 150]));
  });

  it('have bots that are sized by ranges and by volatility', () => {
    const carrying = (key: 'atrNanos' | 'barVolatility', botId: string) =>
      pure.signals.filter((one) => one.botId === botId && one[key] !== undefined).length;
    expect(carrying('atrNanos', 'ma-fast')).toBeGreaterThan(5);
    expect(carrying('barVolatility', 'ma-slow')).toBeGreaterThan(3);
    const sizes = pure.intents.filter((one) => one.botId !== 'cross-all' && !one.reducing);
    expect(new Set(sizes.map((one) => one.quantity)).size).toBeGreaterThan(5);
  });

  it('have a bot whose exits of all kinds fill and are cancelled', () => {
    const exits = pure.orders.filter((one) => one.leg > 0);
    const ends = (leg: number, state: Order['state']) =>
      exits.filter((one) => one.leg === leg && one.state === state).length;
    for (const leg of Object.values(EXIT_LEGS)) {
      expect([leg, ends(leg, 'filled') > 0, ends(leg, 'cancelled') > 0]).toEqual([leg, true, true]);
    }
  });

  it.each(['signals', 'intents', 'denials', 'orders', 'fills'] as const)(
    'give the same %s, ids included',
    (kind) => {
      expect(live[kind]).toEqual(pure[kind]);
    },
  );

  it('are replayed when the session has ended: all of it, without a difference', async () => {
    const found = await replayed(stack, REPLAY_MS);
    expect(found).toMatchObject([{ tradeDate: '2026-03-03', differences: 0, unexplained: 0 }]);
    const bots = found.flatMap(({ report }) => JSON.parse(report) as readonly Counted[]);
    const sum = (kind: keyof Counted) => bots.reduce((total, bot) => total + bot[kind], 0);
    expect(sum('slices')).toBe(4 * WORLD.slices);
    expect(sum('signals')).toBe(live.signals.length);
    expect(sum('fills')).toBe(live.fills.length);
  });

  it('leave no difference between ledger and broker', async () => {
    expect(await stack.store.drifts({ openOnly: false, limit: 10 })).toEqual([]);
  });
});
