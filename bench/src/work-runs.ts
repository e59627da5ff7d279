import { CalendarBook } from '@capstan/calendar';
import { cashMicros, InstrumentBook, priceNanos, US_PER_MINUTE, usEquity } from '@capstan/domain';
import type { BacktestSeries, BacktestSpec } from '@capstan/engine';
import { maCross } from '@capstan/strategy';
import { rangeCross } from './range-cross.ts';
import { workBars } from './work-bars.ts';

/** What several engines agree on. */
export interface WorkResult {
  readonly equity: number;
  readonly fills: number;
}

/** A backtest of the works that the field is compared on. */
export interface WorkRun {
  readonly what: string;
  readonly bars: number;
  readonly spec: BacktestSpec;
  readonly series: () => readonly BacktestSeries[];
  readonly agreed: WorkResult;
}

const calendars = new CalendarBook();
const CASH_MICROS = cashMicros(1e12);
const HUNDRED_UNITS = 100e9;

function specOf(symbols: readonly string[], more: Partial<BacktestSpec>): BacktestSpec {
  const tickNanos = priceNanos(1);
  return {
    runId: 'work',
    strategy: maCross,
    params: { fast: 20, slow: 50, entry: 'cross' },
    timeframe: '1m',
    cashMicros: CASH_MICROS,
    sizing: { kind: 'fixedQuantity', quantity: HUNDRED_UNITS },
    limits: {
      policies: [],
      bufferBps: 0,
      entryTiming: 'nextOpen',
      maxDecisionAgeUs: US_PER_MINUTE,
    },
    matcher: {
      limitFill: 'touch',
      commission: { kind: 'bps', feeBps: 1 },
      slippage: { kind: 'none' },
    },
    execution: { fillAt: 'nextOpen', closeAtEnd: false },
    instruments: new InstrumentBook(
      symbols.map((symbol) => {
        return { ...usEquity(symbol), calendar: '24x7', quantityScale: 9, tickNanos };
      }),
    ),
    calendarOf: (name) => calendars.get(name),
    ...more,
  };
}

const ALL_AT_CLOSE = {
  sizing: { kind: 'cashFraction', fraction: 1, feeBps: 1 },
  execution: { fillAt: 'sameClose', closeAtEnd: false },
} as const;

/** Returns the account that the sweep of work B runs. */
export const sweepSpec = (): BacktestSpec => specOf(['A'], ALL_AT_CLOSE);

const ONE = () => [workBars('A', 42, 1_000_000)];
const D_SYMBOLS = Array.from({ length: 100 }, (_, index) => `S${String(index).padStart(2, '0')}`);

/** The works A, C and D by name. */
export const WORK_RUNS: Readonly<Record<string, WorkRun>> = {
  'a-open': {
    what: '100 units at the next open',
    bars: 1_000_000,
    spec: specOf(['A'], {}),
    series: ONE,
    agreed: { equity: 974_235.7511, fills: 22_594 },
  },
  'a-close': {
    what: 'all cash at the close',
    bars: 1_000_000,
    spec: specOf(['A'], ALL_AT_CLOSE),
    series: ONE,
    agreed: { equity: 77_598.67238, fills: 22_594 },
  },
  c: {
    what: 'stop and target, all cash at the close',
    bars: 1_000_000,
    spec: specOf(['A'], { ...ALL_AT_CLOSE, strategy: rangeCross, params: {} }),
    series: ONE,
    agreed: { equity: 70_665.49543, fills: 22_594 },
  },
  d: {
    what: '100 symbols, one cash, 100 units at the next open',
    bars: 2_500_000,
    spec: specOf(D_SYMBOLS, {}),
    series: () => D_SYMBOLS.map((symbol, index) => workBars(symbol, 1_000 + index, 25_000)),
    agreed: { equity: 951_630.646058, fills: 56_085 },
  },
};
