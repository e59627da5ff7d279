import { cashMicros, timeUs } from '@capstan/domain';
import { DRIFTED_CASH, foreignDebitMicros } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { EVERY_MS, World, working } from './position-world.fixture.ts';

describe('PositionOwner', () => {
  describe('of an account whose venue tells of a dividend', () => {
    const told = {
      ...{ activityId: 'D', accountId: 'paper', eventAtUs: timeUs(1), kind: 'dividend' as const },
      ...{ symbol: 'SPY', amountMicros: cashMicros(50) },
    };
    const cash = (cashMicrosNow: number, throughSequence: number) => ({
      ...{ accountId: 'paper', botId: 'house', cashMicros: cashMicros(cashMicrosNow) },
      throughSequence,
    });

    it('has it booked, and judges nothing before ledgers include it; a restart books it no second time', async () => {
      const world = await World.start();
      await world.clock.advance(1);
      world.account = { ...world.account, cashMicros: cashMicros(1_050) };
      world.told = [told];
      await world.clock.advance(EVERY_MS * 3);
      const [asked] = await world.store.pendingCommands('execution/paper');
      expect(asked).toMatchObject({ kind: 'BookActivity', actor: 'position-sync' });
      await world.book(asked?.commandId ?? '', told);
      await world.write({ ledgerCash: [cash(1_000, 0)] });
      await world.clock.advance(EVERY_MS * 3);
      expect(await world.drifts(false)).toEqual([]);
      await world.write({ ledgerCash: [cash(1_050, 1)] });
      await world.clock.advance(EVERY_MS);
      await world.stop();
      world.run();
      await world.clock.advance(EVERY_MS * 3);
      expect(await world.drifts(false)).toEqual([]);
      expect(await world.store.pendingCommands('execution/paper')).toEqual([]);
      world.account = { ...world.account, cashMicros: cashMicros(1_051) };
      await world.clock.advance(EVERY_MS * 2);
      expect(await world.drifts()).toMatchObject([{ symbol: DRIFTED_CASH }]);
    });
  });

  it('takes snapshots on schedule again where execution does not book what the venue tells', async () => {
    const world = await World.start();
    world.told = [
      {
        ...{ activityId: 'I', accountId: 'paper', eventAtUs: timeUs(1), kind: 'interest' },
        amountMicros: cashMicros(1),
      },
    ];
    await world.clock.advance(EVERY_MS * 2);
    const before = (await world.store.snapshots('paper', 1_000)).length;
    await world.clock.advance(EVERY_MS * 10);
    const { length } = await world.store.snapshots('paper', 1_000);
    expect(length - before).toBeGreaterThanOrEqual(9);
    expect(length - before).toBeLessThanOrEqual(11);
  });

  describe('of an account that ignores what is foreign', () => {
    it('shows it and holds nothing for it; what others took of the cash is told to risk', async () => {
      const world = await World.unopened();
      world.options = { ...world.options, foreign: 'ignore' };
      await world.open();
      world.holds(13);
      world.account = { ...world.account, cashMicros: cashMicros(400) };
      world.working = [{ ...working('somebody', 0), side: 'sell' }];
      world.run();
      await world.clock.advance(EVERY_MS * 3);
      expect(await world.drifts()).toEqual([]);
      const [snapshot] = await world.store.snapshots('paper', 1);
      expect(snapshot?.foreign).toEqual({
        ...{ rule: 'ignore', cashMicros: -600, positions: [{ symbol: 'SPY', quantity: 3 }] },
        orders: [{ orderId: 'somebody', symbol: 'SPY', side: 'sell', filledQuantity: 0 }],
      });
      expect(foreignDebitMicros(await world.shown())).toBe(600);
      await world.stop();
      world.run();
      world.holds(12);
      await world.clock.advance(EVERY_MS * 2);
      expect(await world.drifts()).toMatchObject([{ symbol: 'SPY', ledger: 10, broker: 9 }]);
    });
  });
});
