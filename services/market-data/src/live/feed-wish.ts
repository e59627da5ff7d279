import type { StreamWish } from '@capstan/ports';
import type { LiveMarketRules } from './live-item.ts';

const NOTHING: StreamWish = { bars: [], trades: [], quotes: [] };

/** Returns what a stream is to bring: what the bars of some symbols are made of, their quotes where these are wanted, and what a guest wants. */
export function feedWish(
  { from, onQuote, guest }: Pick<LiveMarketRules, 'from' | 'onQuote' | 'guest'>,
  symbols: readonly string[],
): StreamWish {
  const also = guest?.wish ?? NOTHING;
  const isQuoted = from === 'quotes' || onQuote !== undefined;
  return {
    bars: union(from === 'bars' ? symbols : [], also.bars),
    ...(from === 'seconds' ? { seconds: symbols } : {}),
    trades: union(from === 'trades' ? symbols : [], also.trades),
    quotes: union(isQuoted ? symbols : [], also.quotes),
  };
}

function union(some: readonly string[], others: readonly string[]): readonly string[] {
  return others.length === 0 ? some : [...new Set([...some, ...others])].sort();
}
