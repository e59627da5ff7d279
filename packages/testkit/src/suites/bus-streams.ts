import { describe, expect, it } from 'vitest';
import { outgoing, readMany, textsOf } from './bus-reading.ts';
import type { BusWorld } from './bus-suite.ts';
import { expectCode, expectSame } from './expectations.ts';

/** Storing messages, and what a stream says of itself. */
export function busStreams(world: BusWorld): void {
  const bus = () => world.opened().bus;
  const readAll = async (filter: string, count: number, afterSequence = 0) => {
    const subscription = await bus().subscribe({
      stream: 'TRADING',
      filters: [filter],
      afterSequence,
    });
    const messages = await readMany(subscription, count);
    await subscription.close();
    return messages;
  };

  describe('streamState', () => {
    it('tells of an empty stream that its next message is the first', async () => {
      const state = await bus().streamState('POSITION');
      expect(state).toMatchObject({ firstSequence: 1, lastSequence: 0 });
      expect(state.epochUs).toBeGreaterThan(0);
    });

    it('follows what is stored, and keeps its epoch', async () => {
      const before = await bus().streamState('TRADING');
      const subject = `trading.signal.${world.unique('s')}`;
      const sequences = await bus().publish([outgoing(subject, 'a'), outgoing(subject, 'b')]);
      const after = await bus().streamState('TRADING');
      expect(sequences).toEqual([before.lastSequence + 1, before.lastSequence + 2]);
      expect(after.lastSequence).toBe(before.lastSequence + 2);
      expect(after.firstSequence).toBe(1);
      expect(after.epochUs).toBe(before.epochUs);
    });

    it('does not know a stream that is not there', async () => {
      await expectCode(bus().streamState('NOTHING'), 'BUS.NO_STREAM');
    });

    it('tells what was dropped, and an emptied stream from a new one', async (context) => {
      const { dropThrough } = world.opened();
      if (dropThrough === undefined) return context.skip();
      const subject = `position.drift.${world.unique('s')}`;
      const [first = 0, second = 0] = await bus().publish([
        outgoing(subject, 'a'),
        outgoing(subject, 'b'),
      ]);
      await dropThrough('POSITION', first);
      expect(await bus().streamState('POSITION')).toMatchObject({
        firstSequence: second,
        lastSequence: second,
      });
      await dropThrough('POSITION', second);
      expect(await bus().streamState('POSITION')).toMatchObject({
        firstSequence: second + 1,
        lastSequence: second,
      });
    });

    it('has another epoch when the stream was made anew', async (context) => {
      const { recreateStream } = world.opened();
      if (recreateStream === undefined) return context.skip();
      const before = await bus().streamState('POSITION');
      await bus().publish([outgoing(`position.drift.${world.unique('s')}`, 'a')]);
      await recreateStream('POSITION');
      const after = await bus().streamState('POSITION');
      expect(after).toMatchObject({ firstSequence: 1, lastSequence: 0 });
      expect(after.epochUs).toBeGreaterThan(before.epochUs);
    });
  });

  describe('publishAfter', () => {
    it('stores a message after the one that is expected, and after no other', async () => {
      const subject = `trading.emergency.${world.unique('s')}`;
      expect(await bus().newest('TRADING', subject)).toBeUndefined();
      const first = await bus().publishAfter(outgoing(subject, 'a'), 0);
      await expectCode(bus().publishAfter(outgoing(subject, 'b'), 0), 'BUS.CONFLICT');
      await bus().publish([outgoing(`trading.emergency.${world.unique('s')}`, 'another')]);
      const second = await bus().publishAfter(outgoing(subject, 'c'), first);
      await expectCode(bus().publishAfter(outgoing(subject, 'd'), first), 'BUS.CONFLICT');
      const newest = await bus().newest('TRADING', subject);
      expect(newest).toMatchObject({ stream: 'TRADING', subject, sequence: second, headers: {} });
      expect(textsOf(await readAll(subject, 2))).toEqual(['a', 'c']);
    });

    it('answers a repeat with the place of the first', async () => {
      const subject = `trading.emergency.${world.unique('s')}`;
      const message = { ...outgoing(subject, 'a'), headers: { 'capstan-token': '7' } };
      const first = await bus().publishAfter(message, 0);
      expect(await bus().publishAfter(message, 0)).toBe(first);
      expect(await bus().newest('TRADING', subject)).toMatchObject({ headers: message.headers });
    });
  });

  describe('publish', () => {
    it('stores the messages in the order given', async () => {
      const token = world.unique('s');
      const texts = Array.from({ length: 300 }, (_, index) => String(index));
      const messages = texts.map((text) => outgoing(`trading.order.${token}`, text));
      const sequences = await bus().publish(messages);
      const stored = await readAll(`trading.order.${token}`, 300);
      expect(textsOf(stored)).toEqual(texts);
      expect(stored.map((message) => message.sequence)).toEqual(sequences);
      expect([...sequences].sort((a, b) => a - b)).toEqual(sequences);
    });

    it('keeps bytes, headers and subject as they are, and says when it stored them', async () => {
      const subject = `trading.fill.${world.unique('s')}`;
      const data = Uint8Array.from({ length: 256 }, (_, index) => index);
      const headers = { 'capstan-producer': 'risk/paper', traceparent: '00-ab-cd-01' };
      const empty = { ...outgoing(subject, 'x'), data: new Uint8Array() };
      await bus().publish([{ subject, data, headers, messageId: world.unique('id') }, empty]);
      const [first, second] = await readAll(subject, 2);
      expectSame([first?.data, second?.data], [data, new Uint8Array()]);
      expect(first).toMatchObject({ stream: 'TRADING', subject, headers });
      const { epochUs } = await bus().streamState('TRADING');
      expect(first?.storedAtUs).toBeGreaterThanOrEqual(epochUs);
      expect(second?.storedAtUs).toBeGreaterThanOrEqual(first?.storedAtUs ?? Number.NaN);
    });

    it('drops a second message of the same id, and answers with the sequence of the first', async () => {
      const subject = `trading.fill.${world.unique('s')}`;
      const message = outgoing(subject, 'once');
      const first = await bus().publish([message]);
      expect(await bus().publish([message])).toEqual(first);
      await bus().publish([outgoing(subject, 'end')]);
      expect(textsOf(await readAll(subject, 2))).toEqual(['once', 'end']);
    });

    it('takes nothing at once', async () => {
      expect(await bus().publish([])).toEqual([]);
    });

    it('fails where no stream takes the subject', async () => {
      const lost = bus().publish([outgoing(`nowhere.${world.unique('s')}`, 'a')]);
      await expectCode(lost, 'BUS.UNAVAILABLE');
    });

    it('stores a copy', async () => {
      const message = outgoing(`trading.fill.${world.unique('s')}`, 'abc');
      await bus().publish([message]);
      message.data.fill(0);
      const [first] = await readAll(message.subject, 1);
      first?.data.fill(1);
      expect(textsOf(await readAll(message.subject, 1))).toEqual(['abc']);
    });
  });
}
