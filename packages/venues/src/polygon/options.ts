import { dateOfDay, newYorkDayOf } from '@capstan/calendar';
import {
  formatDecimal,
  type MarketQuote,
  type MarketTrade,
  type OptionContract,
  type OptionGreeks,
  type OptionSnapshot,
} from '@capstan/domain';
import type { OptionsRequest } from '@capstan/ports';
import { wholeUnits } from '../market/whole-units.ts';
import { marketFailure } from '../requests/market-failure.ts';
import { CHAIN_ROWS, REFERENCE_ROWS } from './limits.ts';
import type { PolygonRest, QueryPart } from './polygon-rest.ts';
import { symbolOf } from './symbols.ts';
import { codesOf, priceOf, usOfNanos, type WireNanos } from './wire-values.ts';

interface WireContract {
  readonly ticker?: string;
  readonly underlying_ticker?: string;
  readonly contract_type?: string;
  readonly exercise_style?: string;
  readonly expiration_date?: string;
  readonly shares_per_contract?: number;
  readonly strike_price?: number;
}

interface WireSnapshot {
  readonly details?: WireContract;
  readonly greeks?: Partial<OptionGreeks>;
  readonly implied_volatility?: number;
  readonly open_interest?: number;
  readonly last_quote?: {
    readonly bid?: number;
    readonly bid_size?: number;
    readonly ask?: number;
    readonly ask_size?: number;
    readonly last_updated?: WireNanos;
  };
  readonly last_trade?: {
    readonly price?: number;
    readonly size?: number;
    readonly exchange?: number;
    readonly sip_timestamp?: WireNanos;
    readonly conditions?: readonly number[];
  };
}

/** Asks for the contracts of an underlying: those that have expired, those that have not, or both, as the span of expiries says. */
export async function* polygonContracts(
  rest: PolygonRest,
  request: OptionsRequest,
  nowUs: number,
  signal?: AbortSignal,
): AsyncIterable<readonly OptionContract[]> {
  const today = dateOfDay(newYorkDayOf(nowUs));
  const { fromExpiration = today, toExpiration = '9999-12-31', underlying } = request;
  const wantsExpired = [
    ...(fromExpiration < today ? [true] : []),
    ...(toExpiration >= today ? [false] : []),
  ];
  for (const expired of wantsExpired) {
    const pages = rest.pages<WireContract>(
      `option contracts of ${underlying}`,
      { method: 'listOptionsContracts', path: [] },
      {
        underlying_ticker: underlying,
        ...narrowed({ ...request, fromExpiration }),
        expired,
        limit: REFERENCE_ROWS,
      },
      signal,
    );
    for await (const rows of pages) yield rows.flatMap((row) => contractOf(row, underlying) ?? []);
  }
}

/** Asks for the chain of an underlying as it is now. */
export async function* polygonChain(
  rest: PolygonRest,
  request: OptionsRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly OptionSnapshot[]> {
  const { underlying } = request;
  const pages = rest.pages<WireSnapshot>(
    `the option chain of ${underlying}`,
    { method: 'getOptionsChain', path: [underlying] },
    { ...narrowed(request), limit: CHAIN_ROWS },
    signal,
  );
  for await (const rows of pages) yield rows.flatMap((row) => snapshotOf(row, underlying) ?? []);
}

function narrowed(request: OptionsRequest): QueryPart {
  const { fromExpiration, toExpiration, fromStrikeNanos, toStrikeNanos, right } = request;
  const decimal = (nanos: number | undefined) =>
    nanos === undefined ? undefined : formatDecimal(nanos, 9);
  return {
    'expiration_date.gte': fromExpiration,
    'expiration_date.lte': toExpiration,
    'strike_price.gte': decimal(fromStrikeNanos),
    'strike_price.lte': decimal(toStrikeNanos),
    contract_type: right,
    order: 'asc',
    sort: 'ticker',
  };
}

/** @returns `undefined` for what is neither a call nor a put, or is exercised otherwise. @throws MARKET.ANSWER */
function contractOf(row: WireContract, underlying: string): OptionContract | undefined {
  const { ticker, contract_type: right, exercise_style: style, expiration_date: expiration } = row;
  if (ticker === undefined || expiration === undefined) {
    throw marketFailure('MARKET.ANSWER', {
      why: `An option of ${underlying} has no ticker or expiry.`,
    });
  }
  if (right !== 'call' && right !== 'put') return undefined;
  if (style !== 'american' && style !== 'european') return undefined;
  return {
    symbol: symbolOf(ticker),
    underlying,
    right,
    expiration,
    strikeNanos: priceOf(row.strike_price),
    multiplier: wholeUnits(row.shares_per_contract ?? 100),
    style,
  };
}

function snapshotOf(row: WireSnapshot, underlying: string): OptionSnapshot | undefined {
  const contract = contractOf(row.details ?? {}, underlying);
  if (contract === undefined) return undefined;
  const { symbol } = contract;
  const quote = quoteOf(row.last_quote, symbol);
  const lastTrade = tradeOf(row.last_trade, symbol);
  const greeks = greeksOf(row.greeks);
  const { implied_volatility: impliedVolatility, open_interest: openInterest } = row;
  return {
    contract,
    ...(quote === undefined ? {} : { quote }),
    ...(lastTrade === undefined ? {} : { lastTrade }),
    ...(greeks === undefined ? {} : { greeks }),
    ...(impliedVolatility === undefined ? {} : { impliedVolatility }),
    ...(openInterest === undefined ? {} : { openInterest }),
  };
}

/** The plan may hold no quotes; then there are none, or ones without a time. */
function quoteOf(quote: WireSnapshot['last_quote'], symbol: string): MarketQuote | undefined {
  if (quote?.last_updated === undefined) return undefined;
  return {
    symbol,
    atUs: usOfNanos(quote.last_updated),
    bidNanos: priceOf(quote.bid ?? 0),
    bidSize: wholeUnits(quote.bid_size ?? 0),
    askNanos: priceOf(quote.ask ?? 0),
    askSize: wholeUnits(quote.ask_size ?? 0),
  };
}

function tradeOf(trade: WireSnapshot['last_trade'], symbol: string): MarketTrade | undefined {
  if (trade?.sip_timestamp === undefined) return undefined;
  return {
    symbol,
    atUs: usOfNanos(trade.sip_timestamp),
    priceNanos: priceOf(trade.price),
    size: wholeUnits(trade.size ?? 0),
    tradeId: '',
    exchange: String(trade.exchange ?? ''),
    conditions: codesOf(trade.conditions),
  };
}

/** Deep in the money the vendor's model gives none. */
function greeksOf(greeks: Partial<OptionGreeks> | undefined): OptionGreeks | undefined {
  const { delta, gamma, theta, vega } = greeks ?? {};
  const isWhole = [delta, gamma, theta, vega].every((one) => Number.isFinite(one));
  return isWhole ? ({ delta, gamma, theta, vega } as OptionGreeks) : undefined;
}
