import {
  InstrumentBook,
  newOrder,
  type Order,
  priceNanos,
  quantity,
  usEquity,
} from '@capstan/domain';
import { DEFAULT_LIMITS, isApproved, KILL_OFF } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { type FlattenRequest, flattenOrders } from './flatten.ts';
import { at, terms } from './test-world.ts';

const holding = (symbol: string, amount: number) => ({
  botId: 'trend',
  symbol,
  quantity: quantity(amount),
  priceNanos: priceNanos(100_000_000_000),
});

function request(of: Partial<FlattenRequest>): FlattenRequest {
  return {
    runId: 'live',
    accountId: 'paper',
    holdings: [],
    working: [],
    killSwitch: { ...KILL_OFF, mode: 'hard' },
    journal: 'kill',
    flattening: { sinceUs: at(1), round: 1, orderIds: [] },
    instruments: new InstrumentBook([usEquity('SPY'), usEquity('QQQ')]),
    limits: DEFAULT_LIMITS,
    decidedAtUs: at(1),
    ...of,
  };
}

const unknownSell = (amount: number): Order => ({
  ...newOrder(terms('x', { side: 'sell', quantity: quantity(amount) }), at(1)),
  state: 'unknown',
});

describe('flattening', () => {
  it('sells what is long and buys what is short, each approved as reducing', () => {
    const holdings = [holding('QQQ', -3), holding('SPY', 10)];
    const orders = flattenOrders(request({ holdings }));
    expect(orders.map(({ intent }) => [intent.symbol, intent.side, intent.quantity])).toEqual([
      ['QQQ', 'buy', 3],
      ['SPY', 'sell', 10],
    ]);
    for (const { intent, verdict } of orders) {
      expect(verdict.kind === 'approved' && isApproved(verdict.order)).toBe(true);
      expect(intent).toMatchObject({ causeKind: 'command', type: 'market', reducing: true });
    }
  });

  it('leaves to an unknown order what it may already sell', () => {
    const holdings = [holding('SPY', 10)];
    const [rest] = flattenOrders(request({ holdings, working: [unknownSell(4)] }));
    expect(rest?.intent.quantity).toBe(6);
    expect(rest?.verdict.kind).toBe('approved');
    expect(flattenOrders(request({ holdings, working: [unknownSell(10)] }))).toEqual([]);
  });

  it('gives the same ids for the same round and others for the next', () => {
    const ids = (round: number) => {
      const flattening = { sinceUs: at(1), round, orderIds: [] };
      const [one] = flattenOrders(request({ holdings: [holding('SPY', 10)], flattening }));
      return one?.intent.intentId;
    };
    expect(ids(1)).toBe(ids(1));
    expect(ids(1)).not.toBe(ids(2));
  });
});
