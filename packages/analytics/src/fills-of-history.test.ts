import { cashMicros, type Fill, priceNanos, quantity, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { fillsOfHistory } from './fills-of-history.ts';
import { roundTrips } from './round-trips.ts';
import { share, tradedBars } from './test-fills.ts';
import { closedTrades } from './trade-columns.ts';

const fill = (accountSequence: number, part: Partial<Fill>): Fill => ({
  fillId: `f${accountSequence}`,
  kind: 'fill',
  orderId: 'o',
  runId: 'live',
  accountId: 'a',
  botId: 'b',
  symbol: 'SPY',
  side: 'buy',
  quantity: quantity(10),
  priceNanos: priceNanos(100e9),
  feeMicros: cashMicros(0),
  eventAtUs: timeUs(accountSequence),
  accountSequence,
  ...part,
});
const sell = { side: 'sell', priceNanos: priceNanos(103e9) } as const;
const bars = tradedBars([
  [99, 101, 100],
  [95, 104, 100],
  [98, 105, 102],
]);

describe('fillsOfHistory', () => {
  it('leaves out what was busted, takes corrections, and orders by the ledger', () => {
    const columns = fillsOfHistory(
      [
        fill(4, { ...sell, eventAtUs: timeUs(2) }),
        fill(1, { eventAtUs: timeUs(0) }),
        fill(3, { kind: 'bust', refersTo: 'f2' }),
        fill(2, {}),
        fill(5, { kind: 'correction', refersTo: 'f1', priceNanos: priceNanos(99e9) }),
      ],
      [share(bars)],
    );
    expect(columns.count).toBe(2);
    expect([...columns.row]).toEqual([0, 2]);
    const [trade] = closedTrades(roundTrips({ fills: columns, symbols: [share(bars)] }).closed);
    expect(trade).toMatchObject({
      netMicros: 40e6,
      barsHeld: 2,
      adverseMicros: -40e6,
      favourableMicros: 50e6,
    });
  });

  it('puts a fill after the last bar into it, and one without bars into row 0', () => {
    const late = [fill(1, { eventAtUs: timeUs(99) })];
    expect([...fillsOfHistory(late, [share(bars)]).row]).toEqual([2]);
    expect([...fillsOfHistory(late, [share()]).row]).toEqual([0]);
  });

  it('refuses a symbol that is not listed', () => {
    expect(() => fillsOfHistory([fill(1, { symbol: 'QQQ' })], [share()])).toThrow('QQQ');
  });
});
