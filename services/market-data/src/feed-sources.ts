import type { Calendar } from '@capstan/calendar';
import type { Bar, InstrumentBook } from '@capstan/domain';
import { parsePrice } from '@capstan/domain';
import { readBarFile, sliceBars } from '@capstan/lake';
import type { Log } from '@capstan/ports';
import type { FeedConfig, VenueFeedConfig } from '@capstan/runtime';
import { syntheticSlices } from '@capstan/synthetic';
import { GeneratedSource, ListSource, type SliceSource } from './slice-source.ts';

/** A feed's source and the symbols that it has. */
export interface OpenedSource {
  readonly source: SliceSource;
  /** Sorted. */
  readonly symbols: readonly string[];
}

/** A feed that is played. */
export type PlayedFeedConfig = Exclude<FeedConfig, VenueFeedConfig>;

interface World {
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  readonly log: Log;
}

/** Opens what a feed plays. @throws LAKE.FILE, LAKE.COLUMN, LAKE.VALUE, LAKE.ORDER */
export function openSource(config: PlayedFeedConfig, world: World): Promise<OpenedSource> {
  return config.kind === 'file'
    ? openFile(config, world)
    : Promise.resolve(openGenerator(config, world));
}

async function openFile(
  config: Extract<FeedConfig, { kind: 'file' }>,
  world: World,
): Promise<OpenedSource> {
  const { instruments, calendarOf, log } = world;
  const scales = new Map(instruments.all().map((one) => [one.symbol, one.quantityScale]));
  const bars: Bar[] = [];
  const symbols = new Set<string>();
  for (const path of config.paths) {
    const file = await readBarFile({
      path,
      timeframe: '1m',
      mapping: mappingOf(config),
      quantityScaleOf: (symbol) => scales.get(symbol) ?? 0,
    });
    for (const bar of file.bars) bars.push(bar);
    for (const symbol of file.symbols) symbols.add(symbol);
    log.info('bars read', { path, bars: file.bars.length, symbols: file.symbols.length });
  }
  const known = new Map(instruments.all().map((one) => [one.symbol, one.calendar]));
  const calendar = (symbol: string) => calendarOf(known.get(symbol) ?? 'XNYS');
  const { slices, skipped } = sliceBars(config.feed, bars, config.hours, calendar);
  if (skipped > 0) {
    // Whoever waits for a playback of nothing should hear why.
    const level = slices.length === 0 ? 'warn' : 'info';
    const left = slices.reduce((sum, slice) => sum + slice.bars.length, 0);
    const fields = { feed: config.feed, skipped, left };
    log[level]('bars outside the regular session left out; `hours: all` plays them', fields);
  }
  const sorted = [...symbols].sort();
  const first = sorted[0] ?? '';
  const history = countSessions(slices, calendar(first), config.historySessions);
  return { source: new ListSource(slices, history), symbols: sorted };
}

function mappingOf(config: Extract<FeedConfig, { kind: 'file' }>) {
  const { columns, symbol, timeFormat, stamp } = config;
  const named = Object.fromEntries(
    Object.entries(columns).filter(([, name]) => name !== undefined),
  );
  return {
    columns: named,
    stamp,
    ...(symbol === undefined ? {} : { symbol }),
    ...(timeFormat === undefined ? {} : { timeFormat }),
  };
}

function countSessions(
  slices: readonly { readonly endUs: Bar['endUs'] }[],
  calendar: Calendar,
  sessions: number,
): number {
  if (sessions === 0) return 0;
  const seen = new Set<string>();
  let count = 0;
  for (const { endUs } of slices) {
    seen.add(calendar.tradeDate(endUs));
    if (seen.size > sessions) break;
    count += 1;
  }
  return count;
}

function openGenerator(
  config: Extract<FeedConfig, { kind: 'generator' }>,
  world: World,
): OpenedSource {
  const { feed, seed, startDate, slicesMax } = config;
  const calendar = world.calendarOf(config.calendar);
  const symbols = config.symbols.map((one) => ({
    instrument: world.instruments.get(one.symbol),
    startPriceNanos: parsePrice(one.startPrice),
    annualVolatility: one.annualVolatility,
    marketShare: one.marketShare,
    dailyVolume: one.dailyVolume,
  }));
  const options = { feed, seed, calendar, startDate, symbols };
  const history = historyCount(options, config.historySessions);
  const last = slicesMax === undefined ? undefined : history + slicesMax;
  const make = () =>
    last === undefined ? syntheticSlices(options) : limited(syntheticSlices(options), last);
  const names = symbols.map((one) => one.instrument.symbol).sort();
  return { source: new GeneratedSource(make, history), symbols: names };
}

/** Counts the slices of the first sessions. */
function historyCount(options: Parameters<typeof syntheticSlices>[0], sessions: number): number {
  const dates = new Set<string>();
  let count = 0;
  if (sessions === 0) return 0;
  for (const { endUs } of syntheticSlices(options)) {
    dates.add(options.calendar.tradeDate(endUs));
    if (dates.size > sessions) break;
    count += 1;
  }
  return count;
}

function* limited<T>(from: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const one of from) {
    if (left === 0) return;
    left -= 1;
    yield one;
  }
}
