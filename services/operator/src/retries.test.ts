import { describe, expect, it } from 'vitest';
import type { Resource } from './cluster.ts';
import { LIMITS } from './limits.ts';
import { Retries } from './retries.ts';

const resource = (changes: Partial<Resource> = {}): Resource => ({
  ...{ kind: 'Bot', name: 'trend', uid: 'uid', version: '1', generation: 1, ending: false },
  ...{ finalizers: [], adopts: false, spec: { kind: 'wrong', why: '' }, status: {} },
  ...changes,
});

function fresh() {
  const time = { nowMs: 0 };
  return { time, retries: new Retries({ monotonicMs: () => time.nowMs }) };
}

describe('what failed', () => {
  it('waits twice as long after each further failure, up to the most', () => {
    const { time, retries } = fresh();
    const waits: number[] = [];
    for (let failure = 1; failure <= 9; failure += 1) {
      expect(retries.failed(resource())).toBe(failure);
      const waitMs = retries.nextInMs([resource()]);
      waits.push(waitMs);
      time.nowMs += waitMs - 1;
      expect(retries.isDue(resource())).toBe(false);
      time.nowMs += 1;
      expect(retries.isDue(resource())).toBe(true);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
    expect(waits.at(-1)).toBe(LIMITS.retryMaxMs);
  });

  it.each([{ generation: 2 }, { ending: true }, { adopts: true }])(
    'is looked at without waiting, as if for the first time, where something else is wanted: %j',
    (changes) => {
      const { retries } = fresh();
      for (let failure = 1; failure <= 5; failure += 1) retries.failed(resource());
      expect(retries.isDue(resource({ status: { phase: 'Unknown' }, version: '2' }))).toBe(false);
      expect(retries.isDue(resource(changes))).toBe(true);
      expect(retries.failed(resource(changes))).toBe(1);
    },
  );

  it('is forgotten once it is well or gone', () => {
    const { retries } = fresh();
    retries.failed(resource());
    retries.well(resource());
    expect(retries.isDue(resource())).toBe(true);
    retries.failed(resource());
    expect(retries.nextInMs([])).toBe(Number.POSITIVE_INFINITY);
    expect(retries.failed(resource())).toBe(1);
  });
});
