import { timeUs } from '@capstan/domain';
import type { Fence } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { expectCode, expectSame } from './expectations.ts';
import { at, bytes, sampleAuditOf, sampleOutbox } from './samples.ts';
import type { StoreWorld } from './store-suite.ts';

const fence = (key: string, token: number, epoch = 0): Fence => ({
  key,
  epochUs: at(epoch),
  token,
});

/** The fence: who may write. */
export function storeOwnership(world: StoreWorld): void {
  describe('ownership', () => {
    it('gives a key that nobody had with nothing in it', async () => {
      const record = await world.store().takeOwnership(fence(world.unique('bot/new'), 5));
      expectSame(record, {
        positions: [],
        applied: [],
        lastOutboxSequence: 0,
        publishedThrough: 0,
      });
    });

    it('returns what the last owner left', async () => {
      const store = world.store();
      const mine = await world.own();
      const position = { stream: 'MARKET', epochUs: at(-5), sequence: 7 };
      const applied = { producer: 'feed/demo', subject: 'market.closed.demo', sequence: 3 };
      const outbox = [1, 2].map((sequence) => sampleOutbox({ producer: mine.key, sequence }));
      const state = Uint8Array.of(0, 200, 255);
      await store.commit({
        fence: mine,
        positions: [position],
        applied: [applied],
        outbox,
        publishedThrough: 1,
        state,
      });
      expectSame(await store.takeOwnership({ ...mine, token: 2 }), {
        positions: [position],
        applied: [applied],
        lastOutboxSequence: 2,
        publishedThrough: 1,
        state,
      });
    });

    it('may be taken again with the same token, as after a lost answer', async () => {
      const mine = await world.own();
      await world.store().commit({ fence: mine, state: bytes('kept') });
      const record = await world.store().takeOwnership(mine);
      expectSame(record.state, bytes('kept'));
      await world.store().commit({ fence: mine, state: bytes('still mine') });
    });

    it('is not given to a smaller token', async () => {
      const key = world.unique('risk/paper');
      await world.store().takeOwnership(fence(key, 9));
      await expectCode(world.store().takeOwnership(fence(key, 8)), 'STORE.FENCED');
      await world.store().commit({ fence: fence(key, 9), state: bytes('unharmed') });
    });

    it('orders tokens by epoch first', async () => {
      const key = world.unique('risk/paper');
      await world.store().takeOwnership(fence(key, 9, 1));
      await world.store().takeOwnership(fence(key, 1, 2));
      await expectCode(world.store().takeOwnership(fence(key, 100, 1)), 'STORE.FENCED');
      await expectCode(world.store().commit({ fence: fence(key, 100, 1) }), 'STORE.FENCED');
    });

    it('keeps keys apart', async () => {
      const a = await world.own();
      const b = await world.own();
      await world.store().commit({ fence: a, state: bytes('a') });
      await world.store().commit({ fence: b, state: bytes('b') });
      expectSame((await world.store().takeOwnership(a)).state, bytes('a'));
    });

    it('refuses a commit once a greater token took the key, and writes nothing of it', async () => {
      const store = world.store();
      const old = await world.own();
      await store.takeOwnership({ ...old, token: 2 });
      const audit = sampleAuditOf(world.unique('audit'));
      const step = { fence: old, state: bytes('late'), audit: [audit] };
      await expectCode(store.commit(step), 'STORE.FENCED');
      expect((await store.takeOwnership({ ...old, token: 3 })).state).toBeUndefined();
      expect((await store.audit(1_000)).map((one) => one.auditId)).not.toContain(audit.auditId);
    });

    it('refuses a commit of a token that never took the key', async () => {
      const store = world.store();
      const key = world.unique('bot/never');
      await expectCode(store.commit({ fence: fence(key, 1) }), 'STORE.FENCED');
      await store.takeOwnership(fence(key, 1));
      await expectCode(store.commit({ fence: fence(key, 2) }), 'STORE.FENCED');
    });

    it('lets exactly one of two rivals that commit the same sequence win', async () => {
      const mine = await world.own();
      const outbox = [sampleOutbox({ producer: mine.key })];
      const step = { fence: mine, outbox, state: bytes('x') };
      const outcomes = await Promise.allSettled([
        world.store().commit(step),
        world.store().commit(step),
      ]);
      expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      const lost = outcomes.find((one) => one.status === 'rejected');
      await expectCode(Promise.reject(lost?.reason), 'STORE.CONFLICT');
    });

    it('keeps the greatest numbers', async () => {
      const most = Number.MAX_SAFE_INTEGER;
      const mine = { key: world.unique('bot/big'), epochUs: timeUs(most), token: most };
      await world.store().takeOwnership(mine);
      const position = { stream: 'MARKET', epochUs: timeUs(most), sequence: most };
      await world.store().commit({ fence: mine, positions: [position] });
      expectSame((await world.store().takeOwnership(mine)).positions, [position]);
    });
  });
}
