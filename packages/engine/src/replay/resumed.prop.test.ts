import type { Strategy } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { worlds } from '../run/test-run-world.ts';
import type { Difference } from './difference.ts';
import { Replay, type ReplayEvent } from './replay.ts';
import { type Journal, journalOf } from './test-replay-world.ts';

const RUNS = { numRuns: 20, endOnFailure: true };
const journals = worlds.map(journalOf);

/** What live told otherwise than it was: other fees, orders and signals that were not there, bars that came late. */
function distorted({ events }: Journal, seed: number): readonly ReplayEvent[] {
  let count = 0;
  const isHit = (): boolean => {
    count += 1;
    return (count * 2_654_435_761 + seed) % 5 === 0;
  };
  return events.map((event): ReplayEvent => {
    if (event.kind === 'said' && isHit()) return { ...event, said: { ...event.said, signals: [] } };
    if (event.kind === 'slice' && event.slice.bars.length > 1 && isHit()) {
      const [late, ...bars] = event.slice.bars;
      return { ...event, slice: { ...event.slice, bars }, late: late === undefined ? [] : [late] };
    }
    if (event.kind === 'decided' && isHit()) return { ...event, orders: [] };
    if (event.kind !== 'fills') return event;
    const entries = event.entries.map((entry) =>
      'fillId' in entry && isHit() ? { ...entry, feeMicros: entry.priceNanos } : entry,
    );
    return { ...event, entries } as ReplayEvent;
  });
}

/** Replays all; where it is interrupted, it goes on from what is left of it as JSON. */
function replayed(
  { settings, setups }: Journal,
  events: readonly ReplayEvent[],
  isInterrupted: (index: number) => boolean,
) {
  const strategyOf = (): Strategy => setups[0]?.strategy as Strategy;
  let replay = new Replay(settings);
  const differences: Difference[] = [];
  events.forEach((event, index) => {
    differences.push(...replay.take(event));
    if (!isInterrupted(index)) return;
    const state = JSON.parse(JSON.stringify(replay.state()));
    replay = Replay.restore(settings, state, strategyOf);
  });
  differences.push(...replay.settle());
  return { differences, state: JSON.parse(JSON.stringify(replay.state())) };
}

describe('a replay that goes on from its state', () => {
  it('tells what one without a pause tells, and is in the end what that is', () => {
    let told = 0;
    fc.assert(
      fc.property(journals, fc.nat(), fc.integer({ min: 2, max: 40 }), (journal, seed, every) => {
        const events = distorted(journal, seed);
        const whole = replayed(journal, events, () => false);
        const resumed = replayed(journal, events, (index) => (index + seed) % every === 0);
        expect(resumed.differences).toEqual(whole.differences);
        expect(resumed.state).toEqual(whole.state);
        told += whole.differences.length;
      }),
      RUNS,
    );
    expect(told).toBeGreaterThan(100);
  });
});
