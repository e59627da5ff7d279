import type { OpinionColumns } from '@capstan/strategy';
import type { OpinionChanges } from './opinion-changes.ts';

/** Protective prices of signals: columns with a row for each. Nanos, NaN for none. */
export interface SignalExits {
  readonly stopPriceNanos: Float64Array;
  readonly takeProfitPriceNanos: Float64Array;
}

/** Gathers the stops and take-profits of the rows at which opinions change; both of a row together, while its bar is at hand. */
export function exitsOfChanges(
  opinions: OpinionColumns,
  { count, row, opinion }: OpinionChanges,
): SignalExits {
  const { stopPriceAtTurn, takeProfitPriceAtTurn } = opinions;
  const stopAt = stopPriceAtTurn ?? cellsOf(opinions.stopPriceNanos);
  const takeProfitAt = takeProfitPriceAtTurn ?? cellsOf(opinions.takeProfitPriceNanos);
  const stops = new Float64Array(count);
  const takeProfits = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    const own = row[at] as number;
    const turns = at === 0 || opinion[at] !== opinion[at - 1];
    const before = at - 1;
    stops[at] = turns || !stopPriceAtTurn ? stopAt(own) : (stops[before] as number);
    takeProfits[at] =
      turns || !takeProfitPriceAtTurn ? takeProfitAt(own) : (takeProfits[before] as number);
  }
  return { stopPriceNanos: stops, takeProfitPriceNanos: takeProfits };
}

const cellsOf =
  (column: Float64Array | undefined) =>
  (row: number): number =>
    column?.[row] ?? Number.NaN;

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
