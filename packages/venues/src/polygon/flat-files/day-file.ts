import { type CivilDate, dateOfDay, dayNumber } from '@capstan/calendar';

/** Markets that have flat files here. */
export type FileMarket = 'us_stocks_sip' | 'us_options_opra';
/** What a file holds. */
export type FileSet = 'minute_aggs_v1' | 'day_aggs_v1' | 'trades_v1' | 'quotes_v1';

/** The file of one market's day. */
export interface DayFile {
  readonly market: FileMarket;
  readonly set: FileSet;
  readonly date: CivilDate;
}

/** Returns the key of a file in the bucket. */
export const keyOf = ({ market, set, date }: DayFile): string =>
  `${monthPrefix({ market, set }, date)}${date}.csv.gz`;

/** Returns what the keys of a month's files begin with. */
export const monthPrefix = ({ market, set }: Omit<DayFile, 'date'>, date: CivilDate): string =>
  `${market}/${set}/${date.slice(0, 4)}/${date.slice(5, 7)}/`;

/** Reads the date of a key; `undefined` where it names no day. */
export const dateOfKey = (key: string): CivilDate | undefined =>
  /\/(\d{4}-\d{2}-\d{2})\.csv\.gz$/.exec(key)?.[1];

/** Returns the dates from one to another, both included. */
export function datesBetween(from: CivilDate, to: CivilDate): readonly CivilDate[] {
  const first = dayNumber(from);
  const days = Math.max(0, dayNumber(to) - first + 1);
  return Array.from({ length: days }, (_, at) => dateOfDay(first + at));
}
