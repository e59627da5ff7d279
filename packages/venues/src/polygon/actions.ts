import type { MarketAction } from '@capstan/domain';
import type { ActionsRequest, Log } from '@capstan/ports';
import { wholeRatio } from '../requests/exact-numbers.ts';
import { marketFailure } from '../requests/market-failure.ts';
import { REFERENCE_ROWS } from './limits.ts';
import type { PolygonRest, QueryPart } from './polygon-rest.ts';
import { priceOf } from './wire-values.ts';

interface WireSplit {
  readonly ticker?: string;
  readonly execution_date?: string;
  readonly split_from?: number;
  readonly split_to?: number;
}

interface WireDividend {
  readonly ticker?: string;
  readonly ex_dividend_date?: string;
  readonly pay_date?: string;
  readonly cash_amount?: number;
  readonly currency?: string;
}

/** Asks for the splits and the cash dividends of a symbol, each by ex-date. Dividends in other currencies than dollars are passed over. */
export async function* polygonActions(
  { rest, log }: { readonly rest: PolygonRest; readonly log: Log },
  symbol: string,
  request: ActionsRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly MarketAction[]> {
  const splits = rest.pages<WireSplit>(
    `splits of ${symbol}`,
    { method: 'listStockSplits', path: [] },
    { ticker: symbol, ...between('execution_date', request) },
    signal,
  );
  for await (const rows of splits) yield rows.map(splitOf);
  const dividends = rest.pages<WireDividend>(
    `dividends of ${symbol}`,
    { method: 'listDividends', path: [] },
    { ticker: symbol, ...between('ex_dividend_date', request) },
    signal,
  );
  for await (const rows of dividends)
    yield rows.filter((row) => isInDollars(row, log)).map(dividendOf);
}

function between(key: string, { fromDate, toDate }: ActionsRequest): QueryPart {
  const bounds = { [`${key}.gte`]: fromDate, [`${key}.lte`]: toDate };
  return { ...bounds, order: 'asc', sort: key, limit: REFERENCE_ROWS };
}

/** The vendor's ratio is of new shares to old ones: a reverse split of ten to one goes from 10 to 1. */
function splitOf(row: WireSplit): MarketAction {
  const { ticker = '', execution_date: exDate = '', split_from: from, split_to: to } = row;
  if (!(from !== undefined && to !== undefined && from > 0 && to > 0)) {
    throw marketFailure('MARKET.ANSWER', {
      why: `The split of ${ticker} on ${exDate} has no ratio.`,
    });
  }
  const { first, second } = wholeRatio(to, from);
  return { kind: 'split', symbol: ticker, exDate, newUnits: first, oldUnits: second };
}

/** Tells whether a dividend can be booked; of one that cannot it is said. */
function isInDollars(row: WireDividend, log: Log): boolean {
  const { ticker, ex_dividend_date: exDate, cash_amount: amount, currency = 'USD' } = row;
  if (currency.toUpperCase() === 'USD') return true;
  const dividend = { symbol: ticker, exDate, amount, currency };
  log.warn('a dividend is left out: cash of other currencies is not booked', dividend);
  return false;
}

function dividendOf(row: WireDividend): MarketAction {
  const { ticker = '', ex_dividend_date: exDate = '', pay_date: payDate } = row;
  return {
    kind: 'dividend',
    symbol: ticker,
    exDate,
    perUnitNanos: priceOf(row.cash_amount),
    ...(payDate === undefined ? {} : { payDate }),
  };
}
