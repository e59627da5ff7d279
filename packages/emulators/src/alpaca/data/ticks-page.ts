import type { MarketPrices } from '../../market/market-prices.ts';
import type { MarketWorld } from '../../market/market-world.ts';
import type { SlotTrade } from '../../market/minute-trades.ts';
import { type BarsPage, daysOf } from './bars-page.ts';
import { readCursor, writeCursor } from './page-cursor.ts';

export interface TicksQuery {
  /** Sorted. */
  readonly symbols: readonly string[];
  readonly fromUs: number;
  /** Not included. */
  readonly toUs: number;
  readonly limit: number;
  readonly pageToken?: string;
  /** How long before its trade it is, in microseconds: quotes stand before the trade. */
  readonly leadUs: number;
  readonly write: (trade: SlotTrade) => string;
}

/** Makes a page of trades or quotes that were told by now: symbols in order, each oldest first, so many in all. */
export function ticksPage(
  world: MarketWorld,
  prices: MarketPrices,
  query: TicksQuery,
  nowUs: number,
): BarsPage {
  const cursor = query.pageToken === undefined ? undefined : readCursor(query.pageToken);
  const rows = new Map<string, readonly string[]>();
  let left = query.limit;
  for (const symbol of query.symbols) {
    if (cursor !== undefined && symbol < cursor.symbol) continue;
    const fromUs = cursor?.symbol === symbol ? cursor.atUs : query.fromUs;
    const texts: string[] = [];
    rows.set(symbol, texts);
    for (const day of daysOf(world, fromUs, query.toUs)) {
      for (const trade of prices.dayTrades(symbol, day, nowUs)) {
        const atUs = trade.atUs - query.leadUs;
        if (atUs < fromUs || atUs >= query.toUs) continue;
        if (left === 0) return { rows: filled(rows), nextToken: writeCursor({ symbol, atUs }) };
        texts.push(query.write(trade));
        left -= 1;
      }
    }
  }
  return { rows: filled(rows), nextToken: null };
}

const filled = (rows: ReadonlyMap<string, readonly string[]>) =>
  new Map([...rows].filter(([, texts]) => texts.length > 0));
