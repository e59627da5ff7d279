import { hasCode } from '@capstan/domain';
import { marketFailure } from '../requests/market-failure.ts';
import type { PolygonRest } from './polygon-rest.ts';
import { clusterOf, tickerOf } from './symbols.ts';

/**
 * Tells an unknown symbol from one without data, as Polygon answers both with nothing: each symbol that had nothing is looked up once
 * in its reference data, as of the date that was asked for, when it may still have been listed.
 */
export class KnownTickers {
  readonly #rest: PolygonRest;
  readonly #known = new Set<string>();

  constructor(rest: PolygonRest) {
    this.#rest = rest;
  }

  /** @throws MARKET.SYMBOL for one that Polygon does not know. */
  async require(symbol: string, date: string, signal?: AbortSignal): Promise<void> {
    if (this.#known.has(symbol)) return;
    const isOption = clusterOf(symbol) === 'options';
    const method = isOption ? 'getOptionsContract' : 'getTicker';
    try {
      await this.#rest.ask(
        `the symbol ${symbol}`,
        { method, path: [tickerOf(symbol)] },
        isOption ? { as_of: date } : { date },
        signal,
      );
    } catch (error) {
      if (hasCode(error, 'MARKET.SYMBOL')) throw unknown(symbol, date, error);
      // A plan without reference data leaves it open: nothing is known then, and nothing is claimed.
      if (!hasCode(error, 'MARKET.ENTITLEMENT')) throw error;
    }
    this.#known.add(symbol);
  }
}

function unknown(symbol: string, date: string, cause: unknown) {
  return marketFailure('MARKET.SYMBOL', {
    why: `Polygon does not know the symbol ${symbol} as of ${date}.`,
    fix: 'Write it as Polygon does, such as BRK.B, QQQ260116C00500000 or I:NDX; a company that was renamed had its old symbol then.',
    cause,
  });
}
