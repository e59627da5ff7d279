import { describe, expect, it } from 'vitest';
import { InvariantError } from './errors.ts';
import { type Instrument, usEquity } from './instrument.ts';
import { parseCash, parsePrice, quantity } from './numbers.ts';
import {
  applyFill,
  averagePriceNanos,
  equityMicros,
  FLAT_POSITION,
  marketValueMicros,
  type Position,
  positionCashMicros,
  unrealisedMicros,
} from './position.ts';

const spy = usEquity('SPY', 'etf');
const es: Instrument = {
  ...usEquity('ES'),
  assetClass: 'future',
  tickNanos: parsePrice('0.25'),
  multiplier: 50,
};

/** Applies trades written as signed quantity, price and fee. */
function after(
  instrument: Instrument,
  ...trades: readonly (readonly [number, string, string?])[]
): Position {
  return trades.reduce(
    (position, [signed, price, fee = '0']) =>
      applyFill(
        position,
        {
          side: signed > 0 ? 'buy' : 'sell',
          quantity: quantity(Math.abs(signed)),
          priceNanos: parsePrice(price),
          feeMicros: parseCash(fee),
        },
        instrument,
      ),
    FLAT_POSITION,
  );
}

const of = (lots: number, cost: string, realised: string, fees = '0'): Position => ({
  quantity: quantity(lots),
  costMicros: parseCash(cost),
  realisedMicros: parseCash(realised),
  feesMicros: parseCash(fees),
});

it.each([
  ['opens long', [[10, '100', '1']], of(10, '1000', '0', '1')],
  ['opens short', [[-10, '100', '1']], of(-10, '-1000', '0', '1')],
  [
    'adds to a long',
    [
      [10, '100'],
      [10, '110'],
    ],
    of(20, '2100', '0'),
  ],
  [
    'adds to a short',
    [
      [-10, '100'],
      [-10, '110'],
    ],
    of(-20, '-2100', '0'),
  ],
  [
    'closes part of a long',
    [
      [10, '100'],
      [-4, '110'],
    ],
    of(6, '600', '40'),
  ],
  [
    'closes part of a short',
    [
      [-10, '100'],
      [4, '90'],
    ],
    of(-6, '-600', '40'),
  ],
  [
    'closes a long',
    [
      [10, '100', '1'],
      [-10, '90', '2'],
    ],
    of(0, '0', '-100', '3'),
  ],
  [
    'closes a short',
    [
      [-10, '100'],
      [10, '110'],
    ],
    of(0, '0', '-100'),
  ],
  [
    'turns long to short',
    [
      [10, '100'],
      [-15, '110'],
    ],
    of(-5, '-550', '100'),
  ],
  [
    'turns short to long',
    [
      [-10, '100'],
      [15, '90'],
    ],
    of(5, '450', '100'),
  ],
] as const)('%s', (_, trades, expected) => {
  expect(after(spy, ...trades)).toEqual(expected);
});

it('releases cost in proportion and leaves none behind', () => {
  const third = after(spy, [3, '0.000001'], [-1, '0.000001']);
  expect(third).toEqual(of(2, '0.000002', '0'));
  const odd = after(spy, [2, '1'], [1, '1.000001'], [-1, '2']);
  expect(odd).toEqual(of(2, '2.000001', '1'));
  expect(after(spy, [2, '1'], [1, '1.000001'], [-1, '2'], [-2, '2'])).toEqual(
    of(0, '0', '2.999999'),
  );
});

it('takes a rebate as a negative fee, and refuses a fill of nothing', () => {
  expect(after(spy, [1, '1', '-0.01']).feesMicros).toBe(-10_000);
  const fill = { side: 'buy', priceNanos: parsePrice('1'), feeMicros: parseCash('0') } as const;
  for (const bad of [0, -1]) {
    const run = () => applyFill(FLAT_POSITION, { ...fill, quantity: quantity(bad) }, spy);
    expect(run).toThrow(InvariantError);
  }
});

describe('cash and value', () => {
  it('of an equity move with its notional', () => {
    const position = after(spy, [10, '100', '1'], [-4, '110', '1']);
    expect(positionCashMicros(position, spy)).toBe(parseCash('-562'));
    expect(marketValueMicros(position, parsePrice('105'), spy)).toBe(parseCash('630'));
    expect(unrealisedMicros(position, parsePrice('105'), spy)).toBe(parseCash('30'));
  });

  it('of a future move with its variation', () => {
    const position = after(es, [2, '5000', '4.5'], [-1, '5010', '2.25']);
    expect(positionCashMicros(position, es)).toBe(parseCash('493.25'));
    expect(marketValueMicros(position, parsePrice('5001'), es)).toBe(parseCash('50'));
    expect(unrealisedMicros(position, parsePrice('5001'), es)).toBe(parseCash('50'));
  });

  it('of a short gain when the mark falls', () => {
    const position = after(spy, [-10, '100']);
    expect(unrealisedMicros(position, parsePrice('90'), spy)).toBe(parseCash('100'));
    expect(marketValueMicros(position, parsePrice('90'), spy)).toBe(parseCash('-900'));
  });

  it('of a flat position are none', () => {
    const position = after(spy, [1, '1'], [-1, '1']);
    expect(unrealisedMicros(position, parsePrice('9'), spy)).toBe(0);
    expect(marketValueMicros(position, parsePrice('9'), spy)).toBe(0);
  });

  it('make equity', () => {
    const marked = [
      { position: after(spy, [10, '100']), instrument: spy, markNanos: parsePrice('101') },
      { position: after(es, [-1, '5000']), instrument: es, markNanos: parsePrice('5001') },
    ];
    expect(equityMicros(parseCash('500'), marked)).toBe(parseCash('1460'));
    expect(equityMicros(parseCash('500'), [])).toBe(parseCash('500'));
  });
});

it('derives the average price', () => {
  expect(averagePriceNanos(after(spy, [1, '100'], [2, '101']), spy)).toBe(100_666_666_667);
  expect(averagePriceNanos(after(spy, [-1, '100'], [-1, '101']), spy)).toBe(parsePrice('100.5'));
  expect(averagePriceNanos(after(es, [2, '5000.25']), es)).toBe(parsePrice('5000.25'));
  const milli = { ...spy, quantityScale: 3 };
  expect(averagePriceNanos(after(milli, [1500, '100']), milli)).toBe(parsePrice('100'));
  expect(averagePriceNanos(FLAT_POSITION, spy)).toBeUndefined();
});
