import { type Calendar, CalendarBook } from '@capstan/calendar';
import {
  type BotSchedule,
  cashMicros,
  type Instrument,
  InstrumentBook,
  priceNanos,
  quantity,
  readSchedule,
  SCHEDULE_DAYS,
  type Timeframe,
  usEquity,
} from '@capstan/domain';
import { sma } from '@capstan/indicators';
import type { SizingRule } from '@capstan/portfolio';
import type { PolicyName } from '@capstan/risk';
import { defineStrategy, ofField, type Strategy, type Target } from '@capstan/strategy';
import type { MatcherConfig } from '../matching/matcher-config.ts';
import type { BacktestResult } from '../run/backtest-result.ts';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import type { CorporateAction } from '../run/corporate-action.ts';
import {
  ORDER_CAUSES,
  ORDER_ENDS,
  ORDER_TYPE_CODES,
  TIME_IN_FORCE_CODES,
} from '../run/order-columns.ts';
import { runBacktest } from '../run/run-backtest.ts';
import type { BacktestSeries } from '../run/series-columns.ts';
import { type OracleResult, oracle } from './test-oracle.ts';
import {
  nearest,
  type OracleAction,
  type OracleRules,
  type OracleSchedule,
  type OracleSession,
  type OracleSymbol,
  type OracleWant,
} from './test-oracle-model.ts';

const calendars = new CalendarBook();
const DIRECTIONS = { '1': 'long', '0': 'flat', '-1': 'short' } as const;

/** Lists sessions of a calendar, for an oracle that knows none. */
export function sessionsOf(calendar: Calendar, fromDate: string, count: number): OracleSession[] {
  const sessions: OracleSession[] = [];
  let session = calendar.session(fromDate) ?? calendar.nextSession(fromDate);
  while (sessions.length < count) {
    const { date, openUs, closeUs } = session;
    sessions.push({ date, openUs, closeUs });
    session = calendar.nextSession(date);
  }
  return sessions;
}

/** What a run led to, in the same words for the engine and the oracle; cash and equity in whole micros. */
export interface Told {
  readonly orders: readonly string[];
  readonly fills: readonly string[];
  readonly denials: readonly string[];
  readonly cashEvents: readonly string[];
  readonly halts: readonly number[];
  readonly cash: readonly number[];
  readonly equity: readonly number[];
  readonly positions: readonly string[];
}

export function toldByOracle(rules: OracleRules, symbols: readonly OracleSymbol[]): Told {
  const result = oracle(rules, symbols);
  const names = symbols.map(({ symbol }) => symbol).sort();
  const rows = new Map(result.orders.map((order, index) => [order, index]));
  return {
    orders: result.orders.map((order) =>
      [
        `${order.slice} ${names[order.symbol]} leg ${order.leg} ${order.cause} ${order.type}`,
        `${order.side * order.quantity} @${order.limitOrdered ?? '-'} !${order.stopOrdered ?? '-'}`,
        `${order.timeInForce}${order.reducing ? ' reducing' : ''} filled ${order.filled}`,
        order.isWorking ? 'works' : 'ended',
      ].join(' '),
    ),
    fills: result.fills.map((fill) =>
      [
        `${fill.slice} ${names[fill.order.symbol]} row ${fill.row} of ${rows.get(fill.order)}`,
        `${fill.order.side * fill.quantity} @${fill.price} fee ${fill.fee} at ${fill.atUs}`,
      ].join(' '),
    ),
    denials: result.denials.map(([slice, symbol, policy]) => `${slice} ${names[symbol]} ${policy}`),
    cashEvents: result.cashEvents.map(
      ([kind, slice, symbol, amount]) => `${slice} ${names[symbol]} ${kind} ${amount}`,
    ),
    halts: result.halts,
    cash: result.cash.map(Number),
    equity: result.equity.map((parts) => Number(nearest(parts, 1_000_000n))),
    positions: positionsOf(result, names),
  };
}

function positionsOf({ positions }: OracleResult, names: readonly string[]): readonly string[] {
  return positions.flatMap((held, at) => (held === 0n ? [] : [`${names[at]} ${held}`]));
}

export function toldByEngine(
  rules: OracleRules,
  symbols: readonly OracleSymbol[],
  timeframe: Timeframe = '1m',
): Told {
  return tellResult(runBacktest(specOf(rules, symbols, timeframe), symbols.map(seriesOf)));
}

export function tellResult(result: BacktestResult): Told {
  const { orders, fills, symbols } = result;
  const price = (nanos: number | undefined) => (Number.isNaN(nanos) ? '-' : nanos);
  const rows = (count: number) => Array.from({ length: count }, (_, row) => row);
  return {
    orders: rows(orders.count).map((row) => {
      const state = ORDER_ENDS[orders.state[row] ?? 0];
      const side = orders.side[row] ?? 0;
      return [
        `${orders.slice[row]} ${symbols[orders.symbolIndex[row] ?? 0]} leg ${orders.leg[row]}`,
        `${ORDER_CAUSES[orders.cause[row] ?? 0]} ${ORDER_TYPE_CODES[orders.type[row] ?? 0]}`,
        `${side * (orders.quantity[row] ?? 0)} @${price(orders.limitPriceNanos[row])}`,
        `!${price(orders.stopPriceNanos[row])} ${TIME_IN_FORCE_CODES[orders.timeInForce[row] ?? 0]}`,
        ...(orders.reducing[row] === 1 ? ['reducing'] : []),
        `filled ${orders.filledQuantity[row]} ${state === 'working' ? 'works' : 'ended'}`,
      ].join(' ');
    }),
    fills: rows(fills.count).map((at) =>
      [
        `${fills.slice[at]} ${symbols[fills.symbolIndex[at] ?? 0]} row ${fills.row[at]}`,
        `of ${fills.order[at]} ${(fills.side[at] ?? 0) * (fills.quantity[at] ?? 0)}`,
        `@${fills.priceNanos[at]} fee ${fills.feeMicros[at]} at ${fills.eventAtUs[at]}`,
      ].join(' '),
    ),
    denials: result.denials.map(
      ({ slice, symbolIndex, policy }) => `${slice} ${symbols[symbolIndex]} ${policy}`,
    ),
    cashEvents: result.cashEvents.map(
      ({ kind, slice, symbolIndex, amountMicros }) =>
        `${slice} ${symbols[symbolIndex]} ${kind} ${amountMicros}`,
    ),
    halts: result.halts.map(({ slice }) => slice),
    cash: [...result.cashMicros],
    equity: [...result.equityMicros].map(Math.round),
    positions: result.positions.flatMap(({ symbol, position }) =>
      position.quantity === 0 ? [] : [`${symbol} ${position.quantity}`],
    ),
  };
}

/** A strategy that wants what the oracle's lists say. */
function listed(symbols: readonly OracleSymbol[]): Strategy {
  const wants = new Map(
    symbols.flatMap(({ symbol, bars, wants: list }) =>
      bars.map(({ endUs }, row) => [`${symbol} ${endUs}`, list[row]] as const),
    ),
  );
  return defineStrategy({
    name: 'listed',
    title: 'Listed',
    description: 'Wants what a list says.',
    params: {},
    indicators: () => ({ close: ofField(sma, { period: 1 }, 'close') }),
    initialState: {},
    update: (_values, state) => state,
    decide: (_values, _state, { bar }) => {
      const want = wants.get(`${bar.symbol} ${bar.endUs}`);
      return want === undefined ? undefined : targetOf(want);
    },
  });
}

function targetOf(want: OracleWant): Target {
  const { limit, entryStop, stop, target, trail, trailRate, timeInForce } = want;
  const direction = DIRECTIONS[`${want.direction}`];
  return {
    direction,
    strength: Number(want.strength) / 1_000_000,
    reason: 'listed',
    ...(limit === undefined ? {} : { limitPriceNanos: priceNanos(Number(limit)) }),
    ...(entryStop === undefined ? {} : { entryStopPriceNanos: priceNanos(Number(entryStop)) }),
    ...(stop === undefined ? {} : { stopPriceNanos: priceNanos(Number(stop)) }),
    ...(target === undefined ? {} : { takeProfitPriceNanos: priceNanos(Number(target)) }),
    ...(trail === undefined ? {} : { trailNanos: priceNanos(Number(trail)) }),
    ...(trailRate === undefined ? {} : { trailBps: Number(trailRate) / 10_000 }),
    ...(timeInForce === undefined ? {} : { timeInForce }),
  };
}

export function specOf(
  rules: OracleRules,
  symbols: readonly OracleSymbol[],
  timeframe: Timeframe,
): BacktestSpec {
  const { maxSymbol, maxGross, maxLoss, maxLossFraction } = rules;
  return {
    runId: 'run',
    strategy: listed(symbols),
    params: {},
    timeframe,
    ...(rules.schedule === undefined ? {} : { schedule: scheduleOf(rules.schedule) }),
    cashMicros: cashMicros(Number(rules.cash)),
    sizing: sizingOf(rules),
    limits: {
      policies: rules.policies as readonly PolicyName[],
      bufferBps: Number(rules.bufferBps),
      entryTiming: rules.denyAtClose ? 'deny' : 'nextOpen',
      maxDecisionAgeUs: 60_000_000,
      ...(maxSymbol === undefined
        ? {}
        : { maxSymbolNotionalMicros: cashMicros(Number(maxSymbol)) }),
      ...(maxGross === undefined ? {} : { maxGrossExposureMicros: cashMicros(Number(maxGross)) }),
      ...(maxLoss === undefined ? {} : { maxDailyLossMicros: cashMicros(Number(maxLoss)) }),
      ...(maxLossFraction === undefined
        ? {}
        : { maxDailyLossFraction: Number(maxLossFraction) / 1_000_000 }),
    },
    matcher: matcherOf(rules),
    execution: { fillAt: rules.fillAt, closeAtEnd: rules.closeAtEnd, haltFor: rules.haltFor },
    instruments: new InstrumentBook(symbols.map(instrumentOf)),
    calendarOf: (name) => calendars.get(name),
  };
}

function instrumentOf({ symbol, tick, lot, unit, ...of }: OracleSymbol): Instrument {
  const quantityScale = Math.round(Math.log10(Number(unit)));
  const { isFuture, calendar, multiplier } = of;
  return {
    ...usEquity(symbol),
    ...{ quantityScale, calendar, multiplier: Number(multiplier) },
    ...(isFuture ? { assetClass: 'future' } : {}),
    tickNanos: priceNanos(Number(tick)),
    lot: quantity(Number(lot)),
  };
}

function scheduleOf({ days, from, until, zone, ...more }: OracleSchedule): BotSchedule {
  const text = (minute: number) =>
    [Math.floor(minute / 60), minute % 60].map((part) => `${part}`.padStart(2, '0')).join(':');
  const { afterOpen, beforeClose, atEnd } = more;
  const read = readSchedule({
    ...(days === undefined
      ? {}
      : { days: SCHEDULE_DAYS.filter((_, at) => days.includes((at + 1) % 7)) }),
    ...{ start: text(from), end: text(until), atEnd },
    ...(zone === undefined ? {} : { timeZone: zone.name }),
    ...(afterOpen === undefined ? {} : { afterOpenMinutes: afterOpen }),
    ...(beforeClose === undefined ? {} : { beforeCloseMinutes: beforeClose }),
  });
  if (read.kind !== 'schedule') throw new Error(JSON.stringify(read));
  return read.schedule;
}

function sizingOf({ sizing }: OracleRules): SizingRule {
  if (sizing.kind === 'fixed') return { kind: 'fixedQuantity', quantity: Number(sizing.quantity) };
  const fraction = Number(sizing.fraction) / 1_000_000;
  if (sizing.kind === 'equity') return { kind: 'equityFraction', fraction };
  return { kind: 'cashFraction', fraction, feeBps: Number(sizing.feeRate) / 10_000 };
}

function matcherOf(rules: OracleRules): MatcherConfig {
  const { limitFill, cap, commission, slippageRate, slippageTicks } = rules;
  const minimum =
    commission.kind === 'unit' || commission.kind === 'rate' ? commission.minimum : 0n;
  const minimumMicros = Number(minimum);
  return {
    limitFill,
    ...(cap === undefined ? {} : { maxVolumeFraction: Number(cap) / 1_000_000 }),
    commission:
      commission.kind === 'none'
        ? { kind: 'none' }
        : commission.kind === 'order'
          ? { kind: 'perOrder', feeMicros: Number(commission.fee) }
          : commission.kind === 'unit'
            ? { kind: 'perUnit', feeMicrosPerUnit: Number(commission.fee), minimumMicros }
            : { kind: 'bps', feeBps: Number(commission.rate) / 10_000, minimumMicros },
    slippage:
      slippageTicks > 0n
        ? { kind: 'ticks', slippageTicks: Number(slippageTicks) }
        : slippageRate > 0n
          ? { kind: 'bps', slippageBps: Number(slippageRate) / 10_000 }
          : { kind: 'none' },
  };
}

export function seriesOf({ symbol, bars, actions }: OracleSymbol): BacktestSeries {
  const column = (key: 'open' | 'high' | 'low' | 'close' | 'volume') =>
    Float64Array.from(bars, (bar) => Number(bar[key]));
  return {
    symbol,
    bars: {
      startUs: Float64Array.from(bars, ({ startUs }) => startUs),
      endUs: Float64Array.from(bars, ({ endUs }) => endUs),
      openNanos: column('open'),
      highNanos: column('high'),
      lowNanos: column('low'),
      closeNanos: column('close'),
      volume: column('volume'),
    },
    actions: actions.map(actionOf),
  };
}

function actionOf(action: OracleAction): CorporateAction {
  const { kind, exDate } = action;
  if (kind === 'split') {
    return { kind, exDate, newShares: Number(action.to), oldShares: Number(action.from) };
  }
  const { payDate, amount } = action;
  const terms = { kind, exDate, amountPerUnitNanos: Number(amount) };
  return payDate === undefined ? terms : { ...terms, payDate };
}
