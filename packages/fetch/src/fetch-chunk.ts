import { AppError, hasCode, timeUs } from '@capstan/domain';
import type { LakeBars } from '@capstan/lake';
import type { MarketDataVenue } from '@capstan/ports';
import { BarColumns } from './bar-columns.ts';
import type { FetchSettings } from './fetch-settings.ts';
import { CHUNK_BARS } from './limits.ts';
import type { FetchChunk } from './plan-fetch.ts';

/** What came of a symbol of a chunk. */
export type ChunkOutcome =
  | { readonly symbol: string; readonly bars: LakeBars }
  | { readonly symbol: string; readonly failure: AppError };

/** Failures that say something of one symbol and nothing of the next. */
const OF_ONE_SYMBOL = new Set(['MARKET.SYMBOL', 'MARKET.ANSWER']);

/**
 * Asks a vendor for a chunk. Where it fails for a reason that may lie with one of several symbols, each is asked for by itself.
 * @throws what the vendor throws that is not about one symbol.
 */
export async function fetchChunk(
  venue: MarketDataVenue,
  settings: Pick<FetchSettings, 'timeframe' | 'adjustment'>,
  chunk: FetchChunk,
  signal: AbortSignal,
): Promise<readonly ChunkOutcome[]> {
  try {
    return await askFor(venue, settings, chunk, signal);
  } catch (error) {
    if (!(error instanceof AppError) || !OF_ONE_SYMBOL.has(error.code)) throw error;
    const [only = ''] = chunk.symbols;
    if (chunk.symbols.length === 1) return [{ symbol: only, failure: error }];
    const outcomes: ChunkOutcome[] = [];
    for (const symbol of chunk.symbols) {
      outcomes.push(
        ...(await fetchChunk(venue, settings, { ...chunk, symbols: [symbol] }, signal)),
      );
    }
    return outcomes;
  }
}

async function askFor(
  venue: MarketDataVenue,
  { timeframe, adjustment }: Pick<FetchSettings, 'timeframe' | 'adjustment'>,
  { symbols, fromUs, toUs }: FetchChunk,
  signal: AbortSignal,
): Promise<readonly ChunkOutcome[]> {
  const each = Math.ceil(CHUNK_BARS / symbols.length);
  const columns = new Map(symbols.map((symbol) => [symbol, new BarColumns(each)]));
  const span = { fromUs: timeUs(fromUs), toUs: timeUs(toUs) };
  const pages = venue.bars({ symbols, timeframe, adjustment, ...span }, signal);
  for await (const page of pages) {
    for (const bar of page) columns.get(bar.symbol)?.push(bar);
  }
  return [...columns].map(([symbol, one]) => ({ symbol, bars: one.bars() }));
}

/** Tells whether a failure is of one symbol, so that the others are gone on with. */
export function isOfOneSymbol(error: unknown): error is AppError {
  return (
    error instanceof AppError &&
    (OF_ONE_SYMBOL.has(error.code) ||
      ['CONFLICT', 'ALIGNMENT', 'BUSY', 'DAMAGED', 'AMBIGUOUS'].some((name) =>
        hasCode(error, `LAKE.${name}`),
      ))
  );
}
