import { dayNumber } from '@capstan/calendar';
import { type Bar, priceToFloat, US_PER_MS } from '@capstan/domain';
import type { FastifyInstance } from 'fastify';
import {
  aggregatePage,
  dateOf,
  dayRow,
  midnightUs,
  rangeEnd,
  readAggregates,
} from './aggregates.ts';
import type { PolygonDesk } from './desk.ts';
import { nanosOf } from './json-text.ts';
import { type ListedOption, optionAskBid, optionModel } from './options.ts';
import { limitOf, nextUrl, PolygonRefusal, pagedQuery, pageOf, type Query } from './paging.ts';
import { optionPasses } from './reference.ts';

const AGGREGATE_LIMITS = { byDefault: 5_000, most: 50_000 } as const;
const CHAIN_LIMITS = { byDefault: 10, most: 250 } as const;

/** Aggregates and snapshots. */
export function serveMarket(app: FastifyInstance, desk: PolygonDesk): void {
  serveRanges(app, desk);
  serveDays(app, desk);
  serveSnapshots(app, desk);
  serveChains(app, desk);
}

function serveRanges(app: FastifyInstance, desk: PolygonDesk): void {
  const path = '/v2/aggs/ticker/:ticker/range/:multiplier/:timespan/:from/:to';
  app.get(path, (request) => {
    const { query, from } = pagedQuery(request);
    const asked = readAggregates(request.params as Query, query);
    const limit = limitOf(query, AGGREGATE_LIMITS.byDefault, AGGREGATE_LIMITS.most);
    const page = aggregatePage(desk.world, asked, desk.nowUs(), { limit, scanned: from });
    const next = page.next === undefined ? undefined : nextUrl(request, query, page.next);
    return {
      ticker: asked.ticker,
      ...counts(asked.adjusted, page.queried, page.rows.length),
      ...desk.answer({ rows: page.rows, next }),
    };
  });
}

const counts = (adjusted: boolean, queryCount: number, resultsCount: number) => ({
  adjusted,
  queryCount,
  resultsCount,
  count: resultsCount,
});

function serveDays(app: FastifyInstance, desk: PolygonDesk): void {
  app.get('/v2/aggs/ticker/:ticker/prev', (request) => {
    const ticker = desk.tickerOf(request);
    const bar = lastDay(desk, ticker);
    const rows = bar === undefined ? [] : [{ T: ticker, ...dayRow(bar) }];
    return { ticker, ...counts(true, rows.length, rows.length), ...desk.answer({ rows }) };
  });
  app.get('/v2/aggs/grouped/locale/us/market/stocks/:date', (request) => {
    const { date = '' } = request.params as Query;
    const day = dayNumber(date);
    const rows = desk.world.options.symbols
      .filter(({ symbol }) => !symbol.startsWith('I:'))
      .flatMap(({ symbol }) => daysBetween(desk, symbol, midnightUs(day), midnightUs(day + 1)))
      .map((bar) => ({ T: bar.symbol, ...dayRow(bar) }));
    const { query } = pagedQuery(request);
    const adjusted = query.adjusted !== 'false';
    return { ...counts(adjusted, rows.length, rows.length), ...desk.answer({ rows }) };
  });
  app.get('/v1/open-close/:ticker/:date', (request) => {
    const ticker = desk.tickerOf(request);
    const { date = '' } = request.params as Query;
    const [bar] = daysBetween(desk, ticker, rangeEnd(date, 'from'), rangeEnd(date, 'to'));
    if (bar === undefined) throw new PolygonRefusal(404, 'Data not found.');
    const { o, h, l, c, v } = dayRow(bar);
    return {
      status: 'OK',
      from: date,
      symbol: ticker,
      open: o,
      high: h,
      low: l,
      close: c,
      volume: v,
      afterHours: c,
    };
  });
}

function daysBetween(desk: PolygonDesk, symbol: string, fromUs: number, toUs: number): Bar[] {
  const nowUs = desk.nowUs();
  const days = desk.world.days(symbol, fromUs, Math.min(toUs, nowUs));
  return days.filter(({ endUs }) => endUs <= nowUs);
}

function lastDay(desk: PolygonDesk, symbol: string): Bar | undefined {
  return daysBetween(desk, symbol, desk.nowUs() - 10 * 86_400_000_000, desk.nowUs()).at(-1);
}

function serveSnapshots(app: FastifyInstance, desk: PolygonDesk): void {
  const path = '/v2/snapshot/locale/us/markets/stocks/tickers';
  app.get(path, (request) => {
    const { query } = pagedQuery(request);
    const asked = query.tickers?.split(',');
    const symbols = desk.world.options.symbols
      .map(({ symbol }) => symbol)
      .filter((symbol) => !symbol.startsWith('I:') && (asked?.includes(symbol) ?? true));
    const tickers = symbols.flatMap((symbol) => stockSnapshot(desk, symbol) ?? []);
    return { ...desk.answer({}), count: tickers.length, tickers };
  });
  app.get(`${path}/:ticker`, (request) => {
    const snapshot = stockSnapshot(desk, desk.known(desk.tickerOf(request)));
    if (snapshot === undefined) throw new PolygonRefusal(404, 'Data not found.');
    return { ...desk.answer({}), ticker: snapshot };
  });
}

function stockSnapshot(desk: PolygonDesk, symbol: string): object | undefined {
  const before = lastDay(desk, symbol);
  const trade = desk.world.trades(symbol, ...desk.lately()).at(-1);
  const quote = desk.world.quotes(symbol, ...desk.lately()).at(-1);
  const minute = desk.world.minutes(symbol, ...desk.lately()).at(-1);
  if (before === undefined || trade === undefined || quote === undefined) return undefined;
  if (minute === undefined) return undefined;
  const { t: _start, n: _count, ...prevDay } = dayRow(before);
  const { t: _minute, ...min } = dayRow(minute);
  const change = priceToFloat(trade.priceNanos) - prevDay.c;
  return {
    ticker: symbol,
    todaysChange: change,
    todaysChangePerc: (change / prevDay.c) * 100,
    updated: nanosOf(trade.atUs),
    day: prevDay,
    min: { ...min, av: prevDay.v, dav: String(prevDay.v), t: minute.startUs / US_PER_MS, n: 4 },
    prevDay,
    lastQuote: {
      P: priceToFloat(quote.askNanos),
      S: quote.askSize,
      p: priceToFloat(quote.bidNanos),
      s: quote.bidSize,
      t: nanosOf(quote.atUs),
    },
    lastTrade: {
      c: trade.conditions.map(Number),
      i: trade.tradeId,
      p: priceToFloat(trade.priceNanos),
      s: trade.size,
      ds: String(trade.size),
      t: nanosOf(trade.atUs),
      x: Number(trade.exchange),
    },
  };
}

function serveChains(app: FastifyInstance, desk: PolygonDesk): void {
  app.get('/v3/snapshot/options/:ticker', (request) => {
    const underlying = desk.tickerOf(request);
    const { query } = pagedQuery(request);
    const spot = desk.world.priceAt(underlying, desk.nowUs());
    const options = spot === undefined ? [] : desk.world.optionsOn(underlying, desk.today());
    const rows = options.filter((option) => optionPasses(query, option));
    const page = pageOf(request, rows, CHAIN_LIMITS);
    return desk.answer({
      rows: page.rows.map((option) => chainRow(desk, option)),
      next: page.next,
    });
  });
  app.get('/v3/snapshot/options/:ticker/:contract', (request) => {
    const { contract = '' } = request.params as Query;
    const options = desk.world.optionsOn(desk.tickerOf(request), desk.today());
    const option = options.find(({ ticker }) => ticker === contract);
    if (option === undefined) throw new PolygonRefusal(404, 'Options contract not found.');
    return { ...desk.answer({}), results: chainRow(desk, option) };
  });
}

function chainRow(desk: PolygonDesk, option: ListedOption): object {
  const nowUs = desk.nowUs();
  const spotNanos = desk.world.priceAt(option.underlying, nowUs);
  if (spotNanos === undefined) throw new PolygonRefusal(404, 'Data not found.');
  const { bidNanos, askNanos } = optionAskBid(option, spotNanos, nowUs);
  const { greeks, volatility } = optionModel(option, spotNanos, nowUs);
  const bid = priceToFloat(bidNanos);
  const ask = priceToFloat(askNanos);
  const middle = (bid + ask) / 2;
  const strike = priceToFloat(option.strikeNanos);
  const spot = priceToFloat(spotNanos);
  const breakEven = option.right === 'call' ? strike + middle : strike - middle;
  // Deep in the money the vendor's model gives none.
  const isDeep = Math.abs(greeks.delta) > 0.99;
  const timeframe = desk.isDelayed ? 'DELAYED' : 'REAL-TIME';
  return {
    break_even_price: breakEven,
    day: {
      open: middle,
      high: middle,
      low: middle,
      close: middle,
      previous_close: middle,
      volume: 40,
      vwap: middle,
      change: 0,
      change_percent: 0,
      last_updated: nanosOf(midnightUs(dayNumber(dateOf(nowUs)))),
    },
    details: {
      contract_type: option.right,
      exercise_style: option.style,
      expiration_date: option.expiration,
      shares_per_contract: option.multiplier,
      strike_price: strike,
      ticker: option.ticker,
    },
    greeks: isDeep ? {} : greeks,
    ...(isDeep ? {} : { implied_volatility: volatility }),
    last_quote: {
      ask,
      ask_size: 12,
      bid,
      bid_size: 10,
      midpoint: middle,
      last_updated: nanosOf(nowUs - 1_000_000),
      timeframe,
    },
    last_trade: {
      exchange: 309,
      price: middle,
      sip_timestamp: nanosOf(nowUs - 2_000_000),
      size: 1,
      timeframe,
    },
    open_interest: 1_000,
    underlying_asset: {
      change_to_break_even: breakEven - spot,
      last_updated: nanosOf(nowUs),
      price: spot,
      ticker: option.underlying,
      timeframe,
    },
  };
}
