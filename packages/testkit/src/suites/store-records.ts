import { cashMicros, priceNanos, quantity } from '@capstan/domain';
import type { BarQuery } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { expectCode, expectSame, expectSameRows } from './expectations.ts';
import {
  at,
  bytes,
  sampleBar,
  sampleBot,
  sampleCheckpoint,
  sampleDrift,
  sampleEquity,
  sampleLedgerPosition,
  sampleReplay,
  sampleReplayCheckpoint,
  sampleReservation,
  sampleSnapshot,
  sampleStray,
} from './samples.ts';
import type { StoreWorld } from './store-suite.ts';

/** Bars, bots, checkpoints, the ledger, equity and the broker's truth. */
export function storeRecords(world: StoreWorld): void {
  barRows(world);
  botRows(world);
  accountRows(world);
  truthRows(world);
}

function barRows(world: StoreWorld): void {
  const store = () => world.store();
  const query = (runId: string, of: Partial<BarQuery> = {}): BarQuery => ({
    runId,
    feed: 'demo',
    symbols: ['QQQ', 'SPY'],
    timeframe: '1m',
    afterUs: at(-1),
    throughUs: at(10_000),
    limit: 100,
    ...of,
  });

  describe('bars', () => {
    it('are written once a run, feed, symbol, timeframe, end and revision', async () => {
      const fence = await world.own('feed/demo');
      const runId = world.unique('run');
      const bar = sampleBar({ runId });
      const others = [
        { ...bar, runId: `${runId}-b` },
        { ...bar, feed: 'other' },
        { ...bar, symbol: 'QQQ' },
        { ...bar, timeframe: '5m' as const },
        { ...bar, endUs: at(120) },
        { ...bar, revision: 1 },
      ];
      await store().commit({ fence, bars: [bar, ...others] });
      for (const one of [bar, ...others]) {
        const again = { fence, bars: [{ ...one, volume: 1 }] };
        await expectCode(store().commit(again), 'STORE.CONFLICT');
      }
      const here = await store().bars(query(runId, { symbols: ['SPY'], revisions: 'all' }));
      expectSame(here, [bar, { ...bar, revision: 1 }, { ...bar, endUs: at(120) }]);
    });

    it('are read as they were published first, unless their latest or all revisions are asked for', async () => {
      const fence = await world.own('feed/demo');
      const runId = world.unique('run');
      const bar = (endS: number, revision: number) =>
        sampleBar({ runId, endUs: at(endS), revision });
      const bars = [bar(60, 0), bar(60, 1), bar(60, 2), bar(120, 0), bar(180, 1)];
      await store().commit({ fence, bars });
      const read = (of: Partial<BarQuery>) => store().bars(query(runId, of));
      expectSame(await read({}), [bar(60, 0), bar(120, 0)]);
      expectSame(await read({ limit: 1 }), [bar(120, 0)]);
      expectSame(await read({ revisions: 'latest' }), [bar(60, 2), bar(120, 0), bar(180, 1)]);
      expectSame(await read({ revisions: 'latest', limit: 2 }), [bar(120, 0), bar(180, 1)]);
      expectSame(await read({ revisions: 'all' }), bars);
    });

    it('are read by time and symbol, sorted by end, then symbol, the latest where there are too many', async () => {
      const fence = await world.own('feed/demo');
      const runId = world.unique('run');
      const bar = (seconds: number, symbol: string) =>
        sampleBar({ runId, symbol, endUs: at(seconds) });
      const bars = [bar(3, 'SPY'), bar(2, 'SPY'), bar(2, 'QQQ'), bar(1, 'SPY'), bar(2, 'IWM')];
      await store().commit({ fence, bars });
      const sorted = [bar(1, 'SPY'), bar(2, 'QQQ'), bar(2, 'SPY'), bar(3, 'SPY')];
      const read = (of: Partial<BarQuery>) => store().bars(query(runId, of));
      expectSame(await read({}), sorted);
      expectSame(await read({ limit: 2 }), sorted.slice(2));
      expectSame(await read({ afterUs: at(1), throughUs: at(2) }), sorted.slice(1, 3));
      expectSame(await read({ symbols: ['QQQ'] }), [bar(2, 'QQQ')]);
      expectSame(await read({ symbols: [] }), []);
      expectSame(await read({ feed: 'other' }), []);
    });
  });
}

function botRows(world: StoreWorld): void {
  const store = () => world.store();

  describe('bots', () => {
    it('are written over and come back as they were', async () => {
      const fence = await world.own();
      const botId = world.unique('bot');
      const first = sampleBot({ botId, error: 'it broke', lastSliceEndUs: at(60) });
      await store().commit({ fence, bots: [first] });
      expectSame(await store().bots({ botId }), [first]);
      const sizing = { kind: 'fixedQuantity', quantity: 3 } as const;
      const schedule = { days: ['mon', 'fri'], start: '09:35', atEnd: 'flatten' } as const;
      const second = sampleBot({ botId, sizing, schedule, params: {}, symbols: [] });
      await store().commit({ fence, bots: [first, second] });
      expectSame(await store().bots({ botId }), [second]);
      const third = sampleBot({ botId, state: 'paused' });
      await store().commit({ fence, bots: [third] });
      expectSame(await store().bots({ botId }), [third]);
    });

    it('are found by account and by name', async () => {
      const fence = await world.own();
      const accountId = world.unique('account');
      const [a, b] = [world.unique('bot'), world.unique('bot')].map((botId) =>
        sampleBot({ botId, accountId }),
      );
      if (a === undefined || b === undefined) throw new Error('no bots');
      await store().commit({ fence, bots: [a, b] });
      expectSameRows(await store().bots({ accountId }), [a, b]);
      expectSame(await store().bots({ accountId, botId: b.botId }), [b]);
      expectSame(await store().bots({ accountId: 'nobody', botId: b.botId }), []);
      const all = (await store().bots({})).map((one) => one.botId);
      expect(all).toEqual(expect.arrayContaining([a.botId, b.botId]));
    });

    it('are copies', async () => {
      const fence = await world.own();
      const symbols = ['SPY'];
      const botId = world.unique('bot');
      await store().commit({ fence, bots: [sampleBot({ botId, symbols })] });
      symbols.push('QQQ');
      expect((await store().bots({ botId }))[0]?.symbols).toEqual(['SPY']);
    });

    it('have one checkpoint each', async () => {
      const fence = await world.own();
      const botId = world.unique('bot');
      expect(await store().checkpoint(botId)).toBeUndefined();
      const first = sampleCheckpoint({ botId });
      const second = sampleCheckpoint({ botId, runId: 'other', data: Uint8Array.of(255, 0) });
      await store().commit({ fence, checkpoints: [first] });
      expectSame(await store().checkpoint(botId), first);
      await store().commit({ fence, checkpoints: [second] });
      expectSame(await store().checkpoint(botId), second);
      first.data.set(bytes('z'));
      second.data.fill(7);
      expectSame((await store().checkpoint(botId))?.data, Uint8Array.of(255, 0));
    });
  });
}

function accountRows(world: StoreWorld): void {
  const store = () => world.store();

  describe('reservations', () => {
    it('are written over, and shown while open', async () => {
      const fence = await world.own('risk/paper');
      const accountId = world.unique('account');
      const of = (open: number, name: string) =>
        sampleReservation({
          accountId,
          orderId: `${accountId}-${name}`,
          openQuantity: quantity(open),
        });
      await store().commit({ fence, reservations: [of(10, 'a'), of(4, 'b'), of(0, 'c')] });
      expectSameRows(await store().reservations(accountId), [of(10, 'a'), of(4, 'b')]);
      await store().commit({ fence, reservations: [of(6, 'a'), of(1, 'b'), of(0, 'b')] });
      expectSameRows(await store().reservations(accountId), [of(6, 'a')]);
      expectSame(await store().reservations(world.unique('account')), []);
    });
  });

  describe('the ledger', () => {
    it('has a row a bot and symbol, and a row of cash a bot, written over', async () => {
      const fence = await world.own('risk/paper');
      const accountId = world.unique('account');
      const spy = sampleLedgerPosition({ accountId });
      const qqq = sampleLedgerPosition({ accountId, symbol: 'QQQ' });
      const other = sampleLedgerPosition({ accountId, botId: 'other' });
      const cash = (botId: string, micros: number) => ({
        accountId,
        botId,
        cashMicros: cashMicros(micros),
      });
      const ledgerCash = [cash('trend', -7), cash('house', Number.MAX_SAFE_INTEGER)];
      await store().commit({ fence, ledgerPositions: [spy, qqq, other], ledgerCash });
      const changed = { ...spy, quantity: quantity(0), costMicros: cashMicros(0) };
      await store().commit({
        fence,
        ledgerPositions: [{ ...spy, quantity: quantity(1) }, changed],
        ledgerCash: [cash('trend', 1), cash('trend', 5)],
      });
      const ledger = await store().ledger(accountId);
      expectSameRows(ledger.positions, [changed, qqq, other]);
      expectSameRows(ledger.cash, [cash('trend', 5), cash('house', Number.MAX_SAFE_INTEGER)]);
      expectSame(await store().ledger(world.unique('account')), { positions: [], cash: [] });
    });
  });

  describe('equity', () => {
    it('is written over a run, account, bot and time, and read the latest first', async () => {
      const fence = await world.own('risk/paper');
      const runId = world.unique('run');
      const of = (seconds: number, botId: string, cash = 1) =>
        sampleEquity({ runId, botId, atUs: at(seconds), cashMicros: cashMicros(cash) });
      await store().commit({ fence, equity: [of(1, 'a'), of(2, 'a'), of(3, '*')] });
      await store().commit({ fence, equity: [of(2, 'a', 7), of(2, 'a', 9)] });
      expectSame(await store().equity({ runId, limit: 9 }), [
        of(3, '*'),
        of(2, 'a', 9),
        of(1, 'a'),
      ]);
      expectSame(await store().equity({ runId, botId: 'a', limit: 1 }), [of(2, 'a', 9)]);
      expectSame(await store().equity({ runId, afterUs: at(2), limit: 9 }), [of(3, '*')]);
      expectSame(await store().equity({ runId, throughUs: at(2), limit: 1 }), [of(2, 'a', 9)]);
      expectSame(await store().equity({ runId, accountId: 'none', limit: 9 }), []);
    });
  });

  describe('replays', () => {
    it('are written over a run, session and account, and read the latest session first', async () => {
      const fence = await world.own('replay');
      const runId = world.unique('run');
      const of = (tradeDate: string, accountId: string, differences = 0) =>
        sampleReplay({ runId, tradeDate, accountId, differences });
      const first = of('2026-03-02', 'paper');
      const [a, b] = [of('2026-03-03', 'a', 1), of('2026-03-03', 'b')];
      await store().commit({ fence, replays: [first, b, a] });
      await store().commit({ fence, replays: [{ ...a, differences: 7, unexplained: 2 }] });
      const now = [{ ...a, differences: 7, unexplained: 2 }, b, first];
      expectSame(await store().replays({ runId, limit: 9 }), now);
      expectSame(await store().replays({ runId, limit: 1 }), now.slice(0, 1));
      expectSame(await store().replays({ runId, tradeDate: '2026-03-02', limit: 9 }), [first]);
      expectSame(await store().replays({ runId: `${runId}-b`, limit: 9 }), []);
    });

    it('leave checkpoints, written over a run and session, of which the latest is read', async () => {
      const fence = await world.own('replay');
      const runId = world.unique('run');
      const of = (tradeDate: string, format = 1, state = '{"a":"\\u0000"}') =>
        sampleReplayCheckpoint({ runId, tradeDate, format, state });
      const [first, second, other] = [of('2026-03-02'), of('2026-03-03'), of('2026-03-04', 2)];
      await store().commit({ fence, replayCheckpoints: [other, first, second] });
      await store().commit({ fence, replayCheckpoints: [{ ...first, state: '{"b":1}' }] });
      expectSame(await store().replayCheckpoint({ runId }), other);
      expectSame(await store().replayCheckpoint({ runId, format: 1 }), second);
      const before = { runId, before: '2026-03-03' };
      expectSame(await store().replayCheckpoint(before), { ...first, state: '{"b":1}' });
      expectSame(
        await store().replayCheckpoint({ runId, format: 2, before: '2026-03-04' }),
        undefined,
      );
    });
  });
}

function truthRows(world: StoreWorld): void {
  const store = () => world.store();

  describe('snapshots', () => {
    it('are written once and read the latest first', async () => {
      const fence = await world.own('sync/paper');
      const accountId = world.unique('account');
      const of = (seconds: number) =>
        sampleSnapshot({
          accountId,
          snapshotId: `${accountId}-${seconds}`,
          takenAtUs: at(seconds),
        });
      const empty = { ...of(2), positions: [] };
      await store().commit({ fence, snapshots: [of(1), of(3), empty] });
      expectSame(await store().snapshots(accountId, 9), [of(3), empty, of(1)]);
      expectSame(await store().snapshots(accountId, 1), [of(3)]);
      await expectCode(store().commit({ fence, snapshots: [of(3)] }), 'STORE.CONFLICT');
    });

    it('are removed by age, the oldest first, so many at a time, and of one account alone', async () => {
      const fence = await world.own('sync/paper');
      const accountId = world.unique('account');
      const other = world.unique('account');
      const of = (seconds: number, account = accountId) =>
        sampleSnapshot({
          accountId: account,
          snapshotId: `${account}-${seconds}`,
          takenAtUs: at(seconds),
        });
      const snapshots = [of(3), of(1), of(4), of(2), of(1, other)];
      await store().commit({ fence, snapshots });
      const trim = (limit: number) => store().trimSnapshots(accountId, at(4), limit);
      expect(await trim(2)).toBe(2);
      expectSame(await store().snapshots(accountId, 9), [of(4), of(3)]);
      expect(await trim(2)).toBe(1);
      expect(await trim(2)).toBe(0);
      expectSame(await store().snapshots(accountId, 9), [of(4)]);
      expectSame(await store().snapshots(other, 9), [of(1, other)]);
    });
  });

  describe('strays', () => {
    it('are kept as they came, the latest first, once an event', async () => {
      const fence = await world.own('execution/paper');
      const accountId = world.unique('account');
      const first = sampleStray({ accountId });
      const execution = {
        executionId: 'E1',
        quantity: quantity(4),
        priceNanos: priceNanos(100),
        feeMicros: cashMicros(-3),
        symbol: 'AAA',
        side: 'sell' as const,
      };
      const second = sampleStray({ accountId, sequence: 8, eventAtUs: at(71), ...execution });
      await store().commit({ fence, strays: [first, second] });
      expectSame(await store().strays({ accountId, limit: 9 }), [second, first]);
      expectSame(await store().strays({ accountId, limit: 1 }), [second]);
      expectSame(await store().straysAfter(accountId, 0, 9), [first, second]);
      expectSame(await store().straysAfter(accountId, 0, 1), [first]);
      expectSame(await store().straysAfter(accountId, first.sequence, 9), [second]);
      const all = await store().strays({ limit: 1_000 });
      expect(all.map((one) => one.accountId)).toContain(accountId);
      await expectCode(store().commit({ fence, strays: [first] }), 'STORE.CONFLICT');
    });
  });

  describe('drifts', () => {
    it('are written over, and open until healed', async () => {
      const fence = await world.own('sync/paper');
      const accountId = world.unique('account');
      const a = sampleDrift({ accountId, driftId: `${accountId}-a` });
      const b = sampleDrift({ accountId, driftId: `${accountId}-b`, symbol: 'SPY' });
      await store().commit({ fence, drifts: [a, b] });
      expectSameRows(await store().drifts({ accountId, openOnly: true, limit: 9 }), [a, b]);
      const healed = { ...a, healedAtUs: at(99) };
      await store().commit({ fence, drifts: [healed] });
      expectSame(await store().drifts({ accountId, openOnly: true, limit: 9 }), [b]);
      expectSameRows(await store().drifts({ accountId, openOnly: false, limit: 9 }), [healed, b]);
      expect(await store().drifts({ accountId, openOnly: false, limit: 1 })).toHaveLength(1);
      const all = await store().drifts({ openOnly: true, limit: 1_000 });
      expect(all.map((one) => one.driftId)).toContain(b.driftId);
    });
  });
}
