import { dateOfDay, dayNumber, newYorkDayOf, newYorkOffsetUs, partsOfDay } from '@capstan/calendar';
import {
  type Bar,
  priceToFloat,
  US_PER_DAY,
  US_PER_MINUTE,
  US_PER_MS,
  US_PER_SECOND,
} from '@capstan/domain';
import { PolygonRefusal, type Query } from './paging.ts';
import type { PolygonWorld } from './world.ts';

export const TIMESPANS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type Timespan = (typeof TIMESPANS)[number];

export interface AggregatesAsked {
  readonly ticker: string;
  readonly multiplier: number;
  readonly timespan: Timespan;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  readonly adjusted: boolean;
  readonly descending: boolean;
}

/** A row of aggregates as the vendor writes it. */
export interface AggregateRow {
  readonly v: number;
  readonly vw: number;
  readonly o: number;
  readonly c: number;
  readonly h: number;
  readonly l: number;
  /** Unix milliseconds of its start. */
  readonly t: number;
  readonly n: number;
}

/** New York's midnight of a day: no change of its clocks lies between UTC's midnight and its own. */
export const midnightUs = (day: number): number =>
  day * US_PER_DAY - newYorkOffsetUs(day * US_PER_DAY);

/**
 * Reads one end of a range: a New York day, inclusive, or Unix milliseconds, which select the starts of bars.
 * @returns for an upper end the first microsecond after it.
 */
export function rangeEnd(text: string, side: 'from' | 'to'): number {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    return midnightUs(dayNumber(text) + (side === 'to' ? 1 : 0));
  }
  const ms = Number(text);
  if (!Number.isSafeInteger(ms)) throw new PolygonRefusal(400, `'${side}' is no date and no time.`);
  return (ms + (side === 'to' ? 1 : 0)) * US_PER_MS;
}

/** Reads the path and query of a range of aggregates. */
export function readAggregates(path: Query, query: Query): AggregatesAsked {
  const timespan = TIMESPANS.find((one) => one === path.timespan);
  const multiplier = Number(path.multiplier);
  if (timespan === undefined || !Number.isInteger(multiplier) || multiplier < 1) {
    throw new PolygonRefusal(400, 'The timespan or its multiplier is not valid.');
  }
  return {
    ticker: path.ticker ?? '',
    multiplier,
    timespan,
    fromUs: rangeEnd(path.from ?? '', 'from'),
    toUs: rangeEnd(path.to ?? '', 'to'),
    adjusted: query.adjusted !== 'false',
    descending: query.sort === 'desc',
  };
}

/**
 * Returns a page of rows. `limit` counts the minutes or days that are scanned, not the rows that come of them; a row is never cut.
 * @param scanned base bars that earlier pages have scanned.
 */
export function aggregatePage(
  world: PolygonWorld,
  asked: AggregatesAsked,
  nowUs: number,
  page: { readonly limit: number; readonly scanned: number },
): { readonly rows: readonly AggregateRow[]; readonly queried: number; readonly next?: number } {
  const base = baseBars(world, asked, nowUs);
  if (asked.descending) base.reverse();
  const groups: Bar[][] = [];
  let at = page.scanned;
  for (; at < base.length; at += 1) {
    const bar = base[at];
    if (bar === undefined) break;
    const last = groups.at(-1)?.[0];
    if (last !== undefined && bucketOf(asked, last) === bucketOf(asked, bar)) {
      groups.at(-1)?.push(bar);
    } else if (at - page.scanned >= page.limit) break;
    else groups.push([bar]);
  }
  const rows = groups.map((bars) => rowOf(asked, bars));
  const queried = at - page.scanned;
  return at < base.length ? { rows, queried, next: at } : { rows, queried };
}

function baseBars(world: PolygonWorld, asked: AggregatesAsked, nowUs: number): Bar[] {
  const { ticker, fromUs, toUs, timespan } = asked;
  const isDaily = !['second', 'minute', 'hour'].includes(timespan);
  const bars = isDaily
    ? daysFrom(world, asked, nowUs)
    : world.minutes(ticker, fromUs, Math.min(toUs, nowUs));
  const known = bars.filter(({ endUs }) => endUs <= nowUs);
  return asked.adjusted ? known.map((bar) => adjusted(world, bar, nowUs)) : [...known];
}

function daysFrom(world: PolygonWorld, asked: AggregatesAsked, nowUs: number): readonly Bar[] {
  // A session belongs to its New York day, whose midnight lies before the open.
  return world.days(asked.ticker, asked.fromUs, Math.min(asked.toUs, nowUs));
}

/** Restates by the splits that have happened by now: never by dividends. */
function adjusted(world: PolygonWorld, bar: Bar, nowUs: number): Bar {
  const day = newYorkDayOf(bar.startUs);
  const today = newYorkDayOf(nowUs);
  let restated = bar;
  for (const { symbol, exDate, newUnits, oldUnits } of world.options.splits ?? []) {
    const exDay = dayNumber(exDate);
    if (symbol !== bar.symbol || exDay <= day || exDay > today) continue;
    const price = (nanos: number) => Math.round((nanos * oldUnits) / newUnits);
    restated = {
      ...restated,
      openNanos: price(restated.openNanos) as Bar['openNanos'],
      highNanos: price(restated.highNanos) as Bar['highNanos'],
      lowNanos: price(restated.lowNanos) as Bar['lowNanos'],
      closeNanos: price(restated.closeNanos) as Bar['closeNanos'],
      volume: (restated.volume * newUnits) / oldUnits,
    };
  }
  return restated;
}

/** The start of the bucket in which a base bar lies: intraday ones lie at the clock's hours, counted from midnight UTC. */
function bucketOf({ timespan, multiplier }: AggregatesAsked, bar: Bar): number {
  const day = newYorkDayOf(bar.startUs);
  switch (timespan) {
    case 'second':
    case 'minute':
    case 'hour': {
      const unitUs = { second: US_PER_SECOND, minute: US_PER_MINUTE, hour: 60 * US_PER_MINUTE }[
        timespan
      ];
      const lengthUs = Math.max(unitUs * multiplier, US_PER_MINUTE);
      return Math.floor(bar.startUs / lengthUs) * lengthUs;
    }
    case 'day':
      return midnightUs(day - (day % multiplier));
    case 'week':
      // Day 3 was a Sunday.
      return midnightUs(day - ((day - 3) % (7 * multiplier)));
    default: {
      const { year, month } = partsOfDay(day);
      const first = timespan === 'year' ? '01' : String(month).padStart(2, '0');
      return midnightUs(dayNumber(`${year}-${first}-01`));
    }
  }
}

function rowOf(asked: AggregatesAsked, bars: readonly Bar[]): AggregateRow {
  const ordered = asked.descending ? [...bars].reverse() : bars;
  const [first] = ordered;
  const last = ordered.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a bucket has a bar');
  const v = ordered.reduce((sum, { volume }) => sum + volume, 0);
  const moment = ordered.reduce((sum, bar) => sum + typicalOf(bar) * bar.volume, 0);
  return {
    v,
    vw: Math.round((moment / v) * 10_000) / 10_000,
    o: priceToFloat(first.openNanos),
    c: priceToFloat(last.closeNanos),
    h: Math.max(...ordered.map(({ highNanos }) => priceToFloat(highNanos))),
    l: Math.min(...ordered.map(({ lowNanos }) => priceToFloat(lowNanos))),
    t: bucketOf(asked, first) / US_PER_MS,
    n: ordered.length * 4,
  };
}

const typicalOf = ({ openNanos, highNanos, lowNanos, closeNanos }: Bar): number =>
  (openNanos + highNanos + lowNanos + closeNanos) / 4 / 1e9;

/** The date of a day bar. */
export const dateOf = (us: number): string => dateOfDay(newYorkDayOf(us));

/** A day bar as its row. */
export const dayRow = (bar: Bar): AggregateRow =>
  rowOf(
    {
      ticker: bar.symbol,
      multiplier: 1,
      timespan: 'day',
      fromUs: 0,
      toUs: US_PER_DAY,
      adjusted: false,
      descending: false,
    },
    [bar],
  );
