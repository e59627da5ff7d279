import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type CivilDate, dateOfDay, dayNumber, newYorkTimeUs } from '@capstan/calendar';
import { type Bar, formatDecimal, type PriceNanos } from '@capstan/domain';
import { midnightUs } from '../polygon/aggregates.ts';
import type { PolygonWorld, TapeQuote, TapeTrade } from '../polygon/world.ts';

const AGGREGATE_HEADER = 'ticker,volume,open,close,high,low,window_start,transactions';
const TRADE_HEADER =
  'ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,trf_timestamp';
const QUOTE_HEADER =
  'ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,conditions,indicators,participant_timestamp,sequence_number,sip_timestamp,tape,trf_timestamp';
/** Day files are there from eleven in the morning of the day after, New York's time. */
const READY_MINUTE = 11 * 60;
const KEY =
  /^(us_stocks_sip|us_options_opra)\/(minute_aggs_v1|day_aggs_v1|trades_v1|quotes_v1)\/\d{4}\/\d{2}\/(\d{4}-\d{2}-\d{2})\.csv\.gz$/;

/** The file of a day, as it is kept. */
export interface DayFile {
  readonly body: Buffer;
  /** With its quotation marks. */
  readonly etag: string;
}

/** What a key names; `undefined` where it names nothing that there can be. */
export interface DayFileKey {
  readonly market: 'us_stocks_sip' | 'us_options_opra';
  readonly set: 'minute_aggs_v1' | 'day_aggs_v1' | 'trades_v1' | 'quotes_v1';
  readonly date: CivilDate;
}

/** Reads a key. */
export function readKey(key: string): DayFileKey | undefined {
  const match = KEY.exec(key);
  if (match === null) return undefined;
  const [, market, set, date = ''] = match;
  return {
    market: market as DayFileKey['market'],
    set: set as DayFileKey['set'],
    date,
  };
}

/** Writes a key. */
export const keyText = ({ market, set, date }: DayFileKey): string =>
  `${market}/${set}/${date.slice(0, 4)}/${date.slice(5, 7)}/${date}.csv.gz`;

/** Tells whether a day's files are there by a time. */
export function isReady(world: PolygonWorld, date: CivilDate, nowUs: number): boolean {
  if (date < world.options.startDate || world.calendar.session(date) === undefined) return false;
  return nowUs >= newYorkTimeUs(dayNumber(date) + 1, READY_MINUTE);
}

/**
 * Makes the file of a day: grouped by ticker, oldest first within one.
 * @param rewrites how often the vendor has written it again; each time its last number is another.
 */
export function dayFile(world: PolygonWorld, key: DayFileKey, rewrites: number): DayFile {
  const day = dayNumber(key.date);
  const span = [midnightUs(day), midnightUs(day + 1)] as const;
  const lines = tickersOf(world, key).flatMap((ticker) => linesOf(world, key.set, ticker, span));
  const text = [headerOf(key.set), ...lines].join('\n');
  const body = gzipSync(`${rewrites === 0 ? text : `${text}${rewrites}`}\n`);
  return { body, etag: `"${createHash('md5').update(body).digest('hex')}"` };
}

function tickersOf(world: PolygonWorld, { market, date }: DayFileKey): readonly string[] {
  const { symbols, optionable = [] } = world.options;
  if (market === 'us_options_opra') {
    return optionable.flatMap((one) => world.tradedOptions(one, date).map(({ ticker }) => ticker));
  }
  const stocks = symbols.map(({ symbol }) => symbol).filter((one) => !one.startsWith('I:'));
  return stocks.sort();
}

const headerOf = (set: DayFileKey['set']): string =>
  ({
    minute_aggs_v1: AGGREGATE_HEADER,
    day_aggs_v1: AGGREGATE_HEADER,
    trades_v1: TRADE_HEADER,
    quotes_v1: QUOTE_HEADER,
  })[set];

function linesOf(
  world: PolygonWorld,
  set: DayFileKey['set'],
  ticker: string,
  span: readonly [number, number],
): readonly string[] {
  switch (set) {
    case 'minute_aggs_v1':
      return world.minutes(ticker, ...span).map((bar) => aggregateLine(bar, bar.startUs));
    case 'day_aggs_v1':
      return world.days(ticker, ...span).map((bar) => aggregateLine(bar, span[0]));
    case 'trades_v1':
      return world.trades(ticker, ...span).map(tradeLine);
    case 'quotes_v1':
      return world.quotes(ticker, ...span).map(quoteLine);
  }
}

const price = (nanos: PriceNanos): string => formatDecimal(nanos, 9);

const aggregateLine = (bar: Bar, startUs: number): string =>
  [
    bar.symbol,
    bar.volume,
    price(bar.openNanos),
    price(bar.closeNanos),
    price(bar.highNanos),
    price(bar.lowNanos),
    `${startUs}000`,
    4,
  ].join(',');

const tradeLine = (trade: TapeTrade): string =>
  [
    trade.symbol,
    trade.conditions.length > 1 ? `"${trade.conditions.join(',')}"` : trade.conditions.join(),
    0,
    trade.exchange,
    trade.tradeId,
    `${trade.atUs - 150}000`,
    price(trade.priceNanos),
    trade.sequence,
    `${trade.atUs}000`,
    trade.size,
    3,
    0,
    0,
  ].join(',');

const quoteLine = (quote: TapeQuote): string =>
  [
    quote.symbol,
    11,
    price(quote.askNanos),
    quote.askSize,
    12,
    price(quote.bidNanos),
    quote.bidSize,
    '',
    '',
    `${quote.atUs - 150}000`,
    quote.sequence,
    `${quote.atUs}000`,
    3,
    0,
  ].join(',');

/** Dates from one to another, both included. */
export const datesBetween = (from: CivilDate, to: CivilDate): readonly CivilDate[] =>
  Array.from({ length: Math.max(0, dayNumber(to) - dayNumber(from) + 1) }, (_, index) =>
    dateOfDay(dayNumber(from) + index),
  );
