import { mixSeed } from '@capstan/synthetic';

/** How one symbol of the emulated market behaves. Prices are what they were on the market's first day. */
export interface SymbolProfile {
  readonly symbol: string;
  readonly name: string;
  readonly exchange: 'NASDAQ' | 'NYSE' | 'ARCA';
  readonly kind: 'equity' | 'etf';
  /** On the first day of the market, in whole units of currency, before any split. */
  readonly firstPrice: number;
  /** Standard deviation of a year's log return, such as 0.3. */
  readonly annualVolatility: number;
  /** Share of the return's variance that the market explains, 0 to 1. */
  readonly marketShare: number;
  /** Mean shares traded in a full session. */
  readonly dailyVolume: number;
  /** A year's dividends as a share of the price; 0 pays none. */
  readonly dividendYield: number;
  /** Share of the regular session's minutes without a trade. */
  readonly quietFraction: number;
  readonly fractionable: boolean;
  readonly shortable: boolean;
}

type Row = readonly [
  string,
  string,
  SymbolProfile['exchange'],
  SymbolProfile['kind'],
  ...numbers: number[],
];

/** Symbol, name, exchange, kind, first price, volatility, market share, million shares a day, dividend yield. */
const ROWS: readonly Row[] = [
  ['AAPL', 'Apple Inc.', 'NASDAQ', 'equity', 105, 0.27, 0.6, 55, 0.005],
  ['AMD', 'Advanced Micro Devices', 'NASDAQ', 'equity', 60, 0.45, 0.5, 50, 0],
  ['AMZN', 'Amazon.com', 'NASDAQ', 'equity', 95, 0.32, 0.55, 45, 0],
  ['BA', 'Boeing', 'NYSE', 'equity', 140, 0.38, 0.45, 8, 0],
  ['BAC', 'Bank of America', 'NYSE', 'equity', 27, 0.28, 0.6, 38, 0.025],
  ['COST', 'Costco Wholesale', 'NASDAQ', 'equity', 260, 0.22, 0.45, 2, 0.006],
  ['CSCO', 'Cisco Systems', 'NASDAQ', 'equity', 38, 0.22, 0.55, 18, 0.03],
  ['DIA', 'SPDR Dow Jones Industrial Average ETF', 'ARCA', 'etf', 230, 0.15, 0.95, 3, 0.016],
  ['DIS', 'Walt Disney', 'NYSE', 'equity', 96, 0.28, 0.5, 10, 0.008],
  ['GOOGL', 'Alphabet Class A', 'NASDAQ', 'equity', 78, 0.28, 0.6, 28, 0.004],
  ['INTC', 'Intel', 'NASDAQ', 'equity', 34, 0.38, 0.5, 50, 0.015],
  ['IWM', 'iShares Russell 2000 ETF', 'ARCA', 'etf', 130, 0.21, 0.9, 30, 0.013],
  ['JNJ', 'Johnson & Johnson', 'NYSE', 'equity', 120, 0.16, 0.35, 7, 0.03],
  ['JPM', 'JPMorgan Chase', 'NYSE', 'equity', 100, 0.24, 0.6, 9, 0.026],
  ['KO', 'Coca-Cola', 'NYSE', 'equity', 44, 0.15, 0.35, 13, 0.03],
  ['MA', 'Mastercard', 'NYSE', 'equity', 230, 0.23, 0.55, 3, 0.006],
  ['META', 'Meta Platforms', 'NASDAQ', 'equity', 160, 0.35, 0.5, 15, 0.004],
  ['MSFT', 'Microsoft', 'NASDAQ', 'equity', 150, 0.25, 0.65, 22, 0.008],
  ['NFLX', 'Netflix', 'NASDAQ', 'equity', 190, 0.38, 0.45, 4, 0],
  ['NVDA', 'NVIDIA', 'NASDAQ', 'equity', 80, 0.46, 0.55, 180, 0.001],
  ['ORCL', 'Oracle', 'NYSE', 'equity', 60, 0.3, 0.5, 9, 0.012],
  ['PEP', 'PepsiCo', 'NASDAQ', 'equity', 110, 0.16, 0.35, 6, 0.03],
  ['PG', 'Procter & Gamble', 'NYSE', 'equity', 95, 0.16, 0.35, 7, 0.025],
  ['PLTR', 'Palantir Technologies', 'NASDAQ', 'equity', 22, 0.6, 0.45, 70, 0],
  ['QQQ', 'Invesco QQQ Trust', 'NASDAQ', 'etf', 190, 0.21, 0.92, 40, 0.006],
  ['SPY', 'SPDR S&P 500 ETF Trust', 'ARCA', 'etf', 290, 0.17, 0.98, 65, 0.013],
  ['T', 'AT&T', 'NYSE', 'equity', 21, 0.2, 0.35, 35, 0.045],
  ['TSLA', 'Tesla', 'NASDAQ', 'equity', 120, 0.55, 0.4, 90, 0],
  ['UNH', 'UnitedHealth Group', 'NYSE', 'equity', 230, 0.24, 0.35, 4, 0.016],
  ['V', 'Visa', 'NYSE', 'equity', 150, 0.21, 0.55, 6, 0.007],
  ['WMT', 'Walmart', 'NYSE', 'equity', 50, 0.19, 0.4, 15, 0.011],
  ['XLF', 'Financial Select Sector SPDR', 'ARCA', 'etf', 25, 0.19, 0.8, 40, 0.016],
  ['XOM', 'Exxon Mobil', 'NYSE', 'equity', 70, 0.25, 0.4, 16, 0.034],
];

const KNOWN: ReadonlyMap<string, SymbolProfile> = new Map(ROWS.map((row) => [row[0], known(row)]));

/** Symbols that the emulated market has unless told otherwise, sorted. */
export const KNOWN_SYMBOLS: readonly string[] = [...KNOWN.keys()].sort();

/** Tells how a symbol behaves: a known one as it is known, any other by what its letters come to. */
export function profileOf(symbol: string): SymbolProfile {
  return KNOWN.get(symbol) ?? unknown(symbol);
}

/** Returns a number that stands for a symbol in seeds. */
export function seedOf(symbol: string): number {
  return mixSeed(...[...symbol].map((letter) => letter.charCodeAt(0)));
}

function known(row: Row): SymbolProfile {
  const [symbol, name, exchange, kind] = row;
  const [
    firstPrice = 100,
    annualVolatility = 0.3,
    marketShare = 0.5,
    millions = 1,
    dividendYield = 0,
  ] = row.slice(4) as readonly number[];
  return {
    ...{ symbol, name, exchange, kind, firstPrice, annualVolatility, marketShare, dividendYield },
    dailyVolume: millions * 1_000_000,
    quietFraction: 0,
    fractionable: true,
    shortable: true,
  };
}

function unknown(symbol: string): SymbolProfile {
  const seed = seedOf(symbol) >>> 0;
  return {
    symbol,
    name: `${symbol} Corporation`,
    exchange: seed % 2 === 0 ? 'NASDAQ' : 'NYSE',
    kind: 'equity',
    firstPrice: 12 + (seed % 190),
    annualVolatility: 0.2 + (seed % 31) / 100,
    marketShare: 0.45,
    dailyVolume: 400_000 + (seed % 97) * 60_000,
    dividendYield: seed % 3 === 0 ? 0.02 : 0,
    quietFraction: seed % 4 === 0 ? 0.06 : 0,
    fractionable: seed % 5 !== 0,
    shortable: seed % 7 !== 0,
  };
}
