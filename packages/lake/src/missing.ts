import { resolve } from 'node:path';
import { AppError } from '@capstan/domain';
import type { RegisteredInstrument } from './instrument-registry.ts';
import type { ReadOptions, SeriesQuery } from './lake.ts';
import { LISTED_MAX } from './limits.ts';
import type { SeriesManifest } from './manifest.ts';
import { seriesText } from './series-key.ts';
import { dateText, timeText } from './time-text.ts';

/** Says that the lake has no such series, what it has, and how the series comes in. */
export function noSeries(
  root: string,
  query: SeriesQuery,
  all: readonly SeriesManifest[],
  renamed: readonly RegisteredInstrument[] = [],
): AppError {
  const wanted = `${query.venue === undefined ? '' : `${query.venue} `}${query.symbol} ${query.timeframe}`;
  const adjusted = query.adjustment === undefined ? '' : ` (${query.adjustment})`;
  const related = all.filter((series) => series.symbol === query.symbol);
  const listed = related.length > 0 ? related : all;
  return new AppError({
    code: 'LAKE.NO_SERIES',
    why: `the lake ${root} has no bars of ${wanted}${adjusted}. ${has(listed, all.length)}`,
    fix: `${oldName(query.symbol, renamed)}Bring it in: ${importCommand(query, related)}${inLake(root)}`,
  });
}

/** Says that a series has no bar in a range, what it has, and how more comes in. */
export function noRange(root: string, manifest: SeriesManifest, options: ReadOptions): AppError {
  const from = options.fromUs === undefined ? 'its first bar' : timeText(options.fromUs);
  const to = options.toUs === undefined ? 'its last' : timeText(options.toUs);
  const { firstStartUs, lastEndUs } = manifest;
  return new AppError({
    code: 'LAKE.RANGE',
    why: `${seriesText(manifest)} has no bar from ${from} to ${to}. It has ${timeText(firstStartUs)} to ${timeText(lastEndUs)}.`,
    fix: `Choose a range in it, or bring more in: ${importCommand(manifest, [])} --merge${inLake(root)}`,
  });
}

/** Says of what a name was the ticker, and when. */
function oldName(ticker: string, renamed: readonly RegisteredInstrument[]): string {
  const told = renamed.map(({ instrument, tickers }) => {
    const span = tickers.find((one) => one.ticker === ticker);
    const from = span?.fromDate === undefined ? '' : ` from ${span.fromDate}`;
    const until = span?.untilDate === undefined ? '' : ` until ${span.untilDate}`;
    return `${ticker} is the name of ${instrument.instrumentId}${from}${until}: ask for ${instrument.symbol}. `;
  });
  return told.join('');
}

function has(listed: readonly SeriesManifest[], total: number): string {
  if (total === 0) return 'It is empty.';
  const some = listed.slice(0, LISTED_MAX).map((series) => {
    return `${seriesText(series)} (${dateText(series.firstStartUs)} to ${dateText(series.lastEndUs)})`;
  });
  const more = listed.length > some.length ? `, and ${listed.length - some.length} more` : '';
  return `It has ${some.join(', ')}${more}.`;
}

/** The command that imports a series; where shorter bars are there, the one that makes it from them. */
function importCommand(query: SeriesQuery, related: readonly SeriesManifest[]): string {
  const { venue = '<venue>', symbol, timeframe } = query;
  const minutes = related.find((series) => series.timeframe === '1m');
  if (minutes !== undefined && timeframe !== '1m') {
    return `capstan data resample ${symbol} --venue ${minutes.venue} --to ${timeframe}`;
  }
  return `capstan data import <file> --venue ${venue} --symbol ${symbol} --timeframe ${timeframe}`;
}

/** The commands' own lake need not be named: ./data of the current folder. */
function inLake(root: string): string {
  return resolve(root) === resolve('data') ? '' : ` --lake ${root}`;
}
