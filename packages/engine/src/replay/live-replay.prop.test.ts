import { type Denial, quantity, timeUs } from '@capstan/domain';
import type { Strategy } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { worlds } from '../run/test-run-world.ts';
import type { Difference } from './difference.ts';
import { Replay, type ReplayEvent } from './replay.ts';
import { liveJournalOf } from './test-live-world.ts';
import { differencesOf, type Journal } from './test-replay-world.ts';

const DAY_US = 86_400_000_000;
const journals = fc.tuple(worlds, fc.nat()).map(([world, seed]) => liveJournalOf(world, seed));
const RUNS = { numRuns: 40, endOnFailure: true };

type Decided = Extract<ReplayEvent, { kind: 'decided' }>;

/** Changes the n-th decision that has what is looked for, counted around; `undefined` where none has. */
function planted(
  { events }: Journal,
  seed: number,
  has: (decided: Decided) => boolean,
  change: (decided: Decided) => Partial<Decided>,
): { readonly events: readonly ReplayEvent[]; readonly was: Decided } | undefined {
  const all = events.filter((one): one is Decided => one.kind === 'decided' && has(one));
  const was = all[seed % Math.max(1, all.length)];
  if (was === undefined) return undefined;
  const put = events.map((one) => (one === was ? { ...was, ...change(was) } : one));
  return { was, events: put };
}

/** What was denied at a slice. */
const denialsOf = ({ events }: Journal, decided: Decided): readonly Denial[] => {
  const before = events[events.indexOf(decided) - 1];
  return before?.kind === 'denied' ? before.denials : [];
};

const looksAtAge = ({ settings }: Journal): boolean =>
  settings.accounts.some(({ limits }) => limits.policies.includes('decision-age'));

/** Plants a fault in as many worlds as have a place for it, and expects it to be told as one that nobody can explain. */
function tellsAsUnexplained(
  plant: (journal: Journal, seed: number) => ReturnType<typeof planted>,
): void {
  let found = 0;
  fc.assert(
    fc.property(journals, fc.nat(), (journal, seed) => {
      const fault = plant(journal, seed);
      if (fault === undefined) return;
      found += 1;
      const [first] = differencesOf(journal, fault.events).filter(
        ({ cause }) => cause === 'unexplained',
      );
      expect(first?.atUs).toBe(fault.was.sliceEndUs);
    }),
    RUNS,
  );
  expect(found).toBeGreaterThan(5);
}

describe('the replay of an account at a real broker, whose bars, words and fills come whenever they do', () => {
  it('leaves nothing unexplained, also where it goes on from its state', () => {
    const seen = { age: 0, venue: 0, orders: 0 };
    fc.assert(
      fc.property(journals, fc.integer({ min: 20, max: 80 }), (journal, every) => {
        const { settings, setups, events } = journal;
        const strategyOf = (): Strategy => setups[0]?.strategy as Strategy;
        let replay = new Replay(settings);
        const differences: Difference[] = [];
        events.forEach((event, index) => {
          differences.push(...replay.take(event));
          if (event.kind === 'decided') seen.orders += event.orders.length;
          if (index % every > 0) return;
          const state = JSON.parse(JSON.stringify(replay.state()));
          replay = Replay.restore(settings, state, strategyOf);
        });
        differences.push(...replay.settle());
        expect(differences.filter(({ cause }) => cause !== 'age' && cause !== 'venue')).toEqual([]);
        for (const { cause } of differences)
          if (cause === 'age' || cause === 'venue') seen[cause] += 1;
      }),
      RUNS,
    );
    expect(Math.min(seen.age, seen.venue, seen.orders)).toBeGreaterThan(20);
  });

  it('tells an order of another size', () => {
    tellsAsUnexplained((journal, seed) =>
      planted(
        journal,
        seed,
        ({ orders }) => orders.length > 0,
        ({ orders: [first, ...others] }) => ({
          orders:
            first === undefined
              ? []
              : [{ ...first, quantity: quantity(first.quantity + 1) }, ...others],
        }),
      ),
    );
  });

  it('tells an order that went out though it was too old', () => {
    tellsAsUnexplained((journal, seed) =>
      planted(
        journal,
        seed,
        ({ orders }) => looksAtAge(journal) && orders.some(({ reducing }) => !reducing),
        ({ grounds }) => ({
          ...(grounds && { grounds: { ...grounds, nowUs: timeUs(grounds.nowUs + DAY_US) } }),
        }),
      ),
    );
  });

  it('tells a denial for its age of what was not too old', () => {
    tellsAsUnexplained((journal, seed) =>
      planted(
        journal,
        seed,
        (decided) => denialsOf(journal, decided).some(({ policy }) => policy === 'decision-age'),
        ({ grounds, sliceEndUs }) => ({
          ...(grounds && { grounds: { ...grounds, nowUs: sliceEndUs } }),
        }),
      ),
    );
  });
});
