import { AppError } from '@capstan/domain';

export const MARKET_CODES = [
  'MARKET.CREDENTIALS',
  'MARKET.ENTITLEMENT',
  'MARKET.SYMBOL',
  'MARKET.RATE',
  'MARKET.ANSWER',
  'MARKET.UNAVAILABLE',
] as const;
export type MarketCode = (typeof MARKET_CODES)[number];

/** What passes by itself, so that asking again later makes sense. */
const PASSING: ReadonlySet<MarketCode> = new Set(['MARKET.RATE', 'MARKET.UNAVAILABLE']);

/** A failure of a vendor of market data as its port names it. */
export function marketFailure(
  code: MarketCode,
  words: { readonly why: string; readonly fix?: string; readonly cause?: unknown },
): AppError {
  return new AppError({ code, retry: PASSING.has(code) ? 'retryable' : 'final', ...words });
}
