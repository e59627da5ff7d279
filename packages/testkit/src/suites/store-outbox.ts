import { describe, expect, it } from 'vitest';
import { expectCode, expectSame } from './expectations.ts';
import { bytes, sampleOutbox } from './samples.ts';
import type { StoreWorld } from './store-suite.ts';

/** The outbox: what was decided, in sequence, to be published. */
export function storeOutbox(world: StoreWorld): void {
  const store = () => world.store();

  describe('outbox', () => {
    it('returns the very messages after a sequence, in order, at most so many', async () => {
      const fence = await world.own();
      const messages = [1, 2, 3, 4].map((sequence) =>
        sampleOutbox({ producer: fence.key, sequence, data: Uint8Array.of(sequence, 255) }),
      );
      await store().commit({ fence, outbox: messages.slice(0, 3) });
      await store().commit({ fence, outbox: messages.slice(3) });
      expectSame(await store().outbox(fence.key, 0, 10), messages);
      expectSame(await store().outbox(fence.key, 1, 2), messages.slice(1, 3));
      expectSame(await store().outbox(fence.key, 4, 10), []);
      expectSame(await store().outbox(world.unique('bot/none'), 0, 10), []);
    });

    it.each([
      ['a gap', 3],
      ['a repeat', 1],
    ])('refuses %s in the sequence', async (_, sequence) => {
      const fence = await world.own();
      await store().commit({ fence, outbox: [sampleOutbox({ producer: fence.key })] });
      const outbox = [sampleOutbox({ producer: fence.key, sequence })];
      await expectCode(store().commit({ fence, outbox, state: bytes('x') }), 'STORE.CONFLICT');
      const record = await store().takeOwnership(fence);
      expect(record.lastOutboxSequence).toBe(1);
      expect(record.state).toBeUndefined();
    });

    it('refuses a gap within one step', async () => {
      const fence = await world.own();
      const outbox = [1, 3].map((sequence) => sampleOutbox({ producer: fence.key, sequence }));
      await expectCode(store().commit({ fence, outbox }), 'STORE.CONFLICT');
      expect(await store().outbox(fence.key, 0, 10)).toEqual([]);
    });

    it('begins at 1', async () => {
      const fence = await world.own();
      const outbox = [sampleOutbox({ producer: fence.key, sequence: 2 })];
      await expectCode(store().commit({ fence, outbox }), 'STORE.CONFLICT');
    });

    it('keeps the mark of what is published, which never goes back', async () => {
      const fence = await world.own();
      const outbox = [1, 2, 3].map((sequence) => sampleOutbox({ producer: fence.key, sequence }));
      await store().commit({ fence, outbox });
      expect((await store().takeOwnership(fence)).publishedThrough).toBe(0);
      await store().commit({ fence, publishedThrough: 2 });
      await store().commit({ fence, publishedThrough: 1 });
      expect((await store().takeOwnership(fence)).publishedThrough).toBe(2);
      expect(await store().outbox(fence.key, 0, 10)).toHaveLength(3);
    });

    it('holds copies', async () => {
      const fence = await world.own();
      const headers = { a: '1' };
      const message = sampleOutbox({ producer: fence.key, data: bytes('abc'), headers });
      await store().commit({ fence, outbox: [message] });
      message.data.fill(0);
      headers.a = '2';
      const [first] = await store().outbox(fence.key, 0, 1);
      expectSame([first?.data, first?.headers], [bytes('abc'), { a: '1' }]);
      first?.data.fill(0);
      expectSame((await store().outbox(fence.key, 0, 1))[0]?.data, bytes('abc'));
    });
  });

  describe('outboxBeyond', () => {
    /** Writes messages of two producers, alternating, and returns names and what was written, in order. */
    async function written() {
      const token = world.unique('x');
      const a = await world.own('bot/a');
      const b = await world.own('bot/b');
      const message = (producer: string, sequence: number, subject: string) =>
        sampleOutbox({ producer, sequence, subject: `${token}.${subject}` });
      const a1 = message(a.key, 1, 'signal.a');
      const b1 = message(b.key, 1, 'signal.b');
      const a2 = message(a.key, 2, 'order.a.deep');
      const a3 = message(a.key, 3, 'signal.a');
      const b2 = message(b.key, 2, 'signal.b');
      await store().commit({ fence: b, outbox: [b1] });
      await store().commit({ fence: a, outbox: [a1, a2] });
      await store().commit({ fence: b, outbox: [b2] });
      await store().commit({ fence: a, outbox: [a3] });
      return { token, a: a.key, b: b.key, a1, a2, a3, b1, b2 };
    }

    it('returns messages of all producers in the order of their commits', async () => {
      const { token, a1, a2, a3, b1, b2 } = await written();
      expectSame(await store().outboxBeyond([`${token}.>`], [], 10), [b1, a1, a2, b2, a3]);
      expectSame(await store().outboxBeyond([`${token}.>`], [], 3), [b1, a1, a2]);
    });

    it('matches subjects by filters', async () => {
      const { token, a1, a2, a3, b1, b2 } = await written();
      const through = (...filters: string[]) => {
        const full = filters.map((filter) => `${token}.${filter}`);
        return store().outboxBeyond(full, [], 10);
      };
      expectSame(await through('signal.*'), [b1, a1, b2, a3]);
      expectSame(await through('*.a'), [a1, a3]);
      expectSame(await through('signal.b', 'order.>'), [b1, a2, b2]);
      expectSame(await through('signal.a', 'signal.*'), [b1, a1, b2, a3]);
      expectSame(await through('order.*'), []);
      expectSame(await through('order.a.deep.>'), []);
      expectSame(await through('signal'), []);
      expectSame(await store().outboxBeyond([], [], 10), []);
    });

    it('takes letters of filters as they are', async () => {
      const fence = await world.own();
      const subject = `${world.unique('u_1')}.a_b%`;
      await store().commit({ fence, outbox: [sampleOutbox({ producer: fence.key, subject })] });
      expect(await store().outboxBeyond([subject], [], 10)).toHaveLength(1);
      expect(await store().outboxBeyond([subject.replaceAll('_', 'x')], [], 10)).toEqual([]);
      expect(await store().outboxBeyond([subject.replace('a_b%', '_%')], [], 10)).toEqual([]);
      expect(await store().outboxBeyond([subject.toUpperCase()], [], 10)).toEqual([]);
    });

    it('leaves out what is applied of that producer and subject, and only that', async () => {
      const { token, a, b, a1, a2, a3, b1, b2 } = await written();
      const applied = (producer: string, subject: string, sequence: number) => ({
        producer,
        subject: `${token}.${subject}`,
        sequence,
      });
      const beyond = (...rows: ReturnType<typeof applied>[]) =>
        store().outboxBeyond([`${token}.>`], rows, 10);
      expectSame(await beyond(applied(a, 'signal.a', 1)), [b1, a2, b2, a3]);
      expectSame(await beyond(applied(a, 'signal.a', 3)), [b1, a2, b2]);
      expectSame(await beyond(applied(a, 'signal.b', 9)), [b1, a1, a2, b2, a3]);
      expectSame(await beyond(applied(b, 'signal.b', 2), applied(a, 'order.a.deep', 2)), [a1, a3]);
    });
  });
}
