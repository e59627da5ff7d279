import { timeUs } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { heldBackBy, newPlayback, onPublished, onSliceDone } from './playback.ts';

const step = fc.oneof(
  fc.record({
    kind: fc.constant('done' as const),
    account: fc.constantFrom('a', 'b', 'c'),
    lag: fc.nat(2),
    active: fc.nat(1),
  }),
  fc.record({ kind: fc.constant('play' as const) }),
);

it('plays a slice only when all that have active bots are through with the one before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let playback = newPlayback(['a', 'b']);
      const through = new Map<string, number>();
      const active = new Set(['a', 'b']);
      for (const one of steps) {
        const last = playback.lastSliceEndUs ?? 0;
        if (one.kind === 'done') {
          const endUs = Math.max(0, last - one.lag);
          through.set(one.account, Math.max(through.get(one.account) ?? -1, endUs));
          if (one.active > 0) active.add(one.account);
          else active.delete(one.account);
          playback = onSliceDone(playback, one.account, timeUs(endUs), one.active);
        } else if (heldBackBy(playback).length === 0) {
          for (const account of active) expect(through.get(account)).toBeGreaterThanOrEqual(last);
          playback = onPublished(playback, timeUs(last + 1), false);
        } else {
          expect([...active].some((account) => (through.get(account) ?? -1) < last)).toBe(true);
        }
      }
    }),
  );
});
