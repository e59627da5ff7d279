import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atMost } from './at-most.ts';

test('every job runs once, as many as may at a time, and answers stand in the order of the jobs', async () => {
  const jobs = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(jobs, fc.integer({ min: 1, max: 4 }), async (turns, width) => {
      let running = 0;
      let most = 0;
      const begun: number[] = [];
      const all = turns.map((count, at) => async () => {
        begun.push(at);
        running += 1;
        most = Math.max(most, running);
        for (let turn = 0; turn <= count; turn += 1) await undefined;
        running -= 1;
        return at;
      });
      expect(await atMost(width, all)).toEqual(turns.map((_, at) => at));
      expect(begun).toEqual(turns.map((_, at) => at));
      expect(most).toBe(Math.min(width, turns.length));
    }),
  );
});

test('a job that throws ends it all with its error', async () => {
  const broken = () => Promise.reject(new Error('no compiler'));
  await expect(atMost(2, [async () => 1, broken])).rejects.toThrow('no compiler');
});
