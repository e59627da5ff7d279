import { createHash } from 'node:crypto';
import type { Calendar } from '@capstan/calendar';
import { AppError, type Timeframe } from '@capstan/domain';
import { type BacktestSeries, resampleColumns, type SeriesColumns } from '@capstan/engine';
import {
  fingerprintBars,
  firstRowFrom,
  joinFingerprints,
  type LakeBars,
  regularBars,
  requireRaw,
  viewRows,
} from '@capstan/lake';
import type { RunFile } from '../config/run-schema.ts';
import { SYMBOLS_MAX } from '../limits.ts';
import { rangeOf } from './date-range.ts';
import { findBars } from './find-bars.ts';
import type { FoundBars } from './found-bars.ts';
import { loadBenchmark } from './load-benchmark.ts';
import { type DataNote, type Market, marketOf, type RunData, type SymbolData } from './run-data.ts';
import { sharedColumns } from './shared-columns.ts';

/** What of the data is wanted beside the run's own words. */
export interface LoadOptions {
  /** Longer bars that the strategy reads. */
  readonly higher: readonly Timeframe[];
  /** Columns on shared memory, for worker threads. */
  readonly shared: boolean;
}

/**
 * Loads all that a run reads: bars, corporate actions, longer bars, and the benchmark.
 * @throws RUN.SYMBOLS, RUN.RANGE, LAKE.NO_SERIES and all that reading throws.
 */
export async function loadData(run: RunFile, options: LoadOptions): Promise<RunData> {
  const found = [...(await findBars(run, { ...options, timeframe: run.timeframe }))].sort((a, b) =>
    a.symbol < b.symbol ? -1 : 1,
  );
  if (found.length > SYMBOLS_MAX) throw tooMany(found.length);
  const market = marketOf(found.map(({ instrument }) => instrument));
  const notes: DataNote[] = [];
  const symbols = found.map((one) => symbolData(run, one, market, { notes, options }));
  return {
    symbols,
    fingerprint: joinFingerprints(symbols.map(({ fingerprint }) => fingerprint)),
    benchmark: await loadBenchmark(run, symbols, market),
    notes,
  };
}

interface SymbolParts {
  readonly notes: DataNote[];
  readonly options: LoadOptions;
}

function symbolData(
  run: RunFile,
  found: FoundBars,
  market: Market,
  { notes, options }: SymbolParts,
): SymbolData {
  const { symbol, instrument, description, actions } = found;
  const calendar = market.calendarOf(instrument.calendar);
  requireRaw(symbol, description, actions);
  for (const text of found.notes) notes.push({ symbol, text });
  const bars = withinRun(run, found, calendar, (text) => notes.push({ symbol, text }));
  const higher = new Map<Timeframe, SeriesColumns>();
  for (const timeframe of options.higher) {
    const longer =
      found.higher.get(timeframe) ?? resampleColumns(bars, { timeframe, calendar }).bars;
    higher.set(timeframe, options.shared ? sharedColumns(longer) : longer);
  }
  const shared = options.shared ? sharedColumns(bars) : bars;
  const series: BacktestSeries = {
    symbol,
    bars: shared,
    ...(higher.size === 0 ? {} : { higher }),
    ...(actions.length === 0 ? {} : { actions }),
    ...(description.adjustment === 'raw' ? {} : { priceBasis: 'adjusted' as const }),
  };
  const hash = createHash('sha256')
    .update(fingerprintBars(description, bars))
    .update(JSON.stringify([instrument, actions]));
  for (const [timeframe, columns] of higher) {
    hash.update(fingerprintBars({ ...description, timeframe }, columns as LakeBars));
  }
  return { series, instrument, fingerprint: hash.digest('hex') };
}

/** The bars of the run's hours and dates. */
function withinRun(
  run: RunFile,
  { symbol, instrument, bars: all }: FoundBars,
  calendar: Calendar,
  note: (text: string) => void,
): LakeBars {
  const { fromUs, toUs } = rangeOf(run, instrument.calendar);
  const from = fromUs === undefined ? 0 : firstRowFrom(all, fromUs);
  const to = toUs === undefined ? all.endUs.length : firstRowFrom(all, toUs);
  const rows = all.endUs.length;
  const inRange = viewRows(all, from, Math.max(from, to));
  const bars = run.hours === 'all' ? inRange : regularBars(inRange, calendar);
  const dropped = inRange.endUs.length - bars.endUs.length;
  if (dropped > 0) note(`${dropped} bars outside the regular session were left out`);
  if (bars.endUs.length > 0) return bars;
  const outside = dropped > 0 ? ` All ${dropped} lie outside the regular session.` : '';
  throw new AppError({
    code: 'RUN.RANGE',
    why: `${symbol} has no ${run.timeframe} bar ${rangeText(run)}.${outside}${hasText(all, rows)}`,
    fix:
      dropped > 0
        ? "Say hours: all, or file.holds: regular where the file's bars hold the session alone."
        : 'Choose start and end within that, or bring more bars in: capstan data import --help.',
  });
}

function rangeText({ start, end }: RunFile): string {
  if (start === undefined && end === undefined) return 'at all';
  return `from ${start ?? 'its first'} to ${end ?? 'its last'}`;
}

function hasText({ startUs, endUs }: LakeBars, rows: number): string {
  if (rows === 0) return '';
  const day = (us: number | undefined) => new Date((us ?? 0) / 1_000).toISOString().slice(0, 10);
  return ` There are ${rows} from ${day(startUs[0])} to ${day((endUs[rows - 1] ?? 1) - 1)}.`;
}

function tooMany(symbols: number): AppError {
  return new AppError({
    code: 'RUN.SYMBOLS',
    why: `the run has ${symbols} symbols, more than ${SYMBOLS_MAX}.`,
    fix: 'Name those that it is to trade.',
  });
}
