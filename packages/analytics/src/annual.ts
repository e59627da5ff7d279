import type { Calendar } from '@capstan/calendar';
import { ALWAYS_OPEN_SESSIONS_PER_YEAR, EXCHANGE_SESSIONS_PER_YEAR } from './limits.ts';

/** By what returns are annualised, and what a riskless account would have earned. */
export interface RatioOptions {
  /** Returns of a year: 252 for sessions of an exchange, 365 for a market that never closes. */
  readonly periodsPerYear: number;
  /** Yearly rate that earns nothing in the ratios, as a fraction; 0 unless given. */
  readonly riskFreeAnnual?: number;
}

/** Returns how many sessions of a calendar make a year. */
export function sessionsPerYear(calendar: Calendar): number {
  return calendar.name === '24x7' ? ALWAYS_OPEN_SESSIONS_PER_YEAR : EXCHANGE_SESSIONS_PER_YEAR;
}

/** Returns the rate of one period that compounds to the yearly one. */
export function riskFreePerPeriod(options: RatioOptions): number {
  const { riskFreeAnnual = 0, periodsPerYear } = options;
  return riskFreeAnnual === 0 ? 0 : (1 + riskFreeAnnual) ** (1 / periodsPerYear) - 1;
}

/** Returns a number, or `undefined` for what is no finite one. */
export const finite = (value: number): number | undefined =>
  Number.isFinite(value) ? value : undefined;
