import { timeUs } from '@capstan/domain';
import { expect, it } from 'vitest';
import { Random } from '../random.ts';
import { SimScheduler } from './scheduler.ts';

const start = timeUs(1_000);

async function runAll(scheduler: SimScheduler): Promise<void> {
  while (await scheduler.step());
}

it('lets things happen in the order of time, then of scheduling', async () => {
  const random = new Random(3);
  const scheduler = new SimScheduler(start);
  const planned = Array.from({ length: 500 }, (_, order) => ({ at: random.integer(0, 50), order }));
  const happened: typeof planned = [];
  for (const one of planned) {
    scheduler.after(one.at, () => {
      expect(scheduler.nowUs()).toBe(start + one.at);
      happened.push(one);
    });
  }
  await runAll(scheduler);
  expect(happened).toEqual(planned.toSorted((a, b) => a.at - b.at || a.order - b.order));
  expect(scheduler.steps).toBe(500);
});

it('lets all that follows from one thing follow before the next', async () => {
  const scheduler = new SimScheduler(start);
  const seen: string[] = [];
  scheduler.after(1, () => {
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => seen.push('follows'));
  });
  scheduler.after(1, () => seen.push('next'));
  await runAll(scheduler);
  expect(seen).toEqual(['follows', 'next']);
});

it('never goes back, and forgets what is cancelled', async () => {
  const scheduler = new SimScheduler(start);
  const seen: number[] = [];
  const cancelled = scheduler.after(5, () => seen.push(-1));
  scheduler.after(10, () => {
    scheduler.at(start, () => seen.push(scheduler.nowUs()));
  });
  cancelled.cancel();
  expect(scheduler.nextUs).toBe(start + 10);
  await runAll(scheduler);
  expect(seen).toEqual([start + 10]);
  expect(await scheduler.step()).toBe(false);
});

it('wakes sleepers in time, or at once when they are told to stop', async () => {
  const scheduler = new SimScheduler(start);
  const stop = new AbortController();
  const woken: [string, number][] = [];
  const wake = (name: string) => () => woken.push([name, scheduler.monotonicMs()]);
  void scheduler.sleep(3).then(wake('slept'));
  void scheduler.sleep(100, stop.signal).then(wake('stopped'));
  scheduler.after(1_000, () => stop.abort());
  await runAll(scheduler);
  expect(woken).toEqual([
    ['stopped', 1],
    ['slept', 3],
  ]);
  void scheduler.sleep(1, stop.signal).then(wake('never slept'));
  await Promise.resolve();
  expect(woken.at(-1)).toEqual(['never slept', 3]);
});
