import {
  dateOfDay,
  dayNumber,
  newYorkTimeUs,
  partsOfDay,
  WEEKDAYS,
  weekdayOfDay,
} from '@capstan/calendar';
import { US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';
import type { DayColumns } from '../../market/day-columns.ts';
import type { BarSource } from '../../market/market-world.ts';
import { e4Text } from '../../market/price-scale.ts';
import type { TradingDay } from '../../market/session-days.ts';
import { badRequest } from '../refusal.ts';
import type { AdjustmentFactors } from './adjustments.ts';

/** A span of bars as Alpaca names it. */
export type BarSpan =
  | { readonly unit: 'minute'; readonly count: number }
  | { readonly unit: 'day' | 'week' | 'month'; readonly count: number };

/** Reads `1Min`, `15T`, `1Hour`, `1D`, `1Week`, `3Month`. @throws Refusal 400 */
export function parseTimeframe(text: string): BarSpan {
  const match = /^(\d{1,2})(Min|T|Hour|H|Day|D|Week|W|Month|M)$/.exec(text);
  const count = Number(match?.[1] ?? 0);
  const unit = match?.[2] ?? '';
  if ((unit === 'Min' || unit === 'T') && count >= 1 && count <= 59) {
    return { unit: 'minute', count };
  }
  if ((unit === 'Hour' || unit === 'H') && count >= 1 && count <= 23) {
    return { unit: 'minute', count: count * 60 };
  }
  if ((unit === 'Day' || unit === 'D') && count === 1) return { unit: 'day', count };
  if ((unit === 'Week' || unit === 'W') && count === 1) return { unit: 'week', count };
  if ((unit === 'Month' || unit === 'M') && [1, 2, 3, 4, 6, 12].includes(count)) {
    return { unit: 'month', count };
  }
  throw badRequest(`invalid timeframe: ${text}`);
}

/** A bar as it is written; prices in ten thousandths. */
export interface BarRow {
  readonly startUs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  trades: number;
  /** Sum of price × volume. */
  worth: number;
}

const MINUTES: readonly string[] = Array.from({ length: 1_440 }, (_, minute) => {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
});

/** Writes a row of a day's minutes, fast: the pages of a year of 30 symbols are three million of them. */
export class MinuteWriter {
  readonly #columns: DayColumns;
  /** UTC minute of New York's midnight. */
  readonly #midnight: number;
  readonly #today: string;
  readonly #tomorrow: string;
  readonly #volumeFraction: number;

  constructor(columns: DayColumns, volumeFraction: number) {
    this.#columns = columns;
    this.#volumeFraction = volumeFraction;
    const { midnightUs } = columns.day;
    const utcDay = Math.floor(midnightUs / US_PER_DAY);
    this.#midnight = Math.round((midnightUs - utcDay * US_PER_DAY) / US_PER_MINUTE);
    this.#today = dateOfDay(utcDay);
    this.#tomorrow = dateOfDay(utcDay + 1);
  }

  text(row: number): string {
    const { minute, open, high, low, close, volume, trades, vwap } = this.#columns;
    const utcMinute = this.#midnight + (minute[row] as number);
    const at =
      utcMinute < MINUTES.length
        ? `${this.#today}T${MINUTES[utcMinute]}`
        : `${this.#tomorrow}T${MINUTES[utcMinute - MINUTES.length]}`;
    const prices = `"o":${e4Text(open[row] as number)},"h":${e4Text(high[row] as number)},"l":${e4Text(low[row] as number)},"c":${e4Text(close[row] as number)}`;
    const size = scaledVolume(volume[row] as number, this.#volumeFraction);
    const count = scaledVolume(trades[row] as number, this.#volumeFraction);
    return `{"t":"${at}:00Z",${prices},"v":${size},"n":${count},"vw":${e4Text(vwap[row] as number)}}`;
  }
}

export function scaledVolume(volume: number, fraction: number): number {
  return fraction === 1 ? volume : Math.max(1, Math.round(volume * fraction));
}

/** Writes a bar, restated by factors. */
export function barJson(row: BarRow, factors: AdjustmentFactors, volumeFraction: number) {
  const price = (e4: number): number => roundTo(e4 * factors.price, 4);
  const volume = scaledVolume(Math.round(row.volume / factors.shares), volumeFraction);
  return {
    t: `${new Date(row.startUs / 1_000).toISOString().slice(0, 19)}Z`,
    o: price(row.open),
    h: price(row.high),
    l: price(row.low),
    c: price(row.close),
    v: volume,
    n: scaledVolume(row.trades, volumeFraction),
    vw: price(row.worth / row.volume),
  };
}

const roundTo = (e4: number, places: number): number =>
  Math.round((e4 / 10_000) * 10 ** places) / 10 ** places;

/** Returns the start of the bar in which a trading day lies, as New York's midnight; of days, weeks and months. */
export function periodStartUs(span: BarSpan, day: TradingDay): number {
  if (span.unit === 'day') return day.midnightUs;
  if (span.unit === 'week') {
    const back = (weekdayOfDay(day.dayNumber) - WEEKDAYS.monday + 7) % 7;
    return midnightOf(day.dayNumber - back);
  }
  const { year, month } = partsOfDay(day.dayNumber);
  const first = Math.floor((month - 1) / span.count) * span.count + 1;
  return midnightOf(dayNumber(`${year}-${String(first).padStart(2, '0')}-01`));
}

const midnightOf = (day: number): number => newYorkTimeUs(day, 240) - 240 * US_PER_MINUTE;

/**
 * Adds rows of a day's minutes into bars of some minutes, which lie at the hours of New York's clock.
 * @param from, to rows of the day, the latter not included.
 */
export function* minuteBars(
  columns: DayColumns,
  count: number,
  from: number,
  to: number,
): Generator<BarRow> {
  let row: BarRow | undefined;
  for (let at = from; at < to; at += 1) {
    const minute = columns.minute[at] as number;
    const startUs = columns.day.midnightUs + Math.floor(minute / count) * count * US_PER_MINUTE;
    if (row !== undefined && row.startUs !== startUs) {
      yield row;
      row = undefined;
    }
    row = withMinute(row, columns, at, startUs);
  }
  if (row !== undefined) yield row;
}

/** Adds a row of a day's minutes to a bar. */
export function withMinute(
  row: BarRow | undefined,
  columns: DayColumns,
  at: number,
  startUs: number,
): BarRow {
  const volume = columns.volume[at] as number;
  const open = columns.open[at] as number;
  const into = row ?? {
    ...{ startUs, open, high: 0, low: Number.MAX_SAFE_INTEGER, close: open },
    ...{ volume: 0, trades: 0, worth: 0 },
  };
  into.high = Math.max(into.high, columns.high[at] as number);
  into.low = Math.min(into.low, columns.low[at] as number);
  into.close = columns.close[at] as number;
  into.volume += volume;
  into.trades += columns.trades[at] as number;
  into.worth += (columns.vwap[at] as number) * volume;
  return into;
}

/** Adds the regular sessions of days that have begun into their bar; `undefined` before the first trade. */
export function periodBar(
  source: BarSource,
  symbol: string,
  days: readonly TradingDay[],
  period: { readonly startUs: number; readonly untilUs: number },
): BarRow | undefined {
  let row: BarRow | undefined;
  for (const day of days) {
    if (day.openUs >= period.untilUs) break;
    const columns = source.columns(symbol, day);
    for (let at = columns.regularFrom; at < columns.regularTo; at += 1) {
      const endUs = day.midnightUs + ((columns.minute[at] as number) + 1) * US_PER_MINUTE;
      if (endUs > period.untilUs) break;
      row = withMinute(row, columns, at, period.startUs);
    }
  }
  return row;
}
