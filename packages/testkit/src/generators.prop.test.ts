import { barProblem } from '@capstan/domain';
import type { BarRecord } from '@capstan/ports';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bars, fills, intents, orders, orderTerms, signals, slices } from './generators.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { expectSame } from './suites/expectations.ts';
import { at } from './suites/samples.ts';

const fence = { key: 'k', epochUs: at(0), token: 1 };

async function owned(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.takeOwnership(fence);
  return store;
}

it('makes bars and slices that are sound', () => {
  fc.assert(
    fc.property(bars({ symbol: 'SPY' }), slices, (bar, slice) => {
      expect(barProblem(bar)).toBeUndefined();
      expect(bar.symbol).toBe('SPY');
      const names = slice.bars.map((one) => one.symbol);
      expect(names).toEqual([...new Set(names)].sort());
      for (const one of slice.bars) {
        expect(barProblem(one)).toBeUndefined();
        expect(one.endUs).toBe(slice.endUs);
      }
    }),
  );
});

it('gives orders the prices that their type needs', () => {
  fc.assert(
    fc.property(fc.oneof(orderTerms, intents), (terms) => {
      const { type } = terms;
      expect('limitPriceNanos' in terms).toBe(type === 'limit' || type === 'stopLimit');
      expect('stopPriceNanos' in terms).toBe(type === 'stop' || type === 'stopLimit');
    }),
  );
});

it('makes values that a store gives back as they were', async () => {
  const some = fc.record({
    bar: bars(),
    signal: signals,
    intent: intents,
    order: orders,
    fill: fills,
  });
  await fc.assert(
    fc.asyncProperty(some, async ({ bar, signal, intent, order, fill }) => {
      const store = await owned();
      const record: BarRecord = { ...bar, runId: 'live', feed: 'demo', venue: 'v' };
      const first = { ...order, version: 1 };
      const written = { bars: [record], signals: [signal], intents: [intent], orders: [first] };
      await store.commit({ fence, ...written, fills: [fill] });
      const { symbol, timeframe, endUs } = bar;
      const query = { runId: 'live', feed: 'demo', symbols: [symbol], timeframe, limit: 9 };
      const range = { afterUs: at(-10_000_000_000), throughUs: endUs };
      const found = await store.bars({ ...query, ...range, revisions: 'all' });
      expectSame(found, endUs > range.afterUs ? [record] : []);
      expectSame(await store.signals({ limit: 9 }), [signal]);
      expectSame(await store.intents({ limit: 9 }), [intent]);
      expectSame(await store.order(order.orderId), first);
      expectSame(await store.fills({ limit: 9 }), [fill]);
    }),
  );
});
