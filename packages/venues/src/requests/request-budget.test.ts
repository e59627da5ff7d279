import { timeUs } from '@capstan/domain';
import { VirtualClock } from '@capstan/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WINDOW_MS } from './limits.ts';
import { REQUEST_KINDS, RequestBudget, type RequestKind } from './request-budget.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const rate = fc.integer({ min: 60, max: 600 });
const kinds = fc.constantFrom(...REQUEST_KINDS);
const asked = (kind: fc.Arbitrary<RequestKind>) =>
  fc.array(fc.record({ kind, afterMs: fc.integer({ min: 0, max: 400 }) }), {
    minLength: 1,
    maxLength: 120,
  });
const inWindow = (perMinute: number) => Math.floor((perMinute * WINDOW_MS) / 60_000);
const mostInWindow = (startsMs: readonly number[]) =>
  Math.max(
    ...startsMs.map((at) => startsMs.filter((one) => one >= at && one < at + WINDOW_MS).length),
  );

/** Asks one after the other and returns when each was sent. */
async function startsOf(
  perMinute: number,
  asks: readonly { readonly kind: RequestKind; readonly afterMs: number }[],
): Promise<readonly number[]> {
  const budget = new RequestBudget(new VirtualClock(timeUs(0)), { perMinute });
  const startsMs: number[] = [];
  const all: Promise<unknown>[] = [];
  for (const { kind, afterMs } of asks) {
    await vi.advanceTimersByTimeAsync(afterMs);
    all.push(budget.run(kind, async () => startsMs.push(Date.now())));
  }
  await vi.advanceTimersByTimeAsync(asks.length * 4_000);
  await Promise.all(all);
  expect(budget.open).toBe(0);
  return startsMs;
}

describe('the budget of an account', () => {
  it('starts no more than the rate in any window, and all in the end', async () => {
    await fc.assert(
      fc.asyncProperty(rate, asked(kinds), async (perMinute, asks) => {
        const startsMs = await startsOf(perMinute, asks);
        expect(startsMs).toHaveLength(asks.length);
        expect(mostInWindow(startsMs)).toBeLessThanOrEqual(inWindow(perMinute));
      }),
      { numRuns: 25 },
    );
  });

  it('leaves a share of it to orders, however much data is asked for', async () => {
    const data = fc.constantFrom<RequestKind>('live', 'history');
    await fc.assert(
      fc.asyncProperty(rate, asked(data), async (perMinute, asks) => {
        const startsMs = await startsOf(perMinute, asks);
        const most = inWindow(Math.floor(0.75 * perMinute));
        expect(mostInWindow(startsMs)).toBeLessThanOrEqual(most);
      }),
      { numRuns: 25 },
    );
  });

  it('lets an order start at once while history waits, and live data before history', async () => {
    const budget = new RequestBudget(new VirtualClock(timeUs(0)), { perMinute: 200 });
    const started: string[] = [];
    const ask = (kind: RequestKind) => {
      void budget.run(kind, async () => started.push(kind));
    };
    for (let at = 0; at < 30; at += 1) ask('history');
    await vi.advanceTimersByTimeAsync(1);
    const first = started.length;
    expect(first).toBeLessThan(10);
    ask('live');
    ask('trading');
    await vi.advanceTimersByTimeAsync(1);
    expect(started.slice(first)).toEqual(['trading']);
    await vi.advanceTimersByTimeAsync(WINDOW_MS);
    expect(started.indexOf('live')).toBe(first + 1);
  });

  it('is paused for data alone when data were asked for too often, and the longest pause counts', async () => {
    const clock = new VirtualClock(timeUs(0));
    const budget = new RequestBudget(clock, { perMinute: 200 });
    const started: string[] = [];
    budget.pause('history', 5_000);
    budget.pause('live', 1_000);
    void budget.run('history', async () => started.push('history'));
    void budget.run('trading', async () => started.push('trading'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toEqual(['trading']);
    clock.wakeNext();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toEqual(['trading', 'history']);
  });

  it('forgets a request that was given up while it waited', async () => {
    const budget = new RequestBudget(new VirtualClock(timeUs(0)), { perMinute: 1 });
    await budget.run('history', async () => 1);
    const over = new AbortController();
    const sent = vi.fn(async () => 2);
    const waiting = budget.run('history', sent, over.signal);
    over.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sent).not.toHaveBeenCalled();
    expect(budget.open).toBe(0);
  });
});
