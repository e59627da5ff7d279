import { type Calendar, type CivilDate, dateOfDay, dayNumber } from '@capstan/calendar';
import {
  NANOS_PER_UNIT,
  type OptionContract,
  type OptionGreeks,
  type PriceNanos,
  priceNanos,
  priceToFloat,
  US_PER_DAY,
} from '@capstan/domain';

/** A listed option by the vendor's ticker, `O:QQQ260116C00500000`. */
export interface ListedOption extends OptionContract {
  readonly ticker: string;
}

const VOLATILITY = 0.2;
const TICK_NANOS = 10_000_000;
const STRIKES_EACH_SIDE = 25;
const EXPIRIES = 3;
const DAYS_A_YEAR = 365;
const OCC = /^O:([A-Z0-9.]{1,6}?)(\d{2})(\d{2})(\d{2})([CP])(\d{8})$/;

/** Reads a vendor's option ticker, `undefined` where it is none. */
export function readOptionSymbol(ticker: string): ListedOption | undefined {
  const match = OCC.exec(ticker);
  if (match === null) return undefined;
  const [, underlying = '', year, month, day, right, thousandths] = match;
  return {
    ticker,
    symbol: ticker.slice(2),
    underlying,
    right: right === 'C' ? 'call' : 'put',
    expiration: `20${year}-${month}-${day}`,
    strikeNanos: priceNanos((Number(thousandths) * NANOS_PER_UNIT) / 1000),
    multiplier: 100,
    style: 'american',
  };
}

/** The options listed on a date: the next sessions' expiries, whole-unit strikes around a price, sorted by ticker. */
export function listedOptions(
  underlying: string,
  calendar: Calendar,
  date: CivilDate,
  aroundNanos: PriceNanos,
): readonly ListedOption[] {
  const middle = Math.round(priceToFloat(aroundNanos));
  const listed: ListedOption[] = [];
  let expiration = calendar.session(date) === undefined ? calendar.nextSession(date).date : date;
  for (let nth = 0; nth < EXPIRIES; nth += 1) {
    for (
      let strike = middle - STRIKES_EACH_SIDE;
      strike <= middle + STRIKES_EACH_SIDE;
      strike += 1
    ) {
      for (const right of ['C', 'P'] as const) {
        const stamp = expiration.slice(2).replaceAll('-', '');
        const ticker = `O:${underlying}${stamp}${right}${String(strike * 1000).padStart(8, '0')}`;
        const option = readOptionSymbol(ticker);
        if (option !== undefined) listed.push(option);
      }
    }
    expiration = calendar.nextSession(expiration).date;
  }
  return listed.sort((a, b) => (a.ticker < b.ticker ? -1 : 1));
}

/** Returns what an option is quoted at: a model's price, a tick wide to each side, never below a tick. */
export function optionAskBid(
  option: ListedOption,
  spotNanos: PriceNanos,
  atUs: number,
): { readonly bidNanos: PriceNanos; readonly askNanos: PriceNanos } {
  const { value } = optionModel(option, spotNanos, atUs);
  const middle = Math.max(2, Math.round((value * NANOS_PER_UNIT) / TICK_NANOS)) * TICK_NANOS;
  return { bidNanos: priceNanos(middle - TICK_NANOS), askNanos: priceNanos(middle + TICK_NANOS) };
}

/**
 * Returns an option's value and greeks without interest and dividends.
 * @source F. Black, M. Scholes, The Pricing of Options and Corporate Liabilities, 1973.
 */
export function optionModel(
  option: ListedOption,
  spotNanos: PriceNanos,
  atUs: number,
): { readonly value: number; readonly greeks: OptionGreeks; readonly volatility: number } {
  const spot = priceToFloat(spotNanos);
  const strike = priceToFloat(option.strikeNanos);
  // It expires at the end of its day, so that something is left of it on that day.
  const endUs = (dayNumber(option.expiration) + 1) * US_PER_DAY;
  const years = Math.max(endUs - atUs, US_PER_DAY / 24) / US_PER_DAY / DAYS_A_YEAR;
  const spread = VOLATILITY * Math.sqrt(years);
  const d1 = Math.log(spot / strike) / spread + spread / 2;
  const call = spot * below(d1) - strike * below(d1 - spread);
  const density = Math.exp(-d1 * d1 * 0.5) / Math.sqrt(2 * Math.PI);
  const isCall = option.right === 'call';
  return {
    value: isCall ? call : call - spot + strike,
    volatility: VOLATILITY,
    greeks: {
      delta: isCall ? below(d1) : below(d1) - 1,
      gamma: density / (spot * spread),
      theta: -(spot * density * VOLATILITY) / (2 * Math.sqrt(years)) / DAYS_A_YEAR,
      vega: (spot * density * Math.sqrt(years)) / 100,
    },
  };
}

/** The normal distribution. @source Abramowitz and Stegun 26.2.17, to 7.5e-8. */
function below(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp(-x * x * 0.5) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}

/** Returns the date some days after another. */
export const dateAfter = (date: CivilDate, days: number): CivilDate =>
  dateOfDay(dayNumber(date) + days);
