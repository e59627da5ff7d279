import { readOccSymbol } from '../market/occ-symbol.ts';

/** The streams of the vendor, each a socket of its own. */
export const POLYGON_CLUSTERS = ['stocks', 'options', 'indices'] as const;
export type PolygonCluster = (typeof POLYGON_CLUSTERS)[number];

const OPTION_PREFIX = 'O:';
const INDEX_PREFIX = 'I:';

/** Writes a symbol as the vendor does: options have a prefix, indices bring theirs along (`I:NDX`). */
export const tickerOf = (symbol: string): string =>
  readOccSymbol(symbol) === undefined ? symbol : `${OPTION_PREFIX}${symbol}`;

/** Reads a vendor's ticker. */
export const symbolOf = (ticker: string): string =>
  ticker.startsWith(OPTION_PREFIX) ? ticker.slice(OPTION_PREFIX.length) : ticker;

/** Tells which stream has a symbol. */
export function clusterOf(symbol: string): PolygonCluster {
  if (symbol.startsWith(INDEX_PREFIX)) return 'indices';
  return readOccSymbol(symbol) === undefined ? 'stocks' : 'options';
}
