import type { Calendar } from '@capstan/calendar';
import { AppError, type InstrumentBook } from '@capstan/domain';
import {
  type BacktestResult,
  type BacktestSeries,
  type BacktestSpec,
  ORDER_CAUSES,
  ORDER_ENDS,
  PLAIN_EXECUTION,
  PLAIN_MATCHER_CONFIG,
  type ReferenceSeries,
  type RunSteps,
  resampleColumns,
  runSteps,
} from '@capstan/engine';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { graphReferences, resolveParameters, type StrategyRegistry } from '@capstan/strategy';
import type { JobSpec } from './config.ts';
import { LIMITS } from './limits.ts';

const ACCOUNT = 'backtest';
const BOT = 'backtest';
const TIMEFRAME = '1m';

/** What a job plays. */
export interface JobWorld {
  /** One-minute bars, a series a symbol. */
  readonly series: readonly BacktestSeries[];
  /** Names the bars' content. */
  readonly fingerprint: string;
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  readonly strategies: StrategyRegistry;
}

/** What came of a job. Cash and equity in micros, times in microseconds. */
export interface JobResult {
  readonly bars: number;
  readonly slices: number;
  readonly fingerprint: string;
  readonly signals: number;
  readonly intents: number;
  readonly denials: Readonly<Record<string, number>>;
  readonly orders: Readonly<Record<string, number>>;
  readonly fills: number;
  readonly feesMicros: number;
  readonly startEquityMicros: number;
  readonly endEquityMicros: number;
  readonly endCashMicros: number;
  /** Largest fall of equity from its highest point, 0 or below, as a fraction. */
  readonly maxDrawdownFraction: number;
  /** At most {@link LIMITS.curvePoints} points, evenly thinned, the last always. */
  readonly equity: readonly (readonly [atUs: number, equityMicros: number])[];
  /** SHA-256 over orders, fills, cash and positions: equal runs have equal digests. */
  readonly digest: string;
}

/**
 * Plays bars through strategy, sizing, risk and matcher, in one process and without a clock.
 * @returns the run in pieces, so that whoever runs it can look up; its result is the job's.
 * @throws BACKTEST.SYMBOL, STRATEGY.UNKNOWN, STRATEGY.PARAMETER_UNKNOWN and what strategies throw.
 */
export function* runJob(jobId: string, spec: JobSpec, world: JobWorld): RunSteps<JobResult> {
  const backtest = specOf(jobId, spec, world);
  const series = seriesOf(spec, world, backtest);
  if (series.length === 0) return emptyResult(spec, world);
  const result = yield* runSteps(backtest, series);
  return resultOf(spec, world, series, result);
}

function seriesOf(
  spec: JobSpec,
  { series }: JobWorld,
  { strategy, params, instruments, calendarOf }: BacktestSpec,
): readonly BacktestSeries[] {
  for (const symbol of spec.symbols ?? []) oneOf(series, symbol, '');
  const traded = series.filter(({ symbol }) => spec.symbols?.includes(symbol) ?? true);
  const graph = strategy.indicators(resolveParameters(strategy, params));
  const references = new Map<string, ReferenceSeries>();
  for (const [symbol, timeframes] of graphReferences(graph, TIMEFRAME)) {
    const { bars } = oneOf(series, symbol, `, which strategy '${strategy.name}' reads`);
    const name = instruments.get(symbol).calendar;
    const calendar = calendarOf(name);
    const byTimeframe = timeframes.map((timeframe) => {
      const isOwn = timeframe === TIMEFRAME;
      return [
        timeframe,
        isOwn ? bars : resampleColumns(bars, { timeframe, calendar }).bars,
      ] as const;
    });
    references.set(symbol, { symbol, calendar: name, bars: new Map(byTimeframe) });
  }
  return references.size === 0 ? traded : traded.map((one) => ({ ...one, references }));
}

function oneOf(series: readonly BacktestSeries[], symbol: string, why: string): BacktestSeries {
  const found = series.find((one) => one.symbol === symbol);
  if (found !== undefined) return found;
  throw new AppError({
    code: 'BACKTEST.SYMBOL',
    why: `the bars have no symbol '${symbol}'${why}.`,
    fix: `They have: ${series.map((one) => one.symbol).join(', ')}.`,
  });
}

function specOf(jobId: string, spec: JobSpec, world: JobWorld): BacktestSpec {
  return {
    runId: jobId,
    botId: BOT,
    accountId: ACCOUNT,
    strategy: world.strategies.get(spec.strategy),
    params: spec.params,
    timeframe: TIMEFRAME,
    cashMicros: spec.cashMicros,
    sizing: spec.sizing,
    limits: DEFAULT_LIMITS,
    matcher: PLAIN_MATCHER_CONFIG,
    execution: PLAIN_EXECUTION,
    instruments: world.instruments,
    calendarOf: world.calendarOf,
  };
}

function resultOf(
  spec: JobSpec,
  { fingerprint }: JobWorld,
  series: readonly BacktestSeries[],
  result: BacktestResult,
): JobResult {
  const { orders, fills, denials, timelineUs, equityMicros } = result;
  const fromSignals = orders.cause
    .subarray(0, orders.count)
    .filter((cause) => ORDER_CAUSES[cause] === 'signal').length;
  const ends = Array.from(
    orders.state.subarray(0, orders.count),
    (state) => ORDER_ENDS[state] ?? 'working',
  );
  return {
    bars: series.reduce((sum, { bars }) => sum + bars.endUs.length, 0),
    slices: timelineUs.length,
    fingerprint,
    signals: result.signals.reduce((sum, { count }) => sum + count, 0),
    intents: fromSignals + denials.length,
    denials: counted(denials.map(({ policy }) => policy)),
    orders: counted(ends),
    fills: fills.count,
    feesMicros: fills.feeMicros.subarray(0, fills.count).reduce((sum, fee) => sum + fee, 0),
    startEquityMicros: spec.cashMicros,
    endEquityMicros: result.finalEquityMicros,
    endCashMicros: result.finalCashMicros,
    maxDrawdownFraction: drawdownOf(spec.cashMicros, equityMicros),
    equity: thinned(timelineUs, equityMicros),
    digest: result.digest(),
  };
}

function emptyResult({ cashMicros }: JobSpec, { fingerprint }: JobWorld): JobResult {
  return {
    bars: 0,
    slices: 0,
    fingerprint,
    signals: 0,
    intents: 0,
    denials: {},
    orders: {},
    fills: 0,
    feesMicros: 0,
    startEquityMicros: cashMicros,
    endEquityMicros: cashMicros,
    endCashMicros: cashMicros,
    maxDrawdownFraction: 0,
    equity: [],
    digest: '',
  };
}

function drawdownOf(startMicros: number, equityMicros: Float64Array): number {
  let peak = startMicros;
  let drawdown = 0;
  for (const equity of equityMicros) {
    if (equity > peak) peak = equity;
    else if (peak > 0) drawdown = Math.min(drawdown, equity / peak - 1);
  }
  return drawdown;
}

function thinned(
  timelineUs: Float64Array,
  equityMicros: Float64Array,
): readonly (readonly [number, number])[] {
  const rows = timelineUs.length;
  const step = Math.max(1, Math.ceil(rows / (LIMITS.curvePoints - 1)));
  const points: (readonly [number, number])[] = [];
  for (let row = 0; row < rows; row += 1) {
    if (row % step !== 0 && row !== rows - 1) continue;
    points.push([timelineUs[row] ?? 0, equityMicros[row] ?? 0]);
  }
  return points;
}

function counted(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of [...names].sort()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}
