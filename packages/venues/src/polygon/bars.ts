import { type Calendar, dateOfDay, newYorkDayOf } from '@capstan/calendar';
import { type Bar, type Timeframe, timeUs, US_PER_MS } from '@capstan/domain';
import type { BarsRequest } from '@capstan/ports';
import { spanOf } from '../market/session-spans.ts';
import { PAGE_ROWS } from './limits.ts';
import type { PolygonRest } from './polygon-rest.ts';
import { tickerOf } from './symbols.ts';
import { pricesOf, usOfMs, type WirePrices } from './wire-values.ts';

const SPANS: Readonly<Record<Timeframe, readonly [number, string]>> = {
  '1m': [1, 'minute'],
  '5m': [5, 'minute'],
  '15m': [15, 'minute'],
  '30m': [30, 'minute'],
  '1h': [1, 'hour'],
  '1d': [1, 'day'],
};

/** A row of aggregates; what it has besides is not read. */
interface WireBar extends WirePrices {
  readonly t?: number;
}

/**
 * Asks for the bars of a symbol that start in a span, page by page. Raw unless restated by splits is asked for: those are restated to
 * today's splits, not to those of the time.
 */
export async function* polygonBars(
  rest: PolygonRest,
  calendar: Calendar,
  symbol: string,
  request: BarsRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly Bar[]> {
  const { timeframe, adjustment, fromUs, toUs } = request;
  const [multiplier, timespan] = SPANS[timeframe];
  const { from, to } = rangeOf(request);
  const path = [tickerOf(symbol), multiplier, timespan, from, to];
  const query = { adjusted: adjustment === 'split', sort: 'asc', limit: PAGE_ROWS };
  const what = `${timeframe} bars of ${symbol}`;
  const call = { method: 'getStocksAggregates', path } as const;
  for await (const rows of rest.pages<WireBar>(what, call, query, signal)) {
    const bars = rows
      .map((row) => barOf(row, symbol, timeframe, calendar))
      .filter(({ startUs }) => startUs >= fromUs && startUs < toUs);
    if (bars.length > 0) yield bars;
  }
}

/** The range as the vendor takes it: days of New York, or Unix milliseconds of the bars' starts, both inclusive. */
function rangeOf({ timeframe, fromUs, toUs }: BarsRequest): {
  readonly from: string;
  readonly to: string;
} {
  if (timeframe === '1d') {
    const date = (us: number) => dateOfDay(newYorkDayOf(us));
    return { from: date(fromUs), to: date(toUs - 1) };
  }
  return {
    from: String(Math.ceil(fromUs / US_PER_MS)),
    to: String(Math.ceil(toUs / US_PER_MS) - 1),
  };
}

function barOf(row: WireBar, symbol: string, timeframe: Timeframe, calendar: Calendar): Bar {
  const { startUs, endUs } = spanOf(timeframe, usOfMs(row.t), calendar);
  return {
    symbol,
    timeframe,
    startUs: timeUs(startUs),
    endUs: timeUs(endUs),
    revision: 0,
    ...pricesOf(row),
  };
}
