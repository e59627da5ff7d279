import type { Instrument } from './instrument.ts';
import { type CashMicros, cashMicros, quantity, type TimeUs, ZERO_CASH } from './numbers.ts';
import { applyWorth, FLAT_POSITION, type Position } from './position.ts';
import { type Split, splitPosition } from './split.ts';

/** A split of what an account held, as its venue carried it out. */
export interface SplitEvent extends Split {
  readonly kind: 'split';
  /** The venue's id of it, unique within the account. */
  readonly activityId: string;
  readonly accountId: string;
  readonly symbol: string;
  /** Cash that the venue paid for what was less than a lot of the whole; negative where it took some. */
  readonly fractionMicros: CashMicros;
  /** The account sequence of the last entry before it took effect: entries after that are on the new share count. */
  readonly followsSequence: number;
  readonly eventAtUs: TimeUs;
  /** Its place among the account's ledger entries, in the same numbering as the fills. */
  readonly accountSequence: number;
}

/**
 * Restates what several hold of one symbol, where the venue restates the sum. Each gets what {@link splitPosition} gives; `rest`
 * takes what is left between their sum and that of the whole: shares, at what they cost it, and the venue's cash for the fraction.
 * @param held positions by name; who holds nothing may be left out.
 * @returns positions by name, `rest` among them where it takes something; sums are those of the venue.
 */
export function splitAmong(
  held: ReadonlyMap<string, Position>,
  split: Split & Pick<SplitEvent, 'fractionMicros'>,
  instrument: Instrument,
  rest: string,
): ReadonlyMap<string, Position> {
  const after = new Map<string, Position>();
  let [sum, shares, paid] = [0, 0, 0];
  for (const [name, position] of held) {
    sum += position.quantity;
    if (position.quantity === 0) continue;
    const restated = splitPosition(position, split, instrument);
    after.set(name, restated.position);
    shares += restated.position.quantity;
    paid += restated.fractionMicros;
  }
  const whole = splitPosition({ ...FLAT_POSITION, quantity: quantity(sum) }, split, instrument);
  const left = whole.position.quantity - shares;
  const cash = split.fractionMicros - paid;
  if (left === 0 && cash === 0) return after;
  const before = after.get(rest) ?? held.get(rest) ?? FLAT_POSITION;
  return after.set(rest, take(before, left, cash));
}

/** Adds shares, and the cash that came with them. */
function take(position: Position, shares: number, cash: number): Position {
  if (shares === 0) {
    const realised = position.realisedMicros + cash;
    return { ...position, realisedMicros: cashMicros(realised) };
  }
  const buys = shares > 0;
  return applyWorth(position, {
    side: buys ? 'buy' : 'sell',
    quantity: quantity(Math.abs(shares)),
    notionalMicros: cashMicros(buys ? -cash : cash),
    feeMicros: ZERO_CASH,
  });
}
