import {
  type Exits,
  exitsProblem,
  formatPrice,
  type Instrument,
  type OrderSide,
  type PriceNanos,
  roundToTick,
  type Signal,
} from '@capstan/domain';
import { namedPrices, type PriceTerms } from './entry-terms.ts';

/** What a signal asks to protect its entry with, on the tick; or why it cannot. */
export type Protection =
  | { readonly kind: 'exits'; readonly exits?: Exits }
  | { readonly kind: 'refused'; readonly reason: string };

/** The order that is to be protected. */
export interface Entry {
  readonly side: OrderSide;
  readonly terms: PriceTerms;
}

/**
 * Returns the protective exits of an entry: the signal's prices, rounded to the tick away from the market. None where the
 * signal gives none. They must lie on their sides of every price that the entry names.
 */
export function protectiveExits(
  signal: Signal,
  instrument: Instrument,
  { side, terms }: Entry,
): Protection {
  const { stopPriceNanos: stop, takeProfitPriceNanos: target, trailNanos, trailBps } = signal;
  if ([stop, target, trailNanos, trailBps].every((one) => one === undefined)) {
    return { kind: 'exits' };
  }
  const [bad, good] = side === 'buy' ? (['down', 'up'] as const) : (['up', 'down'] as const);
  const exits: Exits = {
    ...(stop === undefined ? {} : { stopPriceNanos: roundToTick(instrument, stop, bad) }),
    ...(target === undefined
      ? {}
      : { takeProfitPriceNanos: roundToTick(instrument, target, good) }),
    ...(trailNanos === undefined ? {} : { trailNanos }),
    ...(trailBps === undefined ? {} : { trailBps }),
  };
  const small = tooSmall(exits, instrument);
  for (const priceNanos of namedPrices(terms, signal.referencePriceNanos)) {
    const problem = small ?? exitsProblem(exits, { side, priceNanos });
    if (problem !== undefined) return refused(problem, exits, priceNanos);
  }
  return { kind: 'exits', exits };
}

function refused(problem: string, exits: Exits, priceNanos: PriceNanos): Protection {
  const { stopPriceNanos, takeProfitPriceNanos } = exits;
  const figures = [`entry ${formatPrice(priceNanos)}`];
  if (stopPriceNanos !== undefined) figures.push(`stop ${formatPrice(stopPriceNanos)}`);
  if (takeProfitPriceNanos !== undefined)
    figures.push(`take-profit ${formatPrice(takeProfitPriceNanos)}`);
  return { kind: 'refused', reason: `${problem} (${figures.join(', ')})` };
}

function tooSmall(exits: Exits, instrument: Instrument): string | undefined {
  const small = (price: PriceNanos | undefined) =>
    price !== undefined && price < instrument.tickNanos;
  if (small(exits.stopPriceNanos)) return 'the stop price is below one tick';
  return small(exits.takeProfitPriceNanos) ? 'the take-profit price is below one tick' : undefined;
}
