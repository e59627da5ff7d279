import type { WorkItem } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { outgoing, textsOf } from './bus-reading.ts';
import type { BusWorld } from './bus-suite.ts';
import { expectSame } from './expectations.ts';

/** The longest that a test waits for work to come back, in milliseconds. */
const ACK_WAIT_MS_MAX = 2_000;

/** The contract of `WorkQueue`. */
export function describeWorkQueue(world: BusWorld): void {
  const queue = () => world.opened().workQueue;
  const subjectOf = () => `backtest.work.${world.unique('class')}`;
  const add = async (subject: string, ...texts: readonly string[]) => {
    for (const text of texts) await queue().add(outgoing(subject, text));
  };
  const take = (subject: string, max = 1, waitMs = 5_000) => queue().take({ subject, max, waitMs });
  const takeOne = async (subject: string, waitMs = 5_000): Promise<WorkItem> => {
    const [item] = await take(subject, 1, waitMs);
    if (item === undefined) throw new Error(`no work came on ${subject}`);
    return item;
  };

  describe('a work queue', () => {
    it('gives what was added, in order, as it was', async () => {
      const subject = subjectOf();
      const data = Uint8Array.of(0, 255);
      const headers = { traceparent: '00-ab-cd-01' };
      await queue().add({ subject, data, headers, messageId: world.unique('id') });
      await add(subject, 'b', 'c');
      const item = await takeOne(subject);
      expectSame(item.data, data);
      expect(item).toMatchObject({ subject, headers, delivery: 1 });
      await item.done();
      const rest = [await takeOne(subject), await takeOne(subject)];
      expect(textsOf(rest)).toEqual(['b', 'c']);
      for (const one of rest) await one.done();
    });

    it('gives at most so many, and each to one taker', async () => {
      const subject = subjectOf();
      await add(subject, '1', '2', '3', '4', '5');
      const taken: WorkItem[] = [];
      while (taken.length < 5) {
        const [a, b] = await Promise.all([take(subject, 2), take(subject, 2, 50)]);
        expect(a.length).toBeLessThanOrEqual(2);
        expect(b.length).toBeLessThanOrEqual(2);
        taken.push(...a, ...b);
      }
      expect(textsOf(taken).sort()).toEqual(['1', '2', '3', '4', '5']);
      for (const item of taken) await item.done();
    });

    it('tells how much waits and how much is in hand', async () => {
      const subject = subjectOf();
      const depth = () => queue().depth(subject);
      expect(await depth()).toEqual({ waiting: 0, inHand: 0 });
      await add(subject, 'a', 'b', 'c');
      expect(await depth()).toEqual({ waiting: 3, inHand: 0 });
      const [a, b] = [await takeOne(subject), await takeOne(subject)];
      expect(await depth()).toEqual({ waiting: 1, inHand: 2 });
      for (const one of [a, b, await takeOne(subject)]) await one.done();
      expect(await depth()).toEqual({ waiting: 0, inHand: 0 });
    });

    it('gives nothing when nothing comes in time', async () => {
      const subject = subjectOf();
      expect(await take(subject, 1, 50)).toEqual([]);
      await add(subjectOf(), 'of another class');
      expect(await take(subject, 1, 50)).toEqual([]);
    });

    it('waits for the first', async () => {
      const subject = subjectOf();
      const waiting = takeOne(subject, 10_000);
      await add(subject, 'late');
      const item = await waiting;
      expect(textsOf([item])).toEqual(['late']);
      await item.done();
    });

    it('takes a message of the same id once', async () => {
      const subject = subjectOf();
      await add(subject, 'same', 'same', 'end');
      const items = [await takeOne(subject), await takeOne(subject)];
      expect(textsOf(items)).toEqual(['same', 'end']);
      for (const item of items) await item.done();
    });

    it('does not give again what is done or discarded', async () => {
      const subject = subjectOf();
      await add(subject, 'done', 'hopeless');
      await (await takeOne(subject)).done();
      await (await takeOne(subject)).discard('it names a strategy that does not exist');
      expect(await take(subject, 1, 300)).toEqual([]);
    });

    it('gives again what was given back, and counts deliveries', async () => {
      const subject = subjectOf();
      await add(subject, 'again');
      for (const delivery of [1, 2, 3]) {
        const item = await takeOne(subject);
        expect(item.delivery).toBe(delivery);
        expect(textsOf([item])).toEqual(['again']);
        if (delivery < 3) await item.giveBack(delivery * 20);
        else await item.done();
      }
    });

    it('gives other work while what was given back waits', async () => {
      const subject = subjectOf();
      await add(subject, 'first', 'second');
      await (await takeOne(subject)).giveBack(400);
      const second = await takeOne(subject);
      expect(textsOf([second])).toEqual(['second']);
      await second.done();
      const first = await takeOne(subject);
      expect(textsOf([first])).toEqual(['first']);
      await first.done();
    });

    it('gives again what nobody keeps alive, and not before', async (context) => {
      const { ackWaitMs } = world.opened();
      if (ackWaitMs === undefined || ackWaitMs > ACK_WAIT_MS_MAX) return context.skip();
      const subject = subjectOf();
      await add(subject, 'slow');
      const item = await takeOne(subject);
      for (let rounds = 0; rounds < 8; rounds += 1) {
        await item.working();
        expect(await take(subject, 1, ackWaitMs / 4)).toEqual([]);
      }
      const again = await takeOne(subject, 10 * ackWaitMs);
      expect(again.delivery).toBe(2);
      expect(textsOf([again])).toEqual(['slow']);
      await again.done();
    });
  });
}
