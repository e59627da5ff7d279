import {
  type BarSlice,
  intentId,
  isTerminal,
  type Order,
  orderId,
  signalId,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import { DecisionCore, type RunStep } from '../decision-core.ts';
import { PLAIN_EXCHANGE } from '../exchange-behaviour.ts';
import { barOfRow } from '../run/series-columns.ts';
import { oracle } from './test-oracle.ts';
import { seriesOf, specOf } from './test-oracle-engine.ts';
import {
  nearest,
  type OracleOrder,
  type OracleRules,
  type OracleSymbol,
} from './test-oracle-model.ts';

const [RUN, ACCOUNT, FEED, TIMEFRAME] = ['run', 'paper', 'feed', '1m'] as const;

/** What several bots of one account led to, in the same words for the core that runs live and the oracle; sorted. */
export interface ToldOfBots {
  readonly orders: readonly string[];
  readonly fills: readonly string[];
  readonly denials: readonly string[];
  /** Whole micros after each slice. */
  readonly cash: readonly number[];
  readonly equity: readonly number[];
}

/** The id that live trading gives: it says whose order comes first where bots order at the same time. */
function idOf({ bot: botId, symbol }: OracleSymbol, signalUs: number, attempt: number): string {
  const key = { runId: RUN, accountId: ACCOUNT, symbol };
  const bar = { timeframe: TIMEFRAME, barEndUs: timeUs(signalUs), inputRevision: 0 };
  const causeId = signalId({ runId: RUN, botId, configRevision: 1, symbol, ...bar });
  const intent = intentId({ ...key, causeKind: 'signal', causeId });
  return orderId({ intentId: intent, leg: 0, attempt });
}

export function botsByOracle(rules: OracleRules, symbols: readonly OracleSymbol[]): ToldOfBots {
  const result = oracle({ ...rules, idOf }, symbols);
  const names = symbols.map(({ bot, symbol }) => `${bot} ${symbol}`).sort();
  const order = (one: OracleOrder) => `${one.slice} ${names[one.symbol]} leg ${one.leg}`;
  return {
    orders: result.orders
      .map((one) =>
        [
          `${order(one)} ${one.type} ${one.side * one.quantity}`,
          `@${one.limitOrdered ?? '-'} !${one.stopOrdered ?? '-'} ${one.timeInForce}`,
          `filled ${one.filled} ${one.isWorking ? 'works' : 'ended'}`,
        ].join(' '),
      )
      .sort(),
    fills: result.fills
      .map((fill) =>
        [
          `${fill.slice} of ${order(fill.order)}: ${fill.order.side * fill.quantity}`,
          `@${fill.price} fee ${fill.fee} at ${fill.atUs}`,
        ].join(' '),
      )
      .sort(),
    denials: result.denials.map(([slice, at, policy]) => `${slice} ${names[at]} ${policy}`),
    cash: result.cash.map(Number),
    equity: result.equity.map((parts) => Number(nearest(parts, 1_000_000n))),
  };
}

/** Runs the bots slice by slice by what runs live. */
export function botsByEngine(rules: OracleRules, symbols: readonly OracleSymbol[]): ToldOfBots {
  const distinct = [...new Map(symbols.map((one) => [one.symbol, one])).values()];
  const core = coreOf(rules, symbols, distinct);
  const slices = slicesOf(distinct);
  const steps = slices.map((slice) => {
    const step = core.step(slice);
    const [account] = core.equity();
    return { ...step, cash: account?.cashMicros ?? 0, equity: account?.equityMicros ?? 0 };
  });
  const timeline = slices.map(({ endUs }) => endUs);
  return { ...tellSteps(steps, timeline), ...curvesOf(steps) };
}

function coreOf(
  rules: OracleRules,
  symbols: readonly OracleSymbol[],
  distinct: readonly OracleSymbol[],
): DecisionCore {
  const { instruments, calendarOf, matcher, limits, cashMicros, execution } = specOf(
    rules,
    distinct,
    TIMEFRAME,
  );
  const botIds = [...new Set(symbols.map(({ bot }) => bot))];
  return new DecisionCore({
    ...{ runId: RUN, instruments, calendarOf, fillAt: execution.fillAt },
    behaviour: { ...PLAIN_EXCHANGE, matcher },
    accounts: [{ accountId: ACCOUNT, currency: 'USD', cashMicros, limits }],
    bots: botIds.map((botId) => {
      const own = symbols.filter(({ bot }) => bot === botId);
      const { strategy, params, timeframe, sizing, schedule } = specOf(rules, own, TIMEFRAME);
      return {
        ...{ botId, accountId: ACCOUNT, configRevision: 1, feed: FEED },
        ...{ strategy, params, timeframe, sizing, symbols: own.map(({ symbol }) => symbol) },
        ...(schedule === undefined ? {} : { schedule }),
      };
    }),
  });
}

/** Returns the slices of all symbols, in order of time. */
function slicesOf(distinct: readonly OracleSymbol[]): readonly BarSlice[] {
  const bars = distinct.flatMap((of) => {
    const named = { symbol: of.symbol, timeframe: TIMEFRAME, bars: seriesOf(of).bars };
    return of.bars.map((_, row) => barOfRow(named, row));
  });
  const ends = [...new Set(bars.map(({ endUs }) => endUs))].sort((a, b) => a - b);
  return ends.map((endUs) => ({
    ...{ feed: FEED, endUs },
    bars: bars.filter((bar) => bar.endUs === endUs),
  }));
}

function tellSteps(
  steps: readonly RunStep[],
  timeline: readonly TimeUs[],
): Pick<ToldOfBots, 'orders' | 'fills' | 'denials'> {
  const orders = new Map<string, { readonly name: string; order: Order }>();
  steps.forEach((step, slice) => {
    for (const order of step.orders) {
      const began = order.leg === 0 ? timeline.indexOf(order.decidedAtUs) : slice;
      const name = `${began} ${order.botId} ${order.symbol} leg ${order.leg}`;
      orders.set(order.orderId, { name: orders.get(order.orderId)?.name ?? name, order });
    }
  });
  const signed = (side: string, quantity: number) => (side === 'buy' ? quantity : -quantity);
  return {
    orders: [...orders.values()]
      .map(({ name, order }) =>
        [
          `${name} ${order.type} ${signed(order.side, order.quantity)}`,
          `@${order.limitPriceNanos ?? '-'} !${order.stopPriceNanos ?? '-'} ${order.timeInForce}`,
          `filled ${order.filledQuantity} ${isTerminal(order.state) ? 'ended' : 'works'}`,
        ].join(' '),
      )
      .sort(),
    fills: steps
      .flatMap(({ fills }, slice) =>
        fills.map((fill) =>
          [
            `${slice} of ${orders.get(fill.orderId)?.name}: ${signed(fill.side, fill.quantity)}`,
            `@${fill.priceNanos} fee ${fill.feeMicros} at ${fill.eventAtUs}`,
          ].join(' '),
        ),
      )
      .sort(),
    denials: steps.flatMap(({ denials }, slice) =>
      denials.map(({ botId, symbol, policy }) => `${slice} ${botId} ${symbol} ${policy}`),
    ),
  };
}

function curvesOf(
  steps: readonly { readonly cash: number; readonly equity: number }[],
): Pick<ToldOfBots, 'cash' | 'equity'> {
  return { cash: steps.map(({ cash }) => cash), equity: steps.map(({ equity }) => equity) };
}
