import { US_PER_MINUTE } from '@capstan/domain';
import { type BarSource, lastRowBefore } from '../../market/market-world.ts';
import type { TradingDay } from '../../market/session-days.ts';
import type { Adjustments } from './adjustments.ts';
import {
  type BarSpan,
  barJson,
  MinuteWriter,
  minuteBars,
  periodBar,
  periodStartUs,
} from './bar-rows.ts';
import { type PageCursor, readCursor, writeCursor } from './page-cursor.ts';

export interface BarsQuery {
  /** Sorted. */
  readonly symbols: readonly string[];
  readonly span: BarSpan;
  readonly fromUs: number;
  /** Not included. */
  readonly toUs: number;
  readonly limit: number;
  /** What bars of a symbol are restated by. */
  readonly factorsOf: (symbol: string) => Pick<Adjustments, 'at'>;
  /** Whether they are not restated at all. */
  readonly isRaw: boolean;
  /** Share of all volume that the feed sees. */
  readonly volumeFraction: number;
  readonly isDescending: boolean;
  readonly pageToken?: string;
}

/** A page of bars: the rows of each symbol as they are written, and where the next page begins. */
export interface BarsPage {
  readonly rows: ReadonlyMap<string, readonly string[]>;
  readonly nextToken: string | null;
}

/** Rows of one symbol, with the time of each. */
interface Rows {
  readonly texts: string[];
  /** Where the symbol goes on; absent where it is done. */
  readonly next?: number;
}

/**
 * Makes a page of bars: symbols in order, each from its first bar to its last, so many in all. Bars that have not ended by `nowUs` are
 * not there yet, but for those of a day and longer, which grow.
 */
export function barsPage(source: BarSource, query: BarsQuery, nowUs: number): BarsPage {
  const cursor = query.pageToken === undefined ? undefined : readCursor(query.pageToken);
  const rows = new Map<string, readonly string[]>();
  let left = query.limit;
  for (const symbol of query.symbols) {
    if (cursor !== undefined && symbol < cursor.symbol) continue;
    if (!source.has(symbol)) continue;
    const from = cursor?.symbol === symbol ? cursor.atUs : undefined;
    if (left === 0) return { rows, nextToken: writeCursor(startOf(query, symbol)) };
    const made = symbolRows(source, query, { symbol, from, left, nowUs });
    if (made.texts.length > 0) rows.set(symbol, made.texts);
    left -= made.texts.length;
    if (made.next !== undefined) {
      return { rows, nextToken: writeCursor({ symbol, atUs: made.next }) };
    }
  }
  return { rows, nextToken: null };
}

const startOf = (query: BarsQuery, symbol: string): PageCursor => ({
  symbol,
  atUs: query.isDescending ? query.toUs : query.fromUs,
});

interface Part {
  readonly symbol: string;
  /** Where the page before ended. */
  readonly from: number | undefined;
  readonly left: number;
  readonly nowUs: number;
}

function symbolRows(source: BarSource, query: BarsQuery, part: Part): Rows {
  if (query.isDescending) return descendingRows(source, query, part);
  const fromUs = part.from ?? query.fromUs;
  const toUs = Math.min(query.toUs, part.nowUs);
  if (query.span.unit !== 'minute') return periodRows(source, query, part, fromUs, toUs);
  const { count } = query.span;
  const isPlain = count === 1 && query.isRaw;
  const texts: string[] = [];
  for (const day of daysOf(source, fromUs, toUs)) {
    const next = isPlain
      ? plainMinutes(source, query, part, day, { fromUs, toUs, texts })
      : restatedMinutes(source, query, part, day, { fromUs, toUs, texts });
    if (next !== undefined) return { texts, next };
  }
  return { texts };
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
  readonly texts: string[];
}

/** Writes minutes as they are; returns where the next page begins once this one is full. */
function plainMinutes(
  source: BarSource,
  query: BarsQuery,
  { symbol, left, nowUs }: Part,
  day: TradingDay,
  { fromUs, toUs, texts }: Span,
): number | undefined {
  const columns = source.columns(symbol, day);
  const writer = new MinuteWriter(columns, query.volumeFraction);
  const first = lastRowBefore(columns, fromUs) + 1;
  const last = Math.min(
    lastRowBefore(columns, toUs),
    lastRowBefore(columns, nowUs - US_PER_MINUTE + 1),
  );
  for (let row = first; row <= last; row += 1) {
    if (texts.length === left) {
      return day.midnightUs + (columns.minute[row] as number) * US_PER_MINUTE;
    }
    texts.push(writer.text(row));
  }
  return undefined;
}

function restatedMinutes(
  source: BarSource,
  query: BarsQuery,
  { symbol, left, nowUs }: Part,
  day: TradingDay,
  { fromUs, toUs, texts }: Span,
): number | undefined {
  const span = query.span.count;
  const columns = source.columns(symbol, day);
  const factors = query.factorsOf(symbol).at(day.index);
  const done = lastRowBefore(columns, nowUs - US_PER_MINUTE + 1) + 1;
  for (const row of minuteBars(columns, span, 0, done)) {
    if (row.startUs < fromUs || row.startUs >= toUs) continue;
    if (row.startUs + span * US_PER_MINUTE > nowUs) continue;
    if (texts.length === left) return row.startUs;
    texts.push(JSON.stringify(barJson(row, factors, query.volumeFraction)));
  }
  return undefined;
}

function periodRows(
  source: BarSource,
  query: BarsQuery,
  { symbol, left, nowUs }: Part,
  fromUs: number,
  toUs: number,
): Rows {
  const texts: string[] = [];
  const adjustments = query.factorsOf(symbol);
  for (const [startUs, days] of periods(source, query.span, fromUs, toUs)) {
    if (startUs < fromUs) continue;
    const row = periodBar(source, symbol, days, { startUs, untilUs: nowUs });
    if (row === undefined) continue;
    if (texts.length === left) return { texts, next: startUs };
    const factors = adjustments.at(days[0]?.index ?? 0);
    texts.push(JSON.stringify(barJson(row, factors, query.volumeFraction)));
  }
  return { texts };
}

/** Makes all rows of a symbol and turns them round: who asks so asks for few. */
function descendingRows(source: BarSource, query: BarsQuery, part: Part): Rows {
  const until = part.from ?? query.toUs;
  const texts: string[] = [];
  const upward = { ...query, isDescending: false, toUs: until };
  const made = symbolRows(source, upward, {
    ...part,
    from: undefined,
    left: Number.MAX_SAFE_INTEGER,
  });
  for (const text of made.texts.reverse()) {
    if (texts.length === part.left) {
      const before = JSON.parse(texts.at(-1) ?? '{}') as { t: string };
      return { texts, next: Date.parse(before.t) * 1_000 };
    }
    texts.push(text);
  }
  return { texts };
}

/** Yields the trading days of which some part lies in a span. */
export function* daysOf(source: BarSource, fromUs: number, toUs: number): Generator<TradingDay> {
  const { days } = source;
  for (let index = days.firstEndingAfter(fromUs); index < days.all.length; index += 1) {
    const day = days.at(index);
    if (day.midnightUs >= toUs) return;
    yield day;
  }
}

/** Yields the bars of days, weeks or months of a span, each with its trading days. */
function* periods(
  source: BarSource,
  span: BarSpan,
  fromUs: number,
  toUs: number,
): Generator<readonly [number, readonly TradingDay[]]> {
  let startUs: number | undefined;
  let members: TradingDay[] = [];
  for (const day of daysOf(source, fromUs, Number.MAX_SAFE_INTEGER)) {
    const start = periodStartUs(span, day);
    if (start >= toUs) break;
    if (startUs !== undefined && start !== startUs) {
      yield [startUs, members];
      members = [];
    }
    startUs = start;
    members.push(day);
  }
  if (startUs !== undefined) yield [startUs, members];
}
