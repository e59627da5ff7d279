import { type OrderSide, type Quantity, quantity } from '@capstan/domain';
import type { Holding } from './state.ts';

/** Whose books take how much of a trade. */
export interface Share {
  readonly botId: string;
  readonly quantity: Quantity;
}

/**
 * Shares out a trade that somebody else made on the account: first it closes what the house holds on the other side, then what bots
 * hold, in the order of their names; the rest is the house's.
 * @returns shares above zero, each book once, in that order; their sum is the trade.
 */
export function sharesOfTrade(
  holdings: readonly Holding[],
  trade: { readonly symbol: string; readonly side: OrderSide; readonly quantity: Quantity },
  house: string,
): readonly Share[] {
  const sign = trade.side === 'sell' ? 1 : -1;
  const closable = holdings
    .filter(({ symbol, quantity: held }) => symbol === trade.symbol && sign * held > 0)
    .sort((a, b) => rank(a, house) - rank(b, house) || (a.botId < b.botId ? -1 : 1));
  const shares = new Map<string, number>();
  let left: number = trade.quantity;
  for (const { botId, quantity: held } of closable) {
    const closes = Math.min(left, sign * held);
    if (closes > 0) shares.set(botId, closes);
    left -= closes;
  }
  if (left > 0) shares.set(house, (shares.get(house) ?? 0) + left);
  return [...shares].map(([botId, amount]) => ({ botId, quantity: quantity(amount) }));
}

const rank = ({ botId }: Holding, house: string): number => (botId === house ? 0 : 1);
