import { priceNanos, quantity } from '@capstan/domain';
import type { VenueAccount, VenuePosition } from '@capstan/ports';
import type { Holding } from './state.ts';

/** Returns how much of a symbol the venue shows; signed, 0 where it shows none. */
export function shownOf({ positions }: Pick<VenueAccount, 'positions'>, symbol: string): number {
  return positions.find((one) => one.symbol === symbol)?.quantity ?? 0;
}

/**
 * Cuts holdings so that in each symbol they are together neither more than the venue shows nor against it: what flattens them
 * can then not open a position there, whatever the books say. The last holdings are cut first.
 */
export function withinBroker(
  holdings: readonly Holding[],
  account: Pick<VenueAccount, 'positions'>,
): readonly Holding[] {
  const symbols = [...new Set(holdings.map((one) => one.symbol))];
  const kept = symbols.flatMap((symbol) => {
    const own = holdings.filter((one) => one.symbol === symbol);
    const sum = own.reduce((total, one) => total + one.quantity, 0);
    const shown = shownOf(account, symbol);
    const most = between(sum, Math.min(shown, 0), Math.max(shown, 0));
    return cutBy(own, sum - most);
  });
  return holdings.flatMap((one) => kept.filter((cut) => isSame(cut, one)));
}

/** Takes an amount away from the holdings on its side, the last first. @param excess signed. */
function cutBy(holdings: readonly Holding[], excess: number): readonly Holding[] {
  let left = excess;
  const cut = [...holdings].reverse().map((one): Holding => {
    if (Math.sign(one.quantity) !== Math.sign(left)) return one;
    const taken = Math.sign(left) * Math.min(Math.abs(left), Math.abs(one.quantity));
    left -= taken;
    return { ...one, quantity: quantity(one.quantity - taken) };
  });
  return cut.reverse().filter((one) => one.quantity !== 0);
}

const between = (value: number, least: number, most: number): number =>
  Math.min(Math.max(value, least), most);

const isSame = (a: Holding, b: Holding): boolean => a.botId === b.botId && a.symbol === b.symbol;

/** An order that may have filled since the holdings were known. */
export interface MaybeFilled {
  readonly botId: string;
  readonly symbol: string;
  /** Signed: what it may still have added. */
  readonly openQuantity: number;
}

/**
 * Works out what bots hold from what they held when it was last known, the orders that worked then, and what the venue shows now: a
 * difference that those orders can explain is theirs, in their order; the rest is nobody's of ours.
 */
export function holdingsNow(
  known: readonly Holding[],
  worked: readonly MaybeFilled[],
  account: Pick<VenueAccount, 'positions'>,
): readonly Holding[] {
  const now = new Map(known.map((one) => [keyOf(one), one]));
  const symbols = new Set([...known, ...worked].map((one) => one.symbol));
  for (const symbol of symbols) {
    const before = known.filter((one) => one.symbol === symbol);
    let change = shownOf(account, symbol) - before.reduce((total, one) => total + one.quantity, 0);
    for (const order of worked) {
      if (order.symbol !== symbol || Math.sign(order.openQuantity) !== Math.sign(change)) continue;
      const filled = Math.sign(change) * Math.min(Math.abs(change), Math.abs(order.openQuantity));
      change -= filled;
      const held = now.get(keyOf(order));
      const base = held ?? { ...order, ...pricedAs(account, symbol), quantity: quantity(0) };
      const { botId, priceNanos } = base;
      const after = quantity(base.quantity + filled);
      now.set(keyOf(order), { botId, symbol, priceNanos, quantity: after });
    }
  }
  const held = [...now.values()].filter((one) => one.quantity !== 0);
  return withinBroker(held, account);
}

const keyOf = (of: { readonly botId: string; readonly symbol: string }): string =>
  `${of.botId}\n${of.symbol}`;

/** The best price there is of a position: what it cost. */
function pricedAs(account: Pick<VenueAccount, 'positions'>, symbol: string) {
  const position = account.positions.find((one) => one.symbol === symbol);
  return { priceNanos: costPrice(position) };
}

/** Returns what one unit of a position cost, at least a nano. */
export function costPrice(
  position: Pick<VenuePosition, 'quantity' | 'costMicros'> | undefined,
): Holding['priceNanos'] {
  const amount = position?.quantity ?? 0;
  const costMicros = position?.costMicros ?? 0;
  const each = amount === 0 ? 0 : Math.abs(costMicros / amount);
  return priceNanos(Math.max(1, Math.round(each * NANOS_PER_MICRO)));
}

const NANOS_PER_MICRO = 1_000;
