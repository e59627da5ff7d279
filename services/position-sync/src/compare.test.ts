import { cashMicros, quantity, timeUs, ZERO_CASH } from '@capstan/domain';
import type { LedgerPositionRecord, VenueAccount } from '@capstan/ports';
import { DRIFTED_CASH } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { differences, judge } from './compare.ts';

const held = (botId: string, symbol: string, units: number): LedgerPositionRecord => ({
  accountId: 'paper',
  botId,
  symbol,
  quantity: quantity(units),
  costMicros: ZERO_CASH,
  realisedMicros: ZERO_CASH,
  feesMicros: ZERO_CASH,
});

const broker = (cash: number, positions: Record<string, number>): VenueAccount => ({
  accountId: 'paper',
  currency: 'USD',
  cashMicros: cashMicros(cash),
  sequence: 1,
  positions: Object.entries(positions).map(([symbol, units]) => ({
    symbol,
    quantity: quantity(units),
    costMicros: ZERO_CASH,
  })),
});

const cash = (micros: number) => [
  { accountId: 'paper', botId: 'house', cashMicros: cashMicros(micros) },
];

describe('differences', () => {
  it('finds none where the bots add up to the broker', () => {
    const ledger = [held('a', 'SPY', 10), held('b', 'SPY', -4), held('a', 'QQQ', 0)];
    expect(differences(ledger, cash(5), broker(5, { SPY: 6 }))).toEqual([]);
  });

  it('names each symbol and the cash that differ', () => {
    const found = differences([held('a', 'SPY', 10)], cash(5), broker(7, { IWM: 3 }));
    expect(found).toEqual([
      { symbol: DRIFTED_CASH, ledger: 5, broker: 7 },
      { symbol: 'IWM', ledger: 0, broker: 3 },
      { symbol: 'SPY', ledger: 10, broker: 0 },
    ]);
  });
});

describe('judge', () => {
  const found = [{ symbol: 'SPY', ledger: 10, broker: 9 }];

  it('raises a drift only when a second snapshot shows the same difference', () => {
    const first = judge('paper', found, [], [], timeUs(1));
    expect(first.drifts).toEqual([]);
    const second = judge('paper', found, first.suspected, [], timeUs(2));
    expect(second.drifts).toMatchObject([{ symbol: 'SPY', ledger: 10, broker: 9, openedAtUs: 2 }]);
    const other = judge(
      'paper',
      [{ symbol: 'SPY', ledger: 10, broker: 8 }],
      first.suspected,
      [],
      timeUs(2),
    );
    expect(other.drifts).toEqual([]);
  });

  it('heals a drift at the first snapshot that agrees, and follows one that changes', () => {
    const { drifts } = judge('paper', found, found, [], timeUs(2));
    expect(judge('paper', [], [], drifts, timeUs(3)).drifts).toMatchObject([{ healedAtUs: 3 }]);
    const moved = judge(
      'paper',
      [{ symbol: 'SPY', ledger: 10, broker: 7 }],
      found,
      drifts,
      timeUs(3),
    );
    expect(moved.drifts).toMatchObject([{ driftId: drifts[0]?.driftId, broker: 7 }]);
    expect(judge('paper', found, found, drifts, timeUs(3)).drifts).toEqual([]);
  });
});
