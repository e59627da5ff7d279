import { describe, expect, it } from 'vitest';
import { hasCode, InvariantError } from './errors.ts';
import {
  checkInstrument,
  type Instrument,
  InstrumentBook,
  movesNotionalCash,
  notionalMicros,
  roundToLot,
  roundToTick,
  usEquity,
} from './instrument.ts';
import { parseCash, parsePrice, priceNanos, quantity } from './numbers.ts';

const spy = usEquity('SPY', 'etf');
const es: Instrument = {
  ...usEquity('ES'),
  assetClass: 'future',
  tickNanos: parsePrice('0.25'),
  multiplier: 50,
};

function codeOf(run: () => unknown, code: string): boolean {
  try {
    run();
  } catch (error) {
    return hasCode(error, code);
  }
  return false;
}

it('computes notional at scale and multiplier, rounded half away from zero', () => {
  expect(notionalMicros(spy, parsePrice('500.25'), quantity(10))).toBe(parseCash('5002.5'));
  expect(notionalMicros(es, parsePrice('5000.25'), quantity(-2))).toBe(parseCash('-500025'));
  const fractional = { ...spy, quantityScale: 3 };
  expect(notionalMicros(fractional, parsePrice('0.001'), quantity(500))).toBe(500);
  expect(notionalMicros(fractional, priceNanos(1_000), quantity(500))).toBe(1);
  expect(notionalMicros(fractional, priceNanos(1_000), quantity(-500))).toBe(-1);
  expect(notionalMicros(fractional, priceNanos(1_000), quantity(499))).toBe(0);
});

it('moves notional cash for all but futures', () => {
  expect(movesNotionalCash(spy)).toBe(true);
  expect(movesNotionalCash(es)).toBe(false);
});

it.each([
  ['5000.30', 'nearest', '5000.25'],
  ['5000.375', 'nearest', '5000.50'],
  ['5000.30', 'up', '5000.50'],
  ['5000.30', 'down', '5000.25'],
  ['5000.25', 'up', '5000.25'],
  ['-0.30', 'down', '-0.50'],
  ['-0.30', 'up', '-0.25'],
] as const)('rounds %s %s to %s', (price, mode, expected) => {
  expect(roundToTick(es, parsePrice(price), mode)).toBe(parsePrice(expected));
});

it('rounds prices exactly where a quotient in floating point would not be', () => {
  const fine = { ...spy, tickNanos: priceNanos(3) };
  const price = priceNanos(Number.MAX_SAFE_INTEGER - 2);
  expect(roundToTick(fine, price, 'down')).toBe(Number.MAX_SAFE_INTEGER - 4);
  expect(roundToTick(fine, price)).toBe(Number.MAX_SAFE_INTEGER - 1);
});

it('rounds quantities toward zero to the lot', () => {
  const lots = { ...spy, lot: quantity(100) };
  expect(roundToLot(lots, quantity(250))).toBe(200);
  expect(roundToLot(lots, quantity(-250))).toBe(-200);
  expect(Object.is(roundToLot(lots, quantity(-50)), 0)).toBe(true);
});

it.each([
  ['symbol', { symbol: '' }],
  ['tickNanos', { tickNanos: priceNanos(0) }],
  ['lot', { lot: quantity(0) }],
  ['multiplier', { multiplier: 1.5 }],
  ['quantityScale', { quantityScale: 10 }],
])('refuses an instrument with a bad %s', (field, change) => {
  const run = () => checkInstrument({ ...spy, ...change });
  expect(codeOf(run, 'INSTRUMENT.INVALID')).toBe(true);
  expect(run).toThrow(field);
});

describe('InstrumentBook', () => {
  const book = new InstrumentBook([spy, usEquity('AAPL')]);

  it('finds by symbol and lists sorted', () => {
    expect(book.get('SPY')).toBe(spy);
    expect(book.all().map((one) => one.symbol)).toEqual(['AAPL', 'SPY']);
  });

  it('names what it knows when it does not know a symbol', () => {
    expect(codeOf(() => book.get('QQQ'), 'INSTRUMENT.UNKNOWN')).toBe(true);
    expect(() => book.get('QQQ')).toThrow('AAPL, SPY');
  });

  it('takes no symbol twice', () => {
    expect(() => new InstrumentBook([spy, spy])).toThrow(InvariantError);
  });
});
