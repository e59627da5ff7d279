import { type BotSlice, type Signal, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import {
  activeBots,
  afterDecision,
  feedOf,
  keepConfigured,
  newProgress,
  nextReady,
  takeSlice,
  takeVenueSlice,
} from './decide.ts';
import type { Progress } from './state.ts';

const BOTS = [
  { botId: 'b', feed: 'demo' },
  { botId: 'a', feed: 'demo' },
];

function slice(botId: string, sliceEndUs: number, changes: Partial<BotSlice> = {}): BotSlice {
  return {
    runId: 'run',
    botId,
    accountId: 'paper',
    feed: 'demo',
    sliceEndUs: timeUs(sliceEndUs),
    state: 'running',
    signals: [],
    marks: [],
    ...changes,
  };
}

const asking = { signals: [{ signalId: 's' } as Signal] };

function taking(progress: Progress, ...slices: readonly BotSlice[]): Progress {
  return slices.reduce((before, one) => takeSlice(before, one).progress, progress);
}

function decideNext(progress: Progress, venueReportsSlices = false) {
  const ready = nextReady(progress, venueReportsSlices);
  if (ready === undefined) throw new Error('expected a slice to be ready');
  return { ready, progress: afterDecision(progress, ready) };
}

describe('the order of slices', () => {
  it('waits for the first word of every configured bot', () => {
    const one = taking(newProgress(BOTS), slice('a', 60));
    expect(nextReady(one, false)).toBeUndefined();
    const both = taking(one, slice('b', 60));
    expect(nextReady(both, false)).toEqual({
      feed: 'demo',
      sliceEndUs: 60,
      slices: [slice('a', 60), slice('b', 60)],
    });
  });

  it('decides slices in order, each once', () => {
    const all = taking(
      newProgress(BOTS),
      slice('a', 60),
      slice('a', 120),
      slice('b', 60),
      slice('b', 120),
    );
    const first = decideNext(all);
    const second = decideNext(first.progress);
    expect([first.ready.sliceEndUs, second.ready.sliceEndUs]).toEqual([60, 120]);
    expect(nextReady(second.progress, false)).toBeUndefined();
    expect(feedOf(second.progress, 'demo').decidedThroughUs).toBe(120);
  });

  it('decides a slice that only some bots had while the others are beyond it', () => {
    const all = taking(newProgress(BOTS), slice('a', 60), slice('b', 120));
    expect(decideNext(all).ready.slices).toEqual([slice('a', 60)]);
    expect(nextReady(decideNext(all).progress, false)).toBeUndefined();
  });

  it('waits for the venue where a slice asks for something and the venue reports', () => {
    const quiet = taking(newProgress(BOTS), slice('a', 60), slice('b', 60));
    expect(nextReady(quiet, true)?.sliceEndUs).toBe(60);
    const loud = taking(newProgress(BOTS), slice('a', 60, asking), slice('b', 60));
    expect(nextReady(loud, true)).toBeUndefined();
    expect(nextReady(loud, false)?.sliceEndUs).toBe(60);
    expect(nextReady(takeVenueSlice(loud, 'demo', timeUs(59)), true)).toBeUndefined();
    const through = takeVenueSlice(takeVenueSlice(loud, 'demo', timeUs(60)), 'demo', timeUs(30));
    expect(nextReady(through, true)?.sliceEndUs).toBe(60);
    expect(nextReady(takeVenueSlice(loud, 'other', timeUs(60)), true)).toBeUndefined();
    expect(nextReady(quiet, true, ['demo'])).toBeUndefined();
    expect(nextReady(quiet, true, ['other'])?.sliceEndUs).toBe(60);
  });

  it('keeps feeds apart', () => {
    const bots = [...BOTS, { botId: 'c', feed: 'other' }];
    const all = taking(newProgress(bots), slice('c', 60, { feed: 'other' }), slice('a', 60));
    expect(decideNext(all).ready.feed).toBe('other');
    expect(activeBots(all, 'demo')).toBe(2);
    expect(activeBots(all, 'other')).toBe(1);
  });
});

describe('who is waited for', () => {
  it('is not a bot that stopped, after its last slice', () => {
    const all = taking(
      newProgress(BOTS),
      slice('a', 60, { state: 'stopped', ...asking }),
      slice('b', 60),
    );
    const { ready, progress } = decideNext(all);
    expect(ready.slices.map((one) => one.botId)).toEqual(['a', 'b']);
    expect(activeBots(progress, 'demo')).toBe(1);
    expect(nextReady(taking(progress, slice('b', 120)), false)?.sliceEndUs).toBe(120);
  });

  it('is a crashed or paused bot: it goes on speaking', () => {
    const all = taking(
      newProgress(BOTS),
      slice('a', 60, { state: 'crashed' }),
      slice('b', 60, { state: 'paused' }),
    );
    expect(activeBots(decideNext(all).progress, 'demo')).toBe(2);
  });

  it('changes by a bot that stops or joins at a slice that is decided, which is announced', () => {
    const all = taking(newProgress(BOTS), slice('a', 60), slice('b', 60));
    const { progress } = decideNext(all);
    const stops = takeSlice(progress, slice('b', 60, { state: 'stopped' }));
    expect(stops.announce).toBe(true);
    expect(activeBots(stops.progress, 'demo')).toBe(1);
    expect(takeSlice(stops.progress, slice('b', 60, { state: 'stopped' })).announce).toBe(false);
    const joins = takeSlice(stops.progress, slice('b', 60));
    expect(joins.announce).toBe(true);
    expect(activeBots(joins.progress, 'demo')).toBe(2);
    expect(takeSlice(joins.progress, slice('b', 60)).announce).toBe(false);
  });

  it('is not a bot that stopped and came back, twice', () => {
    const all = taking(
      newProgress(BOTS),
      slice('a', 60, { state: 'stopped' }),
      slice('a', 120),
      slice('b', 60),
    );
    expect(activeBots(decideNext(all).progress, 'demo')).toBe(2);
  });

  it('is no bot that is not configured any more', () => {
    const kept = keepConfigured(newProgress(BOTS), [{ botId: 'a', feed: 'demo' }]);
    expect(kept.active.map((bot) => bot.botId)).toEqual(['a']);
  });
});

describe('repetition and lateness', () => {
  it('keeps what was asked for when a bot speaks of a slice again', () => {
    const all = taking(
      newProgress(BOTS),
      slice('a', 60, asking),
      slice('a', 60, { state: 'stopped' }),
      slice('b', 60),
    );
    const [first] = decideNext(all).ready.slices;
    expect(first).toMatchObject({ state: 'stopped', signals: asking.signals });
  });

  it('hands back what is asked for in a slice that is decided already', () => {
    const { progress } = decideNext(taking(newProgress(BOTS), slice('a', 60), slice('b', 60)));
    const late = takeSlice(progress, slice('a', 60, asking));
    expect(late.late?.signals).toEqual(asking.signals);
    expect(late.progress.pending).toEqual([]);
    expect(takeSlice(progress, slice('a', 60)).late).toBeUndefined();
  });
});
