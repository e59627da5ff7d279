import { dateOfDay, dayOf, newYorkDayOf, newYorkTimeUs, partsOfDay } from '@capstan/calendar';
import { type Timeframe, timeframeUs, US_PER_MINUTE } from '@capstan/domain';
import { type TimeSpan, withoutSpans } from '@capstan/lake';
import type { MarketDataCapabilities } from '@capstan/ports';
import {
  CHUNK_BARS,
  CHUNK_SYMBOLS_MAX,
  MINUTES_PER_DAY,
  TOGETHER_SYMBOLS_MAX,
  TRADING_DAYS_PER_YEAR,
} from './limits.ts';

/** A piece of a fetch: what is asked of the vendor at once, and kept when it has come. */
export interface FetchChunk extends TimeSpan {
  /** Sorted. */
  readonly symbols: readonly string[];
}

/** What a symbol has already. */
export interface SymbolState {
  readonly symbol: string;
  /** Spans that need not be asked for. */
  readonly had: readonly TimeSpan[];
}

/**
 * Cuts what is missing into chunks: by month or year, so that every run cuts alike, and of as many symbols as fill a page. Chunks of the
 * first symbols come first, so that series after series becomes whole. A vendor whose files hold all symbols is asked for many at once.
 */
export function planFetch(
  wanted: TimeSpan,
  timeframe: Timeframe,
  states: readonly SymbolState[],
  { holdsAllTogether = false }: Pick<MarketDataCapabilities, 'holdsAllTogether'> = {},
): readonly FetchChunk[] {
  const groups = new Map<string, { readonly span: TimeSpan; readonly symbols: string[] }>();
  for (const { symbol, had } of states) {
    for (const missing of withoutSpans(wanted, had)) {
      for (const span of pieces(missing, timeframe)) {
        const key = `${span.fromUs} ${span.toUs}`;
        const group = groups.get(key) ?? { span, symbols: [] };
        group.symbols.push(symbol);
        groups.set(key, group);
      }
    }
  }
  const size = holdsAllTogether ? TOGETHER_SYMBOLS_MAX : symbolsPerChunk(timeframe);
  const chunks = [...groups.values()].flatMap(({ span, symbols }) => {
    const sorted = symbols.toSorted();
    const count = Math.ceil(sorted.length / size);
    return Array.from({ length: count }, (_, at) => ({
      ...span,
      symbols: sorted.slice(at * size, (at + 1) * size),
    }));
  });
  return chunks.sort(bySymbolThenTime);
}

function bySymbolThenTime(a: FetchChunk, b: FetchChunk): number {
  const [left = '', right = ''] = [a.symbols[0], b.symbols[0]];
  if (left !== right) return left < right ? -1 : 1;
  return a.fromUs - b.fromUs || a.toUs - b.toUs;
}

/** How many symbols' bars of a piece's length fill a page. */
function symbolsPerChunk(timeframe: Timeframe): number {
  const perDay = barsPerDay(timeframe);
  const days = isByMonth(timeframe) ? TRADING_DAYS_PER_YEAR / 12 : TRADING_DAYS_PER_YEAR;
  return Math.min(CHUNK_SYMBOLS_MAX, Math.max(1, Math.floor(CHUNK_BARS / (perDay * days))));
}

function barsPerDay(timeframe: Timeframe): number {
  const lengthUs = timeframeUs(timeframe);
  return lengthUs === undefined ? 1 : MINUTES_PER_DAY / (lengthUs / US_PER_MINUTE);
}

const isByMonth = (timeframe: Timeframe): boolean =>
  barsPerDay(timeframe) * TRADING_DAYS_PER_YEAR > CHUNK_BARS;

/** Cuts a span at the beginnings of months, or of years, in New York. */
function pieces(span: TimeSpan, timeframe: Timeframe): readonly TimeSpan[] {
  const found: TimeSpan[] = [];
  let fromUs = span.fromUs;
  while (fromUs < span.toUs) {
    const { year, month } = partsOfDay(newYorkDayOf(fromUs));
    const next = isByMonth(timeframe)
      ? dayOf(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1)
      : dayOf(year + 1, 1, 1);
    const toUs = Math.min(span.toUs, startOfDay(next));
    found.push({ fromUs, toUs });
    fromUs = toUs;
  }
  return found;
}

/** Hours after midnight that New York's clocks never skip nor double. */
const SURE_MINUTE = 180;

/** Returns the first moment of a day in New York, but where clocks change, which is on Sundays. */
export function startOfDay(day: number): number {
  return newYorkTimeUs(day, SURE_MINUTE) - SURE_MINUTE * US_PER_MINUTE;
}

/** Returns the date in New York of a time, `YYYY-MM-DD`. */
export const newYorkDate = (us: number): string => dateOfDay(newYorkDayOf(us));
