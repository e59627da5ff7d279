import { CalendarBook, dayNumber, newYorkTimeUs } from '@capstan/calendar';
import {
  type Bar,
  type BarSlice,
  type BotSchedule,
  cashMicros,
  InstrumentBook,
  priceNanos,
  TIMES_IN_FORCE,
  type Timeframe,
  US_PER_MINUTE,
  usEquity,
} from '@capstan/domain';
import { sma } from '@capstan/indicators';
import type { SizingRule } from '@capstan/portfolio';
import { DEFAULT_LIMITS, POLICY_NAMES, type PolicyName, type RiskLimits } from '@capstan/risk';
import {
  defineStrategy,
  maCross,
  multiTimeframeCross,
  ofField,
  ofNode,
  ofSymbol,
  type Target,
} from '@capstan/strategy';
import fc from 'fast-check';
import type { MatcherConfig } from '../matching/matcher-config.ts';
import type { BacktestSpec } from './backtest-spec.ts';
import { type BacktestSeries, barOfRow, type SeriesColumns } from './series-columns.ts';

export const CENT = 10_000_000;
const calendars = new CalendarBook();
export const SYMBOLS = ['AAA', 'BBB', 'CCC'] as const;
/** Two shares of New York, and one that never closes and trades in thousandths. */
export const INSTRUMENTS = new InstrumentBook([
  usEquity('AAA'),
  { ...usEquity('BBB'), calendar: '24x7', quantityScale: 3 },
  usEquity('CCC'),
  usEquity('ZZZ'),
]);
export const calendarOf = (name: string) => calendars.get(name);

/** Minutes of the worlds: the last of one session, a few while New York is closed, and the first of the next session. */
const MINUTES = [
  ...Array.from({ length: 25 }, (_, minute) => ['2024-07-03', 12 * 60 + 35 + minute] as const),
  ...[0, 1, 2].map((minute) => ['2024-07-04', 12 * 60 + minute] as const),
  ...Array.from({ length: 25 }, (_, minute) => ['2024-07-05', 9 * 60 + 30 + minute] as const),
].map(([date, minute]) => newYorkTimeUs(dayNumber(date), minute));

/** What a bar is made of: cents, and a code that `coded` reads from the volume. */
export interface RawBar {
  readonly open: number;
  readonly up: number;
  readonly down: number;
  readonly close: number;
  readonly code: number;
}

const rawBar: fc.Arbitrary<RawBar> = fc.record({
  open: fc.integer({ min: -3, max: 3 }),
  up: fc.nat(2),
  down: fc.nat(2),
  close: fc.integer({ min: -3, max: 3 }),
  code: fc.nat(9_999),
});

/** Bars of one symbol with holes; not in the same minutes as those of others. */
export const rawBars = fc.array(fc.option(rawBar, { freq: 8 }), {
  minLength: MINUTES.length,
  maxLength: MINUTES.length,
});

/** Makes a series of raw bars, one or none a minute. */
export function seriesOf(symbol: string, raw: readonly (RawBar | null)[]): BacktestSeries {
  const rows: { start: number; cents: [number, number, number, number]; volume: number }[] = [];
  let last = 1_000;
  raw.forEach((bar, index) => {
    const start = MINUTES[index];
    if (bar === null || start === undefined) return;
    const open = last + bar.open;
    const close = open + bar.close;
    last = close;
    const high = Math.max(open, close) + bar.up;
    const low = Math.min(open, close) - bar.down;
    rows.push({ start, cents: [open, high, low, close], volume: bar.code });
  });
  const prices = (at: 0 | 1 | 2 | 3) => Float64Array.from(rows, ({ cents }) => cents[at] * CENT);
  const bars: SeriesColumns = {
    startUs: Float64Array.from(rows, (row) => row.start),
    endUs: Float64Array.from(rows, (row) => row.start + US_PER_MINUTE),
    openNanos: prices(0),
    highNanos: prices(1),
    lowNanos: prices(2),
    closeNanos: prices(3),
    volume: Float64Array.from(rows, (row) => row.volume),
  };
  return { symbol, bars, higher: new Map([['5m', fiveMinutes(bars)]]) };
}

/** Bars of five minutes of the clock, from what there is of each. */
function fiveMinutes(bars: SeriesColumns): SeriesColumns {
  const five = 5 * US_PER_MINUTE;
  const starts = [...new Set([...bars.startUs].map((us) => Math.floor(us / five) * five))];
  const of = (start: number) =>
    [...bars.startUs.keys()].filter((row) => {
      const us = bars.startUs[row] ?? 0;
      return us >= start && us < start + five;
    });
  const column = (value: (rows: readonly number[], start: number) => number) =>
    Float64Array.from(starts, (start) => value(of(start), start));
  const pick = (from: Float64Array, rows: readonly number[]) => rows.map((row) => from[row] ?? 0);
  return {
    startUs: Float64Array.from(starts),
    endUs: column((_, start) => start + five),
    openNanos: column((rows) => bars.openNanos[rows[0] ?? 0] ?? 0),
    highNanos: column((rows) => Math.max(...pick(bars.highNanos, rows))),
    lowNanos: column((rows) => Math.min(...pick(bars.lowNanos, rows))),
    closeNanos: column((rows) => bars.closeNanos[rows.at(-1) ?? 0] ?? 0),
    volume: column((rows) => pick(bars.volume, rows).reduce((a, b) => a + b, 0)),
  };
}

/** A strategy whose every opinion is written into the volume of the bar: anything may follow anything. */
export const coded = defineStrategy({
  name: 'coded',
  title: 'Coded',
  description: 'Reads what it wants from the volume.',
  params: {
    exits: { type: 'boolean', default: false, description: 'Whether it asks for exits.' },
    stops: { type: 'boolean', default: false, description: 'Whether it enters by stops.' },
    turn: { type: 'integer', min: 0, max: 3, default: 0, description: 'By how much it reads on.' },
  },
  indicators: () => ({ code: ofField(sma, { period: 1 }, 'volume') }),
  initialState: { longs: 0 },
  update: ({ code }, { longs }) => ({ longs: code % 4 === 0 ? longs + 1 : longs }),
  decide: ({ code }, { longs }, { bar, params }): Target | undefined => {
    const read = code + params.turn;
    const digit = (place: number) => Math.floor(read / 4 ** place) % 4;
    const direction = (['long', 'flat', 'short', undefined] as const)[digit(0)];
    if (direction === undefined) return undefined;
    const sign = direction === 'long' ? 1 : -1;
    const cents = (amount: number) => priceNanos(bar.closeNanos + amount * CENT);
    const byStop = params.stops && direction !== 'flat' && digit(5) !== 1;
    const forces = byStop ? (['gtc', 'day', 'ioc'] as const) : TIMES_IN_FORCE;
    const timeInForce = forces[Math.floor(code / 300) % forces.length];
    return {
      direction,
      strength: direction === 'flat' ? 0 : (([1, 0.5, 1, 0.25] as const)[digit(1)] ?? 1),
      ...(digit(2) === 1 ? { limitPriceNanos: cents((byStop ? 3 : -2) * sign) } : {}),
      ...(byStop ? { entryStopPriceNanos: cents((digit(5) - 1) * sign) } : {}),
      ...(digit(3) === 1 && timeInForce !== undefined ? { timeInForce } : {}),
      ...(params.exits && digit(2) > 1 ? { stopPriceNanos: cents(-4 * sign) } : {}),
      ...(params.exits && digit(3) > 1 ? { takeProfitPriceNanos: cents(4 * sign) } : {}),
      ...(params.exits && digit(4) === 1 ? { trailNanos: priceNanos(5 * CENT) } : {}),
      ...(params.exits && digit(4) === 2 ? { trailBps: 40 } : {}),
      reason: () => `code ${code} after ${longs} longs`,
    };
  },
});

/** A strategy that reads AAA and a symbol that is not traded, of five minutes too where it is told so. */
export const beside = defineStrategy({
  name: 'beside',
  title: 'Beside',
  description: 'Compares a symbol with others.',
  params: { five: { type: 'boolean', default: false, description: 'Reads longer bars too.' } },
  indicators: ({ five }) => ({
    own: ofField(sma, { period: 2 }, 'close'),
    first: ofSymbol('AAA', ofField(sma, { period: 1 }, 'close')),
    other: ofSymbol('ZZZ', ofNode(sma, { period: 2 }, ofField(sma, { period: 3 }, 'close'))),
    longer: ofSymbol('ZZZ', ofField(sma, { period: 1 }, 'close', five ? '5m' : '1m')),
  }),
  initialState: { seen: 0 },
  update: (_values, { seen }) => ({ seen: seen + 1 }),
  decide: ({ own, first, other, longer }, { seen }): Target => {
    const isLong = own + longer > first + other;
    const reason = `${seen}: ${own} ${first} ${other} ${longer}`;
    return { direction: isLong ? 'long' : 'flat', strength: isLong ? 1 : 0, reason };
  },
});

const strategies = fc.constantFrom(
  { strategy: beside, params: {} },
  { strategy: maCross, params: { fast: 1, slow: 2 } },
  { strategy: maCross, params: { fast: 2, slow: 5, entry: 'cross' } },
  { strategy: multiTimeframeCross, params: { fast: 1, medium: 2, slow: 4 } },
  { strategy: coded, params: {} },
  { strategy: coded, params: {} },
  { strategy: coded, params: { exits: true } },
  { strategy: coded, params: { stops: true } },
  { strategy: coded, params: { exits: true, stops: true } },
);

const sizing: fc.Arbitrary<SizingRule> = fc.constantFrom(
  { kind: 'fixedQuantity', quantity: 7 },
  { kind: 'fixedQuantity', quantity: 3_000 },
  { kind: 'equityFraction', fraction: 0.3 },
  { kind: 'cashFraction', fraction: 0.9, feeBps: 5 },
  { kind: 'atrRisk', riskFraction: 0.001, atrBars: 3, atrMultiple: 1.5, maxFraction: 0.4 },
  { kind: 'volatilityTarget', annualVolatility: 0.5, lookbackBars: 4, maxFraction: 0.8 },
);

const matcher: fc.Arbitrary<MatcherConfig> = fc.record(
  {
    limitFill: fc.constantFrom('through', 'touch'),
    maxVolumeFraction: fc.constantFrom(0.01, 0.2),
    commission: fc.constantFrom(
      { kind: 'none' },
      { kind: 'bps', feeBps: 5 },
      { kind: 'perUnit', feeMicrosPerUnit: 5_000, minimumMicros: 1_000_000 },
      { kind: 'perOrder', feeMicros: 350_000 },
    ),
    slippage: fc.constantFrom({ kind: 'none' }, { kind: 'bps', slippageBps: 5 }),
  },
  { requiredKeys: ['limitFill', 'commission', 'slippage'] },
);

const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const money = (...units: readonly number[]) =>
  fc.constantFrom(...units.map((one) => cashMicros(one * 1_000_000)));
const minutes = (...count: readonly number[]) =>
  fc.constantFrom(...count.map((one) => one * US_PER_MINUTE));

/** Limits of what has been, of the time of day, of sizes and of parts; few at a time. */
const furtherLimits: fc.Arbitrary<Partial<RiskLimits>> = fc
  .record({
    maxTradesPerDay: seldom(fc.integer({ min: 1, max: 6 })),
    maxOrdersPerMinute: seldom(fc.integer({ min: 1, max: 3 })),
    cooldownUs: seldom(minutes(2, 10)),
    duplicateWindowUs: seldom(minutes(3, 8)),
    maxPositions: seldom(fc.integer({ min: 1, max: 2 })),
    maxDrawdownFraction: seldom(fc.constantFrom(0.0005, 0.02)),
    maxSymbolDailyLossMicros: seldom(money(1, 20)),
    flatBeforeCloseMinutes: seldom(fc.integer({ min: 2, max: 15 })),
    killTime: seldom(fc.constantFrom('12:50', '09:40')),
    sessionStart: seldom(fc.constantFrom('09:33', '12:40')),
    settledCashOnly: seldom(fc.boolean()),
    capitalReserveMicros: seldom(money(100, 90_000)),
    maxOrderNotionalMicros: seldom(money(100, 5_000)),
    longOnly: seldom(fc.boolean()),
    resize: fc.boolean(),
    calendar: seldom(fc.constantFrom('24x7', 'XNYS')),
    scopes: seldom(
      fc.constantFrom(
        [{ symbol: 'AAA', maxPositionUnits: 3, maxDailyLossMicros: cashMicros(2_000_000) }],
        [{ symbol: 'BBB', flatBeforeCloseMinutes: 4, maxTradesPerDay: 2 }],
      ),
    ),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));

const closingLimits: fc.Arbitrary<Partial<RiskLimits>> = fc.constantFrom(
  { policies: POLICY_NAMES, flatBeforeCloseMinutes: 10 },
  { policies: POLICY_NAMES, killTime: '12:48' },
  { policies: POLICY_NAMES, scopes: [{ symbol: 'AAA', killTime: '12:48' }] },
);

const limits: fc.Arbitrary<RiskLimits> = fc
  .record({
    policies: fc.subarray<PolicyName>([...POLICY_NAMES], { minLength: 18 }),
    maxSymbolNotionalMicros: fc.constantFrom(cashMicros(20_000_000), cashMicros(9_000_000_000)),
    bufferBps: fc.constantFrom(0, 50),
    entryTiming: fc.constantFrom('deny', 'nextOpen'),
    maxDecisionAgeUs: fc.constant(DEFAULT_LIMITS.maxDecisionAgeUs),
    further: fc.oneof(fc.constant({}), furtherLimits, closingLimits),
  })
  .map(({ further, ...common }) => ({ ...common, ...further }));

const schedules = fc.constantFrom<BotSchedule>(
  { start: '12:40', end: '12:55', atEnd: 'flatten' },
  { start: '09:35', end: '12:50', atEnd: 'hold' },
);

/** A run and its bars. */
export interface TestWorld {
  readonly spec: BacktestSpec;
  readonly series: readonly BacktestSeries[];
}

export const worlds: fc.Arbitrary<TestWorld> = fc
  .record({
    raw: fc.array(rawBars, { minLength: 1, maxLength: SYMBOLS.length }),
    other: rawBars,
    chosen: strategies,
    sizing,
    matcher,
    limits,
    cash: fc.constantFrom(500, 100_000),
    schedule: fc.option(schedules, { nil: undefined, freq: 4 }),
    fillAt: fc.constantFrom('nextOpen' as const, 'nextOpen' as const, 'sameClose' as const),
  })
  .map(({ raw, chosen, sizing: rule, matcher: config, limits: rules, cash, ...rest }) => ({
    spec: {
      runId: 'run',
      ...chosen,
      timeframe: '1m',
      ...(rest.schedule === undefined ? {} : { schedule: rest.schedule }),
      cashMicros: cashMicros(cash * 1_000_000),
      sizing: rule,
      limits: rules,
      matcher: config,
      execution: { fillAt: rest.fillAt, closeAtEnd: false },
      instruments: INSTRUMENTS,
      calendarOf,
    },
    series: withReferences(
      raw.map((bars, index) => seriesOf(SYMBOLS[index] ?? '', bars)),
      seriesOf(
        'ZZZ',
        rest.other.map((bar, minute) => (raw.some((bars) => bars[minute] !== null) ? bar : null)),
      ),
    ),
  }));

/** Lets all series see the bars of the first and of another, which has some only in minutes in which one of them has. */
function withReferences(
  series: readonly BacktestSeries[],
  other: BacktestSeries,
): readonly BacktestSeries[] {
  const references = new Map(
    [...series.slice(0, 1), other].map(({ symbol, bars, higher = new Map() }) => [
      symbol,
      { symbol, calendar: 'XNYS', bars: new Map([['1m', bars] as const, ...higher]) },
    ]),
  );
  return series.map((one) => ({ ...one, references }));
}

/** The series and what they refer to as a feed gives them: slices in order of time, the shorter bars first. */
export function slicesOf(
  series: readonly BacktestSeries[],
  timeframes: readonly Timeframe[],
): readonly BarSlice[] {
  const byEnd = new Map<number, Bar[]>();
  const take = (bars: SeriesColumns, timeframe: Timeframe, symbol: string) => {
    for (let row = 0; row < bars.endUs.length; row += 1) {
      const bar = barOfRow({ symbol, timeframe, bars }, row);
      byEnd.set(bar.endUs, [...(byEnd.get(bar.endUs) ?? []), bar]);
    }
  };
  const own = series.map(({ symbol, bars, higher = [] }) => ({
    symbol,
    bars: new Map([['1m', bars] as const, ...higher]),
  }));
  const references = [...(series[0]?.references?.values() ?? [])];
  const beside = references.filter(({ symbol }) => own.every((one) => one.symbol !== symbol));
  for (const { symbol, bars } of [...own, ...beside]) {
    for (const [timeframe, columns] of bars) {
      if (timeframe === '1m' || timeframes.includes(timeframe)) take(columns, timeframe, symbol);
    }
  }
  return [...byEnd]
    .sort(([a], [b]) => a - b)
    .map(([endUs, bars]) => ({ feed: 'feed', endUs: endUs as Bar['endUs'], bars }));
}
