import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DRIFTED_CASH,
  decodeDrifts,
  driftReason,
  encodeDrifts,
  foreignCash,
  foreignDebitMicros,
  realDrifts,
  UNOPENED,
} from './drift.ts';

const drifts = fc.uniqueArray(
  fc.record({
    symbol: fc.constantFrom('AAA', 'BBB', DRIFTED_CASH),
    ledger: fc.integer(),
    broker: fc.integer(),
  }),
  { selector: ({ symbol }) => symbol },
);

describe('stored drifts', () => {
  it('are read as they were written, sorted', () => {
    fc.assert(
      fc.property(drifts, (open) => {
        const read = decodeDrifts(encodeDrifts(open));
        expect(read).toEqual(open.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)));
      }),
    );
  });

  it.each(['', '{}', 'null', '[1]', '[{"symbol":"AAA","ledger":1}]'])(
    'that cannot be read let nothing be added: %s',
    (text) => {
      expect(driftReason(decodeDrifts(text), 'AAA')).toContain('cannot be read');
    },
  );
});

describe('cash that others took', () => {
  it('is told with the drifts, is none, and is not there to buy by', () => {
    const told = decodeDrifts(encodeDrifts(foreignCash(-70)));
    expect(foreignDebitMicros(told)).toBe(70);
    expect(driftReason(told, 'AAA')).toBeUndefined();
    expect(told === 'unreadable' ? told : realDrifts(told)).toEqual([]);
    expect(foreignCash(70)).toEqual([]);
    expect(foreignDebitMicros([])).toBe(0);
    expect(foreignDebitMicros(undefined)).toBe(0);
  });
});

it('an account that is not open holds every symbol, and says what to write', () => {
  const open = [{ symbol: UNOPENED, ledger: 100_000_000_000, broker: 57_312_004_000 }];
  expect(driftReason(open, 'AAA')).toBe(
    'the configuration opens it with cash: 100000.00, and the broker holds 57312.004: leave `cash` out, or write `cash: 57312.004`',
  );
});

describe('a drift', () => {
  it('holds its own symbol alone', () => {
    const open = [{ symbol: 'AAA', ledger: 10, broker: 9 }];
    expect(driftReason(open, 'AAA')).toBe('the ledger has 10 of AAA and the broker 9');
    expect(driftReason(open, 'BBB')).toBeUndefined();
  });

  it('of cash holds every symbol where the broker has less', () => {
    const cash = (broker: number) => [{ symbol: DRIFTED_CASH, ledger: 10, broker }];
    expect(driftReason(cash(9), 'AAA')).toContain('1 micros of cash less');
    expect(driftReason(cash(11), 'AAA')).toBeUndefined();
  });
});
