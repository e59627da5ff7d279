import { decodeDrift, decodeSnapshot, positionService, subjects } from '@capstan/contracts';
import {
  AppError,
  cashMicros,
  type Fill,
  newOrder,
  type Order,
  priceNanos,
  quantity,
  timeUs,
  ZERO_CASH,
} from '@capstan/domain';
import type { VenueOrder } from '@capstan/ports';
import { DRIFTED_CASH } from '@capstan/risk';
import { portErrors } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { EVERY_MS, World, working } from './position-world.fixture.ts';
import { PositionService } from './service.ts';

const FILL: Fill = {
  ...{ fillId: 'f', kind: 'fill', orderId: 'a', runId: 'run', accountId: 'paper', botId: 'bot' },
  ...{ symbol: 'SPY', side: 'buy', quantity: quantity(1), priceNanos: priceNanos(1) },
  ...{ feeMicros: ZERO_CASH, eventAtUs: timeUs(1), accountSequence: 1 },
};

const accepted = (orderId: string, filled: number): Order => ({
  ...newOrder(
    {
      orderId,
      intentId: 'i',
      runId: 'run',
      accountId: 'paper',
      botId: 'bot',
      symbol: 'SPY',
      side: 'buy',
      quantity: quantity(10),
      type: 'market',
      timeInForce: 'day',
      reducing: false,
      leg: 0,
      attempt: 1,
      decidedAtUs: timeUs(1),
      expiresAtUs: timeUs(2),
    },
    timeUs(1),
  ),
  state: 'accepted',
  filledQuantity: quantity(filled),
});
const reserved = (orderId: string) => ({
  orderId,
  accountId: 'paper',
  botId: 'bot',
  symbol: 'SPY',
  side: 'buy' as const,
  openQuantity: quantity(10),
  priceNanos: priceNanos(1),
  reducing: false,
});

describe('PositionOwner', () => {
  it('takes a snapshot at once and then on schedule, and tells of it', async () => {
    const world = await World.start();
    await world.clock.advance(1);
    expect(await world.snapshots()).toBe(1);
    await world.clock.advance(EVERY_MS * 2);
    expect(await world.snapshots()).toBe(3);
    expect(world.sent(subjects.snapshot('paper')).map(decodeSnapshot)).toMatchObject([
      { cashMicros: 1_000, venueSequence: 1, positions: [{ symbol: 'SPY', quantity: 10 }] },
      {},
      {},
    ]);
    expect(await world.drifts(false)).toEqual([]);
  });

  it('takes a snapshot soon after a fill and a kill, and not for a watermark', async () => {
    const world = await World.start();
    await world.clock.advance(5_000);
    expect(await world.snapshots()).toBe(1);
    await world.tellFills([]);
    await world.clock.advance(2_000);
    expect(await world.snapshots()).toBe(1);
    await world.tellFills([FILL]);
    await world.tellFills([FILL]);
    await world.clock.advance(999);
    expect(await world.snapshots()).toBe(1);
    await world.clock.advance(1);
    expect(await world.snapshots()).toBe(2);
    await world.kv.put('switches', 'kill/paper', new TextEncoder().encode('{"mode":"soft"}'));
    await world.clock.advance(1_000);
    expect(await world.snapshots()).toBe(3);
    await world.clock.advance(EVERY_MS - 1);
    expect(await world.snapshots()).toBe(3);
  });

  it('raises what differs twice in a row, the second look coming soon', async () => {
    const world = await World.start();
    world.holds(9);
    await world.clock.advance(1);
    expect(await world.drifts()).toEqual([]);
    await world.clock.advance(1_000);
    expect(await world.drifts()).toMatchObject([{ symbol: 'SPY', ledger: 10, broker: 9 }]);
    expect(world.sent(subjects.drift('paper')).map(decodeDrift)).toMatchObject([{ broker: 9 }]);
    const taken = await world.snapshots();
    await world.clock.advance(EVERY_MS * 2);
    expect(await world.snapshots()).toBe(taken + 2);
    expect(await world.drifts(false)).toHaveLength(1);
  });

  it('shows risk what is open, and again where somebody else wrote', async () => {
    const world = await World.start();
    world.holds(9);
    await world.clock.advance(1);
    expect(await world.shown()).toEqual([]);
    await world.clock.advance(1_000);
    expect(await world.shown()).toEqual([{ symbol: 'SPY', ledger: 10, broker: 9 }]);
    await world.kv.put('switches', 'drifts/paper', new TextEncoder().encode('[]'));
    await world.clock.advance(EVERY_MS);
    expect(await world.shown()).toMatchObject([{ symbol: 'SPY' }]);
    await world.stop();
    await world.kv.put('switches', 'drifts/paper', new TextEncoder().encode('[]'));
    world.failure = portErrors.venueUnavailable('it is night');
    world.run();
    await world.clock.advance(1);
    expect(await world.shown()).toMatchObject([{ symbol: 'SPY' }]);
    world.failure = undefined;
    world.holds(10);
    await world.clock.advance(EVERY_MS);
    expect(await world.shown()).toEqual([]);
  });

  it('forgets a difference that changes before it is confirmed', async () => {
    const world = await World.start();
    world.holds(9);
    await world.clock.advance(1);
    world.holds(8);
    await world.clock.advance(1_000);
    expect(await world.drifts()).toEqual([]);
    world.holds(10);
    await world.clock.advance(1_000);
    expect(await world.drifts(false)).toEqual([]);
  });

  it('heals a drift at the first snapshot that agrees, also of another owner', async () => {
    const world = await World.start();
    world.account = { ...world.account, cashMicros: cashMicros(7) };
    await world.clock.advance(1_500);
    expect(await world.drifts()).toMatchObject([
      { symbol: DRIFTED_CASH, ledger: 1_000, broker: 7 },
    ]);
    await world.stop();
    world.account = { ...world.account, cashMicros: cashMicros(1_000) };
    world.run();
    await world.clock.advance(1_000);
    expect(await world.drifts()).toEqual([]);
    expect(await world.drifts(false)).toMatchObject([{ healedAtUs: expect.any(Number) }]);
    expect(world.log.lines.map((line) => line.message)).toContain('ledger and broker agree again');
  });

  it.each([
    [
      'an order that ended in the journal',
      { working: [working('a', 0)], orders: [{ ...accepted('a', 0), state: 'cancelled' }] },
    ],
    ['an order that only the journal has', { orders: [accepted('a', 0)] }],
    ['a fill under way', { working: [working('a', 4)], orders: [accepted('a', 0)], reserve: true }],
    ['a reservation not yet made', { working: [working('a', 0)], orders: [accepted('a', 0)] }],
  ])('judges nothing with %s', async (_, flight) => {
    const world = await World.start();
    const { orders = [], reserve = false } = flight as { orders?: Order[]; reserve?: boolean };
    world.working = (flight as { working?: VenueOrder[] }).working ?? [];
    await world.write({ orders, reservations: reserve ? [reserved('a')] : [] });
    world.holds(9);
    await world.clock.advance(EVERY_MS * 3);
    expect(await world.snapshots()).toBeGreaterThan(2);
    expect(await world.drifts(false)).toEqual([]);
  });

  it('judges with orders at rest that are not ours, and says once that there are some', async () => {
    const world = await World.start();
    world.holds(9);
    world.working = [working('somebody', 3)];
    await world.clock.advance(EVERY_MS * 3);
    expect(await world.drifts(false)).toHaveLength(1);
    const said = world.log.lines.filter(({ message }) => message.includes('not ours'));
    expect(said).toMatchObject([{ fields: { orders: 1, symbols: ['SPY'] } }]);
  });

  it('judges with protective exits at rest, for which nothing is reserved', async () => {
    const world = await World.start();
    world.holds(9);
    world.working = [working('a', 0)];
    await world.write({ orders: [{ ...accepted('a', 0), leg: 1 }], reservations: [] });
    await world.clock.advance(EVERY_MS * 3);
    expect(await world.drifts(false)).toHaveLength(1);
  });

  it('has execution read again what stays in flight although the venue has nothing new', async () => {
    const world = await World.start();
    await world.write({ orders: [accepted('a', 0)], reservations: [reserved('a')] });
    await world.clock.advance(1);
    expect(await world.store.pendingCommands('execution/paper')).toEqual([]);
    await world.clock.advance(EVERY_MS);
    const [asked] = await world.store.pendingCommands('execution/paper');
    expect(asked).toMatchObject({ kind: 'ReadVenueAgain', actor: 'position-sync' });
  });

  it('has execution read again before a difference is called a drift', async () => {
    const world = await World.start();
    world.holds(9);
    await world.clock.advance(1);
    expect(await world.drifts()).toEqual([]);
    expect(await world.store.pendingCommands('execution/paper')).toHaveLength(1);
  });

  it('judges with orders at rest, but not while the broker moves', async () => {
    const world = await World.start();
    world.holds(9);
    world.working = [working('a', 0)];
    await world.write({ orders: [accepted('a', 0)], reservations: [reserved('a')] });
    world.onAccount = () => {
      world.account = { ...world.account, sequence: world.account.sequence + 1 };
    };
    await world.clock.advance(EVERY_MS * 3);
    expect(await world.drifts(false)).toEqual([]);
    world.onAccount = () => undefined;
    await world.clock.advance(EVERY_MS * 2);
    expect(await world.drifts()).toHaveLength(1);
  });

  describe('of an account whose ledger is not opened yet', () => {
    it('raises nothing, and compares as soon as it is', async () => {
      const world = await World.unopened();
      world.run();
      await world.clock.advance(EVERY_MS * 3);
      expect(await world.snapshots()).toBeGreaterThan(2);
      await world.open();
      await world.clock.advance(EVERY_MS * 2);
      expect(await world.drifts(false)).toEqual([]);
      world.holds(9);
      await world.clock.advance(EVERY_MS * 2);
      expect(await world.drifts()).toMatchObject([{ symbol: 'SPY', ledger: 10, broker: 9 }]);
    });

    it('does not hide for ever that nobody keeps a ledger of what the broker holds', async () => {
      const world = await World.unopened();
      world.run();
      await world.clock.advance(LIMITS.unopenedMsMax - EVERY_MS);
      expect(await world.drifts(false)).toEqual([]);
      await world.clock.advance(EVERY_MS * 3);
      const found = (await world.drifts()).map(({ symbol, ledger, broker }) => [
        symbol,
        { ledger, broker },
      ]);
      expect(Object.fromEntries(found)).toEqual({
        [DRIFTED_CASH]: { ledger: 0, broker: 1_000 },
        SPY: { ledger: 0, broker: 10 },
      });
      await world.open();
      await world.clock.advance(EVERY_MS);
      expect(await world.drifts()).toEqual([]);
    });
  });

  it('waits for a broker that does not answer', async () => {
    const world = await World.start();
    world.failure = portErrors.venueUnavailable('it is away.');
    await world.clock.advance(EVERY_MS);
    expect(await world.snapshots()).toBe(0);
    expect(world.log.lines.map((line) => line.message)).toContain('the broker gave no snapshot');
    world.failure = undefined;
    await world.clock.advance(EVERY_MS);
    expect(await world.snapshots()).toBeGreaterThan(0);
  });

  it('halts at what no waiting helps', async () => {
    const world = await World.start();
    world.failure = new AppError({ code: 'EXCHANGE.ACCOUNT', why: 'no such account.' });
    await world.clock.advance(EVERY_MS);
    expect(world.log.lines.some((line) => line.message.startsWith('halted'))).toBe(true);
  });
});

describe('PositionService', () => {
  it('gives the newest snapshot and the drifts', async () => {
    const world = await World.start();
    const service = new PositionService(world.store);
    expect(await service.getSnapshot({ accountId: 'paper' })).toEqual({ snapshot: undefined });
    world.holds(9);
    await world.clock.advance(1_500);
    expect(await service.getSnapshot({ accountId: 'paper' })).toMatchObject({
      snapshot: { positions: [{ quantity: 9n }] },
    });
    const ask = positionService.ListDriftsRequest.create({ openOnly: true });
    expect((await service.listDrifts(ask)).drifts).toHaveLength(1);
    expect((await service.listDrifts({ ...ask, accountId: 'other' })).drifts).toHaveLength(0);
  });
});
