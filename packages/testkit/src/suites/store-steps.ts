import type { Fence, StreamPosition } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { expectCode, expectSame, expectSameRows } from './expectations.ts';
import { at, bytes, sampleBar, sampleOutbox, sampleSignal } from './samples.ts';
import type { StoreWorld } from './store-suite.ts';

const position = (sequence: number, of: Partial<StreamPosition> = {}): StreamPosition => ({
  stream: 'MARKET',
  epochUs: at(0),
  sequence,
  ...of,
});

/** One step: positions, state, and all or nothing. */
export function storeSteps(world: StoreWorld): void {
  const left = (fence: Fence) => world.store().takeOwnership(fence);

  describe('positions of inputs', () => {
    it('go on, with gaps, a row a stream', async () => {
      const fence = await world.own();
      const venue = position(3, { stream: 'venue/paper' });
      await world.store().commit({ fence, positions: [position(5), venue] });
      await world.store().commit({ fence, positions: [position(9)] });
      expectSameRows((await left(fence)).positions, [position(9), venue]);
    });

    it.each([5, 4])('do not go from 5 to %d', async (sequence) => {
      const fence = await world.own();
      await world.store().commit({ fence, positions: [position(5)] });
      const step = { fence, positions: [position(sequence)], state: bytes('no') };
      await expectCode(world.store().commit(step), 'STORE.CONFLICT');
      const record = await left(fence);
      expectSame(record.positions, [position(5)]);
      expect(record.state).toBeUndefined();
    });

    it('start over in another epoch', async () => {
      const fence = await world.own();
      await world.store().commit({ fence, positions: [position(5)] });
      const anew = position(1, { epochUs: at(1) });
      await world.store().commit({ fence, positions: [anew] });
      expectSame((await left(fence)).positions, [anew]);
    });
  });

  describe('applied sequences', () => {
    it('have a row a producer and subject', async () => {
      const fence = await world.own();
      const row = (producer: string, subject: string, sequence: number) => ({
        producer,
        subject,
        sequence,
      });
      const first = [row('p', 's', 1), row('p', 't', 2), row('q', 's', 3)];
      await world.store().commit({ fence, applied: first });
      await world.store().commit({ fence, applied: [row('p', 's', 4)] });
      const expected = [row('p', 's', 4), row('p', 't', 2), row('q', 's', 3)];
      expectSameRows((await left(fence)).applied, expected);
    });
  });

  describe("the owner's own state", () => {
    it('stays as it is when a step has none, and may be empty', async () => {
      const fence = await world.own();
      await world.store().commit({ fence, state: bytes('one') });
      await world.store().commit({ fence, positions: [position(1)] });
      expectSame((await left(fence)).state, bytes('one'));
      await world.store().commit({ fence, state: new Uint8Array() });
      expectSame((await left(fence)).state, new Uint8Array());
    });

    it('is a copy on the way in and on the way out', async () => {
      const fence = await world.own();
      const state = bytes('abc');
      await world.store().commit({ fence, state });
      state.fill(0);
      const first = await left(fence);
      expectSame(first.state, bytes('abc'));
      first.state?.fill(0);
      expectSame((await left(fence)).state, bytes('abc'));
    });
  });

  describe('a step', () => {
    it('is written all or not at all', async () => {
      const fence = await world.own();
      const runId = world.unique('run');
      const signal = sampleSignal({ signalId: world.unique('signal'), runId });
      await world.store().commit({ fence, signals: [signal], state: bytes('before') });
      const step = {
        fence,
        positions: [position(1)],
        applied: [{ producer: 'p', subject: 's', sequence: 1 }],
        outbox: [sampleOutbox({ producer: fence.key })],
        publishedThrough: 1,
        state: bytes('after'),
        bars: [sampleBar({ runId })],
        signals: [sampleSignal({ signalId: world.unique('signal'), runId }), signal],
      };
      await expectCode(world.store().commit(step), 'STORE.CONFLICT');
      expectSame(await left(fence), {
        positions: [],
        applied: [],
        lastOutboxSequence: 0,
        publishedThrough: 0,
        state: bytes('before'),
      });
      expect(await world.store().outbox(fence.key, 0, 10)).toEqual([]);
      expectSame(await world.store().signals({ runId, limit: 10 }), [signal]);
      const bars = { feed: 'demo', symbols: ['SPY'], timeframe: '1m', limit: 10 } as const;
      expect(
        await world.store().bars({ runId, ...bars, afterUs: at(0), throughUs: at(99) }),
      ).toEqual([]);
    });

    it('may be empty', async () => {
      const fence = await world.own();
      await world.store().commit({ fence });
      expect((await left(fence)).lastOutboxSequence).toBe(0);
    });
  });
}
