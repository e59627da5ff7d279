import type { SubscribeOptions, Subscription } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { outgoing, readMany, textsOf } from './bus-reading.ts';
import type { BusWorld } from './bus-suite.ts';
import { expectCode } from './expectations.ts';

/** Ordered reading of streams. */
export function busSubscriptions(world: BusWorld): void {
  const bus = () => world.opened().bus;
  const open = (of: Partial<SubscribeOptions>): Promise<Subscription> =>
    bus().subscribe({ stream: 'MARKET', filters: [], afterSequence: 0, ...of });
  const publish = (subject: string, ...texts: readonly string[]) =>
    bus().publish(texts.map((text) => outgoing(subject, text)));

  describe('subscribe', () => {
    it('reads after a sequence, then what comes', async () => {
      const subject = `market.closed.${world.unique('s')}`;
      const [, second = 0] = await publish(subject, 'a', 'b', 'c');
      const subscription = await open({ filters: [subject], afterSequence: second });
      expect(textsOf(await readMany(subscription, 1))).toEqual(['c']);
      const waiting = readMany(subscription, 2);
      await publish(subject, 'd', 'e');
      expect(textsOf(await waiting)).toEqual(['d', 'e']);
      await subscription.close();
    });

    it('waits for the first message when it starts at the end', async () => {
      const { lastSequence } = await bus().streamState('MARKET');
      const subscription = await open({ afterSequence: lastSequence });
      const waiting = subscription.next();
      await publish(`market.closed.${world.unique('s')}`, 'new');
      expect(textsOf(await waiting)).toEqual(['new']);
      await subscription.close();
    });

    it('reads everything in order where there is no filter', async () => {
      const { lastSequence } = await bus().streamState('MARKET');
      const token = world.unique('s');
      await publish(`market.closed.${token}`, 'a');
      await publish(`market.bar.v.${token}.1m`, 'b');
      await publish(`market.closed.${token}`, 'c');
      const subscription = await open({ afterSequence: lastSequence });
      const messages = await readMany(subscription, 3);
      expect(textsOf(messages)).toEqual(['a', 'b', 'c']);
      expect(messages.map((one) => one.sequence - lastSequence)).toEqual([1, 2, 3]);
      await subscription.close();
    });

    it('filters by subjects, in order over all filters', async () => {
      const token = world.unique('s');
      await publish(`market.bar.${token}.SPY.1m`, '1');
      await publish(`market.bar.${token}.QQQ.5m`, '2');
      await publish(`market.closed.${token}`, '3');
      await publish(`market.bar.${token}.QQQ.1m`, '4');
      await publish(`market.bar.${token}.SPY`, '5');
      await publish(`market.closed.${token}`, '6');
      const read = async (count: number, ...filters: string[]) => {
        const subscription = await open({ filters });
        const messages = await readMany(subscription, count);
        await subscription.close();
        return textsOf(messages).join('');
      };
      expect(await read(2, `market.bar.${token}.*.1m`)).toBe('14');
      expect(await read(4, `market.bar.${token}.>`)).toBe('1245');
      expect(await read(4, `market.bar.${token}.*.1m`, `market.closed.${token}`)).toBe('1346');
      expect(await read(1, `market.*.${token}.SPY`)).toBe('5');
    });

    it('gives no more than the batch, and nothing twice', async () => {
      const subject = `market.closed.${world.unique('s')}`;
      const texts = Array.from({ length: 20 }, (_, index) => String(index));
      await publish(subject, ...texts);
      const subscription = await open({ filters: [subject], maxBatch: 3 });
      const read: string[] = [];
      while (read.length < 20) {
        const batch = textsOf(await subscription.next());
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(3);
        read.push(...batch);
      }
      expect(read).toEqual(texts);
      await subscription.close();
    });

    it('gives batches of 256 at most unless told', async () => {
      const subject = `market.closed.${world.unique('s')}`;
      await publish(subject, ...Array.from({ length: 300 }, (_, index) => String(index)));
      const subscription = await open({ filters: [subject] });
      let count = 0;
      while (count < 300) {
        const batch = await subscription.next();
        expect(batch.length).toBeLessThanOrEqual(256);
        count += batch.length;
      }
      expect(count).toBe(300);
      await subscription.close();
    });

    it('serves several readers, each on its own', async () => {
      const subject = `market.closed.${world.unique('s')}`;
      const [a, b] = [await open({ filters: [subject] }), await open({ filters: [subject] })];
      await publish(subject, 'x', 'y');
      expect(textsOf(await readMany(a, 2))).toEqual(['x', 'y']);
      expect(textsOf(await readMany(b, 2))).toEqual(['x', 'y']);
      await a.close();
      await publish(subject, 'z');
      expect(textsOf(await readMany(b, 1))).toEqual(['z']);
      await b.close();
    });

    it('ends with nothing when it is closed, also while it waits', async () => {
      const subject = `market.closed.${world.unique('s')}`;
      const subscription = await open({ filters: [subject] });
      const waiting = subscription.next();
      await subscription.close();
      expect(await waiting).toEqual([]);
      await publish(subject, 'late');
      expect(await subscription.next()).toEqual([]);
      await subscription.close();
    });

    it('does not know a stream that is not there', async () => {
      await expectCode(open({ stream: 'NOTHING' }), 'BUS.NO_STREAM');
    });
  });

  lostStreams(world, open);
}

/** Streams that are not what the reader knew. */
function lostStreams(
  world: BusWorld,
  open: (of: Partial<SubscribeOptions>) => Promise<Subscription>,
): void {
  const bus = () => world.opened().bus;
  const firstRead = async (of: Partial<SubscribeOptions>) => {
    const subscription = await open({ stream: 'POSITION', ...of });
    return subscription.next().finally(() => subscription.close());
  };

  describe('a stream that is not what the reader knew', () => {
    it('is told when the position is beyond its end', async () => {
      const { lastSequence } = await bus().streamState('POSITION');
      await expectCode(firstRead({ afterSequence: lastSequence + 1_000 }), 'BUS.STREAM_CHANGED');
    });

    it('is told when it no longer holds the next message', async (context) => {
      const { dropThrough } = world.opened();
      if (dropThrough === undefined) return context.skip();
      const subject = `position.snapshot.${world.unique('s')}`;
      const [, second = 0] = await bus().publish(
        ['a', 'b', 'c'].map((text) => outgoing(subject, text)),
      );
      await dropThrough('POSITION', second);
      await expectCode(firstRead({ afterSequence: second - 1 }), 'BUS.STREAM_CHANGED');
      expect(textsOf(await firstRead({ afterSequence: second }))).toEqual(['c']);
    });

    it('is told to who waits when it is made anew', async (context) => {
      const { recreateStream } = world.opened();
      if (recreateStream === undefined) return context.skip();
      const subject = `position.snapshot.${world.unique('s')}`;
      const { lastSequence } = await bus().streamState('POSITION');
      await bus().publish([outgoing(subject, 'a')]);
      const subscription = await open({ stream: 'POSITION', afterSequence: lastSequence });
      expect(textsOf(await subscription.next())).toEqual(['a']);
      const waiting = expectCode(subscription.next(), 'BUS.STREAM_CHANGED');
      await recreateStream('POSITION');
      await bus().publish([outgoing(subject, 'b')]);
      await waiting;
      await subscription.close();
    });
  });
}
