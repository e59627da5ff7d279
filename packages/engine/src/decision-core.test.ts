import { CalendarBook } from '@capstan/calendar';
import {
  cashMicros,
  type Fill,
  InstrumentBook,
  priceNanos,
  usEquity,
  ZERO_CASH,
} from '@capstan/domain';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { multiTimeframeCross, StrategyRegistry } from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import { describe, expect, it } from 'vitest';
import { DecisionCore, type RunStep } from './decision-core.ts';
import { PLAIN_EXCHANGE } from './exchange-behaviour.ts';

const calendars = new CalendarBook();
const calendarOf = (name: string) => calendars.get(name);
const symbols = ['QQQ', 'SPY'];
const instruments = new InstrumentBook(symbols.map((symbol) => usEquity(symbol, 'etf')));
const CASH = cashMicros(100_000_000_000);

function play(slices: number): { steps: RunStep[]; core: DecisionCore } {
  const core = new DecisionCore({
    runId: 'test',
    instruments,
    calendarOf,
    behaviour: PLAIN_EXCHANGE,
    accounts: [{ accountId: 'paper', currency: 'USD', cashMicros: CASH, limits: DEFAULT_LIMITS }],
    bots: [
      {
        botId: 'cross',
        accountId: 'paper',
        configRevision: 1,
        feed: 'demo',
        strategy: new StrategyRegistry().get(multiTimeframeCross.name),
        params: {},
        symbols,
        timeframe: '1m',
        sizing: { kind: 'equityFraction', fraction: 0.2 },
      },
    ],
  });
  const steps: RunStep[] = [];
  const feed = syntheticSlices({
    feed: 'demo',
    seed: 11,
    calendar: calendarOf('XNYS'),
    startDate: '2026-03-02',
    symbols: symbols.map((symbol) => ({
      instrument: instruments.get(symbol),
      startPriceNanos: priceNanos(400_000_000_000),
      annualVolatility: 0.25,
      marketShare: 0.7,
      dailyVolume: 1_000_000,
    })),
  });
  for (const slice of feed) {
    steps.push(core.step(slice));
    if (steps.length === slices) break;
  }
  return { steps, core };
}

describe('DecisionCore', () => {
  it('takes bars to fills, and the same bars to the same fills', () => {
    const first = play(800);
    const fills = first.steps.flatMap((step) => step.fills);
    expect(fills.length).toBeGreaterThan(5);
    expect(play(800).steps).toEqual(first.steps);
  });

  it('fills no order before the bar after its decision', () => {
    const { steps } = play(800);
    const orders = new Map(
      steps.flatMap((step) => step.orders).map((order) => [order.orderId, order]),
    );
    for (const fill of steps.flatMap((step) => step.fills)) {
      expect(fill.eventAtUs).toBeGreaterThanOrEqual(
        orders.get(fill.orderId)?.decidedAtUs ?? Number.NaN,
      );
    }
  });

  it('numbers fills without a gap and conserves money', () => {
    const { steps, core } = play(800);
    const fills = steps.flatMap((step) => step.fills);
    expect(fills.map((fill) => fill.accountSequence)).toEqual(fills.map((_, index) => index + 1));
    const paid = (fill: Fill) => {
      const notional = (fill.priceNanos * fill.quantity) / 1_000;
      return (fill.side === 'buy' ? notional : -notional) + fill.feeMicros;
    };
    const spent = fills.reduce((sum, fill) => sum + paid(fill), ZERO_CASH as number);
    expect(core.account('paper').ledger.totalCashMicros()).toBe(CASH - spent);
  });
});
