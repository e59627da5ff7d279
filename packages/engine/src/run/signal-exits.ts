import type { OpinionColumns } from '@capstan/strategy';
import type { OpinionChanges } from './opinion-changes.ts';

/** Protective prices of signals: columns with a row for each. Nanos, NaN for none. */
export interface SignalExits {
  readonly stopPriceNanos: Float64Array;
  readonly takeProfitPriceNanos: Float64Array;
}

/** Gathers the stops and take-profits of the rows at which opinions change. */
export function exitsOfChanges(opinions: OpinionColumns, changes: OpinionChanges): SignalExits {
  const { stopPriceAtTurn, stopPriceNanos: stops } = opinions;
  const { takeProfitPriceAtTurn, takeProfitPriceNanos: takeProfits } = opinions;
  return {
    stopPriceNanos: gathered(changes, stops, stopPriceAtTurn),
    takeProfitPriceNanos: gathered(changes, takeProfits, takeProfitPriceAtTurn),
  };
}

function gathered(
  { count, row, opinion }: OpinionChanges,
  column: Float64Array | undefined,
  atTurn: ((row: number) => number) | undefined,
): Float64Array {
  const prices = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    const own = row[at] as number;
    if (atTurn === undefined) prices[at] = column?.[own] ?? Number.NaN;
    else if (at > 0 && opinion[at] === opinion[at - 1]) prices[at] = prices[at - 1] as number;
    else prices[at] = atTurn(own);
  }
  return prices;
}

/** Returns the first signal of which a price is none that an order can have; `undefined` where all of them can be. */
export function firstBadExit({
  stopPriceNanos,
  takeProfitPriceNanos,
}: SignalExits): number | undefined {
  for (let at = 0; at < stopPriceNanos.length; at += 1) {
    const areGood =
      canBe(stopPriceNanos[at] as number) && canBe(takeProfitPriceNanos[at] as number);
    if (!areGood) return at;
  }
  return undefined;
}

/** What `checkTarget` asks of a price, and none. */
const canBe = (price: number): boolean =>
  Number.isNaN(price) || (Number.isSafeInteger(price) && price > 0);
