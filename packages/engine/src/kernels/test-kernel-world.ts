import { CalendarBook, dayNumber, newYorkTimeUs } from '@capstan/calendar';
import {
  cashMicros,
  InstrumentBook,
  priceNanos,
  quantity,
  US_PER_MINUTE,
  usEquity,
} from '@capstan/domain';
import { sma } from '@capstan/indicators';
import type { SizingRule } from '@capstan/portfolio';
import { DEFAULT_LIMITS, type PolicyName, type RiskLimits } from '@capstan/risk';
import { defineStrategy, maCross, OPINION, ofField, type Target } from '@capstan/strategy';
import fc from 'fast-check';
import type { MatcherConfig } from '../matching/matcher-config.ts';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import type { BacktestSeries } from '../run/series-columns.ts';

const CENT = 10_000_000;
const calendars = new CalendarBook();
const INSTRUMENTS = new InstrumentBook([
  usEquity('AAA'),
  { ...usEquity('BBB'), calendar: '24x7', quantityScale: 9, tickNanos: priceNanos(1) },
  { ...usEquity('CCC'), quantityScale: 3, lot: quantity(10) },
]);
const SYMBOLS = ['AAA', 'BBB', 'CCC'];
const BARS = 60;

/** Minutes of New York sessions: the end of one, all of a short part of the next, and the begin of a third. */
const MINUTES = [
  ...Array.from({ length: 20 }, (_, minute) => ['2024-07-03', 12 * 60 + 40 + minute] as const),
  ...Array.from({ length: 20 }, (_, minute) => ['2024-07-05', 9 * 60 + 30 + minute] as const),
  ...Array.from({ length: 20 }, (_, minute) => ['2024-07-08', 9 * 60 + 30 + minute] as const),
].map(([date, minute]) => newYorkTimeUs(dayNumber(date), minute));

/** Reads what it wants from the volume: direction, and distances of stop and target in cents. */
const scripted = defineStrategy({
  name: 'scripted',
  title: 'Scripted',
  description: 'Reads what it wants from the volume.',
  params: {
    exits: { type: 'boolean', default: false, description: 'Whether it asks for exits.' },
  },
  indicators: () => ({ code: ofField(sma, { period: 1 }, 'volume') }),
  initialState: {},
  decide: ({ code }, _, { bar, params }): Target | undefined => {
    const { direction, stop, target } = read(code, bar.closeNanos, params.exits);
    if (direction === OPINION.none) return undefined;
    return {
      direction: direction === OPINION.flat ? 'flat' : direction > 0 ? 'long' : 'short',
      strength: direction === OPINION.flat ? 0 : 1,
      ...(Number.isNaN(stop) ? {} : { stopPriceNanos: priceNanos(stop) }),
      ...(Number.isNaN(target) ? {} : { takeProfitPriceNanos: priceNanos(target) }),
      reason: 'scripted',
    };
  },
  decideColumns: ({ code }, { bars, params, fromRow }) => {
    const rows = code.length;
    const direction = new Int8Array(rows).fill(OPINION.none);
    const stopPriceNanos = new Float64Array(rows).fill(Number.NaN);
    const takeProfitPriceNanos = new Float64Array(rows).fill(Number.NaN);
    for (let row = fromRow; row < rows; row += 1) {
      const wish = read(code[row] ?? 0, bars.closeNanos[row] ?? 0, params.exits);
      direction[row] = wish.direction;
      stopPriceNanos[row] = wish.stop;
      takeProfitPriceNanos[row] = wish.target;
    }
    const exits = params.exits ? { stopPriceNanos, takeProfitPriceNanos } : {};
    return { direction, ...exits, reasonAt: () => 'scripted' };
  },
});

function read(code: number, close: number, exits: boolean) {
  const digit = (place: number) => Math.floor(code / 5 ** place) % 5;
  const direction = ([1, 0, -1, 2, 2] as const)[digit(0)] ?? OPINION.none;
  const none = { direction, stop: Number.NaN, target: Number.NaN };
  if (!exits || direction === OPINION.flat || direction === OPINION.none) return none;
  const [stop, target] = [digit(1), digit(2)];
  return {
    direction,
    stop: stop === 0 ? Number.NaN : close - direction * stop * 2 * CENT,
    target: target === 0 ? Number.NaN : close + direction * target * 2 * CENT,
  };
}

const rawBar = fc.record({
  open: fc.integer({ min: -3, max: 3 }),
  up: fc.nat(3),
  down: fc.nat(3),
  close: fc.integer({ min: -3, max: 3 }),
  code: fc.nat(124),
});
const rawBars = fc.array(fc.option(rawBar, { freq: 8 }), { minLength: BARS, maxLength: BARS });

type RawBar = Exclude<Parameters<typeof seriesOf>[1][number], null>;

function seriesOf(
  symbol: string,
  raw: readonly ({ open: number; up: number; down: number; close: number; code: number } | null)[],
): BacktestSeries {
  const kept: { readonly start: number; readonly bar: RawBar }[] = [];
  raw.forEach((bar, index) => {
    if (bar !== null) kept.push({ start: MINUTES[index] ?? 0, bar });
  });
  const columns = ['openNanos', 'highNanos', 'lowNanos', 'closeNanos'] as const;
  const prices = columns.map(() => new Float64Array(kept.length));
  let last = 1_000;
  kept.forEach(({ bar }, row) => {
    const open = last + bar.open;
    const close = open + bar.close;
    last = close;
    const cents = [open, Math.max(open, close) + bar.up, Math.min(open, close) - bar.down, close];
    cents.forEach((price, at) => {
      const column = prices[at];
      if (column !== undefined) column[row] = price * CENT;
    });
  });
  const [openNanos, highNanos, lowNanos, closeNanos] = prices as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const startUs = Float64Array.from(kept, ({ start }) => start);
  const endUs = startUs.map((us) => us + US_PER_MINUTE);
  const volume = Float64Array.from(kept, ({ bar }) => bar.code);
  return {
    symbol,
    bars: { startUs, endUs, openNanos, highNanos, lowNanos, closeNanos, volume },
  };
}

const strategies = fc.constantFrom(
  { strategy: maCross, params: { fast: 1, slow: 2 } },
  { strategy: maCross, params: { fast: 2, slow: 5, entry: 'cross' } },
  { strategy: scripted, params: {} },
  { strategy: scripted, params: { exits: true } },
  { strategy: scripted, params: { exits: true } },
);

const sizing: fc.Arbitrary<SizingRule> = fc.constantFrom(
  { kind: 'fixedQuantity', quantity: 70 },
  { kind: 'fixedQuantity', quantity: 3_000 },
  { kind: 'equityFraction', fraction: 0.3 },
  { kind: 'cashFraction', fraction: 0.9, feeBps: 5 },
  { kind: 'cashFraction', fraction: 1, feeBps: 1 },
);

const matcher: fc.Arbitrary<MatcherConfig> = fc.record({
  limitFill: fc.constantFrom('through', 'touch'),
  commission: fc.constantFrom(
    { kind: 'none' },
    { kind: 'bps', feeBps: 1 },
    { kind: 'bps', feeBps: 5, minimumMicros: 1_000_000 },
    { kind: 'perUnit', feeMicrosPerUnit: 5_000, minimumMicros: 1_000_000 },
    { kind: 'perOrder', feeMicros: 350_000 },
  ),
  slippage: fc.constantFrom(
    { kind: 'none' },
    { kind: 'bps', slippageBps: 5 },
    { kind: 'ticks', slippageTicks: 2 },
  ),
});

const limits: fc.Arbitrary<RiskLimits> = fc.record({
  policies: fc.oneof(
    fc.constant<PolicyName[]>([]),
    fc.constant<PolicyName[]>(['kill-switch', 'decision-age', 'market-hours']),
    fc.constantFrom<PolicyName[]>(['gross-exposure'], ['buying-power']),
    fc.constant<PolicyName[]>([...DEFAULT_LIMITS.policies]),
  ),
  maxGrossExposureMicros: fc.constantFrom(cashMicros(20_000_000_000), cashMicros(9e15)),
  bufferBps: fc.constantFrom(0, 50),
  entryTiming: fc.constantFrom('deny', 'nextOpen', 'nextOpen'),
  maxDecisionAgeUs: fc.constant(DEFAULT_LIMITS.maxDecisionAgeUs),
});

/** A run of what the kernels are for, and some that they leave. */
export interface KernelWorld {
  readonly spec: BacktestSpec;
  readonly series: readonly BacktestSeries[];
}

export const kernelWorlds: fc.Arbitrary<KernelWorld> = fc
  .record({
    raw: fc.array(rawBars, { minLength: 1, maxLength: SYMBOLS.length }),
    first: fc.nat(2),
    chosen: strategies,
    sizing,
    matcher,
    limits,
    cash: fc.constantFrom(100_000, 1_000_000),
    fillAt: fc.constantFrom('nextOpen', 'sameClose'),
  })
  .map(({ raw, first, chosen, cash, fillAt, ...rest }) => ({
    spec: {
      runId: 'run',
      ...chosen,
      ...rest,
      timeframe: '1m',
      cashMicros: cashMicros(cash * 1_000_000),
      execution: { fillAt, closeAtEnd: false },
      instruments: INSTRUMENTS,
      calendarOf: (name) => calendars.get(name),
    },
    series: raw.map((bars, index) => seriesOf(SYMBOLS[(index + first) % 3] ?? '', bars)),
  }));
