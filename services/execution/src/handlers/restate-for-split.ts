import {
  type Exits,
  type Fill,
  FLAT_POSITION,
  HOUSE,
  mulDivRound,
  type Position,
  type PriceNanos,
  priceNanos,
  quantity,
  type SplitEvent,
  splitAmong,
  timeUs,
} from '@capstan/domain';
import type { Account } from '../effects.ts';
import type { Guard } from '../guard.ts';
import type { Holding } from '../state.ts';

/**
 * Restates what is held and watched here for a split; orders follow the venue's word on each.
 * @param later fills of the symbol that came before the word of the split and are on the new share count.
 */
export function restateForSplit(account: Account, split: SplitEvent, later: readonly Fill[]): void {
  const { state, settings } = account;
  const { symbol } = split;
  const instrument = settings.instruments.get(symbol);
  const known = new Map(
    state
      .holdings()
      .filter((one) => one.symbol === symbol)
      .map((one) => [one.botId, one]),
  );
  const moved = new Map<string, number>();
  for (const fill of later) moved.set(fill.botId, (moved.get(fill.botId) ?? 0) + signed(fill));
  const names = new Set([...known.keys(), ...moved.keys()]);
  const before = new Map<string, Position>();
  for (const name of names) {
    const then = (known.get(name)?.quantity ?? 0) - (moved.get(name) ?? 0);
    before.set(name, { ...FLAT_POSITION, quantity: quantity(then) });
  }
  const after = splitAmong(before, split, instrument, HOUSE);
  for (const botId of new Set([...names, ...after.keys()])) {
    const held = (after.get(botId)?.quantity ?? 0) + (moved.get(botId) ?? 0);
    const price = known.get(botId)?.priceNanos ?? split.closeNanos;
    const now = moved.has(botId) ? price : priceOn(split, price);
    state.hold({ botId, symbol, quantity: quantity(held), priceNanos: now } satisfies Holding);
  }
  const look = state.looks.get(symbol);
  if (look !== undefined) {
    const { newShares, oldShares } = split;
    state.looks.set(symbol, { ...look, apart: mulDivRound(look.apart, newShares, oldShares) });
  }
  for (const order of state.working()) {
    if (order.symbol === symbol) state.restated.delete(order.orderId);
  }
  state.guards = state.guards.map((guard) => {
    const decidedAtUs = guard.decidedAtUs ?? state.order(guard.entryOrderId)?.decidedAtUs;
    const sinceUs = decidedAtUs ?? guard.armed?.sinceUs ?? 0;
    return guard.symbol === symbol && sinceUs <= split.eventAtUs ? restated(guard, split) : guard;
  });
}

const signed = ({ side, quantity: amount }: Fill): number => (side === 'buy' ? amount : -amount);

function priceOn({ newShares, oldShares }: SplitEvent, price: PriceNanos): PriceNanos {
  return priceNanos(mulDivRound(price, oldShares, newShares));
}

function restated(guard: Guard, split: SplitEvent): Guard {
  const at = <Key extends keyof Exits>(key: Key, price: PriceNanos | undefined) =>
    price === undefined ? {} : { [key]: priceOn(split, price) };
  const { armed, exits } = guard;
  const { stopPriceNanos, takeProfitPriceNanos, trailNanos } = exits;
  return {
    ...guard,
    // Prices of before are none that these exits are for.
    throughUs: timeUs(Math.max(guard.throughUs, split.eventAtUs)),
    exits: {
      ...exits,
      ...at('stopPriceNanos', stopPriceNanos),
      ...at('takeProfitPriceNanos', takeProfitPriceNanos),
      ...at('trailNanos', trailNanos),
    },
    ...(armed === undefined
      ? {}
      : { armed: { ...armed, bestPriceNanos: priceOn(split, armed.bestPriceNanos) } }),
  };
}
