import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { at } from './feed-world.fixture.ts';
import {
  decodePlayback,
  encodePlayback,
  heldBackBy,
  newPlayback,
  onEnded,
  onHistory,
  onOpened,
  onPublished,
  onSliceDone,
} from './playback.ts';

describe('playback', () => {
  it('waits for each account once, in order', () => {
    expect(heldBackBy(newPlayback(['b', 'a', 'b']))).toEqual(['a', 'b']);
  });

  it('begins when every account has spoken, whatever of', () => {
    const opened = onOpened(onHistory(newPlayback(['a']), at(3)));
    expect(opened.opened).toBe(true);
    expect(heldBackBy(onSliceDone(opened, 'a', timeUs(0), 1))).toEqual([]);
  });

  it('never takes a watermark back', () => {
    const playback = onPublished(newPlayback(['a']), at(1), false);
    const ahead = onSliceDone(playback, 'a', at(1), 1);
    expect(heldBackBy(onSliceDone(ahead, 'a', timeUs(0), 1))).toEqual([]);
  });

  it('refuses a slice that does not follow', () => {
    const playback = onPublished(newPlayback([]), at(2), false);
    expect(() => onPublished(playback, at(2), true)).toThrow(/does not follow/);
  });

  it('comes back from the store as it was', () => {
    const fresh = newPlayback(['a']);
    expect(decodePlayback(encodePlayback(fresh))).toEqual(fresh);
    const ended = onEnded(onSliceDone(onPublished(fresh, at(1), true), 'a', at(1), 2));
    expect(decodePlayback(encodePlayback(ended))).toEqual(ended);
  });
});
