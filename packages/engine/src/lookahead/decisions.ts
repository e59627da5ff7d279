import type { Calendar } from '@capstan/calendar';
import { assert, type Bar, type BarSlice, type Timeframe, type TimeUs } from '@capstan/domain';
import {
  graphReferences,
  graphTimeframes,
  type ResolvedParameters,
  reasonText,
  type Strategy,
  type Target,
} from '@capstan/strategy';
import { BotCore } from '../bot-core.ts';
import { resampleColumns } from '../resample/resample-columns.ts';
import { columnsOfSeries } from '../run/graph-of-series.ts';
import { barOfRow, type ReferenceSeries, type SeriesColumns } from '../run/series-columns.ts';
import { signalsOf } from '../run/signals.ts';

/** A strategy that decides on one symbol. */
export interface DecisionSetup {
  readonly strategy: Strategy;
  readonly params: ResolvedParameters;
  readonly timeframe: Timeframe;
  readonly symbol: string;
  /** The sessions of all symbols. */
  readonly calendar: Calendar;
}

/** The bars that are known, of the timeframe of the decisions. */
export interface KnownBars {
  /** Of the symbol that is decided on. */
  readonly bars: SeriesColumns;
  /** Of each other symbol that the strategy reads; none unless given. */
  readonly references?: ReadonlyMap<string, SeriesColumns>;
}

/** A change of what a strategy wants. */
export interface Decision {
  readonly barEndUs: number;
  /** Direction, strength, prices and time in force, and the reason, in words. */
  readonly text: string;
}

/** Returns what a backtest would decide over the bars, by whole columns. */
export function decisionsOverColumns(setup: DecisionSetup, known: KnownBars): readonly Decision[] {
  const { strategy, params, timeframe, symbol, calendar } = setup;
  const { bars } = known;
  const columns = columnsOfSeries({
    graph: strategy.indicators(params),
    base: timeframe,
    series: { symbol, bars, higher: ownBars(setup, known), references: otherBars(setup, known) },
    ...{ calendar, calendarOf: () => calendar },
    indicatorsSee: 'splits',
    options: {},
  });
  const signals = signalsOf({ symbol, strategy, params, timeframe, bars, columns });
  return Array.from({ length: signals.count }, (_, index) => ({
    barEndUs: bars.endUs[signals.row[index] ?? -1] ?? 0,
    text: textOf(signals.targetOf(index)),
  }));
}

/** Returns what a bot decides that is told the bars one by one, as live. */
export function decisionsOverStream(setup: DecisionSetup, known: KnownBars): readonly Decision[] {
  const { strategy, params, timeframe, symbol, calendar } = setup;
  const feed = 'bars';
  const core = new BotCore({
    runId: 'lookahead',
    botId: 'bot',
    accountId: 'account',
    configRevision: 1,
    feed,
    strategy,
    params,
    symbols: [symbol],
    timeframe,
    calendarOf: () => calendar,
    longerBars: 'given',
  });
  return slicesOf(setup, known, feed).flatMap((slice) =>
    core.step(slice, { emit: true }).signals.map((signal) => ({
      barEndUs: signal.barEndUs,
      text: textOf(signal),
    })),
  );
}

function slicesOf(setup: DecisionSetup, known: KnownBars, feed: string): readonly BarSlice[] {
  const byEnd = new Map<TimeUs, Map<string, Bar>>();
  const add = (symbol: string, series: ReadonlyMap<Timeframe, SeriesColumns>) => {
    for (const [timeframe, bars] of series) {
      for (let row = 0; row < bars.endUs.length; row += 1) {
        const bar = barOfRow({ symbol, timeframe, bars }, row);
        const together = byEnd.get(bar.endUs) ?? new Map<string, Bar>();
        byEnd.set(bar.endUs, together.set(`${symbol} ${timeframe}`, bar));
      }
    }
  };
  add(setup.symbol, ownBars(setup, known));
  for (const { symbol, bars } of otherBars(setup, known).values()) add(symbol, bars);
  return [...byEnd]
    .sort(([a], [b]) => a - b)
    .map(([endUs, together]) => ({ feed, endUs, bars: [...together.values()] }));
}

/** The bars of the symbol that is decided on, by each timeframe that the strategy reads. */
function ownBars(setup: DecisionSetup, { bars }: KnownBars): ReadonlyMap<Timeframe, SeriesColumns> {
  const graph = setup.strategy.indicators(setup.params);
  return byTimeframe(setup, graphTimeframes(graph, setup.timeframe), bars);
}

/** The bars of the other symbols that the strategy reads. */
function otherBars(
  setup: DecisionSetup,
  { references }: KnownBars,
): ReadonlyMap<string, ReferenceSeries> {
  const graph = setup.strategy.indicators(setup.params);
  const found = new Map<string, ReferenceSeries>();
  for (const [symbol, timeframes] of graphReferences(graph, setup.timeframe)) {
    const bars = references?.get(symbol);
    assert(bars !== undefined, `the bars of ${symbol}, which the strategy reads, were not given`);
    found.set(symbol, {
      symbol,
      calendar: setup.calendar.name,
      bars: byTimeframe(setup, timeframes, bars),
    });
  }
  return found;
}

function byTimeframe(
  { timeframe: base, calendar }: DecisionSetup,
  timeframes: readonly Timeframe[],
  bars: SeriesColumns,
): ReadonlyMap<Timeframe, SeriesColumns> {
  return new Map(
    timeframes.map((timeframe) => [
      timeframe,
      timeframe === base ? bars : resampleColumns(bars, { timeframe, calendar }).bars,
    ]),
  );
}

const DETAILS = [
  'limitPriceNanos',
  'entryStopPriceNanos',
  'stopPriceNanos',
  'takeProfitPriceNanos',
  'trailNanos',
  'trailBps',
] as const;

function textOf(target: Target): string {
  const { direction, strength, timeInForce } = target;
  const prices = DETAILS.filter((name) => target[name] !== undefined).map(
    (name) => `, ${name} ${target[name]}`,
  );
  const size = direction === 'flat' ? '' : ` at ${strength}`;
  const force = timeInForce === undefined ? '' : `, ${timeInForce}`;
  return `${direction}${size}${prices.join('')}${force}: ${reasonText(target)}`;
}
