import { isExit, type Order, type OrderTerms } from '@capstan/domain';
import { type Account, venueKeepsExits } from '../effects.ts';

/**
 * The exits, of whatever bot, that one account cannot have beside an order that adds: they hold what it would sell, or it could trade with
 * them. Orders with exits of their own may stand on both sides.
 */
export function metBy(account: Account, terms: OrderTerms): readonly Order[] {
  if (!account.ports.venue.capabilities.exitsHold) return [];
  const isAlone = !venueKeepsExits(account, terms);
  return account.state
    .working()
    .filter((order) => isExit(order) && order.symbol === terms.symbol)
    .filter((order) => isAlone || order.side === terms.side);
}

/**
 * The exits, of whatever bot, that could trade with an order that closes, which the venue would refuse for them: those on its other side, of
 * what is held against it.
 */
export function opposedBy(
  { ports, state }: Account,
  { symbol, side }: Pick<OrderTerms, 'symbol' | 'side'>,
): readonly Order[] {
  if (!ports.venue.capabilities.exitsHold) return [];
  return state
    .working()
    .filter((order) => isExit(order) && order.symbol === symbol && order.side !== side);
}
