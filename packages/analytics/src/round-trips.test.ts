import { describe, expect, it } from 'vitest';
import { roundTrips } from './round-trips.ts';
import { fillColumns, share, type TestFill, tradedBars } from './test-fills.ts';
import { closedTrades, tradeAt } from './trade-columns.ts';

const trips = (...fills: TestFill[]) =>
  roundTrips({ fills: fillColumns(fills), symbols: [share(), share()] });

describe('roundTrips', () => {
  it('merges partial fills into one trade from flat to flat', () => {
    const { closed, open, tradedMicros, feesMicros, fillCount } = trips(
      { row: 1, units: 30, price: 10, fee: 1 },
      { row: 2, units: 10, price: 14, fee: 1 },
      { row: 5, units: -15, price: 12, fee: 0.5 },
      { row: 9, units: -25, price: 13, fee: 0.25 },
    );
    expect(closedTrades(closed)).toEqual([
      {
        symbolIndex: 0,
        side: 'long',
        entryRow: 1,
        exitRow: 9,
        barsHeld: 8,
        entryAtUs: 2,
        exitAtUs: 10,
        entryPriceNanos: 11e9,
        exitPriceNanos: 12.625e9,
        entryNotionalMicros: 440e6,
        quantity: 40,
        fillCount: 4,
        grossMicros: 65e6,
        feesMicros: 2_750_000,
        incomeMicros: 0,
        netMicros: 62_250_000,
        returnFraction: 62.25 / 440,
        adverseMicros: undefined,
        favourableMicros: undefined,
        adverseFraction: undefined,
        favourableFraction: undefined,
      },
    ]);
    expect({ open, tradedMicros, feesMicros, fillCount }).toEqual({
      open: [],
      tradedMicros: 945e6,
      feesMicros: 2_750_000,
      fillCount: 4,
    });
  });

  it('adds up the notional of more fills than cash could pay for', () => {
    const round = [
      { row: 1, units: 1_000_000, price: 4_000 },
      { row: 2, units: -1_000_000, price: 4_000 },
    ];
    const { tradedMicros, closed } = trips(...round, ...round);
    expect(tradedMicros).toBe(16e15);
    expect(tradedMicros).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(closed.count).toBe(2);
  });

  it('splits a fill through zero, with its fee, between the trade it ends and the one it begins', () => {
    const { closed, open } = trips(
      { row: 0, units: 10, price: 100 },
      { row: 3, units: -30, price: 110, fee: 0.000_01 },
    );
    expect(tradeAt(closed, 0)).toMatchObject({
      side: 'long',
      quantity: 10,
      grossMicros: 100e6,
      feesMicros: 3,
    });
    expect(open).toMatchObject([
      { side: 'short', openQuantity: -20, entryNotionalMicros: 2_200e6, feesMicros: 7 },
    ]);
    expect(open[0]?.grossMicros).toBeUndefined();
  });

  it('gives a short trade the profit of a fall', () => {
    const { closed } = trips(
      { row: 0, units: -10, price: 100, fee: 2 },
      { row: 3, units: 10, price: 90, fee: 2 },
    );
    expect(tradeAt(closed, 0)).toMatchObject({
      side: 'short',
      grossMicros: 100e6,
      netMicros: 96e6,
      returnFraction: 0.096,
    });
  });

  it('keeps symbols apart and lists trades in the order in which they closed', () => {
    const { closed } = trips(
      { row: 0, units: 1, price: 10, symbol: 1 },
      { row: 1, units: 1, price: 20 },
      { row: 2, units: -1, price: 21 },
      { row: 4, units: -1, price: 9, symbol: 1 },
    );
    expect(
      closedTrades(closed).map(({ symbolIndex, netMicros }) => [symbolIndex, netMicros]),
    ).toEqual([
      [0, 1e6],
      [1, -1e6],
    ]);
  });

  it('marks an open trade at the last close', () => {
    const bars = tradedBars([
      [9, 11, 10],
      [10, 13, 12],
    ]);
    const { open } = roundTrips({
      fills: fillColumns([{ row: 0, units: 5, price: 10, fee: 1, at: 'open' }]),
      symbols: [share(bars)],
    });
    expect(open[0]).toMatchObject({
      markNanos: 12e9,
      grossMicros: 10e6,
      netMicros: 9e6,
      adverseMicros: -5e6,
      favourableMicros: 15e6,
    });
  });

  it('carries a trade over a split and counts dividends in its profit', () => {
    const bars = tradedBars([
      [99, 101, 100],
      [49, 51, 50],
      [54, 56, 55],
    ]);
    const { closed, looseMicros } = roundTrips({
      fills: fillColumns([
        { row: 0, units: 3, price: 100, at: 'open' },
        { row: 2, units: -6, price: 55, at: 'open' },
      ]),
      symbols: [share(bars)],
      events: [
        { symbolIndex: 0, eventAtUs: -1, amountMicros: 7 },
        { symbolIndex: 0, eventAtUs: 1, quantity: 6 },
        { symbolIndex: 0, eventAtUs: 2, amountMicros: 4e6 },
        { symbolIndex: 0, eventAtUs: 3, amountMicros: 5 },
      ],
    });
    expect(tradeAt(closed, 0)).toMatchObject({
      grossMicros: 34e6,
      incomeMicros: 4e6,
      quantity: 6,
      adverseMicros: -6e6,
      favourableMicros: 34e6,
    });
    expect(looseMicros).toBe(12);
  });

  it('takes notionals that are given for what the ledger moved', () => {
    const fills = fillColumns([
      { row: 0, units: 1, price: 10 },
      { row: 1, units: -1, price: 11 },
    ]);
    const given = { ...fills, notionalMicros: Float64Array.of(10e6, 11e6 + 1, 0, 0) };
    const { closed } = roundTrips({ fills: given, symbols: [share()] });
    expect(tradeAt(closed, 0).grossMicros).toBe(1_000_001);
  });

  it('refuses a fill of no known symbol or of nothing, and a split that changes the side', () => {
    expect(() => trips({ row: 0, units: 1, price: 1, symbol: 7 })).toThrow('symbol 7');
    expect(() => trips({ row: 0, units: 0, price: 1 })).toThrow('quantity 0');
    const split = { symbolIndex: 0, eventAtUs: 5, quantity: -2 };
    const fills = fillColumns([{ row: 0, units: 1, price: 1 }]);
    expect(() => roundTrips({ fills, symbols: [share()], events: [split] })).toThrow('split');
    expect(() => tradeAt(roundTrips({ fills, symbols: [share()] }).closed, 0)).toThrow('trade 0');
  });
});

describe('excursions', () => {
  const bars = tradedBars([
    [95, 105, 100],
    [90, 110, 102],
    [97, 120, 104],
    [80, 130, 103],
  ]);
  const excursion = (...fills: TestFill[]) => {
    const { closed } = roundTrips({ fills: fillColumns(fills), symbols: [share(bars)] });
    const { adverseMicros, favourableMicros } = tradeAt(closed, 0);
    return [(adverseMicros ?? 0) / 1e6, (favourableMicros ?? 0) / 1e6];
  };

  it('count whole bars from an entry at the open to an exit at the open', () => {
    expect(
      excursion(
        { row: 1, units: 1, price: 100, at: 'open' },
        { row: 3, units: -1, price: 104, at: 'open' },
      ),
    ).toEqual([-10, 20]);
  });

  it('count nothing of the bar at whose close the trade was entered, all of that at whose close it was left', () => {
    expect(excursion({ row: 1, units: 1, price: 102 }, { row: 3, units: -1, price: 103 })).toEqual([
      -22, 28,
    ]);
  });

  it('count of the bar it was entered inside the adverse extreme alone, of the exit its price', () => {
    expect(excursion({ row: 1, units: 1, price: 101 }, { row: 3, units: -1, price: 99 })).toEqual([
      -11, 19,
    ]);
    expect(excursion({ row: 1, units: -1, price: 101 }, { row: 3, units: 1, price: 99 })).toEqual([
      -19, 4,
    ]);
  });

  it('know only the prices of a trade that was entered and left inside one bar', () => {
    expect(excursion({ row: 1, units: 1, price: 101 }, { row: 1, units: -1, price: 96 })).toEqual([
      -5, 0,
    ]);
  });

  it('follow the quantity: half was gone before the fall', () => {
    expect(
      excursion(
        { row: 1, units: 2, price: 100, at: 'open' },
        { row: 3, units: -1, price: 110, at: 'open' },
        { row: 3, units: -1, price: 103 },
      ),
    ).toEqual([-20, 40]);
    expect(
      excursion(
        { row: 2, units: 2, price: 100, at: 'open' },
        { row: 3, units: -1, price: 110, at: 'open' },
        { row: 3, units: -1, price: 103 },
      ),
    ).toEqual([-10, 40]);
  });

  it('are also shares of the entry notional', () => {
    const fills = fillColumns([
      { row: 1, units: 4, price: 100, at: 'open' },
      { row: 2, units: -4, price: 100, at: 'open' },
    ]);
    const trade = tradeAt(roundTrips({ fills, symbols: [share(bars)] }).closed, 0);
    expect(trade).toMatchObject({ adverseFraction: -0.1, favourableFraction: 0.1 });
  });
});
