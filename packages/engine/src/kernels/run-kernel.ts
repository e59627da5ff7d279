import { assert, cashMicros } from '@capstan/domain';
import { checkSizing } from '@capstan/portfolio';
import { checkLimits } from '@capstan/risk';
import { OPINION, type ResolvedParameters, resolveParameters } from '@capstan/strategy';
import { matcherRules } from '../matching/matcher-config.ts';
import type { BacktestOptions, BacktestResult } from '../run/backtest-result.ts';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import { checkSeries } from '../run/check-series.ts';
import { digestOf } from '../run/digest.ts';
import { columnsOfSeries } from '../run/graph-of-series.ts';
import { EVENTS_PER_STEP, inOnePiece, RunMeter, type RunSteps } from '../run/run-steps.ts';
import { type BacktestSeries, warmupRowsOf } from '../run/series-columns.ts';
import { signalsOf } from '../run/signals.ts';
import { mergeTimeline } from '../run/timeline.ts';
import { KernelCurve } from './kernel-curve.ts';
import { KernelLoop } from './kernel-loop.ts';
import { KernelRows } from './kernel-rows.ts';
import { type KernelSignals, kernelSignals } from './kernel-signals.ts';
import { KernelSymbol } from './kernel-symbol.ts';
import { planRun } from './plan-run.ts';
import { areInSessions } from './session-check.ts';

/** What a kernel made of a run. */
export type KernelOutcome =
  | { readonly kind: 'done'; readonly result: BacktestResult }
  /** The full path has to compute it. */
  | { readonly kind: 'left'; readonly why: string };

/**
 * Computes a run by a specialised kernel, or leaves it to the full path. Orders, fills, equity and digest are those of
 * `runBacktest`, bit for bit.
 * @param series one for each symbol, in any order; bars whose prices do not contradict each other.
 * @throws what `runBacktest` throws of the spec and the series.
 */
export function runKernel(
  spec: BacktestSpec,
  series: readonly BacktestSeries[],
  options: BacktestOptions = {},
): KernelOutcome {
  return inOnePiece(kernelSteps(spec, series, options));
}

/**
 * As {@link runKernel}, in pieces.
 * @param meter that counts what is done of it.
 */
export function* kernelSteps(
  spec: BacktestSpec,
  series: readonly BacktestSeries[],
  options: BacktestOptions = {},
  meter = new RunMeter(series),
): RunSteps<KernelOutcome> {
  checkSeries(series);
  checkSizing(spec.sizing);
  checkLimits(spec.limits);
  const rules = matcherRules(spec.matcher);
  const plan = planRun(spec, series);
  if (plan.path === 'full') return { kind: 'left', why: plan.why };
  const sorted = [...series].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  const timeline = mergeTimeline(sorted.map((one) => one.bars.endUs));
  const params = resolveParameters(spec.strategy, spec.params);
  const symbols: KernelSymbol[] = [];
  for (const [index, one] of sorted.entries()) {
    const sliceOfRow = timeline.sliceOfRow[index];
    const symbol = kernelSymbol(spec, { series: one, index, sliceOfRow, params, options });
    if (typeof symbol === 'string') return { kind: 'left', why: symbol };
    symbols.push(symbol);
    yield meter.asked(one.bars.endUs.length);
  }
  const capacity = capacityOf(symbols);
  const rows = new KernelRows(capacity);
  const curve = new KernelCurve(
    { symbols: symbols.length, fills: capacity.fills },
    spec.cashMicros,
  );
  const timelineUs = timeline.endUs;
  const loop = new KernelLoop({ spec, rules, timelineUs, symbols, rows, curve });
  const { stepSize = EVENTS_PER_STEP } = options;
  while (loop.advance(stepSize)) yield meter.played(loop.slicesDone, timelineUs);
  if (loop.gaveUp !== undefined) return { kind: 'left', why: loop.gaveUp };
  const columns = curve.columns(symbols, timelineUs.length, options);
  const parts = {
    symbols: symbols.map((one) => one.symbol),
    orders: rows.orders(),
    fills: rows.fills(),
    cashEvents: [],
    finalCashMicros: cashMicros(loop.cash),
    positions: symbols
      .filter((one) => one.isTraded)
      .map(({ symbol, position }) => ({ symbol, position })),
  };
  const result: BacktestResult = {
    path: 'kernel',
    timelineUs,
    ...columns,
    ...parts,
    signals: symbols.map((one) => one.signalColumns),
    denials: [],
    halts: [],
    finalEquityMicros: columns.equityMicros[timelineUs.length - 1] ?? spec.cashMicros,
    digest: (sha256) => digestOf(parts, sha256),
  };
  return { kind: 'done', result };
}

/** Returns a symbol as the kernel takes it, or why it does not. */
function kernelSymbol(
  spec: BacktestSpec,
  parts: {
    readonly series: BacktestSeries;
    readonly index: number;
    readonly sliceOfRow: Int32Array | undefined;
    readonly params: ResolvedParameters;
    readonly options: BacktestOptions;
  },
): KernelSymbol | string {
  const { series, index, sliceOfRow, params, options } = parts;
  const { strategy, timeframe } = spec;
  const { symbol, bars } = series;
  const instrument = spec.instruments.get(symbol);
  const calendar = spec.calendarOf(instrument.calendar);
  if (!areInSessions(bars, calendar)) return `${symbol} has bars outside its sessions`;
  const graph = strategy.indicators(params);
  const columns = columnsOfSeries({
    ...{ graph, base: timeframe, series, options },
    ...{ calendar, calendarOf: spec.calendarOf },
    indicatorsSee: spec.execution.indicatorsSee ?? 'splits',
  });
  const signalColumns = signalsOf({
    ...{ symbol, strategy, params, timeframe, columns },
    bars: series.indicatorBars ?? bars,
    warmupRows: warmupRowsOf(series),
  });
  const signals = kernelSignals(signalColumns, bars, spec.execution.fillAt);
  if (signals === undefined) return `${strategy.name} asks for more than stops and targets`;
  return new KernelSymbol({
    ...{ index, symbol, bars, instrument, calendar, signals, signalColumns, sliceOfRow },
  });
}

/** The most orders and fills that signals can lead to: an order each, and of an entry two exits and the fill of one of them. */
function capacityOf(symbols: readonly KernelSymbol[]): { orders: number; fills: number } {
  let orders = 0;
  let fills = 0;
  for (const { signals } of symbols) {
    const protectedEntries = signals.stopNanos === undefined ? 0 : entriesOf(signals);
    orders += signals.count + 2 * protectedEntries;
    fills += signals.count + protectedEntries;
  }
  assert(Number.isSafeInteger(orders), 'orders can be counted');
  return { orders, fills };
}

function entriesOf({ count, opinion }: KernelSignals): number {
  let entries = 0;
  for (let index = 0; index < count; index += 1) if (opinion[index] !== OPINION.flat) entries += 1;
  return entries;
}
