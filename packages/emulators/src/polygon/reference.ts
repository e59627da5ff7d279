import { dateOfDay, dayNumber } from '@capstan/calendar';
import { priceToFloat } from '@capstan/domain';
import type { FastifyInstance } from 'fastify';
import type { PolygonDesk } from './desk.ts';
import { type ListedOption, readOptionSymbol } from './options.ts';
import { PolygonRefusal, pagedQuery, pageOf, passes, type Query } from './paging.ts';
import type { WorldDividend, WorldSplit } from './world.ts';

const REFERENCE_LIMITS = { byDefault: 10, most: 1_000 } as const;
const TICKER_LIMITS = { byDefault: 100, most: 1_000 } as const;
const NEWER_LIMITS = { byDefault: 100, most: 5_001 } as const;
const HOLIDAY_DAYS = 400;

/** Tickers, option contracts, corporate actions and the market's hours. */
export function serveReference(app: FastifyInstance, desk: PolygonDesk): void {
  serveTickers(app, desk);
  serveContracts(app, desk);
  serveActions(app, desk);
  serveStatus(app, desk);
}

function serveTickers(app: FastifyInstance, desk: PolygonDesk): void {
  const row = (symbol: string) => ({
    ticker: symbol,
    name: `${symbol} of the emulator`,
    market: symbol.startsWith('I:') ? 'indices' : 'stocks',
    locale: 'us',
    primary_exchange: 'XNAS',
    type: symbol.startsWith('I:') ? 'INDEX' : 'CS',
    active: true,
    currency_name: 'usd',
  });
  const symbols = desk.world.options.symbols.map(({ symbol }) => symbol).sort();
  app.get('/v3/reference/tickers', (request) => {
    const { query } = pagedQuery(request);
    const rows = symbols
      .map(row)
      .filter((one) => passes(query, 'ticker', one.ticker))
      .filter((one) => passes(query, 'market', one.market))
      .filter((one) => one.ticker.includes((query.search ?? '').toUpperCase()));
    const page = pageOf(request, rows, TICKER_LIMITS);
    return { ...desk.answer(page), count: page.rows.length };
  });
  app.get('/v3/reference/tickers/:ticker', (request) => {
    const ticker = desk.tickerOf(request);
    if (!symbols.includes(ticker)) throw new PolygonRefusal(404, 'Ticker not found.');
    return { ...desk.answer({}), results: row(ticker) };
  });
}

function serveContracts(app: FastifyInstance, desk: PolygonDesk): void {
  app.get('/v3/reference/options/contracts', (request) => {
    const { query } = pagedQuery(request);
    const asOf = query.as_of ?? desk.today();
    const underlyings = desk.world.options.optionable ?? [];
    const rows = underlyings
      .filter((one) => passes(query, 'underlying_ticker', one))
      .flatMap((underlying) => desk.world.optionsOn(underlying, asOf))
      .filter((option) => optionPasses(query, option))
      .filter((one) => passes(query, 'ticker', one.ticker))
      .map(contractRow);
    return desk.answer(pageOf(request, rows, REFERENCE_LIMITS));
  });
  app.get('/v3/reference/options/contracts/:ticker', (request) => {
    const option = readOptionSymbol(desk.known(desk.tickerOf(request)));
    if (option === undefined) throw new PolygonRefusal(404, 'Ticker not found.');
    return { ...desk.answer({}), results: contractRow(option) };
  });
}

/** Tells whether an option passes what a query says of its right, expiry and strike. */
export function optionPasses(query: Query, option: ListedOption): boolean {
  return (
    passes(query, 'contract_type', option.right) &&
    passes(query, 'expiration_date', option.expiration) &&
    passes(query, 'strike_price', priceToFloat(option.strikeNanos), Number)
  );
}

const contractRow = (option: ListedOption) => ({
  cfi: option.right === 'call' ? 'OCASPS' : 'OPASPS',
  contract_type: option.right,
  exercise_style: option.style,
  expiration_date: option.expiration,
  primary_exchange: 'BATO',
  shares_per_contract: option.multiplier,
  strike_price: priceToFloat(option.strikeNanos),
  ticker: option.ticker,
  underlying_ticker: option.underlying,
});

function serveActions(app: FastifyInstance, desk: PolygonDesk): void {
  const splits = desk.world.options.splits ?? [];
  const dividends = desk.world.options.dividends ?? [];
  const tickers = (query: Query, ticker: string) =>
    passes(query, 'ticker', ticker) &&
    (query['ticker.any_of'] ?? ticker).split(',').includes(ticker);
  const splitsOf = (query: Query) =>
    splits.filter(
      (one) => tickers(query, one.symbol) && passes(query, 'execution_date', one.exDate),
    );
  const dividendsOf = (query: Query) =>
    dividends.filter(
      (one) => tickers(query, one.symbol) && passes(query, 'ex_dividend_date', one.exDate),
    );
  app.get('/v3/reference/splits', (request) => {
    const rows = splitsOf(pagedQuery(request).query).map(splitRow);
    return desk.answer(pageOf(request, rows, REFERENCE_LIMITS));
  });
  app.get('/v3/reference/dividends', (request) => {
    const rows = dividendsOf(pagedQuery(request).query).map((one) => ({
      ...dividendRow(one),
      dividend_type: 'CD',
    }));
    return desk.answer(pageOf(request, rows, REFERENCE_LIMITS));
  });
  // The newer two always carry `results`.
  app.get('/stocks/v1/splits', (request) => {
    const rows = splitsOf(pagedQuery(request).query).map((one) => ({
      ...splitRow(one),
      adjustment_type: one.newUnits > one.oldUnits ? 'forward_split' : 'reverse_split',
      historical_adjustment_factor: one.oldUnits / one.newUnits,
    }));
    return { results: [], ...desk.answer(pageOf(request, rows, NEWER_LIMITS)) };
  });
  app.get('/stocks/v1/dividends', (request) => {
    const rows = dividendsOf(pagedQuery(request).query).map((one) => ({
      ...dividendRow(one),
      distribution_type: 'recurring',
      historical_adjustment_factor: 1,
      split_adjusted_cash_amount: one.cash,
    }));
    return { results: [], ...desk.answer(pageOf(request, rows, NEWER_LIMITS)) };
  });
}

const splitRow = (split: WorldSplit) => ({
  execution_date: split.exDate,
  id: `split-${split.symbol}-${split.exDate}`,
  split_from: split.oldUnits,
  split_to: split.newUnits,
  ticker: split.symbol,
});

const dividendRow = (dividend: WorldDividend) => ({
  cash_amount: dividend.cash,
  currency: dividend.currency ?? 'USD',
  declaration_date: dateOfDay(dayNumber(dividend.exDate) - 20),
  ex_dividend_date: dividend.exDate,
  frequency: 4,
  id: `dividend-${dividend.symbol}-${dividend.exDate}`,
  pay_date: dividend.payDate,
  record_date: dividend.exDate,
  ticker: dividend.symbol,
});

function serveStatus(app: FastifyInstance, desk: PolygonDesk): void {
  const { calendar } = desk.world;
  app.get('/v1/marketstatus/now', () => {
    const nowUs = desk.clockUs();
    const session = calendar.session(desk.today());
    const minutes = session === undefined ? undefined : (nowUs - session.openUs) / 60_000_000;
    const isOpen = calendar.isOpen(nowUs);
    const isEarly = minutes !== undefined && minutes >= -330 && minutes < 0;
    const isAfter = session !== undefined && !isOpen && nowUs >= session.closeUs;
    const market = isOpen ? 'open' : isEarly || isAfter ? 'extended-hours' : 'closed';
    return {
      market,
      earlyHours: isEarly,
      afterHours: isAfter,
      exchanges: { nyse: market, nasdaq: market, otc: market },
      currencies: { crypto: 'open', fx: 'open' },
      serverTime: new Date(nowUs / 1000).toISOString(),
    };
  });
  app.get('/v1/marketstatus/upcoming', () => {
    const today = dayNumber(desk.today());
    return Array.from({ length: HOLIDAY_DAYS }, (_, offset) => dateOfDay(today + offset)).flatMap(
      (date) => holidayRows(desk, date),
    );
  });
}

function holidayRows(desk: PolygonDesk, date: string): readonly object[] {
  const { calendar } = desk.world;
  const session = calendar.session(date);
  const closure = calendar.closure(date);
  const exchanges = ['NYSE', 'NASDAQ'];
  if (session?.earlyClose === true) {
    const at = (us: number) => new Date(us / 1000).toISOString();
    const hours = { open: at(session.openUs), close: at(session.closeUs) };
    return exchanges.map((exchange) => ({
      date,
      exchange,
      name: 'Early close',
      status: 'early-close',
      ...hours,
    }));
  }
  if (closure === undefined || closure === 'weekend') return [];
  return exchanges.map((exchange) => ({ date, exchange, name: closure, status: 'closed' }));
}
