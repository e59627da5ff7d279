import { describe, expect, it } from 'vitest';
import { HandOvers, slowestOf } from './lease-watch.ts';

describe('hand-overs, as leases tell them', () => {
  it('are from a release to the next owner', () => {
    const seen = new HandOvers();
    seen.take('risk/paper', 'a', 0);
    seen.take('risk/paper', 'a', 1_000);
    seen.take('risk/paper', '', 1_200);
    seen.take('risk/paper', 'b', 1_350);
    expect(seen.taken()).toEqual([{ key: 'risk/paper', ms: 150, isReleased: true }]);
    expect(seen.taken()).toEqual([]);
  });

  it('are from the last beat where the owner has died', () => {
    const seen = new HandOvers();
    seen.take('feed/demo', 'a', 500);
    seen.take('feed/demo', 'b', 4_700);
    seen.take('feed/demo', 'b', 5_700);
    expect(seen.taken()).toEqual([{ key: 'feed/demo', ms: 4_200, isReleased: false }]);
  });

  it('are none where an owner beats, begins, or takes up again what it gave back', () => {
    const seen = new HandOvers();
    seen.take('feed/demo', '', 0);
    for (const atMs of [1, 2]) seen.take('feed/demo', 'a', atMs);
    seen.take('feed/demo', '', 3);
    seen.take('feed/demo', 'a', 4);
    expect(seen.taken()).toEqual([]);
  });

  it('are told by the slowest of each sort', () => {
    const [a, b] = [
      { key: 'a', ms: 40, isReleased: true },
      { key: 'b', ms: 250, isReleased: true },
    ];
    expect(slowestOf([a, b, { key: 'c', ms: 4_100, isReleased: false }])).toBe(
      '2 handed over, the slowest in 0.25 s (b); 1 taken over by lapse, the slowest in 4.10 s (c)',
    );
    expect(slowestOf([])).toBe('no key changed hands');
  });
});
