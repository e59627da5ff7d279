import { type HistoryEntry, positionOf } from './fill-history.ts';
import { type Instrument, notionalMicros } from './instrument.ts';
import {
  type CashMicros,
  cashMicros,
  mulDivRound,
  type PriceNanos,
  type Quantity,
} from './numbers.ts';

/**
 * Returns who held how much of a symbol when some cash of it was earned; who held none is left out.
 * @param entries all of the account and symbol, by accountSequence.
 * @param throughSequence the account sequence of the last entry before that.
 */
export function holdersAt(
  entries: readonly HistoryEntry[],
  instrument: Instrument,
  throughSequence: number,
): ReadonlyMap<string, Quantity> {
  const splits = entries.filter((entry) => entry.kind === 'split');
  const fills = entries.filter((entry) => entry.kind !== 'split');
  const held = new Map<string, Quantity>();
  for (const [botId, own] of [...Map.groupBy(fills, (fill) => fill.botId)].sort(byName)) {
    const { quantity } = positionOf([...own, ...splits], instrument, throughSequence);
    if (quantity !== 0) held.set(botId, quantity);
  }
  return held;
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;

/** A dividend as a venue pays it: in one amount, on what the account held of the symbol. */
export interface PaidDividend {
  /** Signed: a short pays. */
  readonly amountMicros: CashMicros;
  /** Absent where the venue does not say: it is then the amount's share of what was held in all. */
  readonly perUnitNanos?: PriceNanos;
}

/**
 * Shares a dividend among those who held the symbol: long is credited, short debited. `rest` takes what the venue paid beyond
 * that, such as on shares that nobody here holds.
 * @returns amounts by name, none of them zero; their sum is what the venue paid.
 */
export function dividendShares(
  held: ReadonlyMap<string, Quantity>,
  { amountMicros, perUnitNanos }: PaidDividend,
  instrument: Instrument,
  rest: string,
): ReadonlyMap<string, CashMicros> {
  const total = [...held.values()].reduce((sum, quantity) => sum + quantity, 0);
  const earned = (quantity: Quantity): number => {
    if (perUnitNanos !== undefined) return notionalMicros(instrument, perUnitNanos, quantity);
    if (total === 0) return 0;
    return mulDivRound(amountMicros, total < 0 ? -quantity : quantity, Math.abs(total));
  };
  const shares = new Map<string, number>();
  for (const [name, quantity] of held) shares.set(name, earned(quantity));
  const given = [...shares.values()].reduce((sum, amount) => sum + amount, 0);
  shares.set(rest, (shares.get(rest) ?? 0) + amountMicros - given);
  const paid = [...shares].filter(([, amount]) => amount !== 0);
  return new Map(paid.map(([name, amount]) => [name, cashMicros(amount)]));
}
