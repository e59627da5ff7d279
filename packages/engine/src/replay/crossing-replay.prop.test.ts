import { type Fill, isInternalFill, priceNanos } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coded, worlds } from '../run/test-run-world.ts';
import { Replay, type ReplayEvent } from './replay.ts';
import { crossedJournalOf, differencesOf } from './test-replay-world.ts';

const journals = worlds
  .filter(({ spec }) => spec.strategy === coded && Object.keys(spec.params).length === 0)
  .map(crossedJournalOf);

const insideOf = (event: ReplayEvent): readonly Fill[] =>
  event.kind !== 'fills'
    ? []
    : event.entries.filter((entry): entry is Fill => 'fillId' in entry && isInternalFill(entry));

it('explains bots that fill each other: there is no difference, also where it goes on from its state', () => {
  let crossed = 0;
  fc.assert(
    fc.property(journals, fc.integer({ min: 20, max: 80 }), ({ settings, events }, every) => {
      let replay = new Replay(settings);
      events.forEach((event, index) => {
        expect(replay.take(event)).toEqual([]);
        crossed += insideOf(event).length;
        if (index % every > 0) return;
        const state = JSON.parse(JSON.stringify(replay.state()));
        replay = Replay.restore(settings, state, () => coded);
      });
      expect(replay.settle()).toEqual([]);
    }),
    { numRuns: 15, endOnFailure: true },
  );
  expect(crossed).toBeGreaterThan(10);
});

it('tells a crossed fill of another price, and orders that live let fill each other without a pair', () => {
  let tried = 0;
  fc.assert(
    fc.property(journals, fc.nat(), (journal, seed) => {
      const all = journal.events.flatMap(insideOf);
      const chosen = all[seed % Math.max(1, all.length)];
      if (chosen === undefined) return;
      const { orderId } = chosen;
      const dearer = { ...chosen, priceNanos: priceNanos(chosen.priceNanos + 10_000_000) };
      const priced = journal.events.map((event) =>
        event.kind !== 'fills'
          ? event
          : { ...event, entries: event.entries.map((one) => (one === chosen ? dearer : one)) },
      );
      expect(differencesOf(journal, priced)).toContainEqual(
        expect.objectContaining({ kind: 'price', cause: 'unexplained', orderId }),
      );
      const isPair = (ids: { buyOrderId: string; sellOrderId: string }) =>
        ids.buyOrderId === orderId || ids.sellOrderId === orderId;
      const unpaired = journal.events.map((event) =>
        event.kind !== 'decided'
          ? event
          : { ...event, crosses: event.crosses?.filter((one) => !isPair(one)) ?? [] },
      );
      const told = differencesOf(journal, unpaired);
      expect(told).toContainEqual(
        expect.objectContaining({ kind: 'order', live: 'goes to the venue', orderId }),
      );
      expect(told).toContainEqual(expect.objectContaining({ kind: 'fill', orderId }));
      tried += 1;
    }),
    { numRuns: 60, endOnFailure: true },
  );
  expect(tried).toBeGreaterThan(3);
});
