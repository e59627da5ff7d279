import { type Calendar, dateOfDay, dayNumber, WEEKDAYS, weekdayOfDay } from '@capstan/calendar';
import { E4_PER_UNIT } from './price-scale.ts';

/** A listed option of the emulated market. */
export interface ListedOption {
  /** The OCC symbol without padding. */
  readonly symbol: string;
  readonly underlying: string;
  readonly right: 'call' | 'put';
  /** `YYYY-MM-DD`. */
  readonly expiration: string;
  /** In ten thousandths. */
  readonly strikeE4: number;
}

/** What a model says of an option. */
export interface OptionWorth {
  readonly price: number;
  readonly delta: number;
  readonly gamma: number;
  /** A day. */
  readonly theta: number;
  /** A point of volatility. */
  readonly vega: number;
  readonly rho: number;
}

const OPTION_SYMBOL = /^([A-Z]{1,6})(\d{2})(\d{2})(\d{2})([CP])(\d{8})$/;
const WEEKLY_EXPIRATIONS = 6;
const MONTHLY_EXPIRATIONS = 4;
/** Strikes lie this far around the price, as a share of it. */
const STRIKES_AROUND = 0.12;
const DAYS_PER_WEEK = 7;
const STRIKE_THOUSANDTH_E4 = 10;
const RATE = 0.04;
const DAYS_PER_YEAR = 365;

/** Reads an OCC symbol; `undefined` where it is none. */
export function parseOption(symbol: string): ListedOption | undefined {
  const match = OPTION_SYMBOL.exec(symbol);
  if (match === null) return undefined;
  const [, underlying = '', year = '', month = '', day = '', right = '', strike = ''] = match;
  return {
    symbol,
    underlying,
    right: right === 'C' ? 'call' : 'put',
    expiration: `20${year}-${month}-${day}`,
    strikeE4: Number(strike) * STRIKE_THOUSANDTH_E4,
  };
}

/** Writes an option's OCC symbol. */
export function optionSymbol(option: Omit<ListedOption, 'symbol'>): string {
  const date = option.expiration.slice(2).replaceAll('-', '');
  const strike = String(option.strikeE4 / STRIKE_THOUSANDTH_E4).padStart(8, '0');
  return `${option.underlying}${date}${option.right === 'call' ? 'C' : 'P'}${strike}`;
}

/** Returns the expirations that are listed on a date: the next Fridays, and third Fridays after; the day before a holiday. */
export function expirations(calendar: Calendar, date: string): readonly string[] {
  const found: string[] = [];
  const today = dayNumber(date);
  const ahead = WEEKDAYS.friday - weekdayOfDay(today) + DAYS_PER_WEEK;
  let friday = today + (ahead % DAYS_PER_WEEK);
  let monthly = 0;
  for (let weeks = 0; monthly < MONTHLY_EXPIRATIONS; weeks += 1) {
    const isThird = Math.ceil(Number(dateOfDay(friday).slice(8)) / DAYS_PER_WEEK) === 3;
    const isMonthly = isThird && weeks >= WEEKLY_EXPIRATIONS;
    if (weeks < WEEKLY_EXPIRATIONS || isMonthly) {
      const last = tradedOn(calendar, friday);
      if (last >= date) found.push(last);
    }
    if (isMonthly) monthly += 1;
    friday += DAYS_PER_WEEK;
  }
  return found;
}

/** Returns the strikes that are listed around a price, in ten thousandths. */
export function strikes(priceE4: number): readonly number[] {
  const step = strikeStep(priceE4);
  const from = Math.ceil((priceE4 * (1 - STRIKES_AROUND)) / step);
  const to = Math.floor((priceE4 * (1 + STRIKES_AROUND)) / step);
  return Array.from({ length: to - from + 1 }, (_, at) => (from + at) * step);
}

/** Returns what an option is worth. @source F. Black and M. Scholes, 1973 @param years until it expires, 0 or more. */
export function optionWorth(
  option: Pick<ListedOption, 'right' | 'strikeE4'>,
  underlyingPrice: number,
  volatility: number,
  years: number,
): OptionWorth {
  const strike = option.strikeE4 / E4_PER_UNIT;
  const sign = option.right === 'call' ? 1 : -1;
  if (years <= 0) {
    const inner = Math.max(0, sign * (underlyingPrice - strike));
    return { price: inner, delta: inner > 0 ? sign : 0, gamma: 0, theta: 0, vega: 0, rho: 0 };
  }
  const root = volatility * Math.sqrt(years);
  const d1 = (Math.log(underlyingPrice / strike) + (RATE + volatility ** 2 / 2) * years) / root;
  const d2 = d1 - root;
  const discounted = strike * Math.exp(-RATE * years);
  const density = Math.exp((-d1 * d1) / 2) / Math.sqrt(2 * Math.PI);
  const decay = (-underlyingPrice * density * volatility) / (2 * Math.sqrt(years));
  const interest = -sign * RATE * discounted * normalBelow(sign * d2);
  return {
    price: sign * (underlyingPrice * normalBelow(sign * d1) - discounted * normalBelow(sign * d2)),
    delta: sign * normalBelow(sign * d1),
    gamma: density / (underlyingPrice * root),
    theta: (decay + interest) / DAYS_PER_YEAR,
    vega: (underlyingPrice * density * Math.sqrt(years)) / 100,
    rho: (sign * years * discounted * normalBelow(sign * d2)) / 100,
  };
}

/** @source M. Abramowitz and I. Stegun, 1964, 26.2.17: within 7.5e-8. */
function normalBelow(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x >= 0 ? 1 - tail : tail;
}

function strikeStep(priceE4: number): number {
  const price = priceE4 / E4_PER_UNIT;
  const step = price < 25 ? 0.5 : price < 100 ? 1 : price < 250 ? 2.5 : 5;
  return step * E4_PER_UNIT;
}

function tradedOn(calendar: Calendar, day: number): string {
  const date = dateOfDay(day);
  return calendar.session(date) === undefined ? calendar.previousSession(date).date : date;
}
