import { createHash } from 'node:crypto';
import type { Calendar } from '@capstan/calendar';
import { AppError, type Timeframe } from '@capstan/domain';
import {
  type BacktestSeries,
  type ReferenceSeries,
  resampleColumns,
  type SeriesColumns,
} from '@capstan/engine';
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
import { type HistoryWanted, NO_HISTORY } from '../run/run-history.ts';
import { rangeOf } from './date-range.ts';
import { findBars } from './find-bars.ts';
import { askedSymbols } from './find-in-files.ts';
import { type BarsBeside, type FoundBars, NOTHING_BESIDE } from './found-bars.ts';
import { loadBenchmark } from './load-benchmark.ts';
import { type DataNote, type Market, marketOf, type RunData, type SymbolData } from './run-data.ts';
import { sharedColumns } from './shared-columns.ts';
import { jumpsText } from './unexplained-jumps.ts';

/** Bars of a whole day for each that lies in the regular session, at most: where hours are left out, more has to be read. */
const DAY_BY_SESSION = 4;
/** Symbols that a note names. */
const NAMED_MAX = 5;

/** What of the data is wanted beside the run's own words. */
export interface LoadOptions {
  /** Longer bars that the strategy reads. */
  readonly higher: readonly Timeframe[];
  /** Bars of other symbols that the strategy reads; none unless given. */
  readonly beside?: BarsBeside;
  /** Columns on shared memory, for worker threads. */
  readonly shared: boolean;
  /** Bars before the start that warm indicators up; none unless given. */
  readonly history?: HistoryWanted;
}

/**
 * Loads all that a run reads: bars, corporate actions, longer bars, and the benchmark.
 * @throws RUN.SYMBOLS, RUN.RANGE, LAKE.NO_SERIES and all that reading throws.
 */
export async function loadData(run: RunFile, options: LoadOptions): Promise<RunData> {
  const { shared, history = NO_HISTORY, beside = NOTHING_BESIDE } = options;
  const traded = askedSymbols(run);
  const isTraded = (symbol: string) => traded?.includes(symbol) ?? true;
  const higher = beside.symbols.some(isTraded)
    ? [...new Set([...options.higher, ...beside.timeframes])].filter((one) => one !== run.timeframe)
    : options.higher;
  const asked = {
    ...{ higher, beside, shared, timeframe: run.timeframe },
    before: run.hours === 'all' ? history.bars : history.bars * DAY_BY_SESSION,
  };
  const found = [...(await findBars(run, asked))].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  if (found.length > SYMBOLS_MAX) throw tooMany(found.length);
  const market = marketOf(found.map(({ instrument }) => instrument));
  const notes: DataNote[] = [];
  const all = found.map((one): SymbolData => {
    if (isTraded(one.symbol)) {
      return symbolData(run, one, market, { notes, options: { ...options, higher } });
    }
    notes.push({ symbol: one.symbol, text: 'the strategy reads its bars; it is not traded' });
    const { timeframe } = one.description;
    const longer = beside.timeframes.filter((each) => each !== timeframe);
    const parts = { notes, options: { ...options, higher: longer } };
    return symbolData({ ...run, timeframe }, one, market, parts);
  });
  const symbols = withReferences(all, beside, found).filter(({ series }) =>
    isTraded(series.symbol),
  );
  return {
    symbols,
    fingerprint: joinFingerprints(all.map(({ fingerprint }) => fingerprint)),
    benchmark: await loadBenchmark(run, symbols, market),
    notes: groupedNotes(notes),
  };
}

/** Lets every series see the bars of the symbols that the strategy reads. */
function withReferences(
  all: readonly SymbolData[],
  { symbols }: BarsBeside,
  found: readonly FoundBars[],
): readonly SymbolData[] {
  if (symbols.length === 0) return all;
  const references = new Map<string, ReferenceSeries>();
  for (const [index, { series, instrument }] of all.entries()) {
    const { symbol, bars, indicatorBars = bars, higher = new Map(), actions } = series;
    const timeframe = found[index]?.description.timeframe;
    if (!symbols.includes(symbol) || timeframe === undefined) continue;
    references.set(symbol, {
      ...{ symbol, calendar: instrument.calendar },
      bars: new Map([[timeframe, indicatorBars], ...higher]),
      ...(actions === undefined ? {} : { actions }),
    });
  }
  return all.map((one) => ({ ...one, series: { ...one.series, references } }));
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
  const { history = NO_HISTORY } = options;
  const note = (text: string) => notes.push({ symbol, text });
  const calendar = market.calendarOf(instrument.calendar);
  requireRaw(symbol, description, actions);
  const jumps =
    description.adjustment === 'raw' && actions.length === 0 ? jumpsText(found.bars) : undefined;
  if (jumps !== undefined) note(jumps);
  const within = withinRun(run, found, { calendar, history, note });
  for (const text of found.notes) note(text);
  const seen = options.shared ? sharedColumns(within.seen) : within.seen;
  const bars = viewRows(seen, within.warmupRows, seen.endUs.length);
  const higher = new Map<Timeframe, SeriesColumns>();
  for (const timeframe of options.higher) {
    const longer =
      found.higher.get(timeframe) ?? resampleColumns(seen, { timeframe, calendar }).bars;
    // What is made of a part of its bars alone is no bar.
    const whole = within.warmupRows === 0 ? longer : rowsSince(longer, seen.startUs[0] ?? 0);
    higher.set(timeframe, options.shared ? sharedColumns(whole) : whole);
  }
  const series: BacktestSeries = {
    symbol,
    bars,
    ...(within.warmupRows === 0 ? {} : { indicatorBars: seen }),
    ...(higher.size === 0 ? {} : { higher }),
    ...(actions.length === 0 ? {} : { actions }),
    ...(description.adjustment === 'raw' ? {} : { priceBasis: 'adjusted' as const }),
  };
  const hash = createHash('sha256')
    .update(fingerprintBars(description, seen))
    .update(JSON.stringify([instrument, actions]));
  if (within.warmupRows > 0) hash.update(`the first ${within.warmupRows} warm up`);
  for (const [timeframe, columns] of higher) {
    hash.update(fingerprintBars({ ...description, timeframe }, columns as LakeBars));
  }
  return { series, instrument, fingerprint: hash.digest('hex') };
}

/** Bars of a run with those that warm it up before them. */
interface BarsWithin {
  readonly seen: LakeBars;
  readonly warmupRows: number;
}

/** The bars of the run's hours and dates, after as many of its hours as are to warm it up. */
function withinRun(
  run: RunFile,
  { symbol, instrument, description, bars: all }: FoundBars,
  by: {
    readonly calendar: Calendar;
    readonly history: HistoryWanted;
    readonly note: (text: string) => void;
  },
): BarsWithin {
  const { fromUs, toUs } = rangeOf(run, instrument.calendar);
  const rows = all.endUs.length;
  const from = fromUs === undefined ? 0 : firstRowFrom(all, fromUs);
  const to = Math.max(from, toUs === undefined ? rows : firstRowFrom(all, toUs));
  const earlier = Math.max(0, from - by.history.bars * DAY_BY_SESSION);
  const inHours = (part: LakeBars) => (run.hours === 'all' ? part : regularBars(part, by.calendar));
  const inRange = to - from;
  const left = inHours(viewRows(all, earlier, to));
  const first = fromUs === undefined ? 0 : firstRowFrom(left, fromUs);
  const warmupRows = Math.min(first, by.history.bars);
  const count = left.endUs.length - first;
  const dropped = inRange - count;
  if (dropped > 0) {
    const isWhole = run.provider === 'files' && run.file.holds === 'all';
    const across = isWhole && description.alignment === 'clock';
    const cut = across ? ', those across its open too: file.holds: regular cuts them to it' : '';
    by.note(`${dropped} bars outside the regular session were left out${cut}`);
  }
  if (count > 0) {
    if (by.history.bars > 0) by.note(historyText(run, warmupRows, by.history));
    return { seen: viewRows(left, first - warmupRows, left.endUs.length), warmupRows };
  }
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

/** Says how many bars warm a run up, and that they are too few where they are. */
function historyText({ start }: RunFile, rows: number, { needed }: HistoryWanted): string {
  if (rows >= needed) return `${rows} bars before ${start ?? ''} warm indicators up`;
  return `only ${rows} bars before ${start ?? ''} warm indicators up, of the ${needed} that may be needed: nothing is decided until there are enough`;
}

/** Returns the bars that start at a time or later. */
function rowsSince(bars: SeriesColumns, us: number): SeriesColumns {
  const first = bars.startUs.findIndex((startUs) => startUs >= us);
  const from = first < 0 ? bars.startUs.length : first;
  const cut = Object.entries(bars).map(([name, column]: [string, Float64Array]) => [
    name,
    column.subarray(from),
  ]);
  return Object.fromEntries(cut) as SeriesColumns;
}

/** What is said of several symbols in the same words is said once. */
function groupedNotes(notes: readonly DataNote[]): readonly DataNote[] {
  const symbols = new Map<string, string[]>();
  for (const { symbol, text } of notes) symbols.set(text, [...(symbols.get(text) ?? []), symbol]);
  return [...symbols].map(([text, named]) => ({
    symbol: named.length > NAMED_MAX ? `${named.length} symbols` : named.join(', '),
    text,
  }));
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
