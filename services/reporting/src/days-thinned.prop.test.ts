import { getCalendar } from '@capstan/calendar';
import { cashMicros, type TimeUs, timeUs, US_PER_DAY } from '@capstan/domain';
import type { EquityRecord } from '@capstan/ports';
import { MemoryStore } from '@capstan/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { days } from './days.ts';

/** 2026-03-05: with a weekend and a change of the clocks ahead. */
const START_US = Date.parse('2026-03-05T00:00:00Z') * 1_000;
/** Close enough for several in an hour. */
const STEP_US = 15 * 60_000_000;
const FENCE = { key: 'report/paper', epochUs: timeUs(1), token: 1 };

const equity = fc
  .uniqueArray(fc.integer({ min: 0, max: (6 * US_PER_DAY) / STEP_US }), {
    minLength: 1,
    maxLength: 200,
  })
  .chain((steps) =>
    fc.tuple(...steps.map((step) => fc.tuple(fc.constant(step), fc.nat({ max: 1e9 })))),
  )
  .map((points) =>
    points.map(
      ([step, cash]): EquityRecord => ({
        ...{ runId: 'run', accountId: 'paper', botId: '*', cashMicros: cashMicros(cash) },
        atUs: timeUs(START_US + step * STEP_US),
        ...{ marketValueMicros: cashMicros(0), realisedMicros: cashMicros(cash) },
        ...{ unrealisedMicros: cashMicros(0), feesMicros: cashMicros(0) },
      }),
    ),
  );

it.each(['XNYS', '24x7'])(
  'results of days stay as they were when old equity is thinned: %s',
  async (name) => {
    const calendar = getCalendar(name);
    const resultsOf = async (store: MemoryStore) => {
      const points = await store.equity({ runId: 'run', limit: 99_999 });
      return days(points.toReversed(), [], (us: TimeUs) => calendar.tradeDate(us));
    };
    await fc.assert(
      fc.asyncProperty(equity, async (points) => {
        const store = new MemoryStore();
        await store.takeOwnership(FENCE);
        await store.commit({ fence: FENCE, equity: points });
        const before = await resultsOf(store);
        const beforeUs = timeUs(START_US + 9 * US_PER_DAY);
        await store.prune(FENCE, { kind: 'equity', runId: 'run', beforeUs }, 99_999);
        expect(await resultsOf(store)).toEqual(before);
      }),
      { numRuns: 50 },
    );
  },
);
