import { cashMicros, timeUs } from '@capstan/domain';
import { checkPortfolio, checkSizing } from '@capstan/portfolio';
import { dayCalendar, limitNeeds, type RiskLimits, watchesDailyLoss } from '@capstan/risk';
import { type IndicatorGraph, type ResolvedParameters, resolveParameters } from '@capstan/strategy';
import { AccountCore, HOUSE } from '../account-core.ts';
import { Matcher } from '../matching/matcher.ts';
import { portfolioGraph } from '../portfolio-graph.ts';
import { sizingGraph } from '../sizing-graph.ts';
import { ActionBook } from './action-book.ts';
import { ActionDesk } from './action-desk.ts';
import type { BacktestOptions, BacktestResult, RunPosition } from './backtest-result.ts';
import { BacktestRun } from './backtest-run.ts';
import { type BacktestSpec, runNames } from './backtest-spec.ts';
import { checkSeries } from './check-series.ts';
import { digestOf } from './digest.ts';
import { columnsOfSeries } from './graph-of-series.ts';
import { HaltWatch } from './halt-watch.ts';
import { HoldingsLog } from './holdings-log.ts';
import { LOOP_IDS } from './loop-ids.ts';
import { OrderDesk } from './order-desk.ts';
import { PortfolioDesk, type PortfolioParts } from './portfolio-desk.ts';
import { rebalanceSlices } from './rebalance-slices.ts';
import { inOnePiece, RunMeter, type RunSteps, SLICES_PER_STEP } from './run-steps.ts';
import { type BacktestSeries, tradedRows, warmupRowsOf } from './series-columns.ts';
import { orderSignals } from './signal-order.ts';
import { signalSteps } from './signals.ts';
import { SymbolRun } from './symbol-run.ts';
import { mergeTimeline } from './timeline.ts';

/**
 * Runs a backtest over columns by the classes of live: account, sizing, policies, matcher, ledger. It visits only the slices at
 * which something can happen; what it gives is what the decision core gives slice by slice.
 * @param series one for each symbol, in any order.
 * @throws ENGINE.SERIES, ENGINE.MATCHER_CONFIG, PORTFOLIO.SIZING, PORTFOLIO.RULE, RISK.LIMITS, INSTRUMENT.UNKNOWN, CALENDAR.UNKNOWN, and what a
 * strategy's parameters and decisions lead to.
 */
export function runBacktest(
  spec: BacktestSpec,
  series: readonly BacktestSeries[],
  options: BacktestOptions = {},
): BacktestResult {
  return inOnePiece(backtestSteps(spec, series, options));
}

/**
 * As {@link runBacktest}, in pieces.
 * @param meter that counts what is done of it.
 */
export function* backtestSteps(
  spec: BacktestSpec,
  series: readonly BacktestSeries[],
  options: BacktestOptions = {},
  meter = new RunMeter(series),
): RunSteps<BacktestResult> {
  checkSeries(series);
  checkSizing(spec.sizing);
  if (spec.portfolio !== undefined) checkPortfolio(spec.portfolio);
  const names = runNames(spec);
  const sorted = [...series].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  const timeline = mergeTimeline(sorted.map((one) => one.bars.endUs));
  const params = resolveParameters(spec.strategy, spec.params);
  const symbols: SymbolRun[] = [];
  for (const [index, one] of sorted.entries()) {
    const sliceOfRow = timeline.sliceOfRow[index];
    const parts = { series: one, index, sliceOfRow, params, options, meter };
    symbols.push(yield* symbolRun(spec, parts));
    yield meter.asked(one.bars.endUs.length);
  }
  const { accountId } = names;
  const { instruments, calendarOf, limits } = spec;
  const needs = limitNeeds(limits);
  const account = new AccountCore({
    ...{ accountId, instruments, calendarOf, ids: LOOP_IDS },
    limits: withCalendar(limits, symbols),
    countsPast: needs.tally,
  });
  account.fund(HOUSE, spec.cashMicros);
  const matcher = new Matcher(spec.matcher, instruments, calendarOf);
  const log = new HoldingsLog(symbols, spec.cashMicros);
  const desk = new OrderDesk({ names, account, matcher, log });
  const actionBook = new ActionBook(symbols, timeline.endUs);
  const actions = new ActionDesk({ names, account, orders: desk, book: actionBook, log });
  const watch = watchOf(spec, symbols, timeline.endUs, log);
  const run = new BacktestRun({
    spec,
    names,
    timelineUs: timeline.endUs,
    symbols,
    signals: orderSignals(symbols, timeline.endUs.length),
    account,
    desk,
    actionBook,
    actions,
    watch,
    everySlice: needs.everySlice,
    portfolio: portfolioOf(spec, { symbols, account, options, timelineUs: timeline.endUs }),
    isDue: (endUs) => matcher.isDue(timeUs(endUs)),
  });
  const { stepSize = SLICES_PER_STEP } = options;
  while (run.advance(stepSize)) yield meter.played(run.slicesDone, timeline.endUs);
  return resultOf({
    ...{ spec, symbols, account, desk, actions, watch, log, run, options },
    timelineUs: timeline.endUs,
  });
}

/** Days are counted by the sessions of the first symbol unless the limits say otherwise. */
function withCalendar(limits: RiskLimits, [first]: readonly SymbolRun[]): RiskLimits {
  if (limits.calendar !== undefined || first === undefined) return limits;
  return { ...limits, calendar: first.instrument.calendar };
}

function watchOf(
  spec: BacktestSpec,
  symbols: readonly SymbolRun[],
  timelineUs: Float64Array,
  log: HoldingsLog,
): HaltWatch | undefined {
  const [first] = symbols;
  if (first === undefined || !watchesDailyLoss(spec.limits)) return undefined;
  const { execution, cashMicros: openingMicros } = spec;
  const limits = withCalendar(spec.limits, symbols);
  const haltFor = execution.haltFor ?? 'session';
  const calendar = spec.calendarOf(dayCalendar(limits));
  return new HaltWatch({ limits, haltFor, timelineUs, calendar, log, openingMicros });
}

function portfolioOf(
  spec: BacktestSpec,
  parts: Pick<PortfolioParts, 'symbols' | 'account' | 'timelineUs'> & {
    readonly options: BacktestOptions;
  },
): PortfolioDesk | undefined {
  const { portfolio: rule, timeframe, execution } = spec;
  const { symbols, account, timelineUs, options } = parts;
  const [first] = symbols;
  if (rule === undefined || first === undefined) return undefined;
  const { columnCache } = options;
  const graph = portfolioGraph(rule.weights);
  const columns = symbols.map(({ series, calendar }) => {
    const seen = columnsOfSeries({
      ...{ graph, base: timeframe, series, options: { columnCache } },
      ...{ calendar, calendarOf: spec.calendarOf },
      indicatorsSee: execution.indicatorsSee ?? 'splits',
    });
    return tradedRows(seen, series);
  });
  const slices = rebalanceSlices(rule.rebalance, timelineUs, first.calendar);
  return new PortfolioDesk({
    ...{ rule, names: runNames(spec), account, symbols, columns, slices, timelineUs },
  });
}

function* symbolRun(
  spec: BacktestSpec,
  parts: {
    readonly series: BacktestSeries;
    readonly index: number;
    readonly sliceOfRow: Int32Array | undefined;
    readonly params: ResolvedParameters;
    readonly options: BacktestOptions;
    readonly meter: RunMeter;
  },
): RunSteps<SymbolRun> {
  const { series, index, sliceOfRow, params, options, meter } = parts;
  const { columnCache } = options;
  const { strategy, timeframe } = spec;
  const { symbol, indicatorBars = series.bars } = series;
  const warmupRows = warmupRowsOf(series);
  const instrument = spec.instruments.get(symbol);
  const calendar = spec.calendarOf(instrument.calendar);
  const columnsOf = (graph: IndicatorGraph) =>
    columnsOfSeries({
      ...{ graph, base: timeframe, series, options: { columnCache } },
      ...{ calendar, calendarOf: spec.calendarOf },
      indicatorsSee: spec.execution.indicatorsSee ?? 'splits',
    });
  const columns = columnsOf(strategy.indicators(params));
  const schedule =
    spec.schedule === undefined ? {} : { schedule: { rules: spec.schedule, calendar } };
  const steps = signalSteps({
    ...{ symbol, strategy, params, timeframe, columns, warmupRows },
    bars: indicatorBars,
    ...schedule,
    ...(options.stepSize === undefined ? {} : { stepSize: options.stepSize }),
  });
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) yield meter.asking(step.value);
  const signals = step.value;
  const forSizing = spec.portfolio === undefined ? sizingGraph(spec.sizing) : {};
  const sizingColumns =
    Object.keys(forSizing).length === 0 ? {} : tradedRows(columnsOf(forSizing), series);
  return new SymbolRun({
    ...{ index, series, instrument, calendar, timeframe, signals, sizingColumns, sliceOfRow },
  });
}

interface Finished {
  readonly spec: BacktestSpec;
  readonly symbols: readonly SymbolRun[];
  readonly account: AccountCore;
  readonly desk: OrderDesk;
  readonly actions: ActionDesk;
  readonly watch: HaltWatch | undefined;
  readonly log: HoldingsLog;
  readonly run: BacktestRun;
  readonly timelineUs: Float64Array;
  readonly options: BacktestOptions;
}

function resultOf(finished: Finished): BacktestResult {
  const { spec, symbols, account, desk, actions, watch, log, run, timelineUs, options } = finished;
  const slices = timelineUs.length;
  const equityMicros = new Float64Array(slices);
  const cash = new Float64Array(slices);
  const grossMicros = options.wantGross === true ? new Float64Array(slices) : undefined;
  log.fillCash(cash, equityMicros);
  log.addWorth(equityMicros, grossMicros);
  const parts = {
    symbols: symbols.map((one) => one.symbol),
    orders: desk.orders.columns(),
    fills: desk.fills.columns(),
    cashEvents: actions.cashEvents,
    finalCashMicros: cashMicros(account.ledger.totalCashMicros()),
    positions: positionsOf(account, runNames(spec).botId),
  };
  return {
    path: 'full',
    timelineUs,
    equityMicros,
    cashMicros: cash,
    ...(grossMicros === undefined ? {} : { grossMicros }),
    ...parts,
    signals: symbols.map((one) => one.signals),
    followUps: run.followUps,
    denials: run.denials,
    halts: watch?.halts ?? [],
    finalEquityMicros: equityMicros[slices - 1] ?? spec.cashMicros,
    digest: (sha256) => digestOf(parts, sha256),
  };
}

function positionsOf({ ledger }: AccountCore, botId: string): readonly RunPosition[] {
  return ledger
    .symbols(botId)
    .map((symbol) => ({ symbol, position: ledger.position(botId, symbol) }));
}
