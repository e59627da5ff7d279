import { dayNumber, newYorkTimeUs } from '@capstan/calendar';
import { cashMicros, US_PER_MINUTE } from '@capstan/domain';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { PLAIN_MATCHER_CONFIG } from '../matching/matcher-config.ts';
import { type BacktestSpec, PLAIN_EXECUTION } from './backtest-spec.ts';
import type { BacktestSeries, SeriesColumns } from './series-columns.ts';
import { CENT, calendarOf, coded, INSTRUMENTS } from './test-run-world.ts';

/**
 * What a bar makes `coded` want. `gtcLimit` is long two cents below the close, good till cancelled; `flatOnOpen` is flat at the next
 * session's open.
 */
export const WANT = {
  ...{ long: 0, flat: 1, short: 2, nothing: 3 },
  ...{ gtcLimit: 336, flatOnOpen: 1_089 },
} as const;

/** A bar of a script: date, minute of the day in New York, four prices in cents, and what it makes the strategy want. */
export type ScriptBar = readonly [
  date: string,
  minute: number,
  ohlc: readonly [number, number, number, number],
  want: keyof typeof WANT,
];

const OPEN = 9 * 60 + 30;

/** Minutes of a session from its open, each with one price in cents. */
export function session(
  date: string,
  prices: readonly (readonly [cents: number, want?: keyof typeof WANT])[],
): readonly ScriptBar[] {
  return prices.map(([cents, want = 'nothing'], minute) => {
    return [date, OPEN + minute, [cents, cents, cents, cents], want];
  });
}

/** Makes a series of scripted bars. */
export function scripted(
  symbol: string,
  script: readonly ScriptBar[],
  more: Partial<BacktestSeries> = {},
): BacktestSeries {
  const startUs = Float64Array.from(script, ([date, minute]) =>
    newYorkTimeUs(dayNumber(date), minute),
  );
  const price = (at: 0 | 1 | 2 | 3) => Float64Array.from(script, ([, , ohlc]) => ohlc[at] * CENT);
  const bars: SeriesColumns = {
    startUs,
    endUs: startUs.map((us) => us + US_PER_MINUTE),
    openNanos: price(0),
    highNanos: price(1),
    lowNanos: price(2),
    closeNanos: price(3),
    volume: Float64Array.from(script, ([, , , want]) => WANT[want]),
  };
  return { symbol, bars, ...more };
}

/** A run of `coded` with 100 shares and 100,000 of cash, without policies, costs or slippage. */
export function scriptedSpec(changes: Partial<BacktestSpec> = {}): BacktestSpec {
  return {
    runId: 'run',
    strategy: coded,
    params: {},
    timeframe: '1m',
    cashMicros: cashMicros(100_000_000_000),
    sizing: { kind: 'fixedQuantity', quantity: 100 },
    limits: { ...DEFAULT_LIMITS, policies: [] },
    matcher: PLAIN_MATCHER_CONFIG,
    execution: PLAIN_EXECUTION,
    instruments: INSTRUMENTS,
    calendarOf,
    ...changes,
  };
}
