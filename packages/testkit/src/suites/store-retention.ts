import type { Fence, OldRows } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { expectCode } from './expectations.ts';
import {
  at,
  bytes,
  sampleAuditOf,
  sampleBar,
  sampleCommand,
  sampleDenial,
  sampleEquity,
  sampleOutbox,
  sampleReplayCheckpoint,
  sampleSignal,
} from './samples.ts';
import type { StoreWorld } from './store-suite.ts';

/** Every message was written before this, by any clock. */
const LATER = at(3_000_000_000);
const NEVER = at(-3_000_000_000);

/** What becomes of old rows. */
export function storeRetention(world: StoreWorld): void {
  oldMessages(world);
  oldHistory(world);
}

function oldMessages(world: StoreWorld): void {
  const store = () => world.store();
  /** Writes published messages of a new producer on these subjects, and a last one that is none of them. */
  const published = async (...subjects: readonly string[]): Promise<Fence> => {
    const fence = await world.own('risk/paper');
    const outbox = [...subjects, 'trading.order.last'].map((subject, index) =>
      sampleOutbox({ producer: fence.key, sequence: index + 1, subject }),
    );
    await store().commit({ fence, outbox });
    await store().commit({ fence, publishedThrough: outbox.length });
    return fence;
  };
  const left = async ({ key }: Fence) =>
    (await store().outbox(key, 0, 100)).map(({ sequence }) => sequence);
  const apply = async (fence: Fence, producer: Fence, subject: string, sequence: number) =>
    store().commit({ fence, applied: [{ producer: producer.key, subject, sequence }] });
  const pruned = async (fence: Fence, beforeUs = LATER, limit = 10_000) =>
    store().prune(fence, { kind: 'outbox', beforeUs }, limit);

  describe('old messages', () => {
    it('stay until they are marked as published', async () => {
      const fence = await world.own('risk/paper');
      const outbox = [1, 2, 3, 4].map((sequence) =>
        sampleOutbox({ producer: fence.key, sequence, subject: 'trading.order.a' }),
      );
      await store().commit({ fence, outbox, publishedThrough: 2 });
      await pruned(fence);
      expect(await left(fence)).toEqual([3, 4]);
    });

    it('stay until they are old', async () => {
      const fence = await published('trading.order.a');
      expect(await pruned(fence, NEVER)).toBe(0);
      expect(await left(fence)).toEqual([1, 2]);
    });

    it('stay until every receiver of their subject has come beyond them', async () => {
      const producer = await published('trading.order.a', 'trading.order.a', 'trading.order.b');
      const [quick, slow] = [await world.own('report/a'), await world.own('bot/a')];
      await apply(quick, producer, 'trading.order.a', 2);
      await apply(slow, producer, 'trading.order.a', 1);
      await pruned(producer);
      expect(await left(producer)).toEqual([1, 2, 4]);
      await apply(slow, producer, 'trading.order.a', 2);
      await pruned(producer);
      expect(await left(producer)).toEqual([2, 4]);
    });

    it('are told by who keeps them', async () => {
      const producer = await published('trading.order.a', 'trading.order.a', 'trading.fill.a');
      const slow = await world.own('bot/slow');
      await apply(slow, producer, 'trading.fill.a', 1);
      await apply(slow, producer, 'trading.order.a', 1);
      const found = await store().laggards(LATER);
      expect(found.filter(({ key }) => key === slow.key)).toEqual([{ key: slow.key, messages: 1 }]);
      expect(await store().laggards(NEVER)).toEqual([]);
    });

    it('stay for ever where a ledger is rebuilt from them', async () => {
      const producer = await published('trading.fill.a', 'trading.emergency.a', 'trading.fills.a');
      await pruned(producer);
      expect(await left(producer)).toEqual([1, 2, 4]);
    });

    it('leave the newest of their producer, whose sequence goes on', async () => {
      const producer = await published('trading.order.a');
      await pruned(producer);
      expect(await left(producer)).toEqual([2]);
      const record = await store().takeOwnership(producer);
      expect([record.lastOutboxSequence, record.publishedThrough]).toEqual([2, 2]);
      const next = sampleOutbox({ producer: producer.key, sequence: 3 });
      await store().commit({ fence: producer, outbox: [next] });
      expect(await left(producer)).toEqual([2, 3]);
      expect(await store().outbox(producer.key, 2, 10)).toHaveLength(1);
    });

    it('go a batch at a time, and are counted before', async () => {
      const producer = await published(...Array.from({ length: 5 }, () => 'trading.order.a'));
      await pruned(await world.own(), NEVER);
      const before = await store().prunable({ kind: 'outbox', beforeUs: LATER });
      expect(before).toBeGreaterThanOrEqual(5);
      expect(await pruned(producer, LATER, 2)).toBe(2);
      expect(await store().prunable({ kind: 'outbox', beforeUs: LATER })).toBe(before - 2);
      await pruned(producer);
      expect(await store().prunable({ kind: 'outbox', beforeUs: LATER })).toBe(0);
    });

    it('are never missed by a receiver that goes on from what it applied, nor by whom publishes', async () => {
      const random = new Random(20_261_127);
      for (let round = 0; round < 12; round += 1) {
        const subjects = [0, 1, 2].map((index) => `trading.order.${world.unique(`s${index}`)}`);
        const pick = () => subjects[random.integer(0, subjects.length - 1)] ?? '';
        const producer = await world.own('risk/paper');
        const outbox = Array.from({ length: random.integer(1, 40) }, (_, index) =>
          sampleOutbox({ producer: producer.key, sequence: index + 1, subject: pick() }),
        );
        const publishedThrough = random.integer(0, outbox.length);
        await store().commit({ fence: producer, outbox });
        await store().commit({ fence: producer, publishedThrough });
        const applied = new Map<string, number>();
        for (let reader = 0; reader < 2; reader += 1) {
          const fence = await world.own('report/paper');
          const [subject, sequence] = [pick(), random.integer(0, outbox.length)];
          await apply(fence, producer, subject, sequence);
          applied.set(subject, Math.min(sequence, applied.get(subject) ?? sequence));
        }
        await pruned(producer, LATER, random.integer(1, 50));
        const kept = new Set(await left(producer));
        const isNeeded = ({ subject, sequence }: (typeof outbox)[number]): boolean =>
          sequence > publishedThrough ||
          sequence >= (applied.get(subject) ?? Number.POSITIVE_INFINITY);
        const missed = outbox.filter((one) => isNeeded(one) && !kept.has(one.sequence));
        expect(missed).toEqual([]);
        expect(kept.has(outbox.length)).toBe(true);
        await pruned(producer);
        const all = outbox.filter((one) => isNeeded(one) || one.sequence === outbox.length);
        expect(await left(producer)).toEqual(all.map(({ sequence }) => sequence));
      }
    });

    it('are removed by the owner of a key alone, not by one whose key was taken', async () => {
      const fence = await published('trading.order.a');
      await store().takeOwnership({ ...fence, token: 2 });
      await expectCode(pruned(fence), 'STORE.FENCED');
      expect(await left(fence)).toEqual([1, 2]);
    });
  });
}

function oldHistory(world: StoreWorld): void {
  const store = () => world.store();
  const prune = async (rows: OldRows) => {
    const fence = await world.own('session/XNYS');
    const due = await store().prunable(rows);
    const removed = await store().prune(fence, rows, 1_000);
    expect(removed).toBe(due);
    return removed;
  };

  describe('old rows', () => {
    it('of commands go once they are answered', async () => {
      const fence = await world.own('risk/paper');
      const [open, done] = [world.unique('command'), world.unique('command')];
      for (const commandId of [open, done]) {
        await store().addCommand(sampleCommand({ commandId, key: fence.key, createdAtUs: at(5) }));
      }
      const answer = { commandId: done, state: 'done' as const, result: '' };
      await store().commit({ fence, commands: [answer] });
      await prune({ kind: 'commands', beforeUs: at(5) });
      expect(await store().command(done)).toBeDefined();
      await prune({ kind: 'commands', beforeUs: at(6) });
      expect(await store().command(done)).toBeUndefined();
      expect(await store().command(open)).toBeDefined();
    });

    it('of the audit go where that is asked for', async () => {
      const [old, young] = [world.unique('audit'), world.unique('audit')];
      await store().addAudit(sampleAuditOf(old, at(-1_000)));
      await store().addAudit(sampleAuditOf(young, at(-999)));
      await prune({ kind: 'audit', beforeUs: at(-999) });
      const ids = (await store().audit(1_000)).map(({ auditId }) => auditId);
      expect([ids.includes(old), ids.includes(young)]).toEqual([false, true]);
    });

    it('of equity leave the first point of each bot, and the last of each hour', async () => {
      const fence = await world.own('report/paper');
      const runId = world.unique('run');
      // The samples begin at half past an hour.
      const point = (botId: string, seconds: number) =>
        sampleEquity({ runId, botId, atUs: at(seconds) });
      const equity = [
        ...[0, 60, 1_799, 1_800, 1_860, 5_400].map((seconds) => point('*', seconds)),
        point('trend', 60),
      ];
      await store().commit({ fence, equity });
      const other = { ...point('*', 0), runId: `${runId}-b` };
      await store().commit({ fence, equity: [other, { ...other, atUs: at(60) }] });
      expect(await prune({ kind: 'equity', runId, beforeUs: at(0) })).toBe(0);
      expect(await prune({ kind: 'equity', runId, beforeUs: at(10_000) })).toBe(2);
      const read = async (botId: string) =>
        (await store().equity({ runId, botId, limit: 10 })).map(({ atUs }) => atUs);
      expect(await read('*')).toEqual([at(5_400), at(1_860), at(1_799), at(0)]);
      expect(await read('trend')).toEqual([at(60)]);
      expect(await store().equity({ runId: other.runId, limit: 10 })).toHaveLength(2);
    });

    it('of signals, denials and bars go by the time of their run', async () => {
      const fence = await world.own('bot/trend');
      const runId = world.unique('run');
      const of = (seconds: number, run = runId) => {
        const id = `${run}-${seconds}`;
        return {
          signals: [sampleSignal({ signalId: id, runId: run, barEndUs: at(seconds) })],
          denials: [sampleDenial({ denialId: id, runId: run, decidedAtUs: at(seconds) })],
          bars: [sampleBar({ runId: run, endUs: at(seconds) })],
        };
      };
      await store().commit({ fence, ...of(60) });
      await store().commit({ fence, ...of(120), state: bytes('x') });
      await store().commit({ fence, ...of(60, `${runId}-b`) });
      for (const kind of ['signals', 'denials', 'bars'] as const) {
        expect(await prune({ kind, runId, beforeUs: at(120) })).toBe(1);
        expect(await prune({ kind, runId, beforeUs: at(120) })).toBe(0);
        expect(await store().prunable({ kind, runId: `${runId}-b`, beforeUs: at(120) })).toBe(1);
      }
      expect(await store().signals({ runId, limit: 10 })).toHaveLength(1);
      expect(await store().denials({ runId, limit: 10 })).toHaveLength(1);
    });

    it('of a replay go once a later checkpoint is old, or their run is another', async () => {
      const fence = await world.own('replay');
      const [runId, other] = [world.unique('run'), world.unique('run')];
      const of = (run: string, day: number) =>
        sampleReplayCheckpoint({ runId: run, tradeDate: `2026-03-0${day}`, writtenAtUs: at(day) });
      const replayCheckpoints = [of(runId, 2), of(runId, 3), of(runId, 4), of(other, 3)];
      await store().commit({ fence, replayCheckpoints });
      const kept = async (run: string) => {
        const days: string[] = [];
        for (let day = 9; day > 0; day -= 1) {
          const found = await store().replayCheckpoint({ runId: run, before: `2026-03-0${day}` });
          if (found !== undefined) days.push(found.tradeDate.slice(-1));
        }
        return [...new Set(days)].join();
      };
      await prune({ kind: 'replayCheckpoints', runId, beforeUs: at(3) });
      expect([await kept(runId), await kept(other)]).toEqual(['4,3,2', '3']);
      await prune({ kind: 'replayCheckpoints', runId, beforeUs: at(4) });
      expect([await kept(runId), await kept(other)]).toEqual(['4,3', '']);
      await prune({ kind: 'replayCheckpoints', runId, beforeUs: LATER });
      expect(await kept(runId)).toBe('4');
    });
  });
}
