import {
  AppError,
  type CashMicros,
  cashMicros,
  type Instrument,
  type InstrumentBook,
  type PriceNanos,
  priceNanos,
  type Quantity,
  quantity,
  type TimeUs,
} from '@capstan/domain';
import { InstantReader } from '../requests/instant.ts';

const PRICE_DECIMALS = 9;
const CASH_DECIMALS = 6;
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/;

/** What Alpaca writes of an instrument: symbols that are not listed count as whole shares. */
export class Amounts {
  readonly #scales: ReadonlyMap<string, number>;
  /** Instruments that are no shares. */
  readonly #others: ReadonlySet<string>;
  readonly #instants = new InstantReader();

  constructor(instruments: InstrumentBook) {
    const isShare = ({ assetClass }: Instrument) => assetClass === 'equity' || assetClass === 'etf';
    const others = instruments.all().filter((one) => !isShare(one));
    this.#others = new Set(others.map(({ symbol }) => symbol));
    this.#scales = new Map(instruments.all().map((one) => [one.symbol, one.quantityScale]));
  }

  scaleOf(symbol: string): number {
    return this.#scales.get(symbol) ?? 0;
  }

  /** Tells whether a symbol names shares; one that is not listed does. */
  isShares(symbol: string): boolean {
    return !this.#others.has(symbol);
  }

  /** Reads a quantity; what is finer than the instrument's scale is cut off, as nobody trades it here. */
  quantity(symbol: string, decimal: string | null | undefined): Quantity {
    return quantity(unitsOf(decimal ?? '0', this.scaleOf(symbol)));
  }

  /** Reads a time; `undefined` where there is none. @throws VENUE.UNAVAILABLE where the text is no time. */
  time(instant: string | null | undefined): TimeUs | undefined {
    if (instant == null || instant === '') return undefined;
    try {
      return this.#instants.read(instant);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw unreadable(instant, 'a time');
    }
  }
}

/** Reads a price to the nano; further decimals are cut off. */
export const priceOf = (decimal: string): PriceNanos =>
  priceNanos(unitsOf(decimal, PRICE_DECIMALS));

/** Reads cash to the micro; further decimals are cut off. */
export const cashOf = (decimal: string | null | undefined): CashMicros =>
  cashMicros(unitsOf(decimal ?? '0', CASH_DECIMALS));

/** @returns a whole number of units of 10^-decimals, toward zero. @throws VENUE.UNAVAILABLE where the text is no decimal. */
function unitsOf(decimal: string, decimals: number): number {
  const match = DECIMAL.exec(decimal.trim());
  if (match === null) throw unreadable(decimal, 'a decimal number');
  const [, sign = '', whole = '', fraction = ''] = match;
  const value = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  return sign === '-' && value !== 0 ? -value : value;
}

const unreadable = (text: string, what: string): AppError =>
  new AppError({
    code: 'VENUE.UNAVAILABLE',
    why: `Alpaca answered '${text.slice(0, SHOWN_MAX)}' where ${what} belongs.`,
    fix: 'It is asked again; if it stays so, Alpaca has changed what it answers.',
    retry: 'retryable',
  });

const SHOWN_MAX = 40;
