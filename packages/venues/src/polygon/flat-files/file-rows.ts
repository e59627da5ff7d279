import type { Calendar } from '@capstan/calendar';
import { type Bar, hasCode, type MarketQuote, type MarketTrade } from '@capstan/domain';
import { spanOf } from '../../market/session-spans.ts';
import { wholeUnits } from '../../market/whole-units.ts';
import { nanosOf } from '../../requests/exact-numbers.ts';
import { misread } from '../polygon-failure.ts';
import { symbolOf } from '../symbols.ts';
import { usOfNanos } from '../wire-values.ts';
import type { CellReader } from './csv-stream.ts';

export const AGGREGATE_COLUMNS = [
  'ticker',
  'volume',
  'open',
  'close',
  'high',
  'low',
  'window_start',
] as const;
export const TRADE_COLUMNS = [
  'ticker',
  'conditions',
  'exchange',
  'price',
  'sip_timestamp',
  'size',
] as const;
export const QUOTE_COLUMNS = [
  'ticker',
  'ask_price',
  'ask_size',
  'bid_price',
  'bid_size',
  'sip_timestamp',
] as const;

/** Makes a bar of a line of aggregates, which are raw. */
export function barOfLine(
  ticker: string,
  cell: CellReader,
  timeframe: '1m' | '1d',
  calendar: Calendar,
): Bar {
  return {
    symbol: symbolOf(ticker),
    timeframe,
    ...spanOf(timeframe, usOfNanos(cell('window_start')), calendar),
    revision: 0,
    openNanos: nanosOf(cell('open')),
    highNanos: nanosOf(cell('high')),
    lowNanos: nanosOf(cell('low')),
    closeNanos: nanosOf(cell('close')),
    volume: wholeUnits(Number(cell('volume'))),
  };
}

export function tradeOfLine(ticker: string, cell: CellReader): MarketTrade {
  const conditions = cell('conditions');
  return {
    symbol: symbolOf(ticker),
    atUs: usOfNanos(cell('sip_timestamp')),
    priceNanos: nanosOf(cell('price')),
    size: wholeUnits(Number(cell('size'))),
    // Trades of options have no id.
    tradeId: cell('id') === '' ? cell('sequence_number') : cell('id'),
    exchange: cell('exchange'),
    conditions: conditions === '' ? [] : conditions.split(','),
  };
}

/** A side that nobody quotes is empty. */
export function quoteOfLine(ticker: string, cell: CellReader): MarketQuote {
  const number = (name: string): string => (cell(name) === '' ? '0' : cell(name));
  return {
    symbol: symbolOf(ticker),
    atUs: usOfNanos(cell('sip_timestamp')),
    bidNanos: nanosOf(number('bid_price')),
    bidSize: wholeUnits(Number(number('bid_size'))),
    askNanos: nanosOf(number('ask_price')),
    askSize: wholeUnits(Number(number('ask_size'))),
  };
}

/** Names the line that cannot be read. */
export function readLine<T>(key: string, ticker: string, cell: CellReader, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!hasCode(error, 'NUMBER.FORMAT') && !hasCode(error, 'MARKET.ANSWER')) throw error;
    const at = cell('window_start') || cell('sip_timestamp');
    throw misread(error, `flat file ${key}, the line of ${ticker} at ${at}`);
  }
}
