import { timeUs } from '@capstan/domain';
import { drained, VirtualClock } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { Pacer } from './pacer.ts';

/** Counts how often a pacer speaks. */
function listen(pacer: Pacer): { count: number; ended: boolean } {
  const heard = { count: 0, ended: false };
  const run = async () => {
    while ((await pacer.next()).length > 0) heard.count += 1;
    heard.ended = true;
  };
  void run();
  return heard;
}

describe('Pacer', () => {
  it('speaks at once, then an interval after it is armed, once each', async () => {
    const clock = new VirtualClock(timeUs(0));
    const pacer = new Pacer(clock, 1_000);
    const heard = listen(pacer);
    await clock.advance(5_000);
    expect(heard.count).toBe(1);
    pacer.arm();
    await clock.advance(0);
    expect(heard.count).toBe(2);
    pacer.arm();
    await clock.advance(999);
    expect(heard.count).toBe(3);
    pacer.arm();
    await clock.advance(0);
    expect(heard.count).toBe(3);
    await clock.advance(1);
    expect(heard.count).toBe(4);
  });

  it('does not wait where the interval is 0', async () => {
    const pacer = new Pacer(new VirtualClock(timeUs(0)), 0);
    expect(await pacer.next()).toEqual(['due']);
    pacer.arm();
    expect(await pacer.next()).toEqual(['due']);
  });

  it('ends when it is closed, asleep or waiting', async () => {
    const clock = new VirtualClock(timeUs(0));
    const waiting = new Pacer(clock, 0);
    const heard = listen(waiting);
    await drained();
    await waiting.close();
    await drained();
    expect(heard).toEqual({ count: 1, ended: true });
    const asleep = new Pacer(clock, 60_000);
    const other = listen(asleep);
    await drained();
    asleep.arm();
    await drained();
    await asleep.close();
    await drained();
    expect(other).toEqual({ count: 1, ended: true });
  });
});
