import type { Denial, Fill, Order, OrderState, Timeframe } from '@capstan/domain';
import { graphTimeframes, resolveParameters } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BotCore } from '../bot-core.ts';
import { DecisionCore, type RunStep } from '../decision-core.ts';
import { PLAIN_EXCHANGE } from '../exchange-behaviour.ts';
import type { BacktestResult } from './backtest-result.ts';
import { runNames } from './backtest-spec.ts';
import {
  ORDER_CAUSES,
  ORDER_ENDS,
  ORDER_TYPE_CODES,
  type OrderEnd,
  TIME_IN_FORCE_CODES,
} from './order-columns.ts';
import { runBacktest } from './run-backtest.ts';
import { RunIds } from './run-ids.ts';
import { beside, slicesOf, type TestWorld, worlds } from './test-run-world.ts';

const RUNS = { numRuns: 100 };

function slicesOfWorld({ spec, series }: TestWorld) {
  const graph = spec.strategy.indicators(resolveParameters(spec.strategy, spec.params));
  return slicesOf(series, graphTimeframes(graph, spec.timeframe));
}

/** The same world, slice by slice. */
function decided(world: TestWorld) {
  const { spec, series } = world;
  const { botId, accountId, configRevision } = runNames(spec);
  const { strategy, params, timeframe, sizing, limits, instruments, calendarOf } = spec;
  const core = new DecisionCore({
    runId: spec.runId,
    instruments,
    calendarOf,
    fillAt: spec.execution.fillAt,
    behaviour: { ...PLAIN_EXCHANGE, matcher: spec.matcher },
    accounts: [{ accountId, currency: 'USD', cashMicros: spec.cashMicros, limits }],
    bots: [
      {
        ...{ botId, accountId, configRevision, feed: 'feed', strategy, params, timeframe, sizing },
        symbols: series.map((one) => one.symbol),
        ...(spec.schedule === undefined ? {} : { schedule: spec.schedule }),
      },
    ],
  });
  const ends = new Set(series.flatMap((one) => [...one.bars.endUs]));
  const steps: RunStep[] = [];
  const equity: { endUs: number; cash: number; equity: number | undefined }[] = [];
  for (const slice of slicesOfWorld(world)) {
    steps.push(core.step(slice));
    const [account] = core.equity();
    if (!ends.has(slice.endUs) || account === undefined) continue;
    const { cashMicros, equityMicros } = account;
    equity.push({ endUs: slice.endUs, cash: cashMicros, equity: equityMicros });
  }
  const { ledger } = core.account(accountId);
  return { steps, equity, ledger: ledger.snapshot(), net: ledger };
}

const END_OF: Readonly<Partial<Record<OrderState, OrderEnd>>> = {
  accepted: 'working',
  partiallyFilled: 'working',
  filled: 'filled',
  cancelled: 'cancelled',
  expired: 'expired',
};

function lastOrders(steps: readonly RunStep[]) {
  const last = new Map<string, Order>();
  for (const order of steps.flatMap((step) => step.orders)) last.set(order.orderId, order);
  return [...last.values()]
    .map((order) => ({
      orderId: order.orderId,
      intentId: order.intentId,
      symbol: order.symbol,
      side: order.side,
      quantity: order.quantity,
      type: order.type,
      limitPriceNanos: order.limitPriceNanos,
      stopPriceNanos: order.stopPriceNanos,
      timeInForce: order.timeInForce,
      reducing: order.reducing,
      leg: order.leg,
      end: END_OF[order.state],
      filledQuantity: order.filledQuantity,
    }))
    .sort((a, b) => (a.orderId < b.orderId ? -1 : 1));
}

function ordersOf({ orders, symbols }: BacktestResult, ids: RunIds) {
  const price = (column: Float64Array, at: number) =>
    Number.isNaN(column[at]) ? undefined : column[at];
  return Array.from({ length: orders.count }, (_, at) => ({
    orderId: ids.orderId(at),
    intentId: ids.intentId(at),
    symbol: symbols[orders.symbolIndex[at] ?? 0],
    side: orders.side[at] === 1 ? 'buy' : 'sell',
    quantity: orders.quantity[at],
    type: ORDER_TYPE_CODES[orders.type[at] ?? 0],
    limitPriceNanos: price(orders.limitPriceNanos, at),
    stopPriceNanos: price(orders.stopPriceNanos, at),
    timeInForce: TIME_IN_FORCE_CODES[orders.timeInForce[at] ?? 0],
    reducing: orders.reducing[at] === 1,
    leg: orders.leg[at],
    end: ORDER_ENDS[orders.state[at] ?? 0],
    filledQuantity: orders.filledQuantity[at],
  })).sort((a, b) => (a.orderId < b.orderId ? -1 : 1));
}

function fillsOf({ fills, symbols }: BacktestResult, ids: RunIds) {
  return Array.from({ length: fills.count }, (_, at) => ({
    fillId: ids.fillId(at),
    orderId: ids.orderId(fills.order[at] ?? -1),
    symbol: symbols[fills.symbolIndex[at] ?? 0],
    side: fills.side[at] === 1 ? 'buy' : 'sell',
    quantity: fills.quantity[at],
    priceNanos: fills.priceNanos[at],
    feeMicros: fills.feeMicros[at],
    eventAtUs: fills.eventAtUs[at],
    accountSequence: at + 1,
  }));
}

const fillOf = (fill: Fill) => {
  const { fillId, orderId, symbol, side, quantity, priceNanos, feeMicros, eventAtUs } = fill;
  const { accountSequence } = fill;
  return {
    fillId,
    orderId,
    symbol,
    side,
    quantity,
    priceNanos,
    feeMicros,
    eventAtUs,
    accountSequence,
  };
};

const denialOf = ({ symbol, policy, reason, decidedAtUs }: Denial) => ({
  symbol,
  policy,
  reason,
  decidedAtUs,
});

function sameAsDecided(world: TestWorld): BacktestResult {
  const { spec, series } = world;
  const wanted = decided(world);
  const result = runBacktest(spec, series);
  const ids = new RunIds(spec, result);
  expect(fillsOf(result, ids)).toEqual(wanted.steps.flatMap((step) => step.fills.map(fillOf)));
  expect(ordersOf(result, ids)).toEqual(lastOrders(wanted.steps));
  const { symbols, timelineUs, denials } = result;
  const said = denials.map(({ symbolIndex, slice, policy, reason }) => {
    return { symbol: symbols[symbolIndex], policy, reason, decidedAtUs: timelineUs[slice] };
  });
  expect(said).toEqual(wanted.steps.flatMap((step) => step.denials.map(denialOf)));
  expect([...timelineUs]).toEqual(wanted.equity.map((one) => one.endUs));
  expect([...result.cashMicros]).toEqual(wanted.equity.map((one) => one.cash));
  wanted.equity.forEach(({ equity }, slice) => {
    const off = (result.equityMicros[slice] ?? 0) - (equity ?? Number.NaN);
    expect(Math.abs(off)).toBeLessThan(symbols.length);
  });
  const positions = wanted.ledger.rows.map(({ symbol }) => symbol);
  expect(result.positions.map(({ symbol }) => symbol)).toEqual(positions);
  for (const { symbol, position } of result.positions) {
    expect(position).toEqual(wanted.net.position(runNames(spec).botId, symbol));
  }
  return result;
}

describe('runBacktest', () => {
  it('gives the fills, orders, denials, cash and equity of the decision core, slice by slice', () => {
    let fills = 0;
    let denials = 0;
    let closings = 0;
    const refused = new Set<string>();
    const property = fc.property(worlds, (world) => {
      const result = sameAsDecided(world);
      fills += result.fills.count;
      denials += result.denials.length;
      closings += [...result.orders.cause].filter((one) => ORDER_CAUSES[one] === 'closing').length;
      for (const { policy } of result.denials) refused.add(policy);
    });
    fc.assert(property, { numRuns: 2 * RUNS.numRuns });
    expect(fills).toBeGreaterThan(RUNS.numRuns);
    expect(denials).toBeGreaterThan(RUNS.numRuns);
    expect(closings).toBeGreaterThan(5);
    expect(refused.size).toBeGreaterThan(8);
  });

  it('stops by a daily loss, and closes by it, where the decision core does', () => {
    let [stopped, closed] = [0, 0];
    const closes = fc.boolean();
    const share = fc.constantFrom(0.0002, 0.001, 0.003);
    const property = fc.property(worlds, share, closes, (world, maxDailyLossFraction, closing) => {
      const loss = { maxDailyLossFraction, closeOnDailyLoss: closing };
      const { policies } = world.spec.limits;
      const asked = policies.includes('daily-loss')
        ? policies
        : [...policies, 'daily-loss' as const];
      const limits = { ...world.spec.limits, ...loss, policies: asked };
      const execution = { ...world.spec.execution, fillAt: 'nextOpen' as const };
      const result = sameAsDecided({ ...world, spec: { ...world.spec, limits, execution } });
      stopped += result.halts.length;
      if (!closing || result.halts.length === 0) return;
      closed += [...result.orders.cause].filter((one) => ORDER_CAUSES[one] === 'closing').length;
    });
    fc.assert(property, RUNS);
    expect(stopped).toBeGreaterThan(20);
    expect(closed).toBeGreaterThan(5);
  });

  it('closes in the auction where the decision core does', () => {
    let auctions = 0;
    const property = fc.property(worlds, fc.integer({ min: 8, max: 20 }), (world, minutes) => {
      const { killTime: _, scopes: __, policies, ...own } = world.spec.limits;
      const asked = [...new Set([...policies, 'session-window' as const])];
      const closing = { flatBeforeCloseMinutes: minutes, flatBy: 'onClose' as const };
      const limits = { ...own, ...closing, policies: asked };
      const result = sameAsDecided({ ...world, spec: { ...world.spec, limits } });
      const { cause, timeInForce, count } = result.orders;
      for (let at = 0; at < count; at += 1) {
        const isClosing = ORDER_CAUSES[cause[at] ?? 0] === 'closing';
        if (isClosing && TIME_IN_FORCE_CODES[timeInForce[at] ?? 0] === 'onClose') auctions += 1;
      }
    });
    fc.assert(property, RUNS);
    expect(auctions).toBeGreaterThan(2);
  });

  it('emits the signals of a bot that sees the bars one by one, those of other symbols too', () => {
    const sameSignals = (world: TestWorld, timeframes: readonly Timeframe[]) => {
      const { spec, series } = world;
      const { runId, botId, accountId, configRevision } = runNames(spec);
      const { strategy, params, timeframe, calendarOf, instruments } = spec;
      const core = new BotCore({
        ...{ runId, botId, accountId, configRevision, feed: 'feed', strategy, params, timeframe },
        symbols: series.map((one) => one.symbol),
        longerBars: 'given',
        ...(spec.schedule === undefined ? {} : { schedule: spec.schedule }),
        calendarOf: (symbol) => calendarOf(instruments.get(symbol).calendar),
      });
      const wanted = slicesOf(series, timeframes).flatMap(
        (slice) => core.step(slice, { emit: true }).signals,
      );
      const result = runBacktest(spec, series);
      const ids = new RunIds(spec, result);
      result.symbols.forEach((symbol, index) => {
        const signals = result.signals[index];
        const bars = series.find((one) => one.symbol === symbol)?.bars;
        const got = Array.from({ length: signals?.count ?? 0 }, (_, at) => {
          const target = signals?.targetOf(at);
          const barEndUs = bars?.endUs[signals?.row[at] ?? -1] ?? 0;
          return {
            signalId: ids.signalId(index, result.timelineUs.indexOf(barEndUs)),
            direction: target?.direction,
            reason: typeof target?.reason === 'function' ? target.reason() : target?.reason,
          };
        });
        const said = wanted.filter((signal) => signal.symbol === symbol);
        expect(got).toEqual(
          said.map(({ signalId, direction, reason }) => ({ signalId, direction, reason })),
        );
      });
      return wanted.length;
    };
    const anyone = fc.property(worlds, (world) => void sameSignals(world, ['1m']));
    fc.assert(anyone, RUNS);
    let said = 0;
    const longer = fc.property(worlds, ({ spec, series }) => {
      const reading = { ...spec, strategy: beside, params: { five: true } };
      said += sameSignals({ spec: reading, series }, ['1m', '5m']);
    });
    fc.assert(longer, RUNS);
    expect(said).toBeGreaterThan(RUNS.numRuns);
  });
});
