import { dayNumber } from '@capstan/calendar';
import { TIMEFRAMES } from '@capstan/domain';
import { joinSpans, type TimeSpan } from '@capstan/lake';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planFetch, startOfDay } from './plan-fetch.ts';

const day = fc.integer({ min: dayNumber('2019-11-01'), max: dayNumber('2022-03-01') });
const span = fc
  .tuple(day, fc.integer({ min: 1, max: 400 }))
  .map(([from, days]): TimeSpan => ({ fromUs: startOfDay(from), toUs: startOfDay(from + days) }));
const timeframe = fc.constantFrom(...TIMEFRAMES);
const symbols = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { minLength: 1 });

describe('a plan', () => {
  it('asks each symbol for what it has not, once, and for nothing else', () => {
    fc.assert(
      fc.property(span, timeframe, symbols, fc.array(span), (wanted, length, names, had) => {
        const states = names.map((symbol, at) => ({ symbol, had: had.slice(at) }));
        const chunks = planFetch(wanted, length, states);
        for (const { symbol, had: has } of states) {
          const asked = chunks.filter((chunk) => chunk.symbols.includes(symbol));
          const total = asked.reduce((us, { fromUs, toUs }) => us + toUs - fromUs, 0);
          const clipped = joinSpans(has).flatMap(({ fromUs, toUs }) => {
            const from = Math.max(fromUs, wanted.fromUs);
            const to = Math.min(toUs, wanted.toUs);
            return to > from ? [{ fromUs: from, toUs: to }] : [];
          });
          const all = joinSpans([...asked, ...clipped]);
          expect(all).toEqual([wanted]);
          const hadUs = clipped.reduce((us, { fromUs, toUs }) => us + toUs - fromUs, 0);
          expect(total + hadUs).toBe(wanted.toUs - wanted.fromUs);
        }
      }),
    );
  });

  it('cuts alike whatever is asked, so that what was begun is gone on with', () => {
    fc.assert(
      fc.property(span, timeframe, day, (wanted, length, at) => {
        const cut = startOfDay(at);
        fc.pre(cut > wanted.fromUs && cut < wanted.toUs);
        const states = [{ symbol: 'A', had: [] }];
        const ends = (one: TimeSpan) =>
          planFetch(one, length, states).flatMap(({ fromUs, toUs }) => [fromUs, toUs]);
        const whole = new Set([...ends(wanted), cut]);
        const parts = [
          ...ends({ fromUs: wanted.fromUs, toUs: cut }),
          ...ends({ fromUs: cut, toUs: wanted.toUs }),
        ];
        expect(new Set(parts)).toEqual(whole);
      }),
    );
  });

  it('asks for days of many symbols at once, and for minutes by month', () => {
    const wanted = {
      fromUs: startOfDay(dayNumber('2024-01-01')),
      toUs: startOfDay(dayNumber('2025-01-01')),
    };
    const states = Array.from({ length: 60 }, (_, at) => ({ symbol: `S${at}`, had: [] }));
    expect(planFetch(wanted, '1d', states).map((chunk) => chunk.symbols.length)).toEqual([39, 21]);
    const minutes = planFetch(wanted, '1m', states.slice(0, 2));
    expect(minutes).toHaveLength(24);
    expect(minutes[1]?.fromUs).toBe(Date.parse('2024-02-01T05:00:00Z') * 1_000);
    const together = planFetch(wanted, '1m', states, { holdsAllTogether: true });
    expect(together.map((chunk) => chunk.symbols.length)).toEqual(Array(12).fill(60));
    expect(planFetch(wanted, '5m', states.slice(0, 1))).toHaveLength(12);
    expect(planFetch(wanted, '1h', states.slice(0, 4)).map(({ symbols: all }) => all)).toEqual([
      ['S0', 'S1', 'S2'],
      ['S3'],
    ]);
  });
});
