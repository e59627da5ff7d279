import { cashMicros, priceNanos, quantity, usEquity } from '@capstan/domain';
import type { LedgerPositionRecord } from '@capstan/ports';
import { expect, test } from 'vitest';
import { valueAccount, valuePositions } from './account-value.ts';
import { T } from './gateway.fixture.ts';

const row = (symbol: string, held: number, cost: number): LedgerPositionRecord => ({
  accountId: 'paper',
  botId: 'sma',
  symbol,
  quantity: quantity(held),
  costMicros: cashMicros(cost),
  realisedMicros: cashMicros(7),
  feesMicros: cashMicros(3),
});
const cash = [{ accountId: 'paper', botId: 'house', cashMicros: cashMicros(1_000_000) }];
const at = (price: number) => ({ priceNanos: priceNanos(price), atUs: T });

test('values long and short, and futures by their profit alone', () => {
  const future = { ...usEquity('ES'), assetClass: 'future', multiplier: 50 } as const;
  const rows = [
    row('SPY', 2, 200_000_000),
    row('XYZ', -1, -50_000_000),
    row('ES', 1, 250_000_000_000),
  ];
  const marks = new Map([
    ['SPY', at(101_000_000_000)],
    ['XYZ', at(49_000_000_000)],
    ['ES', at(5_001_000_000_000)],
  ]);
  const valued = valuePositions(rows, new Map([['ES', future]]), marks);
  expect(valued.map((one) => [one.marketValueMicros, one.unrealisedMicros])).toEqual([
    [202_000_000, 2_000_000],
    [-49_000_000, 1_000_000],
    [50_000_000, 50_000_000],
  ]);
  expect(valued.map((one) => one.averagePriceNanos)).toEqual([
    100_000_000_000, 50_000_000_000, 5_000_000_000_000,
  ]);
  expect(valueAccount(cash, valued)).toEqual({
    cashMicros: 1_000_000,
    marketValueMicros: 203_000_000,
    equityMicros: 204_000_000,
    realisedMicros: 21,
    unrealisedMicros: 53_000_000,
    feesMicros: 9,
    complete: true,
  });
});

test('says so where an open position has no price; a closed one needs none', () => {
  const closed = valuePositions([row('SPY', 0, 0)], new Map(), new Map());
  expect(valueAccount(cash, closed)).toMatchObject({ complete: true, equityMicros: 1_000_000 });
  const open = valuePositions([row('SPY', 1, 5)], new Map(), new Map());
  expect(open[0]).not.toHaveProperty('marketValueMicros');
  expect(valueAccount(cash, open)).toMatchObject({ complete: false, equityMicros: 1_000_000 });
});
