import { formatDecimal } from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintBars } from './fingerprint.ts';
import { joinBars, viewRows } from './lake-bars.ts';
import { NO_NUMBER, parseDecimalBytes, TOO_EXACT } from './parse-number.ts';
import { escapeName, unescapeName } from './series-key.ts';
import { minuteBars } from './test-bars.ts';

const parse = (text: string, decimals: number): number => {
  const bytes = new TextEncoder().encode(`x${text},9`);
  return parseDecimalBytes(bytes, 1, bytes.length - 2, decimals);
};

describe('parseDecimalBytes', () => {
  it('reads back every integer at every scale, with zeros after it too', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 4 }),
        (value, decimals, zeros) => {
          const text = formatDecimal(value, decimals);
          const padded =
            zeros === 0 ? text : `${text}${text.includes('.') ? '' : '.'}${'0'.repeat(zeros)}`;
          expect(parse(padded, decimals)).toBe(value === 0 ? 0 : value);
        },
      ),
    );
  });

  it('tells a number with too many places from no number', () => {
    for (const text of ['0.0000000001', '99999999999', '1.00000000000000000001']) {
      expect(parse(text, 9)).toBe(TOO_EXACT);
    }
    for (const text of ['', '.', '-', '1e5', '1.2.3', '0x1', '1,5', 'nan', '١']) {
      expect(parse(text, 9)).toBe(NO_NUMBER);
    }
  });
});

/** Letters of names, and those that a path or the escape itself is made of. */
const letter = fc.constantFrom(...'aZ09_-./\\%: ^=é€😀\u0000');

describe('escapeName', () => {
  it('gives each name a folder of its own that no path can leave', () => {
    fc.assert(
      fc.property(fc.array(letter, { minLength: 1, maxLength: 12 }), (letters) => {
        const name = letters.join('');
        const folder = escapeName(name);
        expect(folder).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9_.%-]*$/);
        expect(unescapeName(folder)).toBe(name);
      }),
    );
    expect(unescapeName('a b')).toBeUndefined();
    expect(unescapeName('%zz')).toBeUndefined();
  });
});

describe('fingerprintBars', () => {
  const description = {
    instrumentId: 'a',
    timeframe: '1m',
    alignment: 'session',
    adjustment: 'raw',
    quantityScale: 0,
  } as const;
  const bars = minuteBars(50);
  const whole = fingerprintBars(description, bars);

  it('does not depend on where the bars lie or how they were put together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.boolean(), (cut, shared) => {
        const joined = joinBars([viewRows(bars, 0, cut), viewRows(bars, cut, 50)], shared);
        expect(fingerprintBars(description, joined)).toBe(whole);
      }),
    );
  });

  it('changes with every number and every word of the description', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 49 }),
        fc.constantFrom(...(['openNanos', 'volume', 'startUs', 'closeNanos'] as const)),
        (row, column) => {
          const changed = joinBars([bars]);
          changed[column][row] = (changed[column][row] ?? 0) + 1;
          expect(fingerprintBars(description, changed)).not.toBe(whole);
        },
      ),
    );
    for (const change of [
      { instrumentId: 'b' },
      { adjustment: 'split' },
      { quantityScale: 1 },
    ] as const) {
      expect(fingerprintBars({ ...description, ...change }, bars)).not.toBe(whole);
    }
  });
});
