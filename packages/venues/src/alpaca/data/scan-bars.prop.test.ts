import { getCalendar } from '@capstan/calendar';
import { timeUs } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBarsPage } from './bars.ts';
import { scanBars } from './scan-bars.ts';

const price = fc
  .tuple(fc.integer({ min: 0, max: 8_999_999 }), fc.integer({ min: 0, max: 9 }))
  .map(([digits, places]) => Number((digits / 10 ** places).toFixed(places)));
const row = fc
  .record({
    c: price,
    h: price,
    l: price,
    n: fc.nat(),
    o: price,
    t: fc.integer({ min: 0, max: 900_000 }).map((minute) => {
      return `${new Date(1.6e12 + minute * 60_000).toISOString().slice(0, 19)}Z`;
    }),
    v: fc.oneof(fc.nat(), price),
    vw: fc.double({ min: 0, max: 1e6, noNaN: true }),
  })
  .chain((bar) => fc.shuffledSubarray(Object.entries(bar), { minLength: 8 }))
  .map((entries) => Object.fromEntries(entries));
const page = fc.record({
  bars: fc.dictionary(fc.constantFrom('A', 'BRK.B', 'C"', 'é'), fc.array(row, { maxLength: 5 })),
  next_page_token: fc.constantFrom(null, 'abc=='),
});
const read = readBarsPage({
  timeframe: '1m',
  fromUs: timeUs(0),
  toUs: timeUs(4e15),
  calendar: getCalendar('XNYS'),
});

describe('a page that is read from its text', () => {
  it('is what a parser makes of it', () => {
    let scanned = 0;
    fc.assert(
      fc.property(page, (given) => {
        const compact = JSON.stringify(given);
        if (scanBars(compact, () => undefined) !== undefined) scanned += 1;
        // Spaces are not what Alpaca writes: a parser reads these.
        expect(read(compact)).toEqual(read(JSON.stringify(given, null, 1)));
      }),
      { numRuns: 1_000 },
    );
    expect(scanned).toBeGreaterThan(150);
  });

  it.each([
    ['{"bars":{}}', '{}'],
    ['{"bars":{},"next_page_token":"x"}', '{"next_page_token":"x"}'],
    ['{"bars":{"A":[]},"next_page_token":null}', '{"next_page_token":null}'],
    ['{"bars":{"A":[{"t":"x"}]}}', undefined],
    ['{"bars":{"A":[{"c":1e3,"h":1,"l":1,"o":1,"t":"x","v":1}]}}', undefined],
    ['{"bars":{"A":[{"c":-1,"h":1,"l":1,"o":1,"t":"x","v":1}]}}', undefined],
    ['{"bars":{"A":[{"c":1234567890123456,"h":1,"l":1,"o":1,"t":"x","v":1}]}}', undefined],
    ['{"bars":{"A":[{"c":1', undefined],
    ['{"bars":null}', undefined],
    ['', undefined],
  ])('leaves what is written otherwise to the parser: %s', (text, rest) => {
    expect(scanBars(text, () => undefined)).toBe(rest);
  });
});
