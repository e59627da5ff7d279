import {
  cashMicros,
  type Fill,
  type LedgerEntry,
  priceNanos,
  quantity,
  timeUs,
} from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { worlds } from '../run/test-run-world.ts';
import type { Difference, DifferenceKind } from './difference.ts';
import type { ReplayEvent } from './replay.ts';
import { Replay } from './replay.ts';
import { differencesOf, type Journal, journalOf } from './test-replay-world.ts';

const RUNS = { numRuns: 20, endOnFailure: true };
const journals = worlds.map(journalOf);

/** Replaces the n-th of what a journal has of a kind, counted around; `undefined` where it has none. */
function planted<T>(
  { events }: Journal,
  seed: number,
  find: (event: ReplayEvent) => readonly T[],
  put: (event: ReplayEvent, index: number) => ReplayEvent,
): { readonly events: readonly ReplayEvent[]; readonly was: T } | undefined {
  const all = events.flatMap((event, at) => find(event).map((was, index) => ({ at, index, was })));
  const chosen = all[seed % Math.max(1, all.length)];
  if (chosen === undefined) return undefined;
  const { at, index, was } = chosen;
  return { was, events: events.map((event, n) => (n === at ? put(event, index) : event)) };
}

const isFill = (entry: LedgerEntry): entry is Fill => 'fillId' in entry;
const fillsOf = (event: ReplayEvent) =>
  event.kind === 'fills' ? event.entries.filter(isFill) : [];
const withFill =
  (change: (fill: Fill) => readonly Fill[]) =>
  (event: ReplayEvent, index: number): ReplayEvent =>
    event.kind !== 'fills'
      ? event
      : {
          ...event,
          entries: fillsOf(event).flatMap((one, n) => (n === index ? change(one) : [one])),
        };

const CHANGES = {
  price: (fill: Fill) => ({ ...fill, priceNanos: priceNanos(fill.priceNanos + 10_000_000) }),
  fee: (fill: Fill) => ({ ...fill, feeMicros: cashMicros(fill.feeMicros + 1) }),
  timing: (fill: Fill) => ({ ...fill, eventAtUs: timeUs(fill.eventAtUs - 1) }),
  fill: (fill: Fill) => ({ ...fill, quantity: quantity(fill.quantity + 1) }),
} as const;

/** Counts the account's fills anew, as live would without those that are gone. */
function renumbered(events: readonly ReplayEvent[]): readonly ReplayEvent[] {
  let last = 0;
  return events.map((event) =>
    event.kind !== 'fills'
      ? event
      : {
          ...event,
          entries: fillsOf(event).map((fill) => {
            last += 1;
            return { ...fill, accountSequence: last };
          }),
        },
  );
}

const EXECUTION: readonly DifferenceKind[] = ['price', 'timing', 'fee', 'fill'];
const executed = (all: readonly Difference[]) =>
  all.filter((one) => EXECUTION.includes(one.kind)).map(({ kind, orderId }) => [kind, orderId]);

describe('a replay', () => {
  it('of a journal as it is finds no difference, and compares all of it', () => {
    const seen = { said: 0, decided: 0, fills: 0 };
    fc.assert(
      fc.property(journals, ({ settings, events }) => {
        const replay = new Replay(settings);
        for (const event of events) {
          expect(replay.take(event)).toEqual([]);
          if (event.kind === 'said') seen.said += event.said.signals.length;
          if (event.kind === 'decided') seen.decided += event.orders.length;
          seen.fills += fillsOf(event).length;
        }
        expect(replay.settle()).toEqual([]);
      }),
      RUNS,
    );
    expect(Math.min(seen.said, seen.decided, seen.fills)).toBeGreaterThan(10);
  });

  it('gives the same differences for the same events', () => {
    fc.assert(
      fc.property(journals, fc.nat(), (journal, seed) => {
        const change = withFill((fill) => [CHANGES.price(fill)]);
        const { events } = planted(journal, seed, fillsOf, change) ?? journal;
        expect(differencesOf(journal, events)).toEqual(differencesOf(journal, events));
      }),
      { ...RUNS, numRuns: 5 },
    );
  });

  it.each(['price', 'fee', 'timing', 'fill'] as const)(
    'tells an execution of another %s as that, and no other execution',
    (kind) => {
      let found = 0;
      fc.assert(
        fc.property(journals, fc.nat(), (journal, seed) => {
          const changed = planted(
            journal,
            seed,
            fillsOf,
            withFill((fill) => [CHANGES[kind](fill)]),
          );
          if (changed === undefined) return;
          found += 1;
          const differences = differencesOf(journal, changed.events);
          expect(executed(differences)).toEqual([[kind, changed.was.orderId]]);
          expect(differences.every(({ cause }) => cause === 'unexplained')).toBe(true);
        }),
        RUNS,
      );
      expect(found).toBeGreaterThan(0);
    },
  );

  it('tells an execution that live does not have', () => {
    let found = 0;
    fc.assert(
      fc.property(journals, fc.nat(), (journal, seed) => {
        const changed = planted(
          journal,
          seed,
          fillsOf,
          withFill(() => []),
        );
        if (changed === undefined) return;
        found += 1;
        const { orderId, botId, symbol } = changed.was;
        const differences = differencesOf(journal, renumbered(changed.events));
        const about = { orderId, botId, symbol, kind: 'fill', cause: 'unexplained' };
        expect(differences).toContainEqual(expect.objectContaining(about));
      }),
      RUNS,
    );
    expect(found).toBeGreaterThan(0);
  });

  it('tells a signal that live did not give as the first difference, of its bot and slice', () => {
    let found = 0;
    fc.assert(
      fc.property(journals, fc.nat(), (journal, seed) => {
        const changed = planted(
          journal,
          seed,
          (event) => (event.kind === 'said' ? event.said.signals : []),
          (event, index) =>
            event.kind !== 'said'
              ? event
              : {
                  ...event,
                  said: {
                    ...event.said,
                    signals: event.said.signals.filter((_, n) => n !== index),
                  },
                },
        );
        if (changed === undefined) return;
        found += 1;
        const { botId, symbol, barEndUs: atUs } = changed.was;
        const differences = differencesOf(journal, changed.events);
        expect(differences[0]).toMatchObject({
          ...{ kind: 'signal', cause: 'unexplained', botId, symbol, atUs, live: 'nothing' },
        });
        expect(differences.filter(({ kind }) => kind === 'signal')).toHaveLength(1);
      }),
      RUNS,
    );
    expect(found).toBeGreaterThan(0);
  });

  it('tells an order of another size as sizing, and one that was not decided as an order', () => {
    let found = 0;
    fc.assert(
      fc.property(journals, fc.nat(), (journal, seed) => {
        const of = (event: ReplayEvent) => (event.kind === 'decided' ? event.orders : []);
        const put = (more: number) => (event: ReplayEvent, index: number) =>
          event.kind !== 'decided'
            ? event
            : {
                ...event,
                orders: event.orders.flatMap((one, n) => {
                  if (n !== index) return [one];
                  return more === 0 ? [] : [{ ...one, quantity: quantity(one.quantity + more) }];
                }),
              };
        const [larger, without] = [
          planted(journal, seed, of, put(1)),
          planted(journal, seed, of, put(0)),
        ];
        if (larger === undefined || without === undefined) return;
        found += 1;
        const { orderId, botId, symbol } = larger.was;
        const about = { orderId, botId, symbol, cause: 'unexplained' };
        expect(differencesOf(journal, larger.events)).toMatchObject([{ ...about, kind: 'sizing' }]);
        const [first] = differencesOf(journal, without.events);
        expect(first).toMatchObject(about);
        expect(['order', 'denial']).toContain(first?.kind);
      }),
      RUNS,
    );
    expect(found).toBeGreaterThan(0);
  });
});
