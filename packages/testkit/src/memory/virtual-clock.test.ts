import { timeUs } from '@capstan/domain';
import { expect, it } from 'vitest';
import { drained } from '../drained.ts';
import { VirtualClock } from './virtual-clock.ts';

it('stands still until it is moved, and wakes who is due, in order', async () => {
  const clock = new VirtualClock(timeUs(1_000_000));
  const woken: [string, number][] = [];
  const wake = (name: string) => () => woken.push([name, clock.monotonicMs()]);
  void clock.sleep(20).then(wake('b'));
  void clock.sleep(10).then(wake('a'));
  void clock.sleep(20).then(wake('c'));
  await drained();
  expect(woken).toEqual([]);
  await clock.advance(15);
  expect(woken).toEqual([['a', 10]]);
  expect(clock.nowUs()).toBe(1_015_000);
  await clock.advance(5);
  expect(woken.slice(1)).toEqual([
    ['b', 20],
    ['c', 20],
  ]);
  expect(clock.sleepers).toBe(0);
});

it('lets who wakes sleep again within one advance', async () => {
  const clock = new VirtualClock(timeUs(0));
  const ticks: number[] = [];
  const run = async () => {
    for (;;) {
      await clock.sleep(10);
      ticks.push(clock.monotonicMs());
    }
  };
  void run();
  await clock.advance(35);
  expect(ticks).toEqual([10, 20, 30]);
});

it('wakes at once who is told to stop', async () => {
  const clock = new VirtualClock(timeUs(0));
  const stop = new AbortController();
  const sleeping = clock.sleep(1_000, stop.signal);
  stop.abort();
  await sleeping;
  await clock.sleep(1_000, stop.signal);
  expect(clock.monotonicMs()).toBe(0);
  expect(clock.sleepers).toBe(0);
});

it('flies when it is let', async () => {
  const clock = new VirtualClock(timeUs(0));
  const flight = clock.fly();
  await clock.sleep(3_600_000);
  flight.stop();
  expect(clock.monotonicMs()).toBe(3_600_000);
});
