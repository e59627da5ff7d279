import type { Calendar } from '@capstan/calendar';
import type { BarSlice, Timeframe, TimeUs } from '@capstan/domain';
import {
  graphTimeframes,
  type ResolvedParameters,
  reasonText,
  type Strategy,
  type Target,
} from '@capstan/strategy';
import { BotCore } from '../bot-core.ts';
import { resampleColumns } from '../resample/resample-columns.ts';
import { columnsOfSeries } from '../run/graph-of-series.ts';
import { barOfRow, type SeriesColumns } from '../run/series-columns.ts';
import { signalsOf } from '../run/signals.ts';

/** A strategy over the bars of one symbol. */
export interface DecisionSetup {
  readonly strategy: Strategy;
  readonly params: ResolvedParameters;
  readonly timeframe: Timeframe;
  readonly symbol: string;
  readonly calendar: Calendar;
}

/** A change of what a strategy wants. */
export interface Decision {
  readonly barEndUs: number;
  /** Direction, strength, prices and time in force, and the reason, in words. */
  readonly text: string;
}

/** Returns what a backtest would decide over the bars, by whole columns. */
export function decisionsOverColumns(
  setup: DecisionSetup,
  bars: SeriesColumns,
): readonly Decision[] {
  const { strategy, params, timeframe, symbol, calendar } = setup;
  const graph = strategy.indicators(params);
  const cache = new Map<string, Float64Array>();
  const columns = columnsOfSeries({
    graph,
    base: timeframe,
    series: { symbol, bars, higher: longerBars(setup, bars) },
    calendar,
    indicatorsSee: 'splits',
    cacheOf: () => cache,
  });
  const signals = signalsOf({ symbol, strategy, params, timeframe, bars, columns });
  return Array.from({ length: signals.count }, (_, index) => ({
    barEndUs: bars.endUs[signals.row[index] ?? -1] ?? 0,
    text: textOf(signals.targetOf(index)),
  }));
}

/** Returns what a bot decides that is told the bars one by one, as live. */
export function decisionsOverStream(
  setup: DecisionSetup,
  bars: SeriesColumns,
): readonly Decision[] {
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
  });
  return slicesOf(setup, bars, feed).flatMap((slice) =>
    core.step(slice, { emit: true }).signals.map((signal) => ({
      barEndUs: signal.barEndUs,
      text: textOf(signal),
    })),
  );
}

function slicesOf(setup: DecisionSetup, bars: SeriesColumns, feed: string): readonly BarSlice[] {
  const { symbol, timeframe } = setup;
  const all: (readonly [Timeframe, SeriesColumns])[] = [
    [timeframe, bars],
    ...longerBars(setup, bars),
  ];
  const byEnd = new Map<TimeUs, BarSlice['bars'][number][]>();
  for (const [each, columns] of all) {
    for (let row = 0; row < columns.endUs.length; row += 1) {
      const bar = barOfRow({ symbol, timeframe: each, bars: columns }, row);
      const known = byEnd.get(bar.endUs);
      if (known === undefined) byEnd.set(bar.endUs, [bar]);
      else known.push(bar);
    }
  }
  return [...byEnd]
    .sort(([a], [b]) => a - b)
    .map(([endUs, together]) => ({ feed, endUs, bars: together }));
}

function longerBars(
  { strategy, params, timeframe, calendar }: DecisionSetup,
  bars: SeriesColumns,
): ReadonlyMap<Timeframe, SeriesColumns> {
  const longer = graphTimeframes(strategy.indicators(params), timeframe).filter(
    (each) => each !== timeframe,
  );
  return new Map(
    longer.map((each) => [each, resampleColumns(bars, { timeframe: each, calendar }).bars]),
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
